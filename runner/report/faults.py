"""Faults of files, and what runs missed, as text, as JSON, and as annotations of GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from runner.errors import Fault, RecipeError, covered
from runner.protocol.wire import printable
from runner.report.encoding import Hide, encode, unchanged
from runner.results import RunResult, StepResult

SCHEMA_VERSION = 1
_LONGEST = 2_000
_MOST_ANNOTATIONS = 100


def as_text(faults: Sequence[Fault], limit: int | None = None) -> str:
    """Word faults one after the other; `limit` bounds the bytes, and the rest is counted."""
    told: list[str] = []
    left = float("inf") if limit is None else limit - len("\n… and 1000000 more")
    for fault in faults:
        text = printable(str(_bounded(fault)))
        left -= len(text.encode()) + 1
        if told and left < 0:
            break
        told.append(text)
    more = len(faults) - len(told)
    return "\n".join([*told, *([f"… and {more} more"] if more else [])])


def as_json(faults: Sequence[Fault], hide: Hide = unchanged) -> str:
    """Tell faults to machines; `hide` masks secrets, before anything is cut."""
    errors = sum(fault.severity == "error" for fault in faults)
    value = {
        "schema_version": SCHEMA_VERSION,
        "errors": errors,
        "warnings": len(faults) - errors,
        "faults": [record(_bounded(_hidden(fault, hide))) for fault in faults],
    }
    return encode(value)


def record(fault: Fault) -> dict[str, Any]:
    """Return a fault as JSON: line and column from 1, null where they are not known."""
    mark = fault.mark
    return {
        "file": mark.file if mark else None,
        "line": mark.line if mark else None,
        "column": mark.column if mark else None,
        "width": mark.width if mark else None,
        "severity": fault.severity,
        "where": fault.where,
        "message": fault.message,
        "hint": fault.hint,
    }


def as_github(faults: Iterable[Fault], root: str = "", hide: Hide = unchanged) -> str:
    """Word faults as workflow commands; files below the folder `root` become relative to it.

    `hide` masks secrets, before anything is escaped.
    """
    told = [_annotation(_bounded(_hidden(fault, hide)), root) for fault in faults]
    rest = len(told) - _MOST_ANNOTATIONS
    return "\n".join([*told[:_MOST_ANNOTATIONS], *([f"… and {rest} more"] if rest > 0 else [])])


def results_as_github(results: Iterable[RunResult], root: str = "", hide: Hide = unchanged) -> str:
    """Word as workflow commands what runs missed and where they failed."""
    found = (fault for result in results for step in result.steps for fault in _of_step(step))
    return as_github(found, root, hide)


def _of_step(step: StepResult) -> list[Fault]:
    found = [
        Fault(check.message, check.mark, check.name) for check in step.checks if not check.passed
    ]
    if isinstance(step.error, RecipeError):
        return [*found, *step.error.faults]
    if step.error is not None:
        found.append(Fault(str(step.error), None, step.run_id or step.step))
    return found


def _annotation(fault: Fault, root: str) -> str:
    named: dict[str, object] = {}
    if fault.mark:
        file = _relative(fault.mark.file, root)
        named = {"file": file, "line": fault.mark.line, "col": fault.mark.column}
    named["title"] = f"runner: {fault.where}".rstrip(": ")
    properties = ",".join(f"{name}={_property(value)}" for name, value in named.items())
    message = f"{fault.message}\nhint: {fault.hint}" if fault.hint else fault.message
    return f"::{fault.severity} {properties}::{_message(message)}"


def _hidden(fault: Fault, hide: Hide) -> Fault:
    where, hint = hide(fault.where), hide(fault.hint)
    return fault._replace(message=hide(fault.message), where=where, hint=hint)


def _relative(file: str, root: str) -> str:
    prefix = root.rstrip("/") + "/"
    return file.removeprefix(prefix if root else "./").removeprefix("./")


def _message(text: str) -> str:
    escaped = printable(text).replace("%", "%25")
    return escaped.replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _message(str(value)).replace(":", "%3A").replace(",", "%2C")


def _bounded(fault: Fault) -> Fault:
    message = covered(fault.message)
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]} …"
    return fault._replace(message=message)
