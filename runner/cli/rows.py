"""Rows: what is told of many runs: as they come, how far they are, and what is left in the end."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from runner.engine.hopeless import is_unasked
from runner.engine.suite import Checked, Suite
from runner.errors import BudgetError
from runner.report.causes import Causes
from runner.report.console import Style
from runner.report.progress import Pace, Progress
from runner.report.totals import Totals
from runner.report.wherein import Wherein
from runner.results import RunResult

MOST = 10
"""Of so many rows or cells that failed or missed everything is told, of the others the causes.

Of those that failed by the same cause, it is told of the first alone.
"""
NAMED = 3
"""So many collected files are named, of more the folder."""
MORE = "of more such {} the causes alone are told, in the end"
ONCE = ("--resume", "--fresh", "--stale", "--last-failed", "--no-wait")
"""The flags that say what a dataset begins with, or that batches are left under way."""
LIMITS = {"--max-requests": "N", "--max-cost": "USD"}
"""The flags of budgets, and what stands for a value that is to be chosen."""


class Rows:
    """What is told of the runs of a command. `words` are those that it was called with."""

    def __init__(
        self,
        suite: Suite,
        ready_to_run: list[Checked],
        whole: Callable[[], Totals],
        words: list[str],
    ) -> None:
        self.total = sum(checked.rows for checked in ready_to_run)
        self.is_dataset = any(checked.plan.rows is not None for checked in ready_to_run)
        self._suite = suite
        self._whole = whole
        self._words = words
        self._pace = Pace()
        self._causes = Causes()
        self._done = self._told = self._held = self._failed = self._missed = 0
        self._is_told = True
        self._limit = ""
        self._wherein = Wherein()

    def take(self, checked: Checked, result: RunResult) -> None:
        """Take a run."""
        self._limit = self._limit or _limit_of(result)
        self._done += 1
        self._is_told = True
        if is_one_of_many(checked) and result.exit_code:
            is_new = self._causes.take(result) or result.exit_code == 1
            self._is_told = is_new and self._told < MOST
            self._told += self._is_told
            self._held += not self._is_told
            self._failed += checked.plan.rows is not None and result.exit_code > 1
            self._missed += checked.plan.rows is not None and result.exit_code == 1
        if leaves_files(checked):
            for file in (file for step in result.steps for file in step.files):
                if file.part != "failed":
                    self._wherein.take(file.path)

    def stop(self, result: RunResult) -> bool:
        """Take a row that the budget left unasked; return whether it is the first."""
        is_first = not self._limit
        self._limit = self._limit or _limit_of(result)
        return is_first

    def look(self, seconds: float) -> Progress:
        """Say how far the runs are that began so many seconds ago."""
        suite, done = self._suite, self._done
        rate = self._pace.rate(seconds, done)
        before, held = suite.before[0], suite.carrier.holding()
        return Progress(
            self.total,
            done,
            self._whole(),
            before,
            seconds,
            rate,
            held,
            suite.is_stopping,
            self.word,
        )

    @property
    def word(self) -> str:
        """What the runs are called."""
        return "rows" if self.is_dataset else "runs"

    @property
    def is_told(self) -> bool:
        """Whether what is wrong with the run that was taken last is told in full."""
        return self._is_told

    @property
    def begins_to_count(self) -> bool:
        """Whether the run that was taken last is the first that is only counted."""
        return self._held == 1 and not self._is_told

    def causes(self, style: Style) -> str:
        """Say why runs failed and missed, where not all of it was told as they came."""
        return self._causes.told(style) if self._held else ""

    def wrote(self, collected: list[str]) -> str:
        """Say where all that is that rows left in files; `collected` are the files of lines."""
        lines = collected if self._done else []
        gathered = Wherein()
        for path in lines:
            gathered.take(path)
        named = ", ".join(lines) if len(lines) <= NAMED else gathered.told("collected files")
        places = [place for place in (named, self._wherein.told()) if place]
        return f"wrote {' and '.join(places)}" if places else ""

    def rest(self) -> str:
        """Say what of a dataset is left to be asked, and by which command."""
        failed, missed = self._failed, self._missed
        left = self.total - self._done - self._suite.before[0]
        if not self.is_dataset or not (failed or left > 0 or missed):
            return ""
        if not failed and left <= 0:
            return f"{missed:,} missed · to repeat them: {self._command('--last-failed')}"
        told = [f"{failed:,} failed"] if failed else []
        state = "in batches" if self._suite.options.no_wait else "not asked"
        told += [f"{left:,} {state}"] if left > 0 else []
        return f"{', '.join(told)} · {self._way()}: {self._command('--resume')}"

    def _way(self) -> str:
        if not self._limit:
            return "to go on"
        return f"to go on {'with a higher limit' if self._is_vain else 'with as much again'}"

    @property
    def _is_vain(self) -> bool:
        """Whether the budget let no row come through: the same one never will."""
        return bool(self._limit) and self._done == self._failed

    def _command(self, flag: str) -> str:
        words = [word for word in self._words if word not in ONCE]
        if self._is_vain:
            words = [*_opened(words, self._limit)]
        return f"runner {shlex.join([*words, flag])}"


def is_one_of_many(checked: Checked) -> bool:
    """Whether a run is one of its recipe's rows, cells or repeats."""
    return checked.plan.rows is not None or bool(checked.plan.suffix)


def leaves_files(checked: Checked) -> bool:
    """Whether what comes of the rows of a dataset is in files, and needs no line."""
    plan = checked.plan
    has_file = "collect" in plan.recipe.keys or any("output" in step.keys for step in plan.steps)
    return plan.rows is not None and has_file


def is_left(checked: Checked, result: RunResult) -> bool:
    """Whether a run is a row that the budget stopped before it was sent: it counts as not begun."""
    return checked.plan.rows is not None and is_unasked(result)


def _limit_of(result: RunResult) -> str:
    """Name the flag of the budget that stopped a run; "" where none did."""
    errors = [str(step.error) for step in result.steps if isinstance(step.error, BudgetError)]
    return next((flag for flag in LIMITS for error in errors if flag in error), "")


def _opened(words: list[str], flag: str) -> Iterator[str]:
    """Put in the place of a flag's value what says that it is to be chosen."""
    is_value = False
    for word in words:
        if is_value:
            yield LIMITS[flag]
        else:
            yield f"{flag}={LIMITS[flag]}" if word.startswith(f"{flag}=") else word
        is_value = not is_value and word == flag
