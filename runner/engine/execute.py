"""Execute: one step, from its templates to an answer that is judged and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runner.engine.context import parts, with_reply
from runner.engine.costs.pricing import cost
from runner.engine.drive import Performer, drive
from runner.engine.performing import performer_of, with_events
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.step import Kitchen, Rendered, rendered
from runner.engine.turn import Done, Judged, Saved, provider_of, run_id
from runner.engine.world import World
from runner.engine.writing.remains import has_bytes, settled
from runner.errors import (
    Fault,
    RecipeError,
    RunnerError,
    StoppedError,
    TerminatedError,
)
from runner.exchange import Timeout
from runner.model import Answer, Ask, Flow
from runner.recipe import template
from runner.recipe.ask import timeout_of
from runner.results import StepResult, Written

if TYPE_CHECKING:
    from runner.engine.asking import Asking

PATIENT = Timeout()
REFUSALS = 10
"""So often an attempt for one of many rows may come too fast, while the pace is learned."""


def ready(  # noqa: PLR0913  a step, its place in the run, and the world
    plan: Plan,
    step: StepPlan,
    context: Mapping[str, Any],
    world: World,
    done: Done,
    *,
    runs: bool = False,
) -> Rendered:
    """Render a step with what came before it; what addresses name is fetched where it `runs`."""
    provider = provider_of(plan, step, context)
    options = plan.options
    base = Ask(
        step.endpoint.name,
        timeout=provider.timeout or PATIENT,
        accepts=accepted(step, context),
        refusals=0 if plan.row is None else REFUSALS,
        run_id=run_id(plan, step),
    )
    if "continue" in step.keys:
        base = _continuing(step, base, done)
    fetch = world.fetch(provider) if world.fetch and (runs or options.untrusted) else None
    kitchen = Kitchen(plan.files, world.hooks, provider, base, fetch, plan.passed)
    made = rendered(step, context, kitchen, world.now)
    if options.untrusted:
        from runner.engine import strangers

        strangers.check(made.ask, step.keys)
    changes: dict[str, Any] = {}
    if options.timeout is not None:
        changes["timeout"] = timeout_of(options.timeout, made.ask.timeout)
    if options.retries is not None:
        changes["retries"] = options.retries
    if not changes:
        return made
    ask, request = made.ask._replace(**changes), made.request._replace(**changes)
    return made._replace(ask=ask, request=request, flow=None)


def _continuing(step: StepPlan, base: Ask, done: Done) -> Ask:
    name = str(step.keys["continue"])
    if name not in done.talks:
        message = f"the step {name!r} left no conversation to continue"
        raise RecipeError.of(Fault(message, step.keys.marks["continue"][1], "continue"))
    before = done.asks[name]
    return base._replace(model=before.model, tools=before.tools, history=done.talks[name])


def accepted(step: StepPlan, context: Mapping[str, Any]) -> tuple[int, ...]:
    """List the statuses that the step's `status` expectations accept, and that are refused else."""
    expected = step.keys.get("expect")
    written = [row for row in expected if _on_status(row)] if expected else None
    if not written or not set(template.names(written)) <= set(context):
        return ()
    from runner import expect

    wanted = template.render(written, context)

    def passes(status: int) -> bool:
        return all(check.passed for check in expect.judge(wanted, {"status": status}))

    unusual = () if passes(200) else (206, 300, 304, 305)
    return tuple(filter(passes, (*unusual, *range(400, 600))))


def _on_status(row: Mapping[str, Any]) -> bool:
    inner = row.get("not")
    is_opposite = inner is not None and isinstance(inner, Mapping) and "status" in inner
    return is_opposite or "status" in row


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
    found: dict[str, Any] = {"state": "failed"}
    performer: Performer | None = None
    asking: Asking | None = None
    flow: Flow | None = None
    try:
        if made is None or made.awaits:
            made = ready(plan, step, context, world, done, runs=True)
            flow = made.flow
        _warn(made, world)
        performer = performer_of(plan, step, context, world, made.ask)
        for answer in _answers(plan, step, (made, flow), performer, context, world.tell):
            found["answer"] = answer
            performer.replies.clear()
        _remember(done, step, made.ask, answer)
        scope = with_reply(context, reply := parts(answer))
        done.replies[step.name] = answer, reply
        asking = _asking(plan, step, made.ask, answer, performer)
        judged = _judged(step, made.ask, scope, reply, asking)
        found |= {"checks": judged.checks, "error": judged.error}
        made_of = Saved(answer, reply, judged, performer.sent)
        found["files"] = _saved(plan, step, scope, world, made_of)
        found["state"] = judged.state
    except (RunnerError, KeyboardInterrupt) as error:
        found["error"] = _first(found, error)
    found["files"] = _left(found, world, made, performer)
    if performer is not None:
        found |= _ended(plan, found, made, performer, asking)
    return StepResult(run_id(plan, step), step.name, **found)


