"""Quoting: what is wrong in files is told with the lines that it points at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from runner.engine.reading.files import Files
from runner.errors import RecipeError


@contextmanager
def quoting(files: Files) -> Iterator[None]:
    """Put into an error that comes out the lines that its faults point at."""
    try:
        yield
    except RecipeError as error:
        quoted = files.quoted(error)
        if quoted is error:  # which is not to come of itself
            raise
        raise quoted from error
