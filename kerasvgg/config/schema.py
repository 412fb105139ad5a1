"""The JSON schema of experiment files, by which editors complete and check them."""

import json
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.variants import NAME
from kerasvgg.files.atomic import write_text

Schema = dict[str, Any]
PARTIAL = "Partial"
DEFINITIONS = "#/$defs/"


def schema() -> Schema:
    """Returns the schema: an experiment, or a partial one with `variants` that complete it, and a `default`."""
    experiment = Experiment.model_json_schema()
    definitions = experiment.pop("$defs") | {"Experiment": experiment}
    definitions |= {PARTIAL + name: _partial(definition) for name, definition in definitions.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kerasvgg experiment",
        "anyOf": [{"$ref": DEFINITIONS + "Experiment"}, {"$ref": DEFINITIONS + "ExperimentWithVariants"}],
        "$defs": definitions | {"ExperimentWithVariants": _with_variants(definitions)},
    }


def text() -> str:
    """Returns the schema as the file that is shipped."""
    return json.dumps(schema(), indent=2) + "\n"


def _partial(definition: Schema) -> Schema:
    """Requires nothing, also not in the mappings inside; lists stay whole, because a variant replaces them."""
    partial = {key: value for key, value in deepcopy(definition).items() if key != "required"}
    for field in partial["properties"].values():
        for option in field.get("anyOf", [field]):
            if "$ref" in option:
                option["$ref"] = option["$ref"].replace(DEFINITIONS, DEFINITIONS + PARTIAL)
    return partial


def _with_variants(definitions: Schema) -> Schema:
    whole: Schema = deepcopy(definitions[PARTIAL + "Experiment"])
    whole["required"] = ["variants"]
    whole["properties"]["variants"] = {
        "description": "Partial experiments by name, each merged over the rest of the file: mappings merge, "
        "everything else replaces.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{NAME}$"},
        "additionalProperties": {"$ref": f"{DEFINITIONS}{PARTIAL}Experiment"},
    }
    whole["properties"]["default"] = {
        "description": "The variants that run when none is asked for; left out: all of them.",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
    }
    return whole


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write_text(Path(sys.argv[1]), text())
    else:
        sys.stdout.write(text())