def _warn(made: Rendered, world: World) -> None:
    for warning in made.warnings:
        world.warn(warning)


def _first(found: Mapping[str, Any], error: RunnerError | KeyboardInterrupt) -> RunnerError:
    """Choose what a step failed by: what came first, but Ctrl-C goes before all."""
    if isinstance(error, KeyboardInterrupt):
        return stopped(error)
    return found.get("error") or error


def _ended(
    plan: Plan,
    found: Mapping[str, Any],
    made: Rendered | None,
    performer: Performer,
    asking: Asking | None,
) -> dict[str, Any]:
    """Tell where the answer lies now, and count what was sent.

    A report may want what was sent, and the times of a stream's pieces.
    """
    ended: dict[str, Any] = {
        "answer": settled(found.get("answer"), _located(plan, found.get("files", ()))),
        "sent": len(performer.sent) + (asking.sent if asking else 0),
        "attempts": performer.attempts + (asking.attempts if asking else 0),
    }
    if asking is not None:
        ended["judging"] = asking.spent
    if ended["answer"] is None and made is not None and performer.replies:
        ended["spent"] = _spent(plan, made.ask, performer)
    if plan.options.keeps:
        ended |= {"requests": tuple(performer.sent), "beats": tuple(performer.beats)}
    return ended


def _located(plan: Plan, files: tuple[Written, ...]) -> tuple[Written, ...]:
    return tuple(file._replace(path=plan.files.located(file.path)) for file in files)


def _remember(done: Done, step: StepPlan, asked: Ask, answer: Answer) -> None:
    """Keep what a step that continues this one needs."""
    done.asks[step.name] = asked
    if answer.conversation is not None:
        done.talks[step.name] = answer.conversation


def _answers(  # noqa: PLR0913, PLR0917  a step, its place in the run, and who performs and hears
    plan: Plan,
    step: StepPlan,
    made: tuple[Rendered, Flow | None],
    performer: Performer,
    context: Mapping[str, Any],
    tell: Callable[[str], None],
) -> Iterator[Answer]:
    """Yield the answer, and each that a poll brings: what came stays, whatever fails then."""
    (asked, request, *_), flow = made
    try:
        if flow is not None:
            answer = drive(flow, performer, request)
        else:
            answer = drive(step.endpoint.flow(asked), performer)
    finally:
        performer.close()
    answer = with_events(answer, performer)
    for one in _polled(step, asked, answer, performer, context, tell):
        yield one._replace(cost=cost(plan, asked, one))


def stopped(interrupt: KeyboardInterrupt) -> StoppedError:
    """Tell Ctrl-C from SIGTERM, which comes as a KeyboardInterrupt that holds its number."""
    kind = TerminatedError if interrupt.args else StoppedError
    return kind("terminated" if interrupt.args else "interrupted")


# A room that a step has no use for is not read: start-up is most of a small run's time.


def _polled(  # noqa: PLR0913, PLR0917  as what it stands for
    step: StepPlan,
    asked: Ask,
    answer: Answer,
    performer: Performer,
    context: Mapping[str, Any],
    tell: Callable[[str], None],
) -> Iterable[Answer]:
    if "poll" not in step.keys:
        return (answer,)
    from runner.engine.poll import polled

    return polled(step, asked, answer, performer, context, tell)


def _asking(
    plan: Plan, step: StepPlan, asked: Ask, answer: Answer, performer: Performer
) -> Asking | None:
    """Return who asks the models of a step's expectations, where it has any."""
    if "expect" not in step.keys and asked.response_schema is None:
        return None
    from runner.engine.asking import Asking

    return Asking(plan, lambda: performer.transport, asked, answer, len(performer.sent))


def _judged(
    step: StepPlan,
    asked: Ask,
    scope: Mapping[str, Any],
    reply: Mapping[str, Any],
    asking: Asking | None,
) -> Judged:
    if asking is None:
        return Judged()
    from runner.engine.verdict import judged

    return judged(step, asked, scope, reply, asking)


def _saved(
    plan: Plan, step: StepPlan, scope: Mapping[str, Any], world: World, made: Saved
) -> tuple[Written, ...]:
    if "output" not in step.keys and not has_bytes(made.answer):
        return ()
    if made.judged.error is not None and plan.row is not None:
        return ()  # A row that failed has no file.
    from runner.engine.writing.saving import saved

    return saved(plan, step, scope, world, made)


def _left(
    found: Mapping[str, Any], world: World, made: Rendered | None, performer: Performer | None
) -> tuple[Written, ...]:
    """Return what a step wrote; of one that failed and wrote nothing, what is kept."""
    written: tuple[Written, ...] = found.get("files", ())
    if found["state"] != "failed" or written:
        return written
    from runner.engine.writing.saving import kept

    return kept(world, made, performer)


def _spent(plan: Plan, asked: Ask, performer: Performer) -> Answer | None:
    from runner.engine.costs.spent import spent

    return spent(plan, asked, performer.replies)
