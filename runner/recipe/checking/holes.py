"""Holes: values of a recipe that are still to come, and may become anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner.model import Fixed, Ref

_STRINGS = re.compile(r""""[^"]*"|'[^']*'""")


def is_hole(value: Any, templates: bool) -> bool:
    """Tell whether something else will stand here, of a kind that nobody knows yet."""
    if isinstance(value, Ref | Fixed):
        return True
    if not templates:
        return False
    if isinstance(value, str):
        return is_expression(value)
    return isinstance(value, dict) and len(value) == 1 and is_reference(value)


def is_reference(value: Mapping[str, Any]) -> bool:
    """Tell whether a mapping of one key stands for a file's content."""
    return any(isinstance(value.get(name), str) for name in ("include", "file"))


def is_expression(text: str) -> bool:
    """Tell whether a text is wholly one `{{ expression }}`, which keeps its type."""
    text = text.strip()
    if not (text.startswith("{{") and text.endswith("}}")):
        return False
    inner = _STRINGS.sub("", text[2:-2])
    end = inner.find("}}")
    return end < 0 or ("{{" not in inner[end:] and "{%" not in inner[end:])


def is_mixed(value: Any, templates: bool) -> bool:
    """Tell whether a value is text with templates in it, of which only the type is known."""
    return templates and isinstance(value, str) and ("{{" in value or "{%" in value)
