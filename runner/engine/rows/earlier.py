"""Earlier: what earlier commands made of a run that goes on, as reports are of all its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan
from runner.model import Answer
from runner.results import Check, RunResult, StepResult, Written

if TYPE_CHECKING:
    from runner.engine.rows.batch import Batch
    from runner.engine.rows.journal import Entry, Journal
    from runner.engine.suite import Checked, Suite


class Ran:
    """The places of the runs that this command made: a byte for each."""

    def __init__(self) -> None:
        self._places = bytearray()

    def add(self, place: int) -> None:
        """Take the place of a run."""
        self._places.extend(bytes(max(0, place + 1 - len(self._places))))
        self._places[place] = True

    def __contains__(self, place: int) -> bool:
        return place < len(self._places) and self._places[place] > 0


def tell(
    suite: Suite, groups: list[tuple[list[Checked], Batch | None]], offsets: Mapping[int, int]
) -> None:
    """Tell of the rows that are done already, where a run goes on with the others."""
    if suite.earlier is None or not suite.options.resume:
        return
    for found, batch in groups:
        for result in results(batch.journal, batch.plans, batch.ran) if batch else ():
            place = offsets.get(id(batch), 0) + result.place
            suite.earlier(found[0], result._replace(place=place))


def results(journal: Journal, plans: list[Plan], ran: Ran) -> Iterator[RunResult]:
    """List what earlier commands made, by what the journal keeps of it."""
    for entry in journal.entries():
        if entry.is_done and entry.place not in ran:
            plan = next((plan for plan in plans if _is_of(entry, plan)), None)
            if plan is not None:
                yield result_of(entry, plan)


def result_of(entry: Entry, plan: Plan) -> RunResult:
    """Make the result of a run of the record that an earlier command left of it."""
    tokens = {"input_tokens": entry.input_tokens, "output_tokens": entry.output_tokens}
    spent = Answer(
        usage=dict(tokens) if any(tokens.values()) else None,
        cost=entry.cost if entry.requests else 0.0,
        requests=entry.requests,
        attempts=entry.attempts,
    )
    name = plan.recipe.name + entry.id
    check, _, message = entry.error.partition(": ")
    step = StepResult(
        name,
        "",
        entry.state,
        checks=(Check(check, False, message),) if entry.state == "missed" else (),
        files=tuple(Written(path, "", "", _size(path)) for path in entry.files),
        sent=entry.requests,
        attempts=entry.attempts,
        spent=spent,
    )
    return RunResult(
        plan.recipe.file,
        name,
        (step,),
        entry.code,
        cell=plan.cell.values,
        row_id=_row_of(entry, plan),
        suffix=entry.id,
        repeat=plan.run,
        repeats=plan.repeats,
        passes=plan.passes,
        place=entry.place,
        tags=tuple(map(str, plan.recipe.key("tags") or ())),
        took=entry.seconds,
        before=True,
    )


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return 0


def _is_of(entry: Entry, plan: Plan) -> bool:
    """Whether a record is of a plan: of its cell and its repeat."""
    head, tail = _around(plan)
    return entry.id.startswith(head) and entry.id.endswith(tail)


def _row_of(entry: Entry, plan: Plan) -> str:
    head, tail = _around(plan)
    return entry.id[len(head) : len(entry.id) - len(tail)] if plan.rows is not None else ""


def _around(plan: Plan) -> tuple[str, str]:
    """Return what stands before and after the id of a row in the ids of a plan's runs."""
    if plan.rows is None:
        return plan.suffix, ""
    label = f"{plan.cell.label}," if plan.cell.label else ""
    return f"[{label}row=", f"]#{plan.run}" if plan.run else "]"
