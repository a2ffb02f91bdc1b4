"""Cassettes: requests and what they were answered, recorded as text that people read and compare.

All of this is plain: who records and replays stands in `runner.transport`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from runner.errors import Mark
from runner.exchange import Json
from runner.record import Record

MASK = "***"
"""What stands in a recording where a secret was."""

Find: TypeAlias = Callable[[str], list[tuple[int, int]]]
"""Finds the secrets in a text: where each begins and ends, in order, none over another."""


class Recording(Record):
    """A request and what it came to, both as they stand in the file.

    `run` and `ordinal` are the request's own; `time` is when it was asked, in seconds since 1970.
    """

    run: str
    ordinal: int
    time: float
    request: dict[str, Json]
    reply: dict[str, Json]
    source: str = ""
    mark: Mark | None = None


def hidden(text: str, find: Find) -> str:
    """Return a text with its secrets masked."""
    for start, end in reversed(find(text)):
        text = text[:start] + MASK + text[end:]
    return text
