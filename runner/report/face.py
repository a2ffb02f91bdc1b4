"""Face: what each report does: it takes runs one by one, and gives its text.

A report keeps of a run no more than text of bounded size, and better puts it on a `Shelf`: a run
over fifty thousand rows is never held whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from runner.report.changes import Changes
from runner.report.console import Lines
from runner.results import RunResult


class Shelf(Protocol):
    """Keeps texts outside of memory."""

    def put(self, text: str) -> int:
        """Keep a text of one line; return what it is got back by."""

    def get(self, place: int) -> str:
        """Return a text."""


class Report(Protocol):
    """Makes one text of many runs."""

    def take(self, result: RunResult, lines: Lines) -> str:
        """Take a run; return what can be written at once. `lines` gives the lines of recipes."""

    def end(self, changes: Changes | None = None) -> Iterator[str]:
        """Give the rest of the text, in pieces; `changes` is what is other than in a baseline."""
