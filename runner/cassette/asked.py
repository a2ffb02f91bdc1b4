"""Asked: a request as it stands in a recording: no host, no key, and long things by their hash."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from runner.cassette import MASK, Find, hidden
from runner.exchange import Body, Json, JsonBody, Multipart, Part, Request, Spool

LONG = 4096
"""Longer texts stand in a recording by their beginning and their hash."""
SHOWN = 60
PRIVATE = re.compile(r"auth|cookie|key|secret|token", re.IGNORECASE)
"""The names of headers whose values are nobody's business."""


def asked(request: Request, find: Find) -> dict[str, Json]:
    """Describe a request: equal descriptions are the same request."""
    told: dict[str, Json] = {"method": request.method, "path": hidden(request.path, find)}
    if request.query:
        told["query"] = [hidden(f"{name}={value}", find) for name, value in request.query]
    if request.headers:
        told["headers"] = _headers(request.headers, find)
    return told | _body(request, find)


def fetched(address: str, find: Find) -> dict[str, Json]:
    """Describe what is fetched from an address that a reply or a recipe names."""
    return {"fetch": short(hidden(address, find))}


def _headers(headers: Iterable[tuple[str, str]], find: Find) -> dict[str, Json]:
    return {
        name.lower(): MASK if PRIVATE.search(name) else short(hidden(value, find))
        for name, value in headers
    }


def _body(request: Request, find: Find) -> dict[str, Json]:
    match request.body:
        case None:
            return {}
        case JsonBody(value):
            return {"json": message(value, find)}
        case Multipart(parts):
            return {"form": [_part(part, find) for part in parts]}
        case Spool():
            return _hashed(request.body)
        case bytes():
            return _content(request.body, find)


def _part(part: Part, find: Find) -> dict[str, Json]:
    told: dict[str, Json] = {"name": hidden(part.name, find)}
    if part.file_name:
        told["file"] = hidden(part.file_name, find)
    if part.media_type:
        told["media_type"] = part.media_type
    is_field = not part.file_name and isinstance(part.body, bytes)
    return told | (_content(part.body, find) if is_field else _hashed(part.body))


def _content(body: Body, find: Find) -> dict[str, Json]:
    if isinstance(body, Spool):
        return _hashed(body)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return _hashed(body)
    return {"text": short(hidden(text, find))}


def _hashed(body: Body) -> dict[str, Json]:
    if isinstance(body, Spool):
        return {"bytes": body.size, "sha256": body.sha256}
    return {"bytes": len(body), "sha256": sha256(body).hexdigest()}


def message(value: Json, find: Find) -> Json:
    """Describe JSON that is sent: its secrets masked, its long texts short."""
    if isinstance(value, str):
        return short(hidden(value, find))
    if isinstance(value, dict):
        return {message(str(key), find): message(item, find) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [message(item, find) for item in value]
    return value


def short(text: str) -> str:
    """Shorten a long text to its beginning and its hash."""
    if len(text) <= LONG:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[:SHOWN]}… {len(text):,} characters, sha256 {digest}"
