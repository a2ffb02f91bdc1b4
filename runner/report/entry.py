"""Entry: a run as JUnit tells it, in texts of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.errors import Mark, covered, faults_of
from runner.exchange import Json
from runner.model import Answer
from runner.report.console import Lines, data, files, kept, problems
from runner.report.encoding import Hide, unchanged
from runner.report.totals import of_run
from runner.results import Check, RunResult

_MESSAGE = 300
_TEXT = 20_000
_ANSWER = 4_000
_MOST_IDS = 5


def of(result: RunResult, lines: Lines, hide: Hide) -> dict[str, Any]:
    """Return a run as a case: `kind` is passed, skipped, failure or error.

    `hide` masks secrets, before anything is cut.
    """
    latencies = (step.answer.latency for step in result.steps if step.answer)
    kind = kind_of(result)
    return {
        "name": hide(result.run_id),
        "classname": hide(result.recipe),
        "file": hide(result.recipe),
        "line": _line(result),
        "time": result.took or sum(latencies),
        "began": result.began,
        "case": result.case,
        "repeat": result.repeat,
        "kind": kind,
        "type": _type(result),
        "message": "no step was wanted" if kind == "skipped" else headline(result, hide),
        "text": bounded(problems(result, lines, hide=hide), _TEXT),
        "properties": [[name, _cell(hide(str(value)))] for name, value in _properties(result)],
        "out": _out(result, hide),
    }


def kind_of(result: RunResult) -> str:
    """Say as what JUnit counts a run."""
    if result.exit_code:
        return "failure" if result.exit_code == 1 else "error"
    states = {step.state for step in result.steps}
    return "skipped" if states == {"skipped"} else "passed"


def headline(result: RunResult, hide: Hide = unchanged) -> str:
    """Say in a line what a run missed, or why it failed; "" where it did neither."""
    told = [f"{check.name}: {check.message}" for check in _missed(result)]
    told += [_said(error) for error in _errors(result)]
    if result.exit_code != 1:
        told.reverse()
    if not told:
        return f"exit code {result.exit_code}" if result.exit_code else ""
    first = bounded(" ".join(covered(hide(told[0])).split()), _MESSAGE)
    return f"{first} (and {len(told) - 1} more)" if len(told) > 1 else first


def bounded(text: str, limit: int) -> str:
    """Cut a text that is too long."""
    return text if len(text) <= limit else f"{text[:limit]} …"


def _said(error: Exception) -> str:
    text = str(error.args[0]) if error.args else ""
    return text or str(error) or type(error).__name__


def _missed(result: RunResult) -> list[Check]:
    return [check for step in result.steps for check in step.checks if not check.passed]


def _errors(result: RunResult) -> list[Exception]:
    return [step.error for step in result.steps if step.error is not None]


def _type(result: RunResult) -> str:
    """Name the expectation or the error that decided."""
    errors = [type(error).__name__ for error in _errors(result)]
    missed = [check.name for check in _missed(result)]
    return next(iter(missed + errors if result.exit_code == 1 else errors + missed), "")


def _line(result: RunResult) -> int:
    """Return the line of the recipe that says most of the run."""
    missed = [check.mark for check in _missed(result)]
    broken = [fault.mark for error in _errors(result) for fault in faults_of(error)]
    marks: list[Mark | None] = missed + broken if result.exit_code == 1 else broken + missed
    return next((mark.line for mark in marks if mark and mark.file == result.recipe), 1)


def _properties(result: RunResult) -> Iterator[tuple[str, Json]]:
    answers = [step.answer for step in result.steps if step.answer]
    whole = of_run(result)
    yield "requests", whole.requests
    yield "attempts", whole.attempts
    if whole.measured:
        yield from (("input_tokens", whole.input_tokens), ("output_tokens", whole.output_tokens))
    if not whole.unpriced:
        yield "cost", f"{whole.cost:.8f}".rstrip("0").rstrip(".")
    for name in ("model", "fingerprint", "request_id"):
        values = _distinct(answers, name)
        if values:
            yield name, ", ".join(values)
    yield from ((f"matrix.{name}", value) for name, value in result.cell.items())
    if result.row_id:
        yield "row_id", result.row_id
    if result.tags:
        yield "tags", ", ".join(result.tags)
    yield from _ties(result)


def _ties(result: RunResult) -> Iterator[tuple[str, Json]]:
    """Tell what a run has to do with others: its repeats, and an earlier command's."""
    if result.repeat:
        yield "repeat", f"{result.repeat} of {result.repeats}"
    if result.before:
        yield "before", "true"


def _distinct(answers: list[Answer], name: str) -> list[str]:
    found = dict.fromkeys(getattr(answer, name) for answer in answers)
    return [value for value in found if value][:_MOST_IDS]


def _cell(text: str) -> str:
    return bounded(text, _MESSAGE)


def _out(result: RunResult, hide: Hide) -> str:
    """Tell what a run answered, and which files it left."""
    written = bounded(hide("\n".join(filter(None, (files(result), kept(result))))), _ANSWER)
    cells = [written, bounded(hide(data(result) or ""), _ANSWER)]
    return "\n".join(filter(None, cells))
