"""Annotations: faults of files, and what runs missed, as GitHub shows them beside the lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeAlias

from runner.errors import Fault, Mark, faults_of
from runner.protocol.wire import printable
from runner.report.encoding import Hide, tamed, unchanged
from runner.report.faults import bounded, hidden
from runner.report.totals import Groups
from runner.results import RunResult, StepResult

MOST = 10
"""How many of a severity GitHub shows of one step."""
_MOST_TOLD = 100

Named: TypeAlias = Callable[[str], str]
"""Names a file as the repository does."""


def near(file: str) -> str:
    """Name a file as it was named."""
    return file.removeprefix("./")


class Annotations:
    """Words faults as workflow commands; what GitHub would not show is told as text.

    `hide` masks secrets, before anything is cut or escaped.
    """

    def __init__(self, named: Named = near, hide: Hide = unchanged) -> None:
        self._named = named
        self._hide = hide
        self._counts: Counter[str] = Counter()
        self._groups = Groups()
        self._held: dict[tuple[str, str], list[Fault]] = {}

    def of_faults(self, faults: Iterable[Fault]) -> str:
        """Word faults, each on a line."""
        return "\n".join(filter(None, map(self._line, faults)))

    def of_run(self, result: RunResult) -> str:
        """Word what a run missed and where it failed; a miss that may be tolerated is held back."""
        found = [fault for step in result.steps for fault in _of_step(step, result.recipe)]
        group = self._groups.take(result)
        if group is None:
            return self.of_faults(found)
        held = self._held.setdefault((result.recipe, result.case), [])
        held += found
        if group.state == "passed":
            return ""
        told = self.of_faults(held)
        held.clear()
        return told

    def rest(self) -> str:
        """Say how many more there were."""
        more = {kind: count - MOST for kind, count in self._counts.items() if count > MOST}
        told = [f"{n} more {kind}{'s' * (n != 1)}" for kind, n in more.items()]
        return f"… and {' and '.join(told)}: GitHub shows {MOST} of a step" if told else ""

    def _line(self, fault: Fault) -> str:
        fault = bounded(hidden(fault, self._hide))
        self._counts[fault.severity] += 1
        if self._counts[fault.severity] <= MOST:
            return annotation(fault, self._named)
        return tamed(printable(str(fault))) if self._counts.total() <= _MOST_TOLD else ""


def as_github(faults: Iterable[Fault], named: Named = near, hide: Hide = unchanged) -> str:
    """Word faults as workflow commands, and say how many more there are than GitHub shows."""
    annotations = Annotations(named, hide)
    return "\n".join(filter(None, (annotations.of_faults(faults), annotations.rest())))


def _of_step(step: StepResult, recipe: str) -> list[Fault]:
    """List what went wrong; what no line is to blame for is shown at the top of the recipe."""
    found = [
        Fault(check.message, check.mark, check.name) for check in step.checks if not check.passed
    ]
    faults = faults_of(step.error)
    if step.error is not None and not faults:
        found.append(Fault(str(step.error), Mark(recipe, 1, 1), step.run_id or step.step))
    return [*found, *faults]


def annotation(fault: Fault, named: Named = near) -> str:
    """Word a fault as a workflow command."""
    told: dict[str, object] = {}
    if fault.mark:
        mark = fault.mark
        told = {"file": named(mark.file), "line": mark.line, "col": mark.column}
        told |= {"endColumn": mark.column + mark.width} if mark.width > 1 else {}
    told["title"] = f"runner: {fault.where}".rstrip(": ")
    properties = ",".join(f"{name}={_property(value)}" for name, value in told.items())
    message = f"{fault.message}\nhint: {fault.hint}" if fault.hint else fault.message
    return f"::{fault.severity} {properties}::{_message(message)}"


def _message(text: str) -> str:
    escaped = printable(text).replace("##[", "#\\x23[").replace("%", "%25")
    return escaped.replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _message(str(value)).replace(":", "%3A").replace(",", "%2C")
