"""Forecast: what a plan asks, how often, and the most that it can cost; nothing is sent."""

from __future__ import annotations

from typing import Any

from runner import expect
from runner.engine.costs import budget
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.selection import chosen_rows
from runner.engine.step import Rendered
from runner.engine.turns import Turn, rendered, turns
from runner.engine.world import World
from runner.protocol import tariff
from runner.protocol.forecast import Forecast, of, whole
from runner.recipe import meaning

MOST = 1_000
"""Of a dataset with more rows the first tells for all."""
PAGED = (".list", ".events")
"""How the endpoints are named that ask for page after page."""


def forecast(plan: Plan, world: World) -> tuple[int, Forecast]:
    """Work out what a plan comes to: how many runs, and what they ask."""
    if plan.rows is None:
        return 1, _run(plan, world)
    from runner.engine.rows.beforehand import check
    from runner.engine.rows.withrow import with_row
    from runner.engine.writing.landing import Landing

    count = check(plan, world, Landing(world.out, set()))
    if not count:
        return 0, Forecast()
    rows = chosen_rows(plan)
    if count <= MOST:
        return count, whole(_run(with_row(plan, row), world) for row in rows)
    first = _run(with_row(plan, next(rows)), world).times(count)
    return count, first.open(f"only the first of {count:,} rows was looked at")


def _run(plan: Plan, world: World) -> Forecast:
    return whole(
        [
            *(_turn(plan, step, turn, world) for step in plan.steps for turn in turns(plan, step)),
            _judges(plan.last.get("expect")),
        ]
    )


def _turn(plan: Plan, step: StepPlan, turn: Turn, world: World) -> Forecast:
    """Work out what a step asks in one turn."""
    name = step.name or plan.recipe.name
    is_free = step.endpoint.name in tariff.FREE
    if not turn.known:
        found = Forecast(more=True)
        return found if is_free else found.open(f"how often {name} asks depends on replies")
    made = rendered(plan, step, turn.scope, world)
    if made is not None:
        found = _asked(plan, step, turn, made)
    else:
        found = Forecast(1, "tools" in step.keys)
        found = found if is_free else found.open(f"what {name} asks is not known yet")
    found = found.plus(_judges(step.keys.get("expect")))
    more = found.more or "poll" in step.keys or step.endpoint.name.endswith(PAGED)
    return found._replace(more=more) if turn.sure else found._replace(more=True, requests=0)


def _asked(plan: Plan, step: StepPlan, turn: Turn, made: Rendered) -> Forecast:
    """Work out what a step asks that is rendered: what tools give is asked about again."""
    found = of(made.request, budget.foreseen(plan, step, turn.scope, made))
    if made.ask.max_tool_rounds < 1 or not any(tool.runs for tool in made.ask.tools):
        return found
    name = step.name or plan.recipe.name
    return found._replace(more=True).open(f"{name} may ask again with what its tools give")


def _judges(written: Any) -> Forecast:
    """Count the models that expectations ask; what they are asked depends on the reply."""
    count = len(expect.asked(meaning.plain(written)))
    found = Forecast(count)
    return found.open("an expectation asks a model of the reply") if count else found
