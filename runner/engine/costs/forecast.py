"""Forecast: what a plan asks, how often, what that costs and how long it takes; nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner import expect
from runner.engine.costs import budget, pricing
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.selection import chosen_rows
from runner.engine.step import Rendered
from runner.engine.turn import provider_of
from runner.engine.turns import Turn, rendered, turns
from runner.engine.world import World
from runner.protocol import tariff
from runner.protocol.forecast import Forecast, Load, of, whole
from runner.recipe import meaning

if TYPE_CHECKING:
    from runner.engine.suite import Suite

PAGED = (".list", ".events")
"""How the endpoints are named that ask for page after page."""


def forecast(plan: Plan, world: World) -> tuple[int, Forecast]:
    """Work out what a plan comes to: how many runs, and what they ask."""
    if plan.rows is None:
        return 1, run(plan, world)
    from runner.engine.rows.beforehand import check
    from runner.engine.rows.withrow import with_row
    from runner.engine.writing.landing import Landing

    count = check(plan, world, Landing(world.out, set()))
    return count, whole(run(with_row(plan, row), world) for row in chosen_rows(plan))


def left(suite: Suite, plans: list[Plan]) -> list[tuple[int, Forecast, Plan | None]]:
    """Work out what is left of plans of one recipe, each with the first of its runs."""
    from runner.engine.rows.remaining import remaining

    worlds = {one.cell.label: suite.world(one) for one in plans}
    found: dict[tuple[str, int], tuple[int, Forecast, Plan | None]] = {}
    for one in remaining(suite, plans):
        key = one.cell.label, one.run
        count, whole, first = found.get(key, (0, Forecast(), one))
        found[key] = count + 1, whole.plus(run(one, worlds[one.cell.label])), first
    return [found.get((one.cell.label, one.run), (0, Forecast(), None)) for one in plans]


def run(plan: Plan, world: World) -> Forecast:
    """Work out what one run comes to."""
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
    found = found._replace(more=more)
    return found if turn.sure else found._replace(more=True, requests=0, loads=())


def _asked(plan: Plan, step: StepPlan, turn: Turn, made: Rendered) -> Forecast:
    """Work out what a step asks that is rendered: what tools give is asked about again."""
    found = _one(plan, step, turn, made)
    if made.ask.max_tool_rounds < 1 or not any(tool.runs for tool in made.ask.tools):
        return found
    name = step.name or plan.recipe.name
    return found._replace(more=True).open(f"{name} may ask again with what its tools give")


def _one(plan: Plan, step: StepPlan, turn: Turn, made: Rendered) -> Forecast:
    """Work out what the first request of a step comes to."""
    provider = provider_of(plan, step, turn.scope)
    asked, prices = budget.asking(step, made), pricing.prices(plan)
    load = Load(f"{provider.name} {provider.base_url} {asked.model}", provider.limits)
    most, likely = (how(asked, provider, prices) for how in (budget.most, budget.likely))
    return of(asked, most, likely, load)


def _judges(written: Any) -> Forecast:
    """Count the models that expectations ask; what they are asked depends on the reply."""
    count = len(expect.asked(meaning.plain(written)))
    found = Forecast(count)
    return found.open("an expectation asks a model of the reply") if count else found
