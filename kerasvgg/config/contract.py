"""What the JSON schema of a file, by default an experiment's, says about one spot, in words."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from kerasvgg.config.experiment import Experiment
from kerasvgg.settings import Section

Schema = dict[str, Any]
BOUNDS = {
    "minimum": "of at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}
NUMBERS = {"integer": "a whole number", "number": "a number"}
OTHERS = {"string": "text", "boolean": "true or false", "null": "null", "object": "a mapping"}


class Contract:
    """One spot of the contract: `Contract.at(("train", 0, "epochs")).phrase()` is a whole number of at least 1."""

    def __init__(self, schemas: list[Schema], of: type[Section] = Experiment) -> None:
        self._schemas, self._of = schemas, of

    @classmethod
    def at(cls, path: Sequence[str | int], of: type[Section] = Experiment) -> "Contract":
        """Returns the spot at `path`, which is made of keys and list indices."""
        schemas = [_schema(of)]
        for part in path:
            schemas = [inner for schema in schemas for inner in _step(schema, part, of)]
        return cls(schemas, of)

    def phrase(self) -> str:
        """Returns what a value here must be."""
        return ", or ".join(dict.fromkeys(_phrase(option, self._of) for option in self._options()))

    def keys(self) -> list[str]:
        """Returns the keys of the mapping that is allowed here."""
        return [key for option in self._options() for key in option.get("properties", ())]

    def words(self) -> list[str]:
        """Returns the texts to choose from, where only some are allowed."""
        return [word for option in self._options() for word in _choices(option) if isinstance(word, str)]

    def is_text(self) -> bool:
        """Says whether any text may stand here."""
        return any(option.get("type") == "string" and not _choices(option) for option in self._options())

    def paths_to(self, key: str) -> list[str]:
        """Returns the dotted path of every spot in the file called `key`; a list's items are at 0."""
        return [path for path in _paths(_schema(self._of), "", self._of) if path.rpartition(".")[2] == key]

    def _options(self) -> Iterator[Schema]:
        for schema in self._schemas:
            yield from _options(schema, self._of)


@cache
def _schema(of: type[Section]) -> Schema:
    return of.model_json_schema()


def _options(schema: Schema, of: type[Section]) -> Iterator[Schema]:
    if "$ref" in schema:
        schema = _schema(of)["$defs"][schema["$ref"].rpartition("/")[2]]
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if not branches:
        yield schema
    for option in branches:
        yield from _options(option, of)


def _step(schema: Schema, part: str | int, of: type[Section]) -> Iterator[Schema]:
    for option in _options(schema, of):
        if part in option.get("properties", {}):
            yield option["properties"][part]
        elif isinstance(part, str) and "patternProperties" in option:
            yield from option["patternProperties"].values()
        elif isinstance(part, int) and option.get("type") == "array":
            yield option.get("items") or option["prefixItems"][0]


def _choices(option: Schema) -> list[Any]:
    return list(option.get("enum", [option["const"]] if "const" in option else []))


def _phrase(option: Schema, of: type[Section]) -> str:
    if _choices(option):
        return ("one of " if len(_choices(option)) > 1 else "") + ", ".join(_choices(option))
    kind = option.get("type", "object")
    if kind == "array":
        return _list_phrase(option, of)
    if kind in NUMBERS:
        return _number_phrase(option)
    least = f" of at least {option['minProperties']}" if "minProperties" in option else ""
    return OTHERS[kind] + least


def _list_phrase(option: Schema, of: type[Section]) -> str:
    item = Contract([option.get("items") or option["prefixItems"][0]], of).phrase()
    if "prefixItems" in option:
        return f"a list of {len(option['prefixItems'])} (each {item})"
    least = f" of at least {option['minItems']}" if "minItems" in option else ""
    return f"a list{least} (each {item})"


def _number_phrase(option: Schema) -> str:
    bounds = " and ".join(f"{word} {option[bound]}" for bound, word in BOUNDS.items() if bound in option)
    return f"{NUMBERS[option['type']]} {bounds}".rstrip()


def _paths(schema: Schema, prefix: str, of: type[Section]) -> Iterator[str]:
    for option in _options(schema, of):
        for key, inner in option.get("properties", {}).items():
            yield prefix + key
            yield from _paths(inner, f"{prefix}{key}.", of)
        if "items" in option:
            yield from _paths(option["items"], f"{prefix}0.", of)
