"""What a client can read of the server: bodies of requests with examples, which are valid, and answers by status."""

from typing import Any

from kerasvgg.serve.answers import Failure, Predictions
from kerasvgg.serve.limits import MOST_PICTURES
from kerasvgg.serve.reading import BYTES, FIELD, FORM, JSON

# An orange rectangle of 4 x 3 pixels, as a PNG file in base64.
ORANGE = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAFElEQVR42mM8UaHBAANMDEgAhQMANUQBbiTzyBgAAAAASUVORK5CYII="
BINARY = {"type": "string", "format": "binary"}
ENTRY = {
    "type": "object",
    "required": ["content"],
    "properties": {
        "content": {"type": "string", "format": "byte", "description": "The picture's file in base64."},
        "name": {"type": "string", "description": "Comes back in the answer, and is looked at by nobody."},
    },
}
MANY = {"minItems": 1, "maxItems": MOST_PICTURES}
EXAMPLES = {
    "one": {"summary": "One picture", "value": {FIELD: [{"content": ORANGE}]}},
    "several": {
        "summary": "Several pictures with names",
        "value": {FIELD: [{"name": "first", "content": ORANGE}, {"name": "second", "content": ORANGE}]},
    },
}
CONTENT: dict[str, Any] = {
    JSON: {
        "schema": {
            "type": "object",
            "required": [FIELD],
            "properties": {FIELD: {"type": "array", "items": ENTRY, **MANY}},
        },
        "examples": EXAMPLES,
    },
    FORM: {
        "schema": {
            "type": "object",
            "required": [FIELD],
            "properties": {FIELD: {"type": "array", "items": BINARY, **MANY}},
        }
    },
    "image/*": {"schema": BINARY},
    BYTES: {"schema": BINARY},
}
REQUEST = {"requestBody": {"required": True, "content": CONTENT}}
WHY = {
    400: "The only picture of the request is none, or the form is damaged.",
    401: "The token is missing or wrong.",
    408: "The body came too slowly.",
    413: "The body is too large, or holds too many pictures.",
    415: "The body is of a kind that is not known.",
    422: "What is asked for is not what can be asked for.",
    429: "Too many ask at the same time.",
    503: "The server stops, or has no answer in time.",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": Predictions, "description": "A prediction for each picture, in order."},
    **{status: {"model": Failure, "description": why} for status, why in WHY.items()},
}
