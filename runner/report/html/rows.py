"""Rows: what the list, the grid and the plots need of a run, as short as can be."""

from __future__ import annotations

from typing import Any

from runner.errors import RunnerError, covered
from runner.record import Record
from runner.report.html.trim import Trimmer
from runner.report.totals import of_run, state_of
from runner.results import RunResult, StepResult

BEFORE = "done before"
"""The tag of what an earlier command made."""
_PROBLEM = 240
_EXCERPT = 200


class Names:
    """Names that are told once, and by their number thereafter."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self._places: dict[str, int] = {}

    def __call__(self, name: str) -> int:
        """Return the number of a name."""
        if name not in self._places:
            self._places[name] = len(self.listed)
            self.listed.append(name)
        return self._places[name]


class Tables(Record):
    """The names that rows point into."""

    recipes: Names
    models: Names
    tags: Names


def row(result: RunResult, tables: Tables, trim: Trimmer) -> list[Any]:
    """Return the row of a run; the page's `store.js` reads its columns by their places."""
    whole = of_run(result)
    answers = [step.answer for step in result.steps if step.answer is not None]
    latencies = [answer.latency for answer in answers]
    first = next((answer.ttft for answer in answers if answer.ttft is not None), None)
    return [
        trim.text(result.run_id, 400),
        tables.recipes(trim.text(result.recipe, 400)),
        state_of(result),
        [tables.models(trim.text(name, 120)) for name in models(result)],
        [tables.tags(trim.text(tag, 120)) for tag in (*result.tags, *[BEFORE] * result.before)],
        _rounded(result.took),
        _rounded(sum(latencies)) if answers else None,
        _rounded(first),
        None if whole.unpriced and not whole.cost else float(f"{whole.cost:.6g}"),
        whole.input_tokens if whole.measured else None,
        whole.output_tokens if whole.measured else None,
        whole.requests,
        trim({name: _axis(value) for name, value in result.cell.items()}) or 0,
        trim.text(str(result.row_id), 200),
        _repeat(result, trim),
        covered(trim.text(problem(result), _PROBLEM)),
        _line(trim.text(_answer(result), _EXCERPT)),
        result.place,
    ]


def _repeat(result: RunResult, trim: Trimmer) -> list[Any] | int:
    """Tell which of several runs of its case a run is, and how many of them have to pass."""
    if not result.repeat:
        return 0
    return [trim.text(result.case, 400), result.repeat, result.passes, result.repeats]


def models(result: RunResult) -> list[str]:
    """List the models that answered a run, else those that were asked."""
    named = [step.answer.model for step in result.steps if step.answer and step.answer.model]
    asked = [request.model for step in result.steps for request in step.requests if request.model]
    return list(dict.fromkeys(named or asked))


def problem(result: RunResult) -> str:
    """Say in a line why a run did not pass; "" where it did."""
    for step in result.steps:
        if step.error is not None:
            return _line(error_text(step.error))
        missed = next((check for check in step.checks if not check.passed), None)
        if missed is not None:
            told = missed.message.partition("\n  | ")[0].rstrip(":")
            return _line(f"{missed.name}: {told}")
    return ""


def error_text(error: Exception) -> str:
    """Return what an error says, without its hint."""
    if isinstance(error, RunnerError):
        return str(error.args[0]) if error.args else type(error).__name__
    return f"{type(error).__name__}: {error}"


def _answer(result: RunResult) -> str:
    told = [step.answer.text for step in result.steps if _is_answer(step) and step.answer]
    return next((text for text in reversed(told) if text), "")


def _is_answer(step: StepResult) -> bool:
    return step.answer is not None and not step.final


def _line(text: str) -> str:
    return " ".join(text.split())


def _axis(value: Any) -> str | int | float | bool | None:
    """Return a value of the matrix as its grid shows it."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
