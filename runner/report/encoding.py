"""Encoding: values become JSON text that holds no secret and steers no terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, TypeAlias

Hide: TypeAlias = Callable[[str], str]
"""Masks the secrets in a text."""


def unchanged(text: str) -> str:
    """Hide nothing."""
    return text


def tamed(text: str) -> str:
    """Let no line of a text be a workflow command of GitHub: `::error::`, or `##[error]`."""
    told = re.sub(r"^([^\S\n]*):(?=:)", r"\1\\x3a", text, flags=re.M)
    return told.replace("##[", "#\\x23[")


def encode(value: Any, hide: Hide = unchanged) -> str:
    """Return a value as pure ASCII; secrets are hidden before quotes and letters are escaped."""
    # What is printed may end in a log of GitHub, which would obey `##[error]` anywhere in a line.
    return json.dumps(plain(value, hide), indent=2, allow_nan=False).replace("##[", r"#\u0023[")


def compact(value: Any, hide: Hide = unchanged) -> str:
    """Return a value as JSON for people, on one line."""
    return json.dumps(plain(value, hide), ensure_ascii=False, allow_nan=False)


def plain(value: Any, hide: Hide = unchanged) -> Any:
    """Return a value as JSON can hold it: no bytes, no number that is none."""
    match value:
        case str():
            return hide(value)
        case Mapping():
            return {hide(str(key)): plain(item, hide) for key, item in value.items()}
        case list() | tuple():
            fields = value._asdict() if hasattr(value, "_asdict") else None
            return [plain(item, hide) for item in value] if fields is None else plain(fields, hide)
        case float() if not isfinite(value):
            return None
        case bytes():
            return {"size": len(value)}
    return value
