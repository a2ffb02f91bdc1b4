"""Cluster: rows are run by the workers of Dask distributed, on as many machines as there are.

The driver alone keeps journals and collects lines; workers get rows in chunks, a few ahead. What a
worker had that died is done by another: each row is told once, however often it was done. Workers
that join are used at once. Ctrl-C lets what was sent finish, and calls the rest back.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import count, islice
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from runner.engine.workers import crew, joining, labour, sealing, shipping
from runner.engine.workers.joining import Joined
from runner.engine.workers.labour import Order
from runner.engine.workers.pool import PAUSE
from runner.errors import RunnerError, ServiceError, SettingsError
from runner.record import Record

if TYPE_CHECKING:
    from runner.engine.rows.dataset import Row
    from runner.engine.running import Done, Task
    from runner.engine.suite import Checked, Suite

JOBS = 16
"""Rows that a worker has under way where `--jobs` says nothing."""
CHUNK = 16
"""Rows that are sent at once, at the most: what a worker did of them is lost if it dies."""
AHEAD = 8
"""Rows that a worker has, for each of its threads, those under way included: the rest waits there,
and is lost with no answer."""
GLANCE = 1.0
"""Seconds after which the workers are counted anew."""
ALONE = 60.0
"""Seconds that a run waits for workers when all are gone."""
GONE = "the cluster has no workers any more"


class Sent(Record):
    """A chunk that was sent: to whom, and its rows."""

    worker: str
    tasks: list[Task]


class Cluster:
    """Runs rows by the workers of a cluster; the face is that of a `Pool`."""

    def __init__(
        self, joined: Joined, suite: Suite, ready: list[Checked], tend: Callable[[], object]
    ) -> None:
        self._joined = joined
        self._client = joined.client
        self._suite = suite
        self._ready = ready
        self._tend = tend
        self._index = {id(one.plan): place for place, one in enumerate(ready)}
        self._known = shipping.known_secrets([one.plan for one in ready], suite.environ)
        self._jobs = suite.options.jobs or JOBS
        self._run = uuid4().hex
        self._numbers = count()
        self._sent: dict[str, Sent] = {}
        self._futures: dict[str, Any] = {}
        self._done: SimpleQueue[Any] = SimpleQueue()
        self._back: list[Task] = []
        self._load: dict[str, int] = {}
        self._counted = self._alone = 0.0
        self._stopped = self._halted = False
        self.drains = True
        self.interrupt: KeyboardInterrupt | None = None

    def stop(self) -> None:
        """Begin no more. Signal handlers call this: what takes time is done in the loop."""
        self._stopped = True

    def each(self, source: Iterable[Task]) -> Iterator[Done]:
        """Yield the result of each piece of work, in the order in which they are done."""
        waiting = iter(source)
        is_whole = False
        try:
            self._content = self._client.submit(
                bytes,
                shipping.shipped(self._suite, self._ready),
                key=f"runner-{self._run}",
                pure=False,
            )
            while not is_whole or self._sent or (self._back and not self._stopped):
                is_whole = self._fill(waiting)
                yield from self._heard()
                self._tend()
        except KeyboardInterrupt as interrupt:
            self.interrupt = interrupt
            raise
        finally:
            self._end()

    def _fill(self, waiting: Iterator[Task]) -> bool:
        """Give every worker as much as it may have ahead; return whether that was the last."""
        if self._stopped:
            self._halt()
            return True
        self._count()
        most = max(self._jobs * AHEAD, CHUNK)
        while self._load:
            worker = min(self._load, key=self._load.__getitem__)
            if self._load[worker] + CHUNK > most:
                return False
            tasks = self._back[:CHUNK] or list(islice(waiting, CHUNK))
            del self._back[: len(tasks)]
            if not tasks:
                return True
            self._send(worker, tasks)
        return False

    def _send(self, worker: str, tasks: list[Task]) -> None:
        key = f"runner-{self._run}-{next(self._numbers)}"
        share = 1.0 / max(1, len(self._load))
        order = Order(self._run, labour.versions(), self._jobs, share, self._suite.options.keeps)
        rows = pickle.dumps([self._packed(task) for task in tasks])
        self._sent[key] = Sent(worker, tasks)
        self._load[worker] += len(tasks)
        future = self._client.submit(
            labour.chunk,
            tuple(order),
            self._content,
            rows,
            key=key,
            workers=[worker],
            allow_other_workers=True,
            pure=False,
        )
        self._futures[key] = future
        future.add_done_callback(self._done.put)

    def _packed(self, task: Task) -> tuple[int, int, Row | None]:
        return self._index[id(task.checked.plan)], task.place, task.plan.row

    def _count(self) -> None:
        """Learn which workers there are now."""
        now = time.monotonic()
        if now - self._counted < GLANCE and self._load:
            return
        self._counted = now
        there = self._joined.workers()
        self._load = dict.fromkeys(there, 0)
        for sent in self._sent.values():
            if sent.worker in self._load:
                self._load[sent.worker] += len(sent.tasks)
        self._alone = 0.0 if there else self._alone or now
        if self._alone and now - self._alone > ALONE:
            raise ServiceError(GONE, hint="start `dask worker`; --resume goes on")

    def _heard(self) -> Iterator[Done]:
        """Wait for chunks that are done, for a moment."""
        found: list[Any] = []
        with suppress(Empty):
            found.append(self._done.get(timeout=PAUSE))
            while True:
                found.append(self._done.get_nowait())
        contents = self._fetched(found)
        for future in found:
            self._futures.pop(future.key, None)
            sent = self._sent.pop(future.key, None)
            if sent is None:
                continue  # It was told before.
            if sent.worker in self._load:
                self._load[sent.worker] -= len(sent.tasks)
            yield from self._told(contents.get(future.key), future, sent)

    def _fetched(self, found: list[Any]) -> dict[str, bytes]:
        """Fetch at once what is whole: each call takes a while, however much it fetches."""
        whole = [future for future in found if future.status == "finished"]
        try:
            fetched = self._client.gather(whole)
        except Exception:
            return {}  # Each is asked for alone, to learn which it was.
        return {future.key: content for future, content in zip(whole, fetched, strict=True)}

    def _told(self, content: bytes | None, future: Any, sent: Sent) -> Iterator[Done]:
        try:
            content = future.result() if content is None else content
        except RunnerError as error:
            raise self._of_worker(error, sent) from error
        except Exception as error:
            yield from self._broken(error, sent)
            return
        results, told = sealing.unseal(content, sealing.masking(self._known))
        for text in told:
            self._suite.tell(text)
        for task, result in zip(sent.tasks, results, strict=True):
            if result is not None:
                out = self._suite.out(task.plan)
                yield task, shipping.homeward(result, task.plan.recipe.file, out)
            elif not self._stopped:
                self._back.append(task)

    def _of_worker(self, error: RunnerError, sent: Sent) -> RunnerError:
        message = f"a worker ({sent.worker}) cannot run the rows: {error.args[0]}"
        return type(error)(message, hint=error.hint) if type(error) is SettingsError else error

    def _broken(self, error: Exception, sent: Sent) -> Iterator[Done]:
        """Tell of a chunk that did not come back: its workers died, or the scheduler is gone."""
        kind = type(error).__name__
        if kind == "KilledWorker":
            yield from ((task, crew.lost(task.plan, task.place)) for task in sent.tasks)
            return
        if isinstance(error, ImportError):
            raise joining.no_runner(sent.worker) from error
        if "Cancelled" in kind or isinstance(error, OSError):
            message = f"the scheduler at {self._joined.address} was lost"
            raise ServiceError(message, hint="--resume goes on from here") from error
        raise error

    def _halt(self) -> None:
        """Call back what no worker has begun."""
        if not self._halted:
            self._halted = True
            self._client.run(labour.halt, self._run, on_error="ignore")

    def _end(self) -> None:
        """Let go of the cluster, and of what it still has of this run."""
        with suppress(Exception):
            if self._futures:
                self._client.cancel([*self._futures.values()])
            self._client.run(labour.end, self._run, on_error="ignore")
        self._futures.clear()
        self._joined.close()
