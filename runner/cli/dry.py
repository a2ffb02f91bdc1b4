"""`runner run --dry-run`: the first request of each run, and what all would come to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from runner.engine.commands.show import first_request
from runner.engine.costs.forecast import forecast, left
from runner.engine.prepare import Plan
from runner.engine.selection import chosen_rows
from runner.engine.suite import Checked, Suite
from runner.engine.turns import rendered, turns
from runner.engine.workers import crew
from runner.protocol.forecast import Forecast
from runner.report.forecast import Pace, summary

if TYPE_CHECKING:
    from runner.cli.screen import Screen

LATE = "(the first request depends on replies, or on what is fetched)"


def dry(suite: Suite, files: list[str], screen: Screen) -> int:
    """Print what would be sent; send nothing. Of a dataset the first row stands for all."""
    ready_to_run = suite.all_checked(files)
    count, found = 0, Forecast()
    for checked, runs, one in _foreseen(suite, ready_to_run):
        count, found = count + runs, found.plus(one)
        if not runs:
            continue
        if len(ready_to_run) > 1 or runs > 1:
            screen.data(suite.masker.hide(f"# {checked.plan.recipe.file}{checked.plan.suffix}"))
        text = LATE if checked.first is None else first_request(checked)
        screen.data(suite.masker.hide(text))
    options = suite.options
    jobs = crew.jobs(options, ready_to_run)
    pace = Pace(jobs, options.is_offline, options.via == "batch")
    is_rows = all(one.plan.rows is not None for one in ready_to_run)
    told = summary(found, count, pace, "row" if is_rows and ready_to_run else "run")
    screen.note(suite.masker.hide(told))
    if screen.broken is not None:
        raise screen.broken
    return 0


def _foreseen(suite: Suite, ready: list[Checked]) -> Iterator[tuple[Checked, int, Forecast]]:
    """List what would be run, each with its first run, how many there are and what they ask."""
    for _, listed in groupby(ready, key=lambda one: one.plan.recipe.file):
        found = list(listed)
        plans = [one.plan for one in found]
        if plans[0].rows is None:
            for one in found:
                yield _first(one, one.plan, suite), *forecast(one.plan, suite.world(one.plan))
            continue
        for one, (count, whole, first) in zip(found, _of_rows(suite, plans), strict=True):
            yield one if first is None else _first(one, first, suite), count, whole


def _of_rows(suite: Suite, plans: list[Plan]) -> list[tuple[int, Forecast, Plan | None]]:
    from runner.engine.rows.remaining import goes_on
    from runner.engine.rows.withrow import with_row

    if goes_on(plans[0]):
        return left(suite, plans)
    found = []
    for one in plans:
        row = next(chosen_rows(one), None)
        first = None if row is None else with_row(one, row)
        found.append((*forecast(one, suite.world(one)), first))
    return found


def _first(checked: Checked, plan: Plan, suite: Suite) -> Checked:
    """Render the first request of a run; of a dataset that of a row."""
    if checked.first is not None and plan is checked.plan:
        return checked
    step = plan.asked[0]
    turn = next((turn for turn in turns(plan, step) if turn.known), None)
    first = rendered(plan, step, turn.scope, suite.world(checked.plan)) if turn else None
    return checked._replace(plan=plan, first=first)
