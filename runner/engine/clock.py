"""Clock: the time of the simulated service, which goes on at once where a run waits for it."""

from __future__ import annotations

from collections.abc import Callable
from threading import local

from runner.record import Record


class Time(Record):
    """How time passes: `clock` counts seconds from anywhere, `sleep` lets some pass.

    Nobody waits for what is `simulated`, and where it is told it is said to be.
    """

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    simulated: bool = False

    def said(self, seconds: float) -> str:
        """Say how much of this time passed."""
        return spoken(seconds) + " of simulated time" * self.simulated


def spoken(seconds: float) -> str:
    """Say how long something took: 0.3 s, 40 s, 3 min 20 s, 1 h 5 min."""
    whole = round(seconds)
    if 0 < round(seconds, 1) < 1:
        return f"{seconds:.1f} s"
    if whole < 120:
        return f"{whole} s"
    minutes, left = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {left} s"
    return f"{minutes // 60} h {minutes % 60} min"


class SimulatedClock:
    """Runs beside the real clocks, ahead of them by all that was waited.

    Each thread has waits of its own: what one run waits takes no other run's time.
    """

    def __init__(self, now: Callable[[], float], clock: Callable[[], float]) -> None:
        self._now = now
        self._clock = clock
        self._waits = local()

    @property
    def _ahead(self) -> float:
        return float(getattr(self._waits, "seconds", 0.0))

    def now(self) -> float:
        """Return the seconds since 1970."""
        return self._now() + self._ahead

    def clock(self) -> float:
        """Return seconds that only ever grow."""
        return self._clock() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Let time pass, and take none."""
        self._waits.seconds = self._ahead + max(0.0, seconds)

    def time(self) -> Time:
        """Return what a step needs of it."""
        return Time(self.clock, self.sleep, simulated=True)
