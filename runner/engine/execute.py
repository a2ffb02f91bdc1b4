"""Execute: one step, from its templates to an answer that is judged and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from runner import expect
from runner.engine import provenance, saving, settings, verdict
from runner.engine.context import parts, with_reply
from runner.engine.drive import Performer, drive
from runner.engine.plan_step import StepPlan
from runner.engine.poll import polled
from runner.engine.prepare import Plan, shape
from runner.engine.step import Kitchen, Rendered, rendered
from runner.engine.toolbox import Toolbox
from runner.engine.world import World
from runner.errors import RunnerError
from runner.model import Answer, Ask, Check, Conversation, Fixed, StepResult, Timeout
from runner.protocol import usage
from runner.protocol.providers import Provider
from runner.recipe import template
from runner.recipe.ask import timeout_of


class Done(NamedTuple):
    """What earlier steps of a run left: their results, their asks and conversations."""

    results: dict[str, Any]
    asks: dict[str, Ask]
    talks: dict[str, Conversation]


def provider_of(plan: Plan, step: StepPlan, context: Mapping[str, Any]) -> Provider:
    """Work out a step's provider: the command line, the recipe, the project, openai."""
    options = plan.options
    if options.offline:
        return settings.provider(plan.settings, "offline")
    name = options.provider or step.keys.get("provider") or plan.settings.default("provider")
    text = template.as_text(template.render(name, context)) if name else "openai"
    return settings.provider(plan.settings, text)


def ready(
    plan: Plan, step: StepPlan, context: Mapping[str, Any], world: World, done: Done
) -> Rendered:
    """Render a step with what came before it."""
    provider = provider_of(plan, step, context)
    options = plan.options
    base = Ask(step.endpoint.name, timeout=provider.timeout or Timeout())
    source = step.keys.get("continue")
    if source is not None and source in done.asks:
        before = done.asks[source]
        base = base._replace(model=before.model, tools=before.tools, history=done.talks[source])
    run_id = f"{plan.recipe.name}::{step.name}" if step.name else plan.recipe.name
    base = base._replace(run_id=run_id, accepts=accepted(step.keys.get("expect")))
    kitchen = Kitchen(plan.files, world.hooks, provider, base)
    made = rendered(step, context, kitchen, today=provenance.day(world.now()))
    changes: dict[str, Any] = {}
    if options.timeout is not None:
        changes["timeout"] = timeout_of(options.timeout, made.ask.timeout)
    if options.retries is not None:
        changes["retries"] = options.retries
    return made._replace(ask=made.ask._replace(**changes)) if changes else made


def accepted(expectations: Any) -> tuple[int, ...]:
    """List the statuses from 400 up that the step's `status` expectations accept."""
    wanted = [row for row in expectations or () if _on_status(row)]
    if not wanted:
        return ()
    return tuple(
        status
        for status in range(400, 600)
        if all(check.passed for check in expect.judge(wanted, {"status": status}))
    )


def _on_status(row: Mapping[str, Any]) -> bool:
    inner = row.get("not")
    return "status" in row or (isinstance(inner, Mapping) and "status" in inner)


def execute(  # noqa: PLR0913, PLR0917  a step, its place in the run, and the world
    plan: Plan,
    step: StepPlan,
    context: Mapping[str, Any],
    world: World,
    done: Done,
    made: Rendered | None = None,
) -> StepResult:
    """Run one step; a failure becomes part of the result, with the answer where one came.

    `made` is the step where it was rendered already.
    """
    performer: Performer | None = None
    answer: Answer | None = None
    checks: tuple[Check, ...] = ()
    try:
        made = made or ready(plan, step, context, world, done)
        for warning in made.warnings:
            world.tell(str(warning))
        performer = _performer(plan, step, context, world, made.ask)
        answer = drive(step.endpoint.flow(made.ask), performer)
        answer = polled(step, made.ask, answer, performer, context)
        answer = answer._replace(cost=_cost(plan, made.ask, answer))
        if answer.conversation is not None:
            done.talks[step.name] = answer.conversation
        done.asks[step.name] = made.ask
        reply = parts(answer)
        scope = with_reply(context, reply)
        checks = verdict.judged(step, made.ask, scope, reply, answer)
        files = saving.saved(
            plan, step, scope, world, saving.Saved(answer, reply, checks, performer.sent)
        )
    except RunnerError as error:
        kept = saving.kept(world, made, performer)
        state = StepResult(_run_id(plan, step), step.name, "failed", answer, checks, kept, error)
        return state._replace(sent=len(performer.sent) if performer else 0)
    passed = all(check.passed for check in checks)
    return StepResult(
        made.ask.run_id,
        step.name,
        "passed" if passed else "missed",
        answer,
        checks,
        files,
        sent=len(performer.sent),
    )


def _run_id(plan: Plan, step: StepPlan) -> str:
    return f"{plan.recipe.name}::{step.name}" if step.name else plan.recipe.name


def _performer(
    plan: Plan, step: StepPlan, context: Mapping[str, Any], world: World, asked: Ask
) -> Performer:
    provider = provider_of(plan, step, context)
    on_error = str(step.keys.get("on_tool_error", "tell"))

    def render(tree: Any, arguments: Mapping[str, Any]) -> Any:
        whole = tree.value if isinstance(tree, Fixed) else tree
        return template.render(whole, {**context, **arguments})

    toolbox = Toolbox(asked.tools, world.hooks, render, on_error)
    return Performer(world.carry(provider), toolbox.run, world.sleep, world.clock, world.show)


def _cost(plan: Plan, asked: Ask, answer: Answer) -> float | None:
    if answer.usage is None:
        return None
    models = {**shape("prices.json")["models"], **plan.settings.section("prices")}
    named = (answer.model, asked.model)
    found = (usage.cost(answer.usage, name, {"models": models}) for name in named if name)
    return next((price for price in found if price is not None), None)
