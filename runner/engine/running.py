"""Running: what was checked is run, several at once; what came of it is kept as it comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from runner.engine import memory
from runner.engine.draining import draining, told
from runner.engine.groups import Verdict
from runner.engine.hopeless import is_hopeless, is_unasked
from runner.engine.prepare import Plan
from runner.engine.rows import earlier, keeping
from runner.engine.rows.withrow import with_row
from runner.engine.run import run
from runner.engine.workers import crew
from runner.engine.workers.pool import Pool
from runner.errors import BudgetError, OutputError, RunnerError, StoppedError, TerminatedError
from runner.record import Record
from runner.results import RunResult

if TYPE_CHECKING:
    from runner.engine.rows.batch import Batch
    from runner.engine.rows.batch import Task as Chosen
    from runner.engine.rows.dataset import Row
    from runner.engine.rows.lines import Lines
    from runner.engine.suite import Checked, Suite
    from runner.engine.tapes import Tapes
    from runner.engine.via_batch.pool import ViaBatch
    from runner.engine.workers.cluster import Cluster
    from runner.engine.workers.homeward import Made
    from runner.engine.workers.processes import Workers
    from runner.engine.world import World

STOPS = (StoppedError.exit_code, TerminatedError.exit_code)


class Task(Record):
    """A run to be made, and its place among all of the command. `batch` keeps what comes of it."""

    checked: Checked
    plan: Plan
    place: int
    batch: Batch | None = None


Done: TypeAlias = tuple[Task, RunResult]
Crew: TypeAlias = "Pool[Task, Done] | Workers[Task, Done] | ViaBatch | Cluster"


class Running:
    """The runs of one command."""

    def __init__(self, suite: Suite, ready_to_run: list[Checked], tapes: Tapes | None) -> None:
        self._suite = suite
        self._ready = ready_to_run
        self._tapes = tapes
        self._joined = crew.joined(suite.options, ready_to_run)
        self._groups: list[tuple[list[Checked], Batch | None]] = []
        self._lines: dict[str, Lines] = {}
        for found in self._of_recipes():
            plans = [one.plan for one in found]
            taken = {batch.journal.place for batch in self._batches}
            batch = keeping.batch(suite, plans, taken)
            self._groups.append((found, batch))
            if batch is None and (lines := keeping.lines(suite, plans)):
                self._lines[plans[0].recipe.file] = lines
        self._kept = memory.Memories()
        self._verdict = Verdict()
        self._worlds: dict[int, World] = {}
        self._offsets: dict[int, int] = {}
        self._crew: Crew | None = None
        self._halted = False
        self._broken: OutputError | None = None

    def results(self) -> Iterator[tuple[Checked, RunResult]]:
        """Run everything; results come as they are done."""
        pool = self._crew = self._pool()
        with draining(self._interrupt) if pool.drains else nullcontext():
            yield from self._results(pool)
        if pool.interrupt is not None:
            raise pool.interrupt

    def _results(self, pool: Crew) -> Iterator[tuple[Checked, RunResult]]:
        ended = False
        try:
            for task, result in pool.each(self._tasks()):
                if self._halted and result.exit_code in STOPS:
                    continue  # It waited for its turn, and was not sent.
                self._try(partial(self._keep, task, result))
                yield task.checked, result
                self._drop(task, result)
                if result.exit_code in STOPS:
                    return
                if self._ends(task, result):
                    self.stop()
            ended = True
        finally:
            self._close(ended)
        if self._broken is not None:
            raise self._broken

    def _drop(self, task: Task, result: RunResult) -> None:
        """Leave of a row nothing on this machine that lies where it belongs."""
        store = self._suite.places.store(task.plan) if task.batch is not None else None
        if store is not None:
            store.drop(file for step in result.steps for file in step.files)

    def _try(self, keep: Callable[[], None]) -> None:
        """Keep what came; where that fails, let no more begin, and finish what is under way."""
        try:
            keep()
        except OutputError as error:
            self._broken = self._broken or error
            self.stop()

    def _interrupt(self, interrupt: KeyboardInterrupt) -> None:
        """Let no more begin."""
        if self._crew is not None:
            self._crew.interrupt = interrupt
            self._crew.stop()

    @property
    def is_stopping(self) -> bool:
        """Whether Ctrl-C lets no more begin."""
        return self._crew is not None and self._crew.interrupt is not None

    @property
    def before(self) -> tuple[int, int]:
        """How many rows were done before this command, and how many of them had missed."""
        return sum(b.skipped for b in self._batches), sum(b.missed for b in self._batches)

    @property
    def collected(self) -> list[str]:
        """The files that hold a line of each row."""
        return [name for one in self._batches for name in one.collected]

    def _of_recipes(self) -> list[list[Checked]]:
        return [[*found] for _, found in groupby(self._ready, lambda one: one.plan.recipe.file)]

    def _tasks(self) -> Iterator[Task]:
        """List the runs to be made, those of a dataset row by row."""
        place = 0
        if self._suite.begun is not None:
            self._suite.begun()  # Processes were forked by now, so that threads may begin.
        for found, batch in self._groups:
            if batch is None:
                yield from (Task(one, one.plan, place + n) for n, one in enumerate(found))
                place += len(found)
                continue
            self._offsets[id(batch)] = place
            yield from self._of_batch(found, batch, batch.tasks())
            place += batch.places
        self._suite.why.end()

    def _of_batch(
        self, found: list[Checked], batch: Batch, made: Iterable[Chosen]
    ) -> Iterator[Task]:
        of_cell = {(one.plan.cell.label, one.plan.run): one for one in found}
        for one in made:
            checked = of_cell[one.plan.cell.label, one.plan.run]._replace(first=None)
            yield Task(checked, one.plan, self._offsets[id(batch)] + one.place, batch)

    def _again(self, batch: Batch, runs: frozenset[str]) -> Iterator[Task]:
        """List runs anew that were put aside."""
        found = next(found for found, one in self._groups if one is batch)
        return self._of_batch(found, batch, batch.again(runs))

    @property
    def _batches(self) -> list[Batch]:
        return [batch for _, batch in self._groups if batch is not None]

    def _pool(self) -> Crew:
        """Return who does the work: threads, or processes where rows are many and stand alone."""
        if self._joined is not None:
            from runner.engine.workers.cluster import Cluster

            return Cluster(self._joined, self._suite, self._ready, self._tend)
        jobs = crew.jobs(self._suite.options, self._ready)
        if self._suite.options.via == "batch":
            from runner.engine.via_batch.pool import Faces, ViaBatch

            faces = Faces(self._made, self._world, self._again, self._tend)
            return ViaBatch(self._suite, self._batches, faces, jobs)
        processes = crew.size(self._suite, [one.plan for one in self._ready], jobs)
        if processes < 2:
            return Pool(self._run, jobs, self._tend, drains=bool(self._batches))
        from runner.engine.workers.processes import Workers

        crew.warm()
        self._suite.carrier.spread()
        index = {id(one.plan): place for place, one in enumerate(self._ready)}
        return Workers(
            self._worked,
            lambda task: (index[id(task.checked.plan)], task.place, task.plan.row),
            self._unpacked,
            (processes, -(-jobs // processes)),
            self._tend,
            lambda task: (task, crew.lost(task.plan, task.place)),
        )

    def _unpacked(self, bunch: list[tuple[Task, Made]]) -> Iterator[Done]:
        """Take what workers made: write the files, and warn of what there was to be warned of."""
        from runner.engine.workers.homeward import unpacked

        take = self._suite.warnings.take
        return unpacked(bunch, self._world, lambda task, fault: take(task.plan, fault))

    def _worked(self, sent: tuple[int, int, Row | None]) -> Made:
        """Run a row in a worker; return of it what the parent needs."""
        from runner.engine.workers.homeward import Made, gathering

        number, place, row = sent
        self._suite.warnings.keep()
        checked = self._ready[number]
        plan = checked.plan if row is None else with_row(checked.plan, row)
        task = Task(checked if row is None else checked._replace(first=None), plan, place)
        world, drafts = gathering(plan, self._world(task))
        result = crew.slim(self._made(task, world)[1], self._suite.options.keeps)
        return Made(result, self._suite.warnings.kept(), drafts)

    def _run(self, task: Task) -> Done:
        return self._made(task, self._world(task))

    def _made(self, task: Task, world: World) -> Done:
        result = run(task.plan, world, task.checked.first)
        return task, result._replace(place=task.place)

    def _world(self, task: Task) -> World:
        """Return the world of a run: rows of one recipe share it."""
        if task.plan.rows is None:
            return self._suite.world(task.plan)
        key = id(task.checked.plan)
        if key not in self._worlds:
            self._worlds[key] = self._suite.world(task.checked.plan)
        return self._worlds[key]

    def _keep(self, task: Task, result: RunResult) -> None:
        if task.batch is not None and not is_unasked(result):
            task.batch.take(result)
        elif task.plan.recipe.file in self._lines:
            self._lines[task.plan.recipe.file].take(result)
        if task.plan.rows is None:
            self._kept.take(self._suite.out(task.plan), result)
        if self._tapes is not None:
            self._tapes.take(task.plan, result)

    def _ends(self, task: Task, result: RunResult) -> bool:
        """Whether no more runs are to begin after this one."""
        code = self._verdict.take(result)
        if code == BudgetError.exit_code or (code and self._suite.options.fail_fast):
            return True
        errors = [step.error for step in result.steps if step.error is not None]
        return task.batch is not None and any(map(is_hopeless, errors))

    def stop(self) -> None:
        """Let no more begin, nor wait for its turn; finish what is under way."""
        if self._crew is not None:
            self._crew.stop()
        self._halted = True
        if self._suite.options.via == "live":
            self._suite.carrier.stop()

    def _tend(self) -> None:
        stop = self._crew.interrupt if self._crew is not None else None
        if stop is not None and not self._halted:
            self.stop()
            self._suite.tell(told(stop))
        for batch in self._batches:
            self._try(batch.tend)

    def _close(self, ended: bool) -> None:
        """Keep what came; every part is tried, the first that fails is told."""
        self._suite.why.end()
        earlier.tell(self._suite, self._groups, self._offsets)
        closing: list[Callable[[], None]] = [
            self._kept.save,
            *(partial(batch.close, time.time(), ended=ended) for batch in self._batches),
            *(partial(lines.close, time.time()) for lines in self._lines.values()),
        ]
        if self._tapes is not None:
            closing.append(self._tapes.save)
        failed: RunnerError | None = None
        for close in closing:
            try:
                close()
            except RunnerError as error:
                failed = failed or error
        if failed is not None:
            raise failed
