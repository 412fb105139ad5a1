"""Pictures out of a request: as JSON, as a form, or as they are."""

import asyncio
import base64
import binascii
import json
from typing import Any, NamedTuple

from starlette.requests import Request

from kerasvgg.page.body import RefusedError
from kerasvgg.serve.limits import MOST_PICTURES

JSON, FORM, BYTES = "application/json", "multipart/form-data", "application/octet-stream"
FIELD = "pictures"
MOST_PARTS = 1000  # of a form
LONGEST_NAME = 1000  # letters


class Sent(NamedTuple):
    """A picture's bytes, and what the client calls it."""

    name: str | None
    content: bytes


async def read_pictures(request: Request) -> list[Sent]:
    """Returns the pictures of a request. Raises RefusedError with what is wrong with it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == JSON:
        found = await asyncio.to_thread(_of_json, await request.body())
    elif kind == FORM:
        found = await _of_form(request)
    elif kind == BYTES or kind.startswith("image/"):
        found = [Sent(None, await request.body())]
    else:
        allowed = f"{JSON}, {FORM}, {BYTES} or a picture's own, as image/jpeg"
        raise RefusedError(415, f"`content-type` must be {allowed}, received {kind[:100] or 'none'}")
    if not found:
        raise RefusedError(422, f"`{FIELD}` must hold at least one picture, received none")
    if len(found) > MOST_PICTURES:
        raise RefusedError(413, f"`{FIELD}` must hold at most {MOST_PICTURES} pictures, received {len(found):,}")
    return found


def _of_json(body: bytes) -> list[Sent]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(422, f"the body must be JSON: {str(error)[:200]}") from None
    listed = said.get(FIELD) if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise RefusedError(422, f'the body must be an object {{"{FIELD}": [{{"content": BASE64}}, ...]}}')
    return [_of_entry(place, one) for place, one in enumerate(listed)]


def _of_entry(place: int, one: Any) -> Sent:
    where = f"`{FIELD}[{place}]"
    content, name = (one.get("content"), one.get("name")) if isinstance(one, dict) else (None, None)
    if not isinstance(content, str):
        raise RefusedError(422, f"{where}.content` must be text, a picture's bytes in base64")
    if name is not None and not (isinstance(name, str) and len(name) <= LONGEST_NAME):
        raise RefusedError(422, f"{where}.name` must be text of at most {LONGEST_NAME:,} letters")
    try:
        return Sent(name, base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError) as error:
        raise RefusedError(422, f"{where}.content` must be base64: {error}") from None


async def _of_form(request: Request) -> list[Sent]:
    async with request.form(max_files=MOST_PARTS, max_fields=MOST_PARTS) as form:
        found = []
        for field, value in form.multi_items():
            if isinstance(value, str) or field != FIELD:
                raise RefusedError(422, f"each part of the form must be a file called `{FIELD}`")
            found.append(Sent((value.filename or "")[:LONGEST_NAME] or None, await value.read()))
        return found
