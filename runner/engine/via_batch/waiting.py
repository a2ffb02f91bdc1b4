"""Via batch, the waiting: asks how batches stand, seldom, and tells of it now and then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from runner.engine.clock import Time
from runner.engine.via_batch.desk import Desk
from runner.engine.via_batch.service import may_help
from runner.errors import ServiceError
from runner.record import Record

FIRST, SLOWEST, GROWTH = 1.0, 60.0, 1.5
SLICE = 0.5
"""Ctrl-C is heeded within so many seconds."""
PATIENCE = 60
"""So often in a row the service may fail to say how a batch stands."""
TOLD = (10.0, 600.0)
"""How batches stand is told again after as long as it has lasted, within these seconds."""


class Ended(Record):
    """The runs of a desk of which replies came."""

    desk: Desk
    runs: frozenset[str]


class Waiting:
    """Waits for batches. `is_stopped` says whether to wait no longer."""

    def __init__(
        self, time: Time, tell: Callable[[str], None], is_stopped: Callable[[], bool]
    ) -> None:
        self._time = time
        self._tell = tell
        self._is_stopped = is_stopped
        self._begin = time.clock()
        self._due = 0.0
        self._said = ""
        self._failures = 0

    def once(self, desks: list[Desk]) -> list[Ended]:
        """Ask how all stand; return what ended."""
        try:
            found = [Ended(desk, runs) for desk in desks if (runs := desk.look())]
        except ServiceError as error:
            self._failures += 1
            if self._failures > PATIENCE or not may_help(error):
                raise
            if self._failures == 1:
                self._tell(f"batches: {error.args[0]}; asking again")
            return []
        self._failures = 0
        self._progress(desks)
        return found

    def until(self, desks: list[Desk]) -> list[Ended]:
        """Wait until a batch has ended; nothing is returned where the run is stopped."""
        every = FIRST
        while not self._is_stopped():
            found = self.once(desks)
            if found:
                return found
            self.rest(every)
            every = min(every * GROWTH, SLOWEST)
        return []

    def rest(self, seconds: float) -> bool:
        """Let time pass, as long as the run is not stopped; return whether it goes on."""
        while seconds > 0 and not self._is_stopped():
            self._time.sleep(min(SLICE, seconds))
            seconds -= SLICE
        return not self._is_stopped()

    def _progress(self, desks: list[Desk]) -> None:
        if not any(desk.stands for desk in desks):
            return
        passed, said = self._time.clock() - self._begin, standing(desks)
        if said == self._said and passed < self._due:
            return
        self._said, self._due = said, passed + min(max(passed, TOLD[0]), TOLD[1])
        self._tell(f"{said}, {self._time.said(passed)}")


def standing(desks: list[Desk]) -> str:
    """Say how all batches stand."""
    rows = [row for desk in desks for row in desk.stands.values()]
    states: Mapping[str, int] = Counter(state.replace("_", " ") for state, _, _ in rows)
    named = ", ".join(f"{count} {state}" for state, count in states.items())
    answered, whole = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return f"batches: {named}; {answered:,} of {whole:,} requests answered"
