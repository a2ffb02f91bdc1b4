"""Batch: the runs of a recipe: which are still to be made, and what came of each.

They are the rows of its dataset; of a recipe without one, the cells of its matrix.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runner.engine import collect, outputs, provenance, standing
from runner.engine.collecting import Collection
from runner.engine.journal import Entry, Journal
from runner.engine.prepare import Plan
from runner.engine.withrow import with_row
from runner.errors import SettingsError
from runner.exchange import Json
from runner.recipe import template
from runner.report.totals import of_run, state_of
from runner.results import RunResult

WAYS = "--resume goes on where it stopped, --fresh starts anew"
LONGEST = 500


class Task(NamedTuple):
    """A run to be made: its plan, and its place among all of its recipe."""

    plan: Plan
    place: int


def place_of(out: Path, plan: Plan) -> Path:
    """Say where the journal of a recipe stands."""
    return out / ".runner" / f"{plan.recipe.name}.db"


def identity(plans: list[Plan], hooks: Mapping[str, str]) -> dict[str, str]:
    """Return digests of what the rows of a recipe are made from, by what people call it."""
    first = plans[0]
    inputs = dict(first.files.digests)
    recipe = inputs.pop(first.recipe.file, "")
    datasets = sorted({plan.rows.digest() for plan in plans if plan.rows is not None})
    whole = [["recipe", recipe], ["dataset", _digest(datasets)], ["hooks", _digest(dict(hooks))]]
    values = [[plan.cell.label, _known(plan)] for plan in plans]
    found = dict(whole) | {f"file {name}": digest for name, digest in sorted(inputs.items())}
    return found | {"variables": _digest(values)}


def _known(plan: Plan) -> dict[str, Any]:
    """Return the variables of a plan that are the same for every row."""
    return {} if plan.varies else dict(plan.values.values)


def _digest(value: Json) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


class Batch:
    """The rows of one recipe. `resume`, `fresh` and `stale` are the flags of the command line.

    `is_stale` judges the outputs of a row where that is asked for; None where it has none.
    """

    def __init__(
        self,
        plans: list[Plan],
        out: Path,
        hooks: Mapping[str, str],
        is_stale: Callable[[Plan], bool | None] | None = None,
    ) -> None:
        self._is_stale = is_stale
        self.plans = plans
        self._out = out
        self._collections: dict[Path, Collection] = {}
        self._of_cell: dict[str, Collection] = {}
        self._running: dict[str, tuple[int, str]] = {}
        self.places = 0
        self.missed = 0
        self.skipped = 0
        self.journal = Journal(place_of(out, plans[0]))
        try:
            self._begin(identity(plans, hooks))
        except BaseException:
            self.journal.close()
            raise

    def _begin(self, now: dict[str, str]) -> None:
        """Start anew, go on, or say why neither is to be done unasked."""
        options, before = self.plans[0].options, self.journal.told()
        before.pop("schema_version", None)
        if options.fresh:
            self.journal.clear()
        elif before and not (options.resume or options.stale):
            message = f"{self.journal.place} is the journal of a run that was begun"
            raise SettingsError(message, hint=WAYS)
        elif before and not options.stale and before != now:
            changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
            message = f"since the run was begun this changed: {', '.join(changed)}"
            hint = "--fresh starts anew, --stale asks again what the change concerns"
            raise SettingsError(message, hint=hint)
        if before and options.via == "live" and not options.fresh and self.journal.is_awaited():
            message = f"of {self.journal.place} batches are under way"
            raise SettingsError(message, hint="--via batch --resume collects them")
        # Of a changed dataset the rows say themselves whether they are what they were.
        self._is_old = not options.fresh
        self._is_other = any(
            before.get(k) != v for k, v in now.items() if before and k != "dataset"
        )
        self.journal.tell(now)

    def tasks(self) -> Iterator[Task]:
        """List the runs that are still to be made, one at a time."""
        place = 0
        for plan in self.plans:
            for made, digest in _made(plan):
                if not self._is_done(made, place, digest):
                    self._running[made.suffix] = place, digest
                    yield Task(made, place)
                place += 1
                self.places = place

    def again(self, runs: Container[str]) -> Iterator[Task]:
        """List those of these runs that were begun, and of which nothing came yet."""
        for plan in self.plans:
            for row in plan.rows.rows() if plan.rows is not None else (None,):
                suffix = plan._replace(row=row).suffix
                if suffix in runs and suffix in self._running:
                    made = plan if row is None else with_row(plan, row)
                    yield Task(made, self._running[suffix][0])

    def _is_done(self, plan: Plan, place: int, digest: str) -> bool:
        entry = self.journal.entry(plan.suffix) if self._is_old else None
        may_stand = self._is_old and plan.row is not None and "collect" not in plan.recipe.keys
        if entry is None and may_stand:
            entry = standing.entry(plan, self._out, place, digest)
            if entry is not None:
                self.journal.record(entry)
        if entry is None or not entry.is_done or entry.digest != digest or self._is_changed(plan):
            return False
        self.skipped += 1
        self.missed += entry.state == "missed"
        self._collect(plan, place, None if entry.line is None else json.loads(entry.line))
        return True

    def _is_changed(self, plan: Plan) -> bool:
        """Whether a row is no longer what it was, or its outputs are not."""
        found = self._is_stale(plan) if self._is_stale is not None else None
        return self._is_other if found is None else found

    def take(self, result: RunResult) -> None:
        """Learn what came of a run; its record is committed with others within a moment."""
        place, digest = self._running.pop(result.suffix)
        whole = of_run(result)
        line = None if result.line is None else json.dumps(result.line, ensure_ascii=False)
        entry = Entry(
            result.suffix,
            place,
            digest,
            state_of(result),
            result.exit_code,
            line,
            _told(result),
            whole.requests,
            whole.attempts,
            whole.input_tokens,
            whole.output_tokens,
            None if whole.unpriced else whole.cost,
            result.took,
            tuple(file.path for step in result.steps for file in step.files),
        )
        self.journal.record(entry)
        self._collect(self.plans[0] if not result.cell else self._of(result), place, result.line)

    def _of(self, result: RunResult) -> Plan:
        return next(plan for plan in self.plans if plan.cell.values == result.cell)

    def _collect(self, plan: Plan, place: int, line: Mapping[str, Json] | None) -> None:
        written = plan.recipe.key("collect")
        if written is None:
            return
        # A place is settled for every file of the recipe: each has the lines of its own runs.
        own = self._collection(plan, written)
        for one in self._collections.values():
            one.settle(place, line if one is own else None)

    def _collection(self, plan: Plan, written: Any) -> Collection:
        """Return the file that a cell's lines go to; cells may share one."""
        if plan.cell.label not in self._of_cell:
            path = template.path(written["file"], plan.context)
            place = outputs.place(self._out, path)
            if place not in self._collections:
                self._collections[place] = Collection(place, collect.kind_of(written, path))
            self._of_cell[plan.cell.label] = self._collections[place]
        return self._of_cell[plan.cell.label]

    def tend(self) -> None:
        """Commit what has waited long enough."""
        if self.journal.is_due():
            self.journal.commit()

    def close(self, time: float) -> None:
        """Commit what waits, and end the collected files, each with its sidecar."""
        try:
            self.journal.commit()
            for one in self._collections.values():
                one.end(self._record(time))
        finally:
            for one in self._collections.values():
                one.close()
            self.journal.close()

    def _record(self, time: float) -> dict[str, Any]:
        """Tell what a collected file was made from."""
        first = self.plans[0]
        return {
            "schema_version": provenance.SCHEMA_VERSION,
            "recipe": provenance.named(first.recipe.file, first.settings.root),
            "from": self.journal.told(),
            "rows": self.journal.counts(),
            "time": provenance.moment(time),
            "git": provenance.commit(first.settings.root),
        }


def _made(plan: Plan) -> Iterator[tuple[Plan, str]]:
    """List the runs of a plan, each with the digest of its row."""
    if plan.rows is None:
        yield plan, ""
        return
    for row in plan.rows.rows():
        yield with_row(plan, row), row.digest


def _told(result: RunResult) -> str:
    """Say why a run failed, in a line."""
    error = next((step.error for step in result.steps if step.error is not None), None)
    return (
        ""
        if error is None
        else " ".join(str(error.args[0] if error.args else error).split())[:LONGEST]
    )
