"""Turns: how often a step has its turn, as far as that is known before anything is sent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from runner.engine.execute import ready
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.step import Rendered
from runner.engine.turn import nothing
from runner.engine.verify import known
from runner.engine.world import World
from runner.errors import RecipeError
from runner.recipe import template
from runner.recipe.source import unfixed
from runner.recipe.templates.filling import GLOBALS
from runner.record import Record


class Turn(Record):
    """A turn of a step, with what it may read that no reply gives.

    It is `known` unless the list that the step is run for depends on replies: then one turn stands
    for all. It is `sure` unless whether it comes does.
    """

    scope: Mapping[str, Any]
    known: bool = True
    sure: bool = True


def reads(tree: Any, scope: Mapping[str, Any]) -> bool:
    """Whether all that a tree reads is known."""
    return set(template.names(tree)) <= {*scope, *GLOBALS}


def turns(plan: Plan, step: StepPlan) -> Iterator[Turn]:
    """List the turns of a step; those that its `if` refuses are none."""
    listed = step.keys.get("for_each")
    if listed is None:
        yield from _wanted(step, plan.context)
        return
    items = template.render(listed, plan.context) if reads(listed, plan.context) else None
    if not isinstance(items, list):
        yield Turn(plan.context, known=False, sure=False)
        return
    for place, item in enumerate(items):
        loop = {"index": place + 1, "index0": place, "length": len(items)}
        yield from _wanted(step, {**plan.context, "item": item, "loop": loop})


def rendered(plan: Plan, step: StepPlan, scope: Mapping[str, Any], world: World) -> Rendered | None:
    """Render a step; None where it depends on replies, or on what is fetched as it runs."""
    if "continue" in step.keys or not reads(step.request, scope):
        return None
    with contextlib.suppress(RecipeError):
        made = ready(plan, step, scope, world, nothing())
        return None if made.awaits else made
    return None


def _wanted(step: StepPlan, context: Mapping[str, Any]) -> Iterator[Turn]:
    scope = known(step, context)
    asked = unfixed(step.keys.get("if"))
    if asked is not None and not reads(asked, scope):
        yield Turn(scope, sure=False)
    elif asked is None or template.truth(str(asked), scope, "if", step.keys.marks["if"][1]):
        yield Turn(scope)
