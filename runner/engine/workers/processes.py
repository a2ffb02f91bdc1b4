"""Workers: rows are run by several processes, each with threads of its own.

One process has one interpreter lock: two of sixteen threads make twice the calls of one of 32.
They are forked before any thread begins, and get their rows through a pipe, a few ahead. The parent
alone keeps journals and collects lines. A worker whose parent is gone ends at once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from runner.engine.workers.pool import PAUSE
from runner.record import Record

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 3
"""Rows that a worker has, for each of its threads, those under way included."""
BUNCH = 32
"""Rows that are sent at once, at the most."""
LINGER = 0.005
"""How long what is done waits for more that is told with it, in seconds."""
MOST = 256
"""Rows of a worker that are heard at once."""
Message = list[tuple[int, Any]]


class Broken(Record):
    """What a worker tells of a fault of ours."""

    told: str


class Left(Record):
    """What a worker tells of work that it has not begun, when no more is to begin."""


class Workers(Generic[T, R]):
    """Does work in `processes` of `threads` each; the face is that of a `Pool`.

    `pack` makes of a piece of work what a worker needs to know of it, and `work` is done with that.
    `unpack` takes what was made of several, each with its piece, and makes their results.
    `lost` makes the result of what a worker had when it died.
    """

    def __init__(  # noqa: PLR0913, PLR0917  what is to be done, by how many, and what else
        self,
        work: Callable[[Any], Any],
        pack: Callable[[T], Any],
        unpack: Callable[[list[tuple[T, Any]]], Iterable[R]],
        shape: tuple[int, int],
        tend: Callable[[], object],
        lost: Callable[[T], R],
    ) -> None:
        self._work, self._pack, self._unpack = work, pack, unpack
        self._processes, self._threads = shape
        self._tend, self._lost = tend, lost
        self._stopped = False
        self._failure: Exception | None = None
        self.drains = True
        self.interrupt: KeyboardInterrupt | None = None

    def stop(self) -> None:
        """Begin no more."""
        self._stopped = True

    def each(self, source: Iterable[T]) -> Iterator[R]:
        """Yield the result of each piece of work, in the order in which they are done."""
        crew: list[_Worker[T]] = []
        for _ in range(self._processes):
            crew.append(_forked(self._work, self._threads, [one.pipe for one in crew]))
        waiting = enumerate(source)
        try:
            while self._filled(crew, waiting) or any(one.tasks for one in crew):
                yield from self._heard(crew)
                self._tend()
        finally:
            for one in crew:
                one.end()
        if self._failure is not None:
            raise self._failure

    def _filled(self, crew: list[_Worker[T]], waiting: Iterator[tuple[int, T]]) -> bool:
        """Give workers what there is, or let them leave what they have not begun."""
        try:
            more = not self._stopped and self._fill(crew, waiting)
        except Exception as error:
            self.stop()  # What is under way is finished first: it may have been charged.
            self._failure = error
            more = False
        if self._stopped:
            for one in crew:
                one.halt()
        return more

    def _fill(self, crew: list[_Worker[T]], waiting: Iterator[tuple[int, T]]) -> bool:
        """Give every worker as much as it may have ahead; return whether there may be more."""
        most = self._threads * (AHEAD - 1)
        while not self._stopped:
            alive = [one for one in crew if one.is_alive]
            one = min(alive, key=lambda one: len(one.tasks), default=None)
            if one is None or len(one.tasks) > most:
                return one is not None
            bunch = []
            for number, task in _first(waiting, min(BUNCH, self._threads)):
                one.tasks[number] = task
                bunch.append((number, self._pack(task)))
            if not bunch:
                return False
            one.send(bunch)
        return False

    def _heard(self, crew: list[_Worker[T]]) -> Iterator[R]:
        alive = {one.pipe: one for one in crew if one.is_alive}
        ready = wait([*alive], PAUSE)
        told = [
            (one.tasks.pop(number), found)
            for one in (alive[pipe] for pipe in ready)  # type: ignore[index]  # each is a pipe
            for number, found in one.received()
        ]
        done = [(task, found) for task, found in told if not isinstance(found, Left | Broken)]
        yield from self._unpack(done)
        for _, found in told:
            if isinstance(found, Broken):
                raise RuntimeError(found.told)
        for one in crew:
            while not one.is_alive and one.tasks:
                yield self._lost(one.tasks.popitem()[1])


def _first(waiting: Iterator[Any], count: int) -> list[Any]:
    return [found for _, found in zip(range(count), waiting, strict=False)]


class _Worker(Generic[T]):
    """A process, as its parent sees it; `tasks` are those that it has, by their numbers."""

    def __init__(self, process: Any, pipe: Connection[Any, Any]) -> None:
        self._process = process
        self.pipe = pipe
        self.tasks: dict[int, T] = {}
        self.is_alive = True
        self._is_halted = False

    def send(self, bunch: Message) -> None:
        try:
            self.pipe.send(bunch)
        except OSError:
            self.is_alive = False

    def halt(self) -> None:
        """Let the worker leave what it has not begun."""
        if not self._is_halted:
            self._is_halted = True
            self.send([])

    def receive(self) -> Message:
        try:
            found: Message = self.pipe.recv()
        except (EOFError, OSError):
            self.is_alive = False
            return []
        return found

    def received(self) -> Message:
        """Take all that the worker has told by now."""
        found = self.receive()
        while found and self.is_alive and len(found) < MOST and self.pipe.poll():
            found += self.receive()
        return found

    def end(self) -> None:
        """Let the worker go: it ends as its pipe is closed."""
        self.pipe.close()
        self._process.join(5)


def _forked(
    work: Callable[[Any], Any], threads: int, others: list[Connection[Any, Any]]
) -> _Worker[Any]:
    """Start a worker. The parent's ends of all pipes are the parent's alone."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    given = (work, threads, theirs, [ours, *others])
    process = context.Process(target=_serve, args=given, daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(
    work: Callable[[Any], Any],
    threads: int,
    pipe: Connection[Any, Any],
    parents: list[Connection[Any, Any]],
) -> None:
    """Be a worker: take rows until the pipe is closed. Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for end in parents:
        end.close()
    tasks: SimpleQueue[tuple[int, Any]] = SimpleQueue()
    done: SimpleQueue[tuple[int, Any]] = SimpleQueue()
    for _ in range(threads):
        Thread(target=_labour, args=(work, tasks, done), daemon=True).start()
    Thread(target=_tell, args=(pipe, done), daemon=True).start()
    try:
        while True:
            bunch = pipe.recv()
            for task in bunch:
                tasks.put(task)
            if not bunch:
                _leave(tasks, done)
    finally:
        os._exit(0)  # What the parent holds open is its own: nothing is closed here.


def _leave(tasks: SimpleQueue[tuple[int, Any]], done: SimpleQueue[tuple[int, Any]]) -> None:
    """Tell of all that is not begun that it is left."""
    with suppress(Empty):
        while True:
            done.put((tasks.get_nowait()[0], Left()))


def _labour(
    work: Callable[[Any], Any],
    tasks: SimpleQueue[tuple[int, Any]],
    done: SimpleQueue[tuple[int, Any]],
) -> None:
    while True:
        number, task = tasks.get()
        try:
            done.put((number, work(task)))
        except Exception as error:
            from traceback import format_exception

            done.put((number, Broken("".join(format_exception(error)))))


def _tell(pipe: Connection[Any, Any], done: SimpleQueue[tuple[int, Any]]) -> None:
    """Send what is done, all that there is at once."""
    while True:
        bunch = [done.get()]
        time.sleep(LINGER)
        with suppress(Empty):
            while True:
                bunch.append(done.get_nowait())
        with suppress(OSError):  # Nobody hears it any more: the process is about to end.
            pipe.send(bunch)
