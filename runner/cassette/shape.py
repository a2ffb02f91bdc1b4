"""Shape: the JSON Schema of a cassette; it is checked before anything of it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FILE = {"type": "string", "pattern": r"^[0-9a-f]{16}\.[a-z0-9]{1,5}$"}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_SECONDS = {"type": "number", "minimum": 0}
_PART = {
    "type": "object",
    "additionalProperties": False,
    "required": ["at", "file"],
    "properties": {"at": {"type": "string"}, "file": _FILE, "prefix": {"type": "string"}},
}
_REFUSED = {
    "type": "object",
    "additionalProperties": False,
    "required": ["message"],
    "properties": {
        "message": {"type": "string"},
        "hint": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "kind": {"type": "string"},
    },
}
_BODY = {
    "json": {},
    "form": {"type": "string"},
    "parts": {"type": "array", "items": _PART},
    "text": {"type": "string"},
    "file": _FILE,
}
_REPLY = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "status": {"type": "integer", "minimum": 100, "maximum": 999},
        "headers": _TEXTS,
        "elapsed": _SECONDS,
        "attempts": {"type": "integer", "minimum": 1},
        "pieces": {
            "type": "string",
            "pattern": r"^([0-9]{1,10}(@[0-9]{1,10}(\.[0-9]{1,6})?)?( |$))*$",
        },
        "session": {"type": "object", "additionalProperties": False, "properties": _BODY},
        "refused": _REFUSED,
        **_BODY,
    },
}
_RECORDING = {
    "type": "object",
    "additionalProperties": False,
    "required": ["request", "reply"],
    "properties": {
        "run": {"type": "string"},
        "ordinal": {"type": "integer", "minimum": 0},
        "recorded": {
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        },
        "source": {"type": "string"},
        "request": {"type": "object", "minProperties": 1},
        "reply": _REPLY,
    },
}
SHAPE: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cassette", "recordings"],
    "properties": {
        "cassette": {"const": 1},
        "recordings": {"type": "array", "items": _RECORDING},
    },
}
