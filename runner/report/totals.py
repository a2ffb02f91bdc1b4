"""Totals: what runs came to, added up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from runner.model import Answer
from runner.results import RunResult, StepResult


class Totals(NamedTuple):
    """Counts of runs and of what they sent. `cost` is US dollars.

    `unpriced` counts the answers whose cost is unknown, `measured` those that state their tokens.
    """

    passed: int = 0
    missed: int = 0
    failed: int = 0
    requests: int = 0
    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    measured: int = 0
    cost: float = 0.0
    unpriced: int = 0


def totals(results: Iterable[RunResult]) -> Totals:
    """Add up runs, one at a time."""
    whole = Totals()
    for result in results:
        state = state_of(result)
        whole = whole._replace(**{state: getattr(whole, state) + 1})
        for step in result.steps:
            whole = _with(whole, step)
    return whole


def of_run(result: RunResult) -> Totals:
    """Add up one run."""
    return totals([result])


def state_of(result: RunResult) -> str:
    """Name what a run came to: passed, missed or failed."""
    return {0: "passed", 1: "missed"}.get(result.exit_code, "failed")


def _with(whole: Totals, step: StepResult) -> Totals:
    answer = step.answer or step.spent
    if answer is None:
        return whole._replace(
            requests=whole.requests + step.sent,
            attempts=whole.attempts + max(step.sent, step.attempts),
            unpriced=whole.unpriced + (step.sent > 0),
        )
    requests = max(step.sent, answer.requests)
    usage = answer.usage or {}
    return whole._replace(
        requests=whole.requests + requests,
        attempts=whole.attempts + max(requests, answer.attempts, step.attempts),
        input_tokens=whole.input_tokens + (usage.get("input_tokens") or 0),
        output_tokens=whole.output_tokens + (usage.get("output_tokens") or 0),
        measured=whole.measured + bool(usage),
        cost=whole.cost + (answer.cost or 0.0),
        unpriced=whole.unpriced + (_is_unpriced(answer) or _is_open(step)),
    )


def _is_open(step: StepResult) -> bool:
    """Whether a request had no whole reply, and may have been charged all the same."""
    return step.spent is not None and step.sent > step.spent.requests


def _is_unpriced(answer: Answer) -> bool:
    """Whether something may have been charged that nobody can tell; a refusal is no charge."""
    return answer.cost is None and not (answer.status >= 400 and not answer.usage)
