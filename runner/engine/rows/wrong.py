"""Wrong: what is wrong with the rows of a dataset: the first faults, and how many rows have any."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from runner.engine.rows.dataset import Dataset, Row
from runner.errors import Fault, RecipeError, RecipeSchemaError

MOST = 20
"""The most faults of rows that are told."""


class Wrong:
    """Gathers the first faults of rows, and counts the rows."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.count = 0

    def add(self, found: Sequence[Fault]) -> None:
        """Take what is wrong with one row."""
        self.count += bool(found)
        self.faults += found[: MOST - len(self.faults)]

    def take(self, error: RecipeError) -> None:
        """Take the error of a row that cannot be read."""
        self.add(error.faults)

    @contextmanager
    def ended(self) -> Iterator[None]:
        """Take the error that ends the reading, after which no row can be read."""
        try:
            yield
        except RecipeError as error:
            self.take(error)

    def sound(self, rows: Dataset) -> Iterator[Row]:
        """Read the rows that can be read."""
        with self.ended():
            yield from rows.rows(self.take)

    def error(self, rows: Dataset) -> RecipeError:
        """Make the error of these faults."""
        told = f"{self.count:,} rows of {rows.name} are wrong, the first of them:"
        more = [Fault(told)] if self.count > 1 and len(self.faults) >= MOST else []
        return RecipeSchemaError.of(*more, *self.faults)


def unreadable(rows: Dataset) -> Wrong:
    """Gather what is wrong with the rows that cannot be read."""
    wrong = Wrong()
    deque(wrong.sound(rows), maxlen=0)
    return wrong
