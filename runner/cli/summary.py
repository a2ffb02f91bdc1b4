"""Summary: what is told of the runs of a command once all are through; the totals are last."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING

from runner.cli.faults import shown
from runner.cli.rows import Rows
from runner.cli.screen import Screen, colours
from runner.engine.suite import Checked, Suite
from runner.engine.writing.reporting import Reporting, in_repository
from runner.protocol.wire import printable
from runner.report.encoding import Hide
from runner.report.totals import Tally
from runner.results import RunResult

if TYPE_CHECKING:
    from runner.report.annotations import Annotations
    from runner.report.changes import Changes


class Told:
    """What is told of the runs in the end, and what has to be kept of them for that."""

    def __init__(self, form: str, verbose: int, reporting: Reporting, hide: Hide) -> None:
        self.form = form
        self.verbose = verbose
        self.reporting = reporting
        self.tally = Tally()
        self.kept: list[RunResult] = []
        self.hide = hide

    @cached_property
    def annotations(self) -> Annotations:
        """What GitHub shows beside the lines of the recipes."""
        from runner.report.annotations import Annotations

        return Annotations(in_repository, self.hide)

    def take(self, checked: Checked, result: RunResult) -> None:
        """Take a run."""
        self.tally.take(result)
        self.reporting.take(result, checked.plan.files.line)
        if self.verbose or self.form == "json":
            self.kept.append(result)

    def earlier(self, checked: Checked, result: RunResult) -> None:
        """Take a run that an earlier command made: reports are of all rows."""
        self.reporting.take(result, checked.plan.files.line)


def end(told: Told, changes: Changes | None, rows: Rows, suite: Suite, screen: Screen) -> None:
    """Say what all runs came to: why, since when, where it is, what is left, and the totals."""
    hide = suite.masker.hide
    told.kept.sort(key=lambda result: result.place)
    if told.form == "json":
        from runner.report import records

        screen.data(records.as_json(told.kept, hide, changes))
    if told.form == "github":
        screen.command(told.annotations.rest())
    _say_why(rows, suite, screen)
    _say_more(told, changes, suite, screen)
    screen.note(printable(hide(rows.wrote(suite.collected))))
    screen.note(printable(hide(suite.tapes.told)))
    for place in told.reporting.written:
        screen.note(printable(hide(f"wrote {place}")))
    screen.note(hide(rows.rest()))
    if screen.broken is not None:
        told.reporting.problems.append(shown(screen.broken))
    for problem in told.reporting.problems:
        screen.wrong(printable(hide(problem)))
    screen.note(_totals(told, suite))


def _say_why(rows: Rows, suite: Suite, screen: Screen) -> None:
    """Say why rows failed and missed, and what was done before."""
    causes = suite.masker.hide(rows.causes(colours(sys.stderr)))
    if causes:
        screen.wrong(causes)
    done, missed = suite.before
    if done:
        before = f"{done:,} {'row was' if done == 1 else 'rows were'} done before"
        screen.note(before + f", {missed:,} of them missed" * bool(missed))


def _say_more(told: Told, changes: Changes | None, suite: Suite, screen: Screen) -> None:
    """Say what changed, what was repeated in vain, and with `-v` what each step came to."""
    from runner.report import console

    hide, style = suite.masker.hide, colours(sys.stderr)
    if changes is not None:
        from runner.report import since

        screen.note(hide(since.told(changes, style)))
        screen.wrong(hide(told.reporting.why(changes)))
    screen.note(hide(console.repeats(told.tally.missed, style)))
    if told.verbose:
        screen.note(console.details(told.kept, style, hide))


def _totals(told: Told, suite: Suite) -> str:
    from runner.report import console

    whole = told.tally.whole
    ran = whole.passed + whole.missed + whole.failed
    if not ran and suite.options.no_wait:
        return ""
    words = suite.masker.hide(console.summary_of(whole, colours(sys.stderr)))
    return words + _answered_by(suite, whole.requests) if ran else words


def _answered_by(suite: Suite, requests: int) -> str:
    """Say who answered, where it was no service."""
    replayed = suite.tapes.replayed
    if suite.options.cassette == "replay" or (replayed and replayed >= requests):
        return " (replayed)"
    some = [f"{replayed:,} of {requests:,} replayed"] if replayed else []
    some += ["simulated"] if suite.options.offline else []
    return f" ({', '.join(some)})" if some else ""
