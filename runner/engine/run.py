"""Run: the steps of a recipe in order, the `finally` steps whatever happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine.context import parts, with_own, with_reply
from runner.engine.execute import execute, stopped
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.step import Rendered
from runner.engine.turn import Done, nothing, provider_of, run_id
from runner.engine.world import World
from runner.errors import Fault, RecipeError, RunnerError, SettingsError, StoppedError
from runner.protocol.wire import excerpt
from runner.recipe import template
from runner.recipe.lint import opened
from runner.recipe.source import unfixed
from runner.results import RunResult, StepResult

FINE = ("passed", "skipped")


def run(plan: Plan, world: World, first: Rendered | None = None) -> RunResult:
    """Run a plan. Failures are in the result, and so is Ctrl-C, after the `finally` steps.

    A second Ctrl-C ends these too.

    `first` is the first step where it was rendered already, to check it.
    """
    done = nothing()
    results: list[StepResult] = []
    began, start = world.now(), world.clock()
    line: Mapping[str, Any] | None = None
    try:
        results += _asked(plan, world, done, first)
        if "collect" in plan.recipe.keys:
            line, faults = _collected(plan, results, done)
            results += faults
    finally:
        results += _tidied(plan, world, done, results)
    took = world.clock() - start
    return _result(plan, results)._replace(line=line, began=began, took=took)


def _asked(plan: Plan, world: World, done: Done, first: Rendered | None) -> list[StepResult]:
    """Take the steps in order, up to one that failed or missed, and judge the whole."""
    results: list[StepResult] = []
    for step in plan.asked:
        results += _turn(plan, step, world, done, first)
        first = None
        if results[-1].state in ("failed", "missed"):
            return results
    return results + _verdict(plan, results, world, done)


def _tidied(plan: Plan, world: World, done: Done, before: list[StepResult]) -> list[StepResult]:
    """Try every `finally` step, unless the run was stopped twice."""
    results: list[StepResult] = []
    for step in plan.finals:
        if sum(isinstance(one.error, StoppedError) for one in (*before, *results)) > 1:
            break
        if _can_run(step, plan, done):
            results += [r._replace(final=True) for r in _turn(plan, step, world, done)]
        else:
            skipped = StepResult(run_id(plan, step), step.name, "skipped", final=True)
            results.append(skipped)
    return results


def _result(plan: Plan, results: list[StepResult]) -> RunResult:
    return RunResult(
        plan.recipe.file,
        plan.recipe.name + plan.suffix,
        tuple(results),
        _exit_code(results),
        cell=plan.cell.values,
        row_id=plan.row.id if plan.row is not None else "",
        suffix=plan.suffix,
        repeat=plan.run,
        repeats=plan.repeats,
        passes=plan.passes,
        tags=tuple(map(str, plan.recipe.key("tags") or ())),
    )


def _turn(
    plan: Plan, step: StepPlan, world: World, done: Done, made: Rendered | None = None
) -> list[StepResult]:
    """Take one step: once, or once for each item."""
    context = {**plan.context, "steps": done.results}
    if "for_each" in step.keys:
        return _each(plan, step, world, done, context)
    result = _once(plan, step, context, world, done, made)
    if result.answer is not None and step.name:
        done.results[step.name] = parts(result.answer, result.files)
    return [result]


def _once(  # noqa: PLR0913, PLR0917  a step, its place in the run, and the world
    plan: Plan,
    step: StepPlan,
    context: Mapping[str, Any],
    world: World,
    done: Done,
    made: Rendered | None = None,
) -> StepResult:
    try:
        scope = _scope(step, context)
        if not _wanted(step, scope):
            return StepResult(run_id(plan, step), step.name, "skipped")
    except RunnerError as error:
        return StepResult(run_id(plan, step), step.name, "failed", error=error)
    return execute(plan, step, scope, world, done, made)


def _each(
    plan: Plan, step: StepPlan, world: World, done: Done, context: Mapping[str, Any]
) -> list[StepResult]:
    try:
        items = _items(step, context)
    except RunnerError as error:
        return [StepResult(run_id(plan, step), step.name, "failed", error=error)]
    results: list[StepResult] = []
    replies: list[Any] = []
    done.results[step.name] = replies
    for place, item in enumerate(items):
        loop = {"index": place + 1, "index0": place, "length": len(items)}
        result = _once(plan, step, {**context, "item": item, "loop": loop}, world, done)
        replies.append(parts(result.answer, result.files) if result.answer else None)
        if result.state != "skipped":
            results.append(result._replace(run_id=f"{result.run_id}[{place + 1}]"))
        if result.state in ("failed", "missed") and not _goes_on(step, result):
            break
    return results or [StepResult(run_id(plan, step), step.name, "skipped")]


def _goes_on(step: StepPlan, result: StepResult) -> bool:
    """Whether the next item is tried after a failure: what tidies up does so for every item."""
    return step.final and not isinstance(result.error, StoppedError)


def _items(step: StepPlan, context: Mapping[str, Any]) -> list[Any]:
    items = template.render(step.keys["for_each"], context)
    if isinstance(items, list):
        return items
    message = f"expected a list, got {excerpt(items)}"
    raise RecipeError.of(Fault(message, step.keys.marks["for_each"][1], "for_each"))


def _scope(step: StepPlan, context: Mapping[str, Any]) -> dict[str, Any]:
    """Add a step's own variables, each of which sees those above."""
    return with_own(step.keys.get("vars", {}), context, lambda *_: True)


