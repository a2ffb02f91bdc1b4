"""Streams: standard output and error: characters that they cannot take are escaped, and a full disk
or a closed stream is told in words.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from errno import EBADF
from typing import Any, NoReturn, TextIO, cast

ESCAPED = "backslashreplace"


class Stream:
    """A standard stream; where it takes no more, `fail` is told, and the rest goes nowhere."""

    def __init__(self, real: TextIO, fail: Callable[[OSError], None]) -> None:
        self._real = real
        self._fail = fail

    def write(self, text: str) -> int:
        """Write a text."""
        try:
            if text != "":  # To /dev/full not even that can be written.
                self._real.write(text)
        except OSError as error:
            self._failed(error)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            self._real.flush()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        if isinstance(error, BrokenPipeError):
            raise error  # That nobody reads on is no failure.
        if self._real not in (sys.__stdout__, sys.__stderr__):
            with suppress(OSError):
                self._real.close()  # Else Python complains of what it still holds.
        self._real = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  until the end
        self._fail(error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _told(error: OSError) -> NoReturn:
    """Say why standard output takes no more."""
    from runner.errors import OutputError

    why = "it is closed" if error.errno == EBADF else (error.strerror or str(error)).lower()
    message = f"standard output: {why}"
    raise OutputError(message, hint="not all was printed; files that were written are whole")


def _untold(error: OSError) -> None:
    """Leave that standard error takes no more: there is nobody to tell."""
    del error


def prepare() -> None:
    """Put our streams in the place of Python's."""
    _hold()
    if not isinstance(cast(Any, sys.stdout), Stream):
        sys.stdout = cast(TextIO, Stream(_lenient(sys.stdout, 1), _told))
    if not isinstance(cast(Any, sys.stderr), Stream):
        sys.stderr = cast(TextIO, Stream(_lenient(sys.stderr, 2), _untold))


def _hold() -> None:
    """Let no file take the number of a standard stream that is closed."""
    while (number := os.open(os.devnull, os.O_RDONLY)) <= 2:
        pass  # To write there fails, as it should.
    os.close(number)


def _lenient(stream: TextIO | None, number: int) -> TextIO:
    """Return a stream that escapes what it has no letters for; Python has none for a closed one."""
    if stream is None:
        return open(number, "w", encoding="utf-8", errors=ESCAPED, closefd=False)
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors=ESCAPED)
    return stream
