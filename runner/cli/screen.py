"""Screen: where a run is shown: data on standard output, all else on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO

import click

from runner.cli.voice import is_obeyed
from runner.errors import OutputError
from runner.protocol.wire import printable
from runner.report.encoding import tamed

COLOURS = {"passed": "green", "missed": "yellow", "failed": "red"}


def colours(stream: TextIO) -> Callable[[str, str], str]:
    """Return how words are coloured: not at all where NO_COLOR is set or nobody looks."""
    if os.environ.get("NO_COLOR") or not stream.isatty():
        return lambda text, _: text
    return lambda text, kind: click.style(text, fg=COLOURS.get(kind), dim=kind == "quiet" or None)


class Screen:
    """Where a run is shown; `streams` once an answer is shown as it comes.

    GitHub obeys commands in a log: unless bytes are wanted, no text of others is one. `broken` says
    why not all was shown.
    """

    def __init__(self, *, raw: bool, quiet: int) -> None:
        self.raw = raw
        self.quiet = quiet
        self.single = True
        self.streams = False
        self.aside: Callable[[], AbstractContextManager[None]] = nullcontext
        self.broken: OutputError | None = None
        self.tames = is_obeyed() and not raw

    def escaped(self, text: str) -> str:
        """Show control characters escaped, unless bytes are wanted."""
        return text if self.raw else self.tamed(printable(text))

    def tamed(self, text: str) -> str:
        """Show no commands to GitHub."""
        return tamed(text) if self.tames else text

    def data(self, text: str, end: str = "\n") -> None:
        """Write data."""
        self._put(self.escaped(text) + end)

    def piece(self, text: str) -> None:
        """Write a piece of a stream as it arrives."""
        self.streams = True
        self.data(text, end="")

    def line(self, text: str) -> None:
        """Write a line of data; whoever words it has escaped it."""
        self._put(self.tamed(text) + "\n")

    def command(self, text: str) -> None:
        """Write what GitHub is to obey; whoever words it has escaped what others said."""
        if text:
            self._put(text + "\n")

    def _put(self, text: str) -> None:
        """Write to standard output; what ran is kept, and told, though that takes no more."""
        try:
            with self.aside():
                sys.stdout.write(text)
                sys.stdout.flush()
        except OutputError as error:
            self.broken = error

    def note(self, text: str) -> None:
        """Write what is not data; whoever words it has escaped it."""
        if self.quiet < 1 and text:
            with self.aside():
                print(self.tamed(text), file=sys.stderr, flush=True)

    def wrong(self, text: str) -> None:
        """Write what went wrong, however quiet."""
        if text:
            with self.aside():
                print(self.tamed(text), file=sys.stderr)
