"""Pool: several pieces of work at once, each by a thread that takes the next as it is free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

PAUSE = 0.05
"""How long nothing is tended, in seconds."""
T = TypeVar("T")
R = TypeVar("R")


class _Failure:
    """What ended a thread: raised where the results are read."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


class Pool(Generic[T, R]):
    """Does work with `jobs` threads; results come as they are done.

    Work is taken from its source one piece at a time, so that the source may be long. `stop` lets
    no more begin: what is under way is finished, also after Ctrl-C (`interrupt`). `tend` is called
    while no result comes. The threads are daemons: a second Ctrl-C ends the command though an
    answer is still awaited. One job is done by the caller's own thread, where Ctrl-C breaks it off,
    unless it `drains`.
    """

    def __init__(
        self,
        work: Callable[[T], R],
        jobs: int,
        tend: Callable[[], object] | None = None,
        *,
        drains: bool = False,
    ) -> None:
        self._work = work
        self._jobs = jobs
        self._tend = tend
        self.drains = drains or jobs > 1
        self._lock = Lock()
        self._stopped = False
        self.interrupt: KeyboardInterrupt | None = None

    def stop(self) -> None:
        """Begin no more."""
        self._stopped = True

    def each(self, source: Iterable[T]) -> Iterator[R]:
        """Yield the result of each piece of work, in the order in which they are done."""
        if self._jobs > 1:
            yield from self._together(iter(source), self._jobs)
        elif self.drains:
            yield from self._in_turn(source)
        else:
            yield from self._alone(source)

    def _alone(self, source: Iterable[T]) -> Iterator[R]:
        for item in source:
            if self._stopped:
                return
            yield self._work(item)

    def _in_turn(self, source: Iterable[T]) -> Iterator[R]:
        """Let one thread do all: what came of one may stop the next, and Ctrl-C breaks none off."""
        tasks: SimpleQueue[T | None] = SimpleQueue()
        done: SimpleQueue[R | _Failure | None] = SimpleQueue()
        Thread(target=self._serve, args=(iter(tasks.get, None), done), daemon=True).start()
        try:
            for item in source:
                tasks.put(item)
                found = self._next(done)
                if found is None:
                    return
                yield self._raised(found)
                if self._stopped:
                    return
        finally:
            tasks.put(None)

    def _together(self, waiting: Iterator[T], jobs: int) -> Iterator[R]:
        done: SimpleQueue[R | _Failure | None] = SimpleQueue()
        for _ in range(jobs):
            Thread(target=self._serve, args=(waiting, done), daemon=True).start()
        try:
            yield from self._heard(done, jobs)
        finally:
            self.stop()  # Nobody may read on.

    def _heard(self, done: SimpleQueue[R | _Failure | None], alive: int) -> Iterator[R]:
        """Yield results until so many threads have ended."""
        failure: _Failure | None = None
        while alive:
            found = self._next(done)
            if found is None:
                alive -= 1
            elif isinstance(found, _Failure):
                self.stop()  # What is under way is finished first: it may have been charged.
                failure = failure or found
            else:
                yield found
        if failure is not None:
            raise failure.error

    def _raised(self, found: R | _Failure) -> R:
        """Raise what ended a thread, for all."""
        if isinstance(found, _Failure):
            self.stop()
            raise found.error
        return found

    def _next(self, done: SimpleQueue[R | _Failure | None]) -> R | _Failure | None:
        """Wait for a result; what is to be tended is, while none comes."""
        while self._tend is not None:
            try:
                return done.get(timeout=PAUSE)
            except Empty:
                self._tend()
        return done.get()

    def _serve(self, waiting: Iterator[T], done: SimpleQueue[R | _Failure | None]) -> None:
        try:
            for item in iter(lambda: self._take(waiting), None):
                done.put(self._work(item))
        except BaseException as error:
            done.put(_Failure(error))
        finally:
            done.put(None)

    def _take(self, waiting: Iterator[T]) -> T | None:
        with self._lock:
            return None if self._stopped else next(waiting, None)
