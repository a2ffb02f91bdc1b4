"""Cautions: what is told of runs that go on all the same: each cause once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock

from runner.engine.prepare import Plan
from runner.errors import Fault
from runner.report.encoding import Hide
from runner.report.faults import hidden


class Cautions:
    """Takes what is to be warned of; `heed` gets of what was said before nothing more.

    `hide` masks secrets, before anything is covered or put on one line.
    """

    def __init__(self, heed: Callable[[Fault], None], hide: Hide) -> None:
        self.heed = heed
        self._hide = hide
        self._said: set[tuple[object, ...]] = set()
        self._lock = Lock()
        self._kept: SimpleQueue[Fault] = SimpleQueue()

    def take(self, plan: Plan, fault: Fault) -> None:
        """Warn of a run of this plan; rows of one recipe that differ in their values are alike."""
        key: tuple[object, ...] = (fault.mark, fault.message)
        if plan.rows is not None:
            from runner.report.causes import alike

            key = (plan.recipe.file, plan.cell.label, fault.mark, alike(fault.message))
        with self._lock:
            if key in self._said:
                return
            self._said.add(key)
        fault = hidden(fault, self._hide)
        self.heed(fault._replace(message=" ".join(fault.message.split())))

    def keep(self) -> None:
        """Heed nothing here: in a worker process, whose parent warns."""
        self.heed = self._kept.put

    def kept(self) -> list[Fault]:
        """Return what was kept since the last call."""
        found = []
        with suppress(Empty):
            while True:
                found.append(self._kept.get_nowait())
        return found
