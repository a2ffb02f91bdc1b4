"""Asked: the fields of a request, alike whether they go as JSON or as a form."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from runner.exchange import Json, JsonBody, Multipart, Part, RequestBody
from runner.protocol.json_text import parse


def fields(body: RequestBody) -> Mapping[str, Json]:
    """Read the fields of a body; files are none, and of what is no object there are none."""
    if isinstance(body, Multipart):
        return _form(body.parts)
    value = body.value if isinstance(body, JsonBody) else None
    if isinstance(body, bytes):
        with suppress(ValueError):
            value = parse(body.decode())
    return value if isinstance(value, dict) else {}


def _form(parts: tuple[Part, ...]) -> dict[str, Json]:
    """Read a form as `endpoint.query_of` writes one: `name[]` are lists, `name[key]` mappings."""
    found: dict[str, Json] = {}
    for part in parts:
        if part.file_name or not isinstance(part.body, bytes):
            continue
        name, _, key = part.name.removesuffix("]").partition("[")
        value = _value(part.body.decode("utf-8", "replace"))
        if name == part.name:
            found[name] = value
        elif key:
            found.setdefault(name, {})[key] = value
        else:
            found.setdefault(name, []).append(value)
    return found


def _value(text: str) -> Json:
    """Read a boolean or a whole number as what it is; all else is text."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text