def _wanted(step: StepPlan, scope: Mapping[str, Any]) -> bool:
    if "if" not in step.keys:
        return True
    text = unfixed(step.keys["if"])
    if isinstance(text, bool):
        return text
    return template.truth(str(text), scope, "if", step.keys.marks["if"][1])


def _can_run(step: StepPlan, plan: Plan, done: Done) -> bool:
    """Whether every step that a `finally` step cannot do without has a result."""
    named = {other.name for other in plan.steps}
    read = template.paths_read(opened(step.keys, expressions=True), "steps", sure=True)
    read |= {step.keys["continue"]} if "continue" in step.keys else set()
    return all(name in done.results for name in read if name in named)


def _verdict(plan: Plan, results: list[StepResult], world: World, done: Done) -> list[StepResult]:
    """Judge the last reply by the top-level expectations of a recipe with steps."""
    written = plan.last.get("expect")
    last = next((r for r in reversed(results) if r.answer is not None), None)
    if not written or last is None or last.answer is None:
        return []
    from runner.engine.asking import Asking
    from runner.engine.verdict import expectations

    reply = parts(last.answer)
    scope = with_reply({**plan.context, "steps": done.results}, reply)
    name = plan.recipe.name + plan.suffix
    step = next(step for step in plan.asked if step.name == last.step)
    asked = done.asks[last.step]._replace(run_id=f"{name}::expect")
    asking = Asking(plan, lambda: world.carry(provider_of(plan, step, scope)), asked, last.answer)
    result = StepResult(name, "expect", "failed")
    try:
        judged = expectations(written, scope, reply, asking)
        result = result._replace(state=judged.state, checks=judged.checks, error=judged.error)
    except (RunnerError, KeyboardInterrupt) as error:
        told = stopped(error) if isinstance(error, KeyboardInterrupt) else error
        result = result._replace(error=told)
    return [asking.counted(result)]


def _collected(
    plan: Plan, results: list[StepResult], done: Done
) -> tuple[Mapping[str, Any] | None, list[StepResult]]:
    """Make the line of a run for `collect`; one that failed has none."""
    from runner.engine.rows import collect

    last = next((r for r in reversed(results) if r.answer is not None), None)
    if last is None or last.answer is None or any(one.state == "failed" for one in results):
        return None, []
    answer, reply = done.replies.get(last.step, (None, {}))
    if answer is not last.answer or last.files:
        reply = parts(last.answer, last.files)
    scope = {**plan.context, "steps": done.results}
    try:
        written = plan.recipe.keys["collect"]
        return collect.line_of(written, with_reply(scope, reply), collect.own_of(plan)), []
    except RunnerError as error:
        return None, [StepResult(plan.recipe.name + plan.suffix, "collect", "failed", error=error)]


def _exit_code(results: list[StepResult]) -> int:
    """Return the exit code of a run: that of its steps, else of what failed to end it.

    That it was stopped goes before all.
    """
    if all(one.error is None and one.state in FINE for one in results):
        return 0
    stops = [result.error for result in results if isinstance(result.error, StoppedError)]
    if stops:
        return stops[0].exit_code
    steps = [result for result in results if not result.final]
    finals = [result for result in results if result.final]
    sent = sum(result.sent for result in results)
    return _code(steps, sent) or _code(finals, sent)


def _code(results: list[StepResult], sent: int) -> int:
    failed = [result for result in results if result.state == "failed"]
    if failed:
        return code_of(failed[0].error, sent)
    return 1 if any(result.state == "missed" for result in results) else 0


def code_of(error: Exception | None, sent: int) -> int:
    """Return an error's exit code: a fault found after something was sent is a failed step."""
    if not isinstance(error, RunnerError):
        return 70
    if sent and (isinstance(error, RecipeError | SettingsError) or error.exit_code == 2):
        return 3
    return error.exit_code
