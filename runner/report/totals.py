"""Totals: what runs came to, added up."""

from __future__ import annotations

from collections.abc import Iterable

from runner.model import Answer
from runner.record import Record
from runner.results import RunResult, StepResult

STATES = {0: "passed", 1: "missed"}


class Totals(Record):
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


class Group(Record):
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
        self._sum = dict.fromkeys(Totals._fields, 0)
        self._cost = 0.0
        self._groups = Groups()

    def take(self, result: RunResult) -> None:
        """Add a run."""
        if self._groups.take(result) is None:
            self._sum[state_of(result)] += 1
        for step in result.steps:
            self._take(step)

    def _take(self, step: StepResult) -> None:
        answer = step.answer or step.spent
        whole = self._sum
        if answer is None:
            judged = step.judging.requests if step.judging else 0
            whole["requests"] += step.sent
            whole["attempts"] += max(step.sent, step.attempts)
            whole["unpriced"] += step.sent > judged
        else:
            requests = max(step.sent, answer.requests)
            whole["requests"] += requests
            whole["attempts"] += max(requests, answer.attempts, step.attempts)
            whole["unpriced"] += _is_unpriced(answer) or _is_open(step)
            self._price(answer)
        if step.judging is not None:
            whole["unpriced"] += _is_unpriced(step.judging)
            self._price(step.judging)

    def _price(self, answer: Answer) -> None:
        """Add the tokens and the cost of an answer."""
        usage, whole = answer.usage, self._sum
        if usage:
            whole["input_tokens"] += usage.get("input_tokens") or 0
            whole["output_tokens"] += usage.get("output_tokens") or 0
            whole["measured"] += 1
        self._cost += answer.cost or 0.0

    @property
    def whole(self) -> Totals:
        """What all came to."""
        whole = Totals(**self._sum)._replace(cost=self._cost)
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
    return STATES.get(result.exit_code, "failed")


def _counted(whole: Totals, state: str) -> Totals:
    return whole._replace(**{state: getattr(whole, state) + 1})


def _is_open(step: StepResult) -> bool:
    """Whether a request had no whole reply, and may have been charged all the same."""
    return step.spent is not None and step.sent > step.spent.requests


def _is_unpriced(answer: Answer) -> bool:
    """Whether something may have been charged that nobody can tell; a refusal is no charge."""
    return answer.cost is None and not (answer.status >= 400 and not answer.usage)
