"""Via batch: runs are made as batches of the service, with the face of a pool.

Every run is begun; what it asks first is gathered, and it is put aside. When a batch has ended, its
runs are made anew, with what came; what they ask next (tools, judges, further steps) goes into the
next batch, until nothing is left. All of a run but the carrying is as it is live.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from runner.engine.clock import Time
from runner.engine.rows.batch import Batch
from runner.engine.user import settings
from runner.engine.via_batch.desk import Desk, PutAside
from runner.engine.via_batch.mail import Mail, Taken
from runner.engine.via_batch.pieces import Pieces
from runner.engine.via_batch.service import Service
from runner.engine.via_batch.store import Store
from runner.engine.via_batch.waiting import Waiting
from runner.engine.workers.pool import Pool
from runner.record import Record
from runner.results import RunResult

if TYPE_CHECKING:
    from runner.engine.running import Task
    from runner.engine.suite import Suite
    from runner.engine.world import World

    Done = tuple[Task, RunResult]
FEW = 500
"""After so many runs those that are done are forgotten."""


class Faces(Record):
    """What the runs of a command are made by.

    `run` makes one in a world, `world` gives it, `again` lists runs of a batch anew, `tend` is
    called now and then.
    """

    run: Callable[[Task, World], Done]
    world: Callable[[Task], World]
    again: Callable[[Batch, frozenset[str]], Iterator[Task]]
    tend: Callable[[], object]


class Aside(Record):
    """A run that waits for a reply."""

    task: Task


class ViaBatch:
    """Makes runs as batches; those that the service has not answered yet have no result."""

    def __init__(self, suite: Suite, batches: list[Batch], faces: Faces, jobs: int) -> None:
        self._suite = suite
        self._batches = batches
        self._faces = faces
        self._jobs = jobs
        self._desks: dict[int, Desk] = {}
        self._told: set[str] = set()
        self._pool: Pool[Task, Done | Aside] | None = None
        self._is_first = True
        self._stopped = False
        self.drains = True
        self.interrupt: KeyboardInterrupt | None = None

    def stop(self) -> None:
        """Begin no more; what is in batches already is still taken."""
        self._stopped = True
        if self._pool is not None and (self._is_first or self._is_over):
            self._pool.stop()

    @property
    def _is_over(self) -> bool:
        failed_fast = self._stopped and self._suite.options.fail_fast
        return self.interrupt is not None or failed_fast

    def each(self, source: Iterable[Task]) -> Iterator[Done]:
        """Yield the result of each run, as they are done."""
        try:
            for batch in self._batches:
                self._desks[id(batch)] = self._desk(batch)
            yield from self._all(source)
        finally:
            for desk in self._desks.values():
                desk.close()

    def _all(self, source: Iterable[Task]) -> Iterator[Done]:
        desks = list(self._desks.values())
        for desk in desks:
            desk.recover()
        waiting = Waiting(self._time(), self._suite.tell, lambda: self._is_over)
        if any(desk.open for desk in desks):
            waiting.once(desks)
        yield from self._pass(source)
        self._is_first = False
        while not self._is_over:
            for desk in desks:
                desk.submit(waiting.rest)
            if not any(desk.open for desk in desks):
                return
            if self._suite.options.no_wait:
                break
            for desk, runs in waiting.until(desks):
                yield from self._pass(self._again(desk, runs))
        self._leave(desks)

    def _again(self, desk: Desk, runs: frozenset[str]) -> Iterator[Task]:
        batch = next(one for one in self._batches if self._desks[id(one)] is desk)
        return self._faces.again(batch, runs)

    def _leave(self, desks: list[Desk]) -> None:
        """Tell of batches that are left under way."""
        left = [piece for desk in desks for piece in desk.open]
        if left:
            count = sum(piece.lines for piece in left)
            named = "batch is" if len(left) == 1 else "batches are"
            text = f"{len(left)} {named} under way, of {count:,} requests"
            self._suite.tell(f"{text}: the same command with --resume collects")

    def _pass(self, source: Iterable[Task]) -> Iterator[Done]:
        """Make runs as far as their replies are there."""
        self._pool = Pool(self._work, self._jobs, self._faces.tend)
        done: dict[int, list[str]] = {key: [] for key in self._desks}
        for found in self._pool.each(source):
            if isinstance(found, Aside):
                continue
            yield found
            batch = id(found[0].batch)
            done[batch].append(found[0].plan.suffix)
            if len(done[batch]) >= FEW:
                self._desks[batch].settle(done[batch])
                done[batch] = []
        for batch, runs in done.items():
            self._desks[batch].settle(runs)

    def _work(self, task: Task) -> Done | Aside:
        """Make a run; put it aside where it asks what is not answered yet."""
        mail = Mail(self._desks[id(task.batch)], task.plan.suffix)
        world = self._faces.world(task)
        taken = Taken(world.taken)
        world = world._replace(
            carry=mail.carry, show=None, taken=taken, tell=self._once(world), recall=mail.recall
        )
        try:
            done = self._faces.run(task, world)
        except PutAside:
            return Aside(task)
        taken.keep()
        return done

    def _once(self, world: World) -> Callable[[str], None]:
        """Tell nothing twice: a run is made as often as it asks."""

        def tell(text: str) -> None:
            if text not in self._told:
                self._told.add(text)
                world.tell(text)

        return tell

    def _desk(self, batch: Batch) -> Desk:
        plan = batch.plans[0]
        world = self._suite.world(plan)
        store = Store(batch.journal, anew=plan.options.fresh, stale=plan.options.stale)
        made: dict[str, Service] = {}

        def service(name: str) -> Service:
            if name not in made:
                provider = settings.provider(plan.settings, name)
                transport = self._suite.carrier(provider, spool=world.spool)
                sleep = self._time().sleep
                made[name] = Service(transport, sleep, provider.kind == "offline")
            return made[name]

        folder: Any = world.spool or world.out / ".runner" / "spool"
        pieces = Pieces(store, folder, world.now())
        return Desk(store, pieces, plan.recipe.name, service, world.budget, world.tell)

    def _time(self) -> Time:
        """Return how time passes: the simulated service lets nobody wait."""
        world = self._suite.world(self._batches[0].plans[0])
        if self._suite.options.is_offline and world.offline is not None:
            return world.offline
        return Time(time.monotonic, time.sleep)
