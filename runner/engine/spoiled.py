"""Spoiled: what can be told of a step that lacks a part, and so is never rendered as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine import refusing
from runner.engine.plan_step import StepPlan, takes
from runner.engine.prepare import Plan, params
from runner.engine.reading import attach
from runner.engine.reading.loading import Loader
from runner.engine.turn import provider_of
from runner.engine.variables import reader
from runner.engine.world import World
from runner.errors import Fault, RecipeError
from runner.protocol import rules
from runner.recipe import template, tools
from runner.recipe.include import Gap, left_out
from runner.recipe.source import Map, mark_of
from runner.recipe.templates.filling import GLOBALS


def faults(plan: Plan, step: StepPlan, context: Mapping[str, Any], world: World) -> list[Fault]:
    """Find what is wrong with its tools, and with the values of its `params`."""
    found: list[Fault] = []
    for find in (_of_tools, _of_params):
        try:
            found += find(plan, step, context, world)
        except RecipeError as error:
            found += (fault for fault in error.faults if fault.mark is not None)
    return found


def _of_tools(plan: Plan, step: StepPlan, context: Mapping[str, Any], world: World) -> list[Fault]:
    written = step.keys.get("tools")
    if _lacks(plan, step, "tools") or not _is_known(written, context):
        return []
    load = Loader(plan.files, None)
    filled = attach.resolved(template.render(written, context), load, reader(plan.files))
    hooks = world.hooks
    found = tools.to_tools(filled or [], hooks.lookup, written, hooks.names, hooks.unmarked)
    chosen = step.keys.get("tool_choice")
    if chosen is not None and _is_known(chosen, context) and "continue" not in step.keys:
        mark = mark_of(step.keys, ("tool_choice",))
        tools.choice(template.render(chosen, context), found, mark)
    return []


def _of_params(plan: Plan, step: StepPlan, context: Mapping[str, Any], _: World) -> list[Fault]:
    written, provider = step.keys.get("params"), provider_of(plan, step, context)
    wanted = params(step.endpoint.name)
    if wanted is None or provider.checks == "off" or not _is_known(written, context):
        return []
    known = template.render(written, context) or {}
    refused = rules.soft_values(known, wanted)
    if "model" in step.keys and _is_known(step.keys["model"], context):
        model = template.as_text(template.render(step.keys["model"], context))
        lost = {name for name in _written(plan, step).get("params") or () if name not in known}
        every = refusing.families(provider)
        found = rules.faults(step.endpoint.name, model, known, every, lost)
        refused += [one for one in found if one.path[0] in (*known, "model")]
    severity = "error" if provider.checks == "fail" else "warning"
    return [refusing.fault(step, one, severity) for one in refused]


def _is_known(tree: Any, context: Mapping[str, Any]) -> bool:
    return set(template.names(tree)) <= {*context, *GLOBALS}


def _written(plan: Plan, step: StepPlan) -> Map:
    every = (*plan.recipe.steps, *plan.recipe.finals)
    return next((one.keys for one in every if one.name == step.name), Map())


def _lacks(plan: Plan, step: StepPlan, key: str) -> bool:
    """Tell whether a key lacks a part, or may have been meant by one that is not known."""
    keys = _written(plan, step)
    strange = any(isinstance(keys[one], Gap) and not takes(step.endpoint, one) for one in keys)
    return strange or left_out(keys).get(key) != keys.get(key)
