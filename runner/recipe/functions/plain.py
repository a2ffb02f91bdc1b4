"""Plain: a value that a Python function gave becomes JSON."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from runner.exchange import Json


def plain(value: Any) -> Json:
    """Make JSON of a Python value; TypeError where none could stand for it."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return _plain_object(value)


def _plain_object(value: Any) -> Json:
    kind = type(value)
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=repr)
    if hasattr(kind, "__dataclass_fields__"):
        from dataclasses import fields

        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if hasattr(kind, "model_dump"):
        return plain(value.model_dump(mode="json"))
    if hasattr(kind, "isoformat"):
        return value.isoformat()
    if kind.__module__.partition(".")[0] in ("pathlib", "uuid", "decimal"):
        return str(value)
    msg = f"JSON has nothing for a value of the type {kind.__qualname__}"
    raise TypeError(msg)


def _key(key: Any) -> str:
    if isinstance(key, Enum):
        return _key(key.value)
    if isinstance(key, bool) or not isinstance(key, str | int):
        msg = f"the keys of a JSON object are text, not {type(key).__qualname__}"
        raise TypeError(msg)
    return str(key)
