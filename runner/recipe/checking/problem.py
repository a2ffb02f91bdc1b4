"""Problem: one thing that is wrong with a value, and what its schema says of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.record import Record


class Problem(Record):
    """One thing wrong with a value: where, what, and the way out.

    `key` is true where the key is at fault, the last step of the path; `told` where the message
    names it. `missing` is a key that is wanted and not there, `near` the known name that a wrong
    one resembles.
    """

    path: tuple[str | int, ...]
    message: str
    hint: str = ""
    key: bool = False
    told: bool = False
    missing: str = ""
    near: str = ""


def said(error: Any, name: str) -> str:
    """Return what the schema says for people under a key of ours."""
    return str(error.schema.get(name, "")) if isinstance(error.schema, Mapping) else ""


def hint_of(error: Any) -> str:
    """Return the way out that the schema names."""
    return said(error, "x-hint")
