"""Told: what is told of the runs of a case, where it failed and where it did not."""

from __future__ import annotations

from collections.abc import Callable

from _pytest.outcomes import Failed

from runner.engine.groups import Verdict
from runner.engine.suite import Checked
from runner.errors import BudgetError, Mark, ReplayMissError, faults_of
from runner.report import console
from runner.report.totals import Tally
from runner.results import RunResult

MOST_TOLD = 20
RECORDING = "--recipes-record records it; --recipes-offline and --recipes-live need no recording"


class CaseError(Failed):
    """What a case came to, in words for people, and the place in the recipe.

    What pytest itself raises so has no traceback: to make one, it would read all our modules.
    """

    def __init__(self, message: str, mark: Mark | None = None) -> None:
        super().__init__(message, pytrace=False)
        self.mark = mark


class FailedError(CaseError):
    """The service, the network or a hook failed."""


class MissedError(CaseError):
    """An expectation was missed."""


class Told:
    """What is told of the runs of a case."""

    def __init__(self, hide: Callable[[str], str]) -> None:
        self.verdict = Verdict()
        self.budget = ""
        self._hide = hide
        self._tally = Tally()
        self._models: dict[str, None] = {}
        self._recipe = ""
        self._words: list[str] = []
        self._untold = 0
        self._mark: Mark | None = None

    def take(self, checked: Checked, result: RunResult) -> None:
        """Take a run that is over."""
        self.verdict.take(result)
        self._tally.take(result)
        self._recipe = result.recipe
        for step in result.steps:
            if step.answer is not None and step.answer.model:
                self._models[step.answer.model] = None
            if isinstance(step.error, ReplayMissError):
                step.error.hint = RECORDING
            if isinstance(step.error, BudgetError):
                self.budget = self._hide(str(step.error.args[0]))
        if result.exit_code:
            self._mark = self._mark or _place(result)
            self._put(checked, result)

    def _put(self, checked: Checked, result: RunResult) -> None:
        """Put a run's problems into words; a dataset may have any number of them."""
        if len(self._words) == MOST_TOLD:
            self._untold += 1
            return
        name = f"{result.run_id}:" if result.repeat or result.row_id else ""
        problems = console.problems(result, checked.plan.files.line, hide=self._hide)
        self._words.append("\n".join(filter(None, [name, problems, console.kept(result)])))

    def words(self) -> tuple[str, Mark | None]:
        """Say what went wrong, and where the first of it stands."""
        rest = [f"… and {self._untold:,} more runs"] if self._untold else []
        return self._hide("\n".join([*self._words, *rest])), self._mark

    def properties(self) -> dict[str, object]:
        """Tell what reports keep beside a case."""
        whole = self._tally.whole
        found: dict[str, object] = {
            "recipe": self._recipe,
            "model": self._hide(", ".join(self._models)),
            "requests": whole.requests,
            "attempts": whole.attempts,
        }
        if whole.measured:
            found |= {"input_tokens": whole.input_tokens, "output_tokens": whole.output_tokens}
        if whole.cost or not whole.unpriced:
            found["cost"] = whole.cost
        if whole.unpriced:
            found["unpriced"] = whole.unpriced
        return found


def _place(result: RunResult) -> Mark | None:
    """Return the place of the first expectation that was missed, or could not be judged."""
    marks = [check.mark for step in result.steps for check in step.checks if not check.passed]
    marks += [fault.mark for step in result.steps for fault in faults_of(step.error)]
    return next(filter(None, marks), None)
