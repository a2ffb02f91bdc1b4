"""Forecast: what a plan is sure to ask, and the most that it can cost; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.engine.budget import foreseen
from runner.engine.execute import ready
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.turn import Done
from runner.engine.verify import items, known
from runner.engine.world import World
from runner.errors import RecipeError
from runner.protocol import forecast
from runner.protocol.ceiling import Ceiling
from runner.protocol.forecast import Forecast


def forecast_of(plan: Plan, world: World) -> Forecast:
    """Work out what the steps of one run ask; a step that may be skipped counts."""
    return forecast.whole(
        forecast.of(_most(plan, step, context, world))
        for step in plan.steps
        for context in _contexts(plan, step)
    )


def _contexts(plan: Plan, step: StepPlan) -> Iterator[dict[str, Any]]:
    """Yield what is known as a step runs, for each of its items."""
    listed = items(plan, step)
    for place, item in enumerate(listed or [None]):
        loop = {"index": place + 1, "index0": place, "length": len(listed)}
        own = {"item": item, "loop": loop} if listed and "for_each" in step.keys else {}
        yield known(step, {**plan.context, **own})


def _most(plan: Plan, step: StepPlan, context: dict[str, Any], world: World) -> Ceiling | None:
    """Bound the first request of a step; None where it cannot be rendered before its turn."""
    try:
        return foreseen(plan, step, context, ready(plan, step, context, world, Done({}, {}, {})))
    except RecipeError:
        return None
