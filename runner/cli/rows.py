"""Rows: what is told of many runs: as they come, how far they are, and what is left in the end."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from runner.engine.suite import Checked, Suite
from runner.report.causes import Causes
from runner.report.console import Style
from runner.report.progress import Pace, Progress
from runner.report.totals import Totals
from runner.report.wherein import Wherein
from runner.results import RunResult

MOST = 10
"""Of so many rows or cells that failed or missed everything is told, of the others the causes."""
MORE = "of more such {} the causes alone are told, in the end"
ONCE = ("--resume", "--fresh", "--stale", "--last-failed", "--no-wait")
"""The flags that say what a dataset begins with, or that batches are left under way."""


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
        self._done = self._wrong = self._failed = 0
        self._wherein = Wherein()

    def take(self, checked: Checked, result: RunResult) -> None:
        """Take a run."""
        self._done += 1
        if is_one_of_many(checked) and result.exit_code:
            self._wrong += 1
            self._causes.take(result)
            self._failed += checked.plan.rows is not None and result.exit_code > 1
        if leaves_files(checked):
            for file in (file for step in result.steps for file in step.files):
                if file.part != "failed":
                    self._wherein.take(file.path)

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

    def is_told(self, checked: Checked) -> bool:
        """Whether what is wrong with the run that was taken last is told in full."""
        return not is_one_of_many(checked) or self._wrong <= MOST

    @property
    def begins_to_count(self) -> bool:
        """Whether the run that was taken last is the first that is only counted."""
        return self._wrong == MOST + 1

    def causes(self, style: Style) -> str:
        """Say why runs failed and missed, where not all of it was told as they came."""
        return self._causes.told(style) if self._wrong > MOST else ""

    def wrote(self, collected: list[str]) -> str:
        """Say where all that is that rows left in files; `collected` are the files of lines."""
        gathered = Wherein()
        for path in collected if self._done else ():
            gathered.take(path)
        places = [place for place in (gathered.told(), self._wherein.told()) if place]
        return f"wrote {' and '.join(places)}" if places else ""

    def rest(self) -> str:
        """Say what of a dataset is left to be asked, and by which command."""
        failed = self._failed
        left = self.total - self._done - self._suite.before[0]
        if not self.is_dataset or not (failed or left > 0):
            return ""
        told = [f"{failed:,} failed"] if failed else []
        state = "in batches" if self._suite.options.no_wait else "not asked"
        told += [f"{left:,} {state}"] if left > 0 else []
        words = [word for word in self._words if word not in ONCE]
        return f"{', '.join(told)} · to go on: runner {shlex.join([*words, '--resume'])}"


def is_one_of_many(checked: Checked) -> bool:
    """Whether a run is one of its recipe's rows, cells or repeats."""
    return checked.plan.rows is not None or bool(checked.plan.suffix)


def leaves_files(checked: Checked) -> bool:
    """Whether what comes of the rows of a dataset is in files, and needs no line."""
    plan = checked.plan
    has_file = "collect" in plan.recipe.keys or any("output" in step.keys for step in plan.steps)
    return plan.rows is not None and has_file
