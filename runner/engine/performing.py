"""Performing: who does what a step's flow asks for: the transport, the tools, the clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from runner.engine.clock import Time
from runner.engine.drive import Performer
from runner.engine.plan_step import StepPlan, rows_of
from runner.engine.prepare import Plan
from runner.engine.turn import provider_of
from runner.engine.world import World
from runner.errors import Fault
from runner.model import Answer, Ask, ToolCall, ToolResult
from runner.protocol.providers import Provider
from runner.recipe import template
from runner.recipe.source import unfixed


def performer_of(
    plan: Plan, step: StepPlan, context: Mapping[str, Any], world: World, asked: Ask
) -> Performer:
    """Return who performs a step that asks this."""
    provider = provider_of(plan, step, context)
    on_error = str(step.keys.get("on_tool_error", "tell"))

    def render(tree: Any, arguments: Mapping[str, Any]) -> Any:
        return template.render(unfixed(tree), {**context, **arguments})

    def warn(fault: Fault) -> None:
        world.warn(fault._replace(where=asked.run_id))

    def run(calls: tuple[ToolCall, ...]) -> tuple[ToolResult, ...]:
        from runner.engine.tools.toolbox import Toolbox

        box = Toolbox(asked.tools, world.hooks, render, on_error)
        box.warn = warn
        return box.run(calls) if world.recall is None else world.recall(calls, box.run)

    show = world.show if _is_shown(plan, step) else None
    time = _time(provider, world)
    fetch = world.fetch(provider) if world.fetch is not None else None
    performer = Performer(world.carry(provider), run, time.sleep, time.clock, show, fetch)
    performer.said = time.said
    performer.spool = world.spool or world.out / ".runner" / "spool"
    performer.events = world.events
    if step.endpoint.name == "realtime" and _is_kept(step, plan.last.get("expect")):
        performer.heard = []
    return performer


def _is_kept(step: StepPlan, last: Any) -> bool:
    """Whether the events of a session are wanted: written, or looked into."""
    expected = [written for written in (step.keys.get("expect"), last) if written]
    if any("body" in row for row in rows_of(step.keys.get("output"))):
        return True
    if not expected:
        return False
    from runner.engine.verdict import wanted

    return any("events" in wanted(written) for written in expected)


def with_events(answer: Answer, performer: Performer) -> Answer:
    """Give the answer of a session its events for a body, a line each, where they were kept."""
    if performer.heard is None:
        return answer
    lines = (json.dumps(event, ensure_ascii=False) for event in performer.heard)
    return answer._replace(body="".join(f"{line}\n" for line in lines).encode())


def _time(provider: Provider, world: World) -> Time:
    """Return how time passes: neither the simulated service nor a recording lets anybody wait."""
    if (provider.kind == "offline" or world.replays) and world.offline is not None:
        return world.offline
    return Time(world.clock, world.sleep)


def _is_shown(plan: Plan, step: StepPlan) -> bool:
    """Whether a step's text is what the command prints: the last one's, where none is written."""
    written = any("output" in other.keys for other in plan.steps)
    return step is plan.asked[-1] and "for_each" not in step.keys and not written
