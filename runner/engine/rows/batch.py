"""Batch: the runs of a recipe: which are still to be made, and what came of each.

They are the rows of its dataset; of a recipe without one, the cells of its matrix.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine.prepare import Plan
from runner.engine.rows import journals, standing
from runner.engine.rows.collecting import Collections, record
from runner.engine.rows.earlier import Ran
from runner.engine.rows.identity import digest_of, identity, is_other, provider_digest
from runner.engine.rows.journal import Entry, Journal
from runner.engine.rows.made import LONGEST, Made
from runner.engine.rows.recorded import entry_of
from runner.engine.rows.withrow import with_row
from runner.engine.selection import Chooser
from runner.engine.workers.crew import is_lost
from runner.exchange import Json
from runner.record import Record
from runner.report.encoding import Hide, unchanged
from runner.results import RunResult
from runner.transport import temporaries

if TYPE_CHECKING:
    from runner.engine.writing.stale import Judged
    from runner.engine.writing.store import Store

MOST = 1_000
"""The most folders that are swept in the end."""
OWN = ("schema_version", "file", "since")
"""What a journal holds beside what its rows are made from."""


class Task(Record):
    """A run to be made: its plan, and its place among all of its recipe."""

    plan: Plan
    place: int


class Batch:
    """The rows of one recipe. What is to be asked again the flags of the command line say.

    `judge` judges the outputs of a row, and may forgive that it missed; None where it has none.
    `taken` are the journals of others. Where a copy of the journal is given, nothing is to come of
    the runs: it is asked which are left, and no file is touched.
    """

    def __init__(  # noqa: PLR0913, PLR0917  one for each thing of the command that it heeds
        self,
        plans: list[Plan],
        out: Path,
        hooks: Mapping[str, str],
        judge: Callable[[Plan, bool], Judged | None],
        taken: Container[Path] = (),
        hide: Hide = unchanged,
        store: Store | None = None,
        copy: Journal | None = None,
    ) -> None:
        self._hide = hide
        self._judge = judge
        self.plans = plans
        self._out = out
        self._store = store
        self._collections: Collections | None = None
        self.ran = Ran()
        self._running: dict[str, tuple[int, str]] = {}
        self._is_walked = self._lacks = False
        self.places = 0
        self.missed = 0
        self.skipped = 0
        self.left = ""
        self._left: Iterator[Task] = iter(())
        self._folders: set[str] = set()
        self._collects = copy is None and "collect" in plans[0].recipe.keys
        self.journal = copy or journals.opened(out, plans[0], taken)
        try:
            self._begin({**identity(plans, hooks), "provider": provider_digest(plans)})
        except BaseException:
            if self._collections is not None:
                self._collections.close()
            self.journal.close()
            raise

    def _begin(self, now: dict[str, str]) -> None:
        """Start anew, go on, or say why neither is to be done unasked."""
        options, told = self.plans[0].options, self.journal.told()
        before = {name: value for name, value in told.items() if name not in OWN}
        journals.refuse(self.journal, self.plans, before, now)
        goes_on = options.resume or options.stale or options.last_failed
        anew = options.forgets_all or not (options.fresh or goes_on)
        # Of a changed dataset the rows say themselves whether they are what they were.
        made_of = {n: value for n, value in now.items() if n not in ("dataset", "provider")}
        is_changed = any(before.get(name) != value for name, value in made_of.items() if before)
        is_changed |= bool(before) and is_other(before.get("provider", ""), now["provider"])
        self._now = Made("", digest_of(made_of)[:LONGEST], now["provider"][:LONGEST])
        # What stood before does not count for a run that is to make all of it.
        is_now = options.fresh or anew or is_changed
        self._since = time.time_ns() if is_now else int(told.get("since", 0))
        self._is_old = not anew
        if self._collects:
            self._collections = Collections(self.plans, self._out, self._store)
        self.left = journals.left(self.journal, self.plans[0])
        own = {"file": journals.file_of(self._out, self.plans[0]), "since": str(self._since)}
        chosen = journals.chosen(self.plans) if options.fresh and not anew else ()
        self.journal.tell({**now, **own}, anew=anew, forgets=chosen)

    def tasks(self) -> Iterator[Task]:
        """List the runs that are still to be made, one at a time."""
        self._left = self._walk()
        for task in self._left:  # noqa: UP028  as this is closed, what is left stays open
            yield task

    def _walk(self) -> Iterator[Task]:
        place = 0
        for plan in self.plans:
            chooser = Chooser(plan)
            for made, digest in _made(plan):
                if not chooser.takes(made.row):
                    self._leave(made, place, digest)
                elif not self._is_done(made, place, digest):
                    self._running[made.suffix] = place, str(self._now._replace(row=digest))
                    yield Task(made, place)
                place += 1
                self.places = place
        self._is_walked = True

    def again(self, runs: Container[str]) -> Iterator[Task]:
        """List those of these runs that were begun, and of which nothing came yet."""
        for plan in self.plans:
            for row in journals.rows_in(plan):
                suffix = plan._replace(row=row).suffix
                if suffix in runs and suffix in self._running:
                    made = plan if row is None else with_row(plan, row)
                    yield Task(made, self._running[suffix][0])

    def _leave(self, plan: Plan, place: int, digest: str) -> None:
        """Leave what is not asked for as it is: its line stays."""
        entry = self.journal.entry(plan.suffix) if self._is_old else None
        line = entry.line if entry is not None else None
        now = self._now._replace(row=digest)
        self._lacks |= entry is None or not Made.of(entry.digest).is_now(now)
        self._collect(plan, place, None if line is None else json.loads(line))

    def _is_done(self, plan: Plan, place: int, digest: str) -> bool:
        """Whether a run needs not be made; then its line is collected."""
        if not self._is_old:
            return False
        known, now = self.journal.entry(plan.suffix), self._now._replace(row=digest)
        at = (self._out, self._store)
        if not plan.options.stale:
            entry = standing.same(plan, at, (known, now), self._since, self._judge)
            is_done = entry is not None and entry.is_done
        elif plan.row is None:
            return False  # Of what is no row the stale alone was chosen.
        else:
            is_done, entry = standing.fresh(plan, at, (known, now), self._judge)
        if plan.options.last_failed:  # With --stale: of what failed or missed, the stale.
            last = known if plan.options.stale else entry
            is_done = last is None or last.state == "passed" or (plan.options.stale and is_done)
        if is_done:
            self._pass(plan, place, entry)
        return is_done

    def _pass(self, plan: Plan, place: int, entry: Entry | None) -> None:
        """Pass over a run; what is known of it is as if it had been made now."""
        if entry is None:
            self._lacks = True
            self._collect(plan, place, None)
            return
        made = Made.of(entry.digest).passed(self._now)
        now = entry._replace(place=place, digest=str(made))
        if now != entry:
            self.journal.record(now)
        self._remember(entry)
        self.skipped += 1
        self.missed += entry.state == "missed"
        self._collect(plan, place, None if entry.line is None else json.loads(entry.line))

    def take(self, result: RunResult) -> None:
        """Learn what came of a run; its record is committed with others within a moment."""
        place, digest = self._running.pop(result.suffix)
        if is_lost(result):
            # Its outputs may stand whole: then it is not asked again.
            self._lacks = True
            self._collect(self._of(result), place, None)
            return
        self.ran.add(place)
        entry = entry_of(result, place, digest, self._hide)
        self.journal.record(entry)
        self._remember(entry)
        self._collect(self._of(result), place, result.line)

    def _remember(self, entry: Entry) -> None:
        """Remember where files are, for what processes that died a moment ago left there."""
        if len(self._folders) < MOST:
            self._folders.update(map(os.path.dirname, entry.files))

    def _of(self, result: RunResult) -> Plan:
        same = (plan for plan in self.plans if plan.run == result.repeat)
        return next(plan for plan in same if plan.cell.values == result.cell)

    def _collect(self, plan: Plan, place: int, line: Mapping[str, Json] | None) -> None:
        if self._collections is not None:
            self._collections.settle(plan, place, line)

    @property
    def collected(self) -> list[str]:
        """The collected files that hold lines, as outputs are named."""
        lines = {} if self._collections is None else self._collections.lines
        return [name for name, count in lines.items() if count]

    def tend(self) -> None:
        """Commit what has waited long enough."""
        if self.journal.is_due():
            self.journal.commit()

    def close(self, time: float, *, ended: bool = True) -> None:
        """Commit what waits, and end the collected files; those that are whole get a sidecar."""
        try:
            self.journal.commit()
            if self._collections is not None:
                if ended and self._is_old:
                    self._pass_rest()
                self._collections.end(self._record(time) if self._is_whole else None)
        finally:
            if self._collections is not None:
                self._collections.close()
            self.journal.close()
            for folder in self._folders:
                temporaries.sweep(Path(folder))

    @property
    def _is_whole(self) -> bool:
        """Whether something is recorded of every row, each as it is now."""
        return self._is_walked and not self._running and not self._lacks

    def _record(self, time: float) -> dict[str, Any]:
        told = self.journal.told().items()
        made_of = {name: value for name, value in told if name not in OWN}
        return record(self.plans[0], made_of, self.journal.counts(), time)

    def _pass_rest(self) -> None:
        """Collect what was done before, beyond where the run was stopped."""
        for _ in self._left:
            continue


def _made(plan: Plan) -> Iterator[tuple[Plan, str]]:
    """List the runs of a plan, each with the digest of its row."""
    if plan.rows is None:
        yield plan, ""
        return
    for row in plan.rows.rows():
        yield with_row(plan, row), row.digest
