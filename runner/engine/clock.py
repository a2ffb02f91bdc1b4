"""Clock: the time of the simulated service, which goes on at once where a run waits for it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import NamedTuple


class Time(NamedTuple):
    """How time passes: `clock` counts seconds from anywhere, `sleep` lets some pass."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]


class SimulatedClock:
    """Runs beside the real clocks, ahead of them by all that was waited."""

    def __init__(self, now: Callable[[], float], clock: Callable[[], float]) -> None:
        self._now = now
        self._clock = clock
        self._ahead = 0.0
        self._lock = Lock()

    def now(self) -> float:
        """Return the seconds since 1970."""
        return self._now() + self._ahead

    def clock(self) -> float:
        """Return seconds that only ever grow."""
        return self._clock() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Let time pass, and take none."""
        with self._lock:
            self._ahead += max(0.0, seconds)

    def time(self) -> Time:
        """Return what a step needs of it."""
        return Time(self.clock, self.sleep)
