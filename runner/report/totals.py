"""Totals: what runs came to, added up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from runner.model import Answer
from runner.results import RunResult, StepResult


class Totals(NamedTuple):
    """Counts of cases and of what they sent. `cost` is US dollars.

    The repeats of a case count as one, and `tolerated` are those that it may miss.
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
    tolerated: int = 0


class Group(NamedTuple):
    """The repeats of a case, of which `passes` of `repeats` must pass; a failure counts always."""

    repeats: int
    passes: int
    passed: int = 0
    missed: int = 0
    failed: int = 0

    @property
    def state(self) -> str:
        """Name what the case came to, as far as its runs are known."""
        if self.failed:
            return "failed"
        return "missed" if self.missed > self.repeats - self.passes else "passed"

    def joined(self, state: str) -> Group:
        """Add a run."""
        return self._replace(**{state: getattr(self, state) + 1})


class Groups:
    """The cases that are repeated, each known by its recipe and its name."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], Group] = {}

    def take(self, result: RunResult) -> Group | None:
        """Add a run to its case; None where it is no repeat."""
        if not result.repeat:
            return None
        key = (result.recipe, result.case)
        group = self.found.get(key) or Group(result.repeats, result.passes)
        self.found[key] = group.joined(state_of(result))
        return self.found[key]


class Tally:
    """Adds up runs, one at a time, and keeps none."""

    def __init__(self) -> None:
        self._sum = Totals()
        self._groups = Groups()

    def take(self, result: RunResult) -> None:
        """Add a run."""
        if self._groups.take(result) is None:
            self._sum = _counted(self._sum, state_of(result))
        for step in result.steps:
            self._sum = _with(self._sum, step)

    @property
    def whole(self) -> Totals:
        """What all came to."""
        whole = self._sum
        for group in self._groups.found.values():
            whole = _counted(whole, group.state)
            if group.state == "passed":
                whole = whole._replace(tolerated=whole.tolerated + group.missed)
        return whole

    @property
    def missed(self) -> list[tuple[str, Group]]:
        """The cases that were repeated and missed: what they are called, and how often they ran."""
        found = self._groups.found.items()
        return [(case, group) for (_, case), group in found if group.state == "missed"]


def totals(results: Iterable[RunResult]) -> Totals:
    """Add up runs, one at a time."""
    tally = Tally()
    for result in results:
        tally.take(result)
    return tally.whole


def of_run(result: RunResult) -> Totals:
    """Add up one run."""
    return totals([result])


def state_of(result: RunResult) -> str:
    """Name what a run came to: passed, missed or failed."""
    return {0: "passed", 1: "missed"}.get(result.exit_code, "failed")


def _counted(whole: Totals, state: str) -> Totals:
    return whole._replace(**{state: getattr(whole, state) + 1})


def _with(whole: Totals, step: StepResult) -> Totals:
    whole = _stepped(whole, step)
    return whole if step.judging is None else _priced(whole, step.judging)


def _stepped(whole: Totals, step: StepResult) -> Totals:
    answer = step.answer or step.spent
    if answer is None:
        judged = step.judging.requests if step.judging else 0
        return whole._replace(
            requests=whole.requests + step.sent,
            attempts=whole.attempts + max(step.sent, step.attempts),
            unpriced=whole.unpriced + (step.sent > judged),
        )
    requests = max(step.sent, answer.requests)
    priced = _priced(whole, answer)
    return priced._replace(
        requests=whole.requests + requests,
        attempts=whole.attempts + max(requests, answer.attempts, step.attempts),
        unpriced=whole.unpriced + (_is_unpriced(answer) or _is_open(step)),
    )


def _priced(whole: Totals, answer: Answer) -> Totals:
    """Add the tokens and the cost of an answer."""
    usage = answer.usage or {}
    return whole._replace(
        input_tokens=whole.input_tokens + (usage.get("input_tokens") or 0),
        output_tokens=whole.output_tokens + (usage.get("output_tokens") or 0),
        measured=whole.measured + bool(usage),
        cost=whole.cost + (answer.cost or 0.0),
        unpriced=whole.unpriced + _is_unpriced(answer),
    )


def _is_open(step: StepResult) -> bool:
    """Whether a request had no whole reply, and may have been charged all the same."""
    return step.spent is not None and step.sent > step.spent.requests


def _is_unpriced(answer: Answer) -> bool:
    """Whether something may have been charged that nobody can tell; a refusal is no charge."""
    return answer.cost is None and not (answer.status >= 400 and not answer.usage)
