"""Masked: what results and errors say to people holds no secret; what was answered stays exact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from runner.errors import RecipeError, RunnerError
from runner.report.encoding import Hide
from runner.report.faults import hidden
from runner.results import Check, RunResult, StepResult

OF_SYSTEM = ("filename", "filename2", "strerror")
"""What an error of the system words itself by, whatever its `args` are."""


def result(made: RunResult, hide: Hide) -> RunResult:
    """Mask what a run's expectations and errors say."""
    return made._replace(steps=tuple(_step(step, hide) for step in made.steps))


def _step(step: StepResult, hide: Hide) -> StepResult:
    if step.error is not None:
        error(step.error, hide)
    return step._replace(checks=tuple(_check(check, hide) for check in step.checks))


def _check(check: Check, hide: Hide) -> Check:
    name, message, note = map(hide, (check.name, check.message, check.note))
    return check._replace(name=name, message=message, note=note)


@contextmanager
def errors(hide: Hide) -> Iterator[None]:
    """Let no error out that says a secret."""
    try:
        yield
    except RunnerError as raised:
        error(raised, hide)
        raise


def error(raised: BaseException, hide: Hide) -> None:
    """Mask what an error says, and what it came of, which a traceback tells too."""
    left: list[Any] = [raised]
    seen: set[int] = set()
    while left:
        one = left.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        left += (one.__cause__, one.__context__, *one.args, *vars(one).values())
        _mask(one, hide)


def _mask(one: BaseException, hide: Hide) -> None:
    if isinstance(one, RecipeError):
        one.faults = tuple(hidden(fault, hide) for fault in one.faults)
    one.args = tuple(hide(word) if isinstance(word, str) else word for word in one.args)
    said = {name: getattr(one, name) for name in OF_SYSTEM} if isinstance(one, OSError) else {}
    for name, value in (said | vars(one)).items():
        if isinstance(value, str):
            setattr(one, name, hide(value))
