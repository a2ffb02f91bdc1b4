"""A service that allows so much, and rows that are run against it, in simulated time."""

from __future__ import annotations

import heapq
import random
from typing import Any, NamedTuple

from runner.protocol import pacing
from runner.protocol.pacing import Limits, State

LATE = 0.003
"""Seconds by which a request may come late."""


UNLIMITED = Limits()


class Service(NamedTuple):
    """A token bucket: so many a second, so many at once; `says` is how it refuses."""

    rate: float = 50.0
    burst: float = 50.0
    latency: float = 0.05
    says: str = "nothing"


class Came(NamedTuple):
    """What it came to."""

    done: int
    refused: int
    lost: int
    seconds: float


class Simulation:
    """Rows with so many at once, three tries each, of which one at a time waits for its turn."""

    def __init__(self, service: Service, limits: Limits, rows: int, jobs: int) -> None:
        self._service, self._limits = service, limits
        self._left, self._jobs = rows, jobs
        self._state = State()
        self._bucket, self._at = service.burst, 1.0
        self._random = random.Random(7)
        self._events: list[tuple[float, int, str, Any]] = []
        self._line: list[int] = []
        self._waits = False
        self._number = self.done = self.refused = self.lost = 0

    def run(self) -> Came:
        """Run all."""
        for job in range(self._jobs):
            self._later(1.0 + job * 0.0004, "begin", None)
        now = 1.0
        while self._events:
            now, _, kind, told = heapq.heappop(self._events)
            getattr(self, f"_{kind}")(now, told)
        return Came(self.done, self.refused, self.lost, now - 1.0)

    def _later(self, at: float, kind: str, told: Any) -> None:
        self._number += 1
        heapq.heappush(self._events, (at, self._number, kind, told))

    def _begin(self, now: float, _: None) -> None:
        if self._left:
            self._left -= 1
            self._wait(now, 1)

    def _wait(self, now: float, attempt: int) -> None:
        self._line.append(attempt)
        if not self._waits:
            self._next(now)

    def _next(self, now: float) -> None:
        self._waits = bool(self._line)
        if self._waits:
            attempt = self._line.pop(0)
            self._state, turn = pacing.take(self._state, self._limits, now)
            self._later(turn.at, "go", (attempt, self._state.epoch))

    def _go(self, now: float, told: tuple[int, float]) -> None:
        attempt, epoch = told
        if epoch != self._state.epoch:
            self._line.insert(0, attempt)
        else:
            self._state = pacing.went(self._state, now)
            self._later(now + self._random.random() * LATE, "arrive", told)
        self._next(now)

    def _arrive(self, now: float, told: tuple[int, float]) -> None:
        service = self._service
        self._bucket = min(service.burst, self._bucket + (now - self._at) * service.rate)
        self._at = now
        if self._bucket >= 1:
            self._bucket -= 1
            self._later(now + service.latency, "answer", None)
        else:
            wait = (1 - self._bucket) / service.rate
            self._later(now + 0.005, "refuse", (*told, wait))

    def _hear(self) -> None:
        if self._service.says == "headers":
            told = self._service.rate * 60
            self._state = pacing.told(self._state, told, 0.0, 0.0)

    def _answer(self, now: float, _: None) -> None:
        self._hear()
        self.done += 1
        self._begin(now, None)

    def _refuse(self, now: float, told: tuple[int, float, float]) -> None:
        attempt, epoch, wait = told
        self.refused += 1
        self._hear()
        asked = {"milliseconds": wait, "seconds": int(wait) + 1.0}.get(self._service.says)
        self._state = pacing.refused(self._state, self._limits, epoch, now, asked)
        if attempt > 2:
            self.lost += 1
            self._begin(now, None)
        else:
            self._later(now + (asked or 0.5 * attempt), "wait", attempt + 1)


def simulated(
    service: Service, limits: Limits = UNLIMITED, rows: int = 6000, jobs: int = 64
) -> Came:
    """Run rows against a service."""
    return Simulation(service, limits, rows, jobs).run()
