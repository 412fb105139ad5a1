"""What an unquoted word of YAML means: YAML 1.2's core schema, where `no` is text and `1e-4` a number."""

import re

WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
INTEGER = re.compile(r"[-+]?[0-9]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF|nan|NaN|NAN)")
PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")


def scalar(text: str) -> str | int | float | bool | None:
    """Returns the value of an unquoted scalar; raises ValueError for an integer too long for Python to read."""
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if PREFIXED.fullmatch(text):
        return int(text, 0)
    if FLOAT.fullmatch(text):
        return float(text)
    special = SPECIAL.fullmatch(text)
    return float("".join(special.groups())) if special else text
