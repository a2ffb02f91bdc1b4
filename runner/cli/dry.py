"""`runner run --dry-run`: the first request of each run, and what all would come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.engine.commands.show import first_request
from runner.engine.costs.forecast import forecast
from runner.engine.prepare import Plan
from runner.engine.selection import chosen_rows
from runner.engine.suite import Checked, Suite
from runner.engine.turns import rendered, turns
from runner.engine.world import World
from runner.protocol.forecast import Forecast
from runner.report.forecast import summary

if TYPE_CHECKING:
    from runner.cli.screen import Screen

LATE = "(the first request depends on replies, or on what is fetched)"


def dry(suite: Suite, files: list[str], screen: Screen) -> int:
    """Print what would be sent; send nothing. Of a dataset the first row stands for all."""
    ready_to_run = suite.all_checked(files)
    count, found = 0, Forecast()
    for checked in ready_to_run:
        world = suite.world(checked.plan)
        runs, one = forecast(checked.plan, world)
        count, found = count + runs, found.plus(one)
        first = _first(checked, world)
        if len(ready_to_run) > 1 or runs > 1:
            screen.data(suite.masker.hide(f"# {first.plan.recipe.file}{first.plan.suffix}"))
        text = LATE if first.first is None else first_request(first)
        screen.data(suite.masker.hide(text))
    screen.note(suite.masker.hide(summary(found, count)))
    return 0


def _first(checked: Checked, world: World) -> Checked:
    """Render the first request of a run, or of its first row."""
    plan = _with_row(checked.plan)
    if checked.first is not None and plan is checked.plan:
        return checked
    step = plan.asked[0]
    turn = next((turn for turn in turns(plan, step) if turn.known), None)
    first = rendered(plan, step, turn.scope, world) if turn else None
    return checked._replace(plan=plan, first=first)


def _with_row(plan: Plan) -> Plan:
    if plan.rows is None:
        return plan
    from runner.engine.rows.withrow import with_row

    return with_row(plan, next(chosen_rows(plan)))
