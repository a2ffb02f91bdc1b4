"""Masked: what results and errors say to people holds no secret; what was answered stays exact."""

from __future__ import annotations

from runner.errors import RecipeError
from runner.report.encoding import Hide
from runner.report.faults import hidden
from runner.results import Check, RunResult, StepResult


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


def error(raised: BaseException, hide: Hide) -> None:
    """Mask what an error says, and what it came of, which a traceback tells too."""
    chain: BaseException | None = raised
    while chain is not None:
        if isinstance(chain, RecipeError):
            chain.faults = tuple(hidden(fault, hide) for fault in chain.faults)
        chain.args = tuple(hide(word) if isinstance(word, str) else word for word in chain.args)
        for name, value in vars(chain).items():
            if isinstance(value, str):
                setattr(chain, name, hide(value))
        chain = chain.__cause__ or chain.__context__
