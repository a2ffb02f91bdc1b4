"""Crew: whether rows are run by several processes, and what these send back."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan
from runner.engine.verify import output_paths
from runner.errors import ServiceError
from runner.model import Answer
from runner.recipe import template
from runner.results import RunResult, StepResult

if TYPE_CHECKING:
    from runner.engine.suite import Checked, Suite
    from runner.engine.user.options import Options
    from runner.engine.workers.joining import Joined

FEWEST = 8
"""With fewer runs at once one process is enough."""
MOST = 4
LOST = "a worker process was lost"
ROOMS = (
    "engine.workers.homeward",
    "engine.verdict",
    "engine.asking",
    "transport.http",
    "transport.limited",
    "transport.retry",
)
"""What nearly every row needs, and no command that sends nothing."""


def jobs(options: Options, ready: list[Checked]) -> int:
    """Return how many runs are made at once: no more than there are."""
    own = ready[0].plan.settings.default("jobs") if ready else None
    wanted: int = options.jobs or own or 1
    is_long = any(one.plan.rows is not None for one in ready)
    return wanted if is_long else min(wanted, len(ready))


def size(suite: Suite, plans: list[Plan], jobs: int) -> int:
    """Return how many processes run the rows: 1 where they share what one process holds."""
    options = suite.options
    is_one = (
        options.is_keyless
        or any(map(suite.places.store, plans))
        or options.cassette != "off"
        or options.events is not None
    )
    limited = options.max_cost is not None or options.max_requests is not None
    if is_one or limited or jobs < FEWEST or not all(map(stands_alone, plans)):
        return 1
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, MOST)


def joined(options: Options, ready: list[Checked]) -> Joined | None:
    """Reach the cluster whose workers are to run the rows, before anything is begun."""
    if options.cluster is None or not ready:
        return None
    from runner.engine.workers import joining, shipping

    shipping.refuse(options, [one.plan for one in ready])
    return joining.join(options.cluster)


def warm() -> None:
    """Read what rows need before processes are forked: each would read it by itself."""
    for name in ROOMS:
        import_module(f"runner.{name}")


def stands_alone(plan: Plan) -> bool:
    """Whether a row needs nothing that is held for all: hooks, a budget, paths of replies."""
    if plan.rows is None or plan.settings.default("max_cost") is not None:
        return False
    known = {*plan.context}
    for step in plan.steps:
        if {"tools", "continue", "for_each", "if"} & {*step.keys}:
            return False
        if not all(
            {*template.names(path)} <= known for path, _ in output_paths(step.keys.get("output"))
        ):
            return False
    return True


def slim(result: RunResult, keeps: bool) -> RunResult:
    """Return a result without what only the process that made it needs."""
    return result._replace(steps=tuple(_slim(step, keeps) for step in result.steps))


def _slim(step: StepResult, keeps: bool) -> StepResult:
    if step.answer is None:
        return step
    return step._replace(answer=_bare(step.answer, keeps))


def _bare(answer: Answer, keeps: bool) -> Answer:
    answer = answer._replace(conversation=None)
    if keeps:
        return answer
    return answer._replace(body=b"", json=None, headers={}, artifacts=(), texts=())


def is_lost(result: RunResult) -> bool:
    """Whether nobody knows what came of a run."""
    errors = (step.error for step in result.steps)
    return any(error is not None and error.args[:1] == (LOST,) for error in errors)


def lost(plan: Plan, place: int) -> RunResult:
    """Return the result of a run whose worker died: what it had asked may have been charged."""
    error = ServiceError(LOST, hint="--resume asks the row again")
    name = plan.recipe.name + plan.suffix
    step = StepResult(name, plan.steps[0].name, "failed", error=error)
    made = RunResult(plan.recipe.file, name, (step,), error.exit_code, suffix=plan.suffix)
    return made._replace(cell=plan.cell.values, repeat=plan.run, place=place)
