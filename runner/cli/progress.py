"""Progress on standard error: a line that stays at its place on a terminal, else one now and then.

Nothing is shown of runs that are done within a second, nor of a request that is within two.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import Event, RLock, Thread
from typing import TYPE_CHECKING, TextIO

from runner.engine.clock import spoken
from runner.protocol.wire import printable
from runner.report.console import Style
from runner.report.progress import SEPARATOR, Progress, line, parts

if TYPE_CHECKING:
    from rich.console import Console

AFTER = 1.0
PATIENCE = 2.0
"""Seconds that a request may take before anything is shown of it."""
ERASED = "\r\x1b[2K"
REDRAW = 0.2
EVERY = 5.0
"""Seconds between plain lines at first: the longer a run takes the fewer they are."""
SELDOM = 60.0
STYLES = {"passed": "green", "missed": "yellow", "failed": "red", "quiet": "dim"}
Look = Callable[[float], Progress]
"""Tells how far runs are that began so many seconds ago."""


def stays(stream: TextIO) -> bool:
    """Whether a line can be drawn anew in its place: on a terminal that knows how."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class _Drawn(ABC):
    """A line that may stand on a terminal, and gives way to what else is written."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._drawn = False

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let something else be written where the line stands."""
        with self._lock:
            if self._drawn:
                self._erase()
                self._drawn = False
            yield

    @abstractmethod
    def _erase(self) -> None:
        """Take the line away."""


class Meter(_Drawn):
    """Shows how far runs are from `begin` to `close`; `note` writes a plain line."""

    def __init__(self, look: Look, note: Callable[[str], None], after: float = AFTER) -> None:
        super().__init__()
        self._look = look
        self._note = note
        self._after = after
        self._ended = Event()
        self._thread: Thread | None = None
        self._since = 0.0

    def begin(self) -> None:
        """Look from now on. No process may be forked after this."""
        self._since = time.monotonic()
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Show nothing more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        with self.aside():
            pass

    def _watch(self) -> None:
        show = self._draw if stays(sys.stderr) else self._tell
        pause = self._after
        while not self._ended.wait(pause):
            pause = show(time.monotonic() - self._since)

    def _tell(self, seconds: float) -> float:
        if seconds < EVERY:
            return EVERY - seconds
        self._note(line(self._look(seconds)))
        return min(max(EVERY, seconds / 20), SELDOM)

    def _draw(self, seconds: float) -> float:
        from rich.text import Text

        found = self._look(seconds)
        with self._lock:
            self._erase()
            told = Text(no_wrap=True, overflow="crop")
            for place, (text, kind) in enumerate(parts(found, self._console.width - 1)):
                told.append(SEPARATOR * (place > 0), "dim").append(text, STYLES.get(kind))
            self._console.print(told, end="")
            self._drawn = True
        return REDRAW

    def _erase(self) -> None:
        from rich.control import Control
        from rich.segment import ControlType

        self._console.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console

        return Console(stderr=True, highlight=False, markup=False, emoji=False)


class Waiting(_Drawn):
    """Shows on a terminal whom a request waits for, until its answer comes.

    `shows` says whether the line may be drawn: not where an answer is printed as it comes.
    """

    def __init__(
        self,
        stream: TextIO,
        style: Style,
        shows: Callable[[], bool] = lambda: True,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__()
        self._stream = stream
        self._style = style
        self._shows = shows
        self._patience = patience

    @contextmanager
    def __call__(self, host: str) -> Iterator[None]:
        """Wait for a host."""
        ended = Event()
        watch = Thread(target=self._watch, args=(host, ended), daemon=True)
        watch.start()
        try:
            yield
        finally:
            ended.set()
            watch.join()
            with self.aside():
                pass

    def _watch(self, host: str, ended: Event) -> None:
        begun, pause = time.monotonic(), self._patience
        while not ended.wait(pause):
            self._draw(host, time.monotonic() - begun)
            pause = 1.0

    def _draw(self, host: str, seconds: float) -> None:
        text = printable(f"waiting for {host}, {spoken(seconds)}")
        width = shutil.get_terminal_size().columns - 1
        with self._lock:
            if self._shows():
                self._write(ERASED + self._style(text[:width], "quiet"))
                self._drawn = True

    def _erase(self) -> None:
        self._write(ERASED)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
