"""Shared: what is known of each limit, held once for all threads, and for forked processes."""

from __future__ import annotations

from array import array
from collections.abc import MutableSequence
from contextlib import AbstractContextManager, suppress
from hashlib import blake2b
from threading import Lock, Semaphore
from typing import Any, Protocol

from runner.protocol import pacing
from runner.protocol.pacing import State

PLACES = 64
"""Models of providers that one command asks, at the most: further ones share a place."""
WIDTH = 1 + len(State._fields)
LOCKS = 8
SEATS = 16
LULL = 0.02
"""Seconds for which a process counts by itself: a lock of all is not for every request."""
PATIENCE = 2.0
"""Whoever holds a lock for so many seconds was killed: it is held for a moment alone."""
_EPOCH, _SENT, _SINCE = (State._fields.index(name) for name in ("epoch", "sent", "since"))
_FREE = (_EPOCH, *(State._fields.index(name) for name in ("told_requests", "told_tokens")))


class Latch(Protocol):
    """A semaphore, of threads or of processes."""

    def acquire(self, block: bool = True, timeout: float = -1) -> bool:
        """Wait for it, so many seconds at the most."""

    def release(self) -> Any:
        """Give it back."""


class Patient:
    """A lock of processes, of which one that was killed may hold it for ever."""

    def __init__(self, lock: Any, patience: float) -> None:
        self._lock = lock
        self._patience = patience

    def __enter__(self) -> None:
        self._lock.acquire(True, self._patience)

    def __exit__(self, *_: object) -> None:
        with suppress(ValueError):
            self._lock.release()


class Place:
    """What is known of one model of one provider. Load and save it while you hold its `lock`.

    `queue` is of this process alone: of its threads one at a time waits for its turn. So is
    `begun`, the requests that began one by one.
    """

    def __init__(self, shared: Shared, number: int) -> None:
        self._shared = shared
        self._number = number
        self._start = number * WIDTH + 1
        self.queue = Lock()
        self.begun = 0
        self._uncounted: list[float] = []
        self._due = 0.0

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """What holds it against all others."""
        return self._shared.locks[self._number % LOCKS]

    def load(self) -> State:
        """Return what is known."""
        return State(*self._shared.cells[self._start : self._start + len(State._fields)])

    def save(self, state: State) -> None:
        """Keep what is known now."""
        self._shared.cells[self._start : self._start + len(State._fields)] = array("d", state)

    @property
    def is_free(self) -> bool:
        """Whether the service said nothing of limits, and refused nothing."""
        cells, start = self._shared.cells, self._start
        return not any(cells[start + field] for field in _FREE)

    def count(self, now: float, over: float) -> None:
        """Count a request that goes out where nothing holds it back, over so many seconds."""
        self._uncounted.append(now)
        if now >= self._due:
            self._due = now + LULL
            self.tell(now, over)

    def tell(self, now: float, over: float) -> None:
        """Tell all processes what this one counted."""
        if not self._uncounted:
            return
        cells, start = self._shared.cells, self._start
        with self.lock:
            count = len(self._uncounted)
            del self._uncounted[:count]
            if now - cells[start + _SINCE] > over or not cells[start + _SINCE]:
                cells[start + _SINCE] = now
                cells[start + _SENT] = 0.0
            cells[start + _SENT] += count


class Shared:
    """The places of a command; `spread` before processes are forked that are to share them."""

    def __init__(self) -> None:
        self.cells: MutableSequence[float] = [0.0] * (PLACES * WIDTH + SEATS + 1)
        self.locks: list[AbstractContextManager[Any]] = [Lock() for _ in range(LOCKS)]
        self._claiming: AbstractContextManager[Any] = Lock()
        self._places: dict[int, Place] = {}
        self._seats: dict[str, Latch] = {}
        self._spare: list[Latch] = []

    def spread(self, patience: float = PATIENCE) -> None:
        """Put all into memory that processes forked from now on have in common."""
        import multiprocessing
        from mmap import mmap

        context: Any = multiprocessing.get_context("fork")
        held = array("d", self.cells)
        cells: Any = memoryview(mmap(-1, len(held) * held.itemsize)).cast("d")
        cells[:] = held
        self.cells = cells
        self.locks = [Patient(context.Lock(), patience) for _ in range(LOCKS)]
        self._claiming = Patient(context.Lock(), patience)
        self._spare = [context.Semaphore(0) for _ in range(SEATS)]
        self._seats = {}

    def place(self, key: str) -> Place:
        """Return the place of a key, such as that of a provider and a model."""
        with self._claiming:
            number = self._claimed(_print(key), 0, WIDTH, PLACES)[0]
            return self._places.setdefault(number, Place(self, number))

    def holding(self, now: float) -> str:
        """Say which limit holds requests of any process back at a time; "" where none does."""
        taken = (n for n in range(PLACES) if self.cells[n * WIDTH])
        return next(filter(None, (self._holding(number, now) for number in taken)), "")

    def _holding(self, number: int, now: float) -> str:
        place = Place(self, number)
        with place.lock:
            state = place.load()
        return pacing.holding(state, now)

    def seats(self, key: str, most: int) -> Latch:
        """Return what lets so many at a time pass."""
        name = f"{most} {key}"
        with self._claiming:
            if name not in self._seats:
                self._seats[name] = self._common(name, most) if self._spare else Semaphore(most)
            return self._seats[name]

    def _common(self, key: str, most: int) -> Latch:
        """Return the seats that processes share; the first that asks fills them."""
        number, is_new = self._claimed(_print(key), PLACES * WIDTH, 1, SEATS)
        for _ in range(most if is_new else 0):
            self._spare[number].release()
        return self._spare[number]

    def _claimed(self, mark: float, first: int, width: int, most: int) -> tuple[int, bool]:
        """Find the number under which a mark stands, or put it to the first that is free."""
        for step in range(most):
            number = (int(mark) + step) % most
            found = self.cells[first + number * width]
            if found in (0.0, mark):
                self.cells[first + number * width] = mark
                return number, not found
        return int(mark) % most, False

    def stop(self) -> None:
        """Tell all who wait that they are to wait no more."""
        self.cells[-1] = 1.0

    @property
    def is_stopped(self) -> bool:
        """Whether nobody is to wait."""
        return bool(self.cells[-1])


def _print(key: str) -> float:
    """Return a number that stands for a text: it is exact as a float, and never 0."""
    return float(int.from_bytes(blake2b(key.encode(), digest_size=6).digest()) + 1)
