"""Via batch, the check: what cannot be asked in batches is named before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.engine.plan_step import StepPlan
from runner.engine.step import Rendered
from runner.errors import Fault
from runner.protocol import batching
from runner.recipe.source import mark_of

LIVE = "leave --via batch out to ask one by one"
KEYS = {
    "poll": "what is polled is made by a call of its own",
    "headers": "the lines of a batch have no headers of their own",
}


def unfit(steps: Iterable[StepPlan]) -> list[Fault]:
    """Find the steps that no batch can hold."""
    return [fault for step in steps for fault in _faults(step)]


def _faults(step: StepPlan) -> Iterator[Fault]:
    why = batching.refusal(step.endpoint.name)
    if why:
        message = f"{step.endpoint.name} cannot be asked in a batch: {why}"
        yield Fault(message, mark_of(step.keys, ("endpoint",)), "endpoint", LIVE)
    if step.keys.get("stream") is True:
        message = "a batch cannot stream"
        yield Fault(message, mark_of(step.keys, ("stream",)), "stream", "leave stream out")
    for key, reason in KEYS.items():
        if step.keys.get(key):
            message = f"{key} cannot be asked in a batch: {reason}"
            yield Fault(message, mark_of(step.keys, (key,)), key, LIVE)
    if step.final:
        message = "no batch is made of `finally` steps: a run may end days after it began"
        yield Fault(message, mark_of(step.keys, ("endpoint",)), "finally", LIVE)


def misfit(step: StepPlan, made: Rendered) -> list[Fault]:
    """Find a request that no batch can hold."""
    why = batching.misfit(made.request)
    if not why or list(_faults(step)):
        return []
    mark = mark_of(step.keys, ("attachments" if "attachments" in step.keys else "endpoint",))
    return [Fault(f"it cannot be asked in a batch: {why}", mark, "", LIVE)]
