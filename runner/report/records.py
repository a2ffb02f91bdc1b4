"""Results as JSON for machines, under a schema version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runner.errors import ApiStatusError, RunnerError, faults_of
from runner.exchange import Body, Spool
from runner.model import Answer, ToolResult
from runner.record import Record
from runner.report import faults
from runner.report.encoding import Hide, encode, plain, unchanged
from runner.report.totals import Totals, state_of, totals
from runner.results import Check, RunResult, StepResult

SCHEMA_VERSION = 1
_PRIVATE = frozenset(("set-cookie", "set-cookie2"))


def as_json(
    results: Iterable[RunResult], hide: Hide = unchanged, changes: Record | None = None
) -> str:
    """Tell runs, their totals and what changed to machines; `hide` masks secrets."""
    listed = list(results)
    value = {
        "schema_version": SCHEMA_VERSION,
        "totals": totals_record(totals(listed)),
        "runs": [result_record(result) for result in listed],
        **({} if changes is None else {"baseline": changes}),
    }
    return encode(value, hide)


def totals_record(whole: Totals) -> dict[str, Any]:
    """Return totals as JSON: no cost where it is not known whole."""
    return {**whole._asdict(), "cost": None if whole.unpriced else whole.cost}


def result_record(result: RunResult) -> dict[str, Any]:
    """Return a run as JSON: everything but binary bodies, which are told by their size."""
    return {
        "schema_version": SCHEMA_VERSION,
        "recipe": result.recipe,
        "run_id": result.run_id,
        "case": result.case,
        "cell": plain(result.cell),
        "row_id": result.row_id,
        "repeat": result.repeat,
        "repeats": result.repeats,
        "passes": result.passes,
        "tags": list(result.tags),
        "began": result.began,
        "took": result.took,
        "state": state_of(result),
        "passed": result.exit_code == 0,
        "exit_code": result.exit_code,
        "steps": [step_record(step) for step in result.steps],
        **({"before": True} if result.before else {}),
    }


def step_record(step: StepResult) -> dict[str, Any]:
    """Return a step as JSON."""
    return {
        "run_id": step.run_id,
        "step": step.step,
        "state": step.state,
        "final": step.final,
        "requests": max(step.sent, step.answer.requests if step.answer else 0),
        "checks": [_check(check) for check in step.checks],
        "files": [file._asdict() for file in step.files],
        "error": None if step.error is None else _error(step.error),
        "answer": None if step.answer is None else _answer(step.answer),
        "spent": None if step.spent is None else _spent(step.spent),
        "judging": None if step.judging is None else _spent(step.judging),
    }


def _check(check: Check) -> dict[str, Any]:
    mark = check.mark._asdict() if check.mark else None
    return {**check._asdict(), "mark": mark}


def _error(error: Exception) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": type(error).__name__,
        "message": str(error.args[0]) if error.args else "",
        "hint": error.hint if isinstance(error, RunnerError) else "",
        "exit_code": error.exit_code if isinstance(error, RunnerError) else 70,
    }
    if isinstance(error, ApiStatusError):
        told |= {"status": error.status, "code": error.code, "kind": error.kind}
    if found := faults_of(error):
        told["faults"] = [faults.record(fault) for fault in found]
    return told


def _spent(answer: Answer) -> dict[str, Any]:
    """Tell what replies used of which no answer was made."""
    return {"model": answer.model, "usage": plain(answer.usage), "cost": answer.cost}


def _answer(answer: Answer) -> dict[str, Any]:
    """Tell an answer; not the conversation, which is what was sent before."""
    told = {
        name: value
        for name, value in answer._asdict().items()
        if name not in ("body", "conversation", "artifacts", "headers", "tool_calls")
    }
    headers = {name: text for name, text in answer.headers.items() if name not in _PRIVATE}
    whole = {
        **told,
        "headers": headers,
        "tool_calls": [_tool_call(result) for result in answer.tool_calls],
        "artifacts": [
            {"part": piece.part, "media_type": piece.media_type, "size": _size(piece.body)}
            for piece in answer.artifacts
        ],
        "size": _size(answer.body),
    }
    return {name: plain(value) for name, value in whole.items()}


def _tool_call(result: ToolResult) -> dict[str, Any]:
    return {
        "id": result.call.id,
        "name": result.call.name,
        "arguments": result.call.arguments if result.arguments is None else result.arguments,
        "result": result.output,
        "failed": result.failed,
    }


def _size(body: Body) -> int:
    return body.size if isinstance(body, Spool) else len(body)
