"""Faults of files as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runner.errors import Fault, covered
from runner.protocol.wire import printable
from runner.report.encoding import Hide, encode, unchanged

SCHEMA_VERSION = 1
_LONGEST = 2_000


def as_text(faults: Sequence[Fault], limit: int | None = None) -> str:
    """Word faults one after the other; `limit` bounds the bytes, and the rest is counted."""
    told: list[str] = []
    left = float("inf") if limit is None else limit - len("\n… and 1000000 more")
    for fault in faults:
        text = printable(str(bounded(fault)))
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
        "faults": [record(bounded(hidden(fault, hide))) for fault in faults],
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


def hidden(fault: Fault, hide: Hide) -> Fault:
    """Mask the secrets in a fault."""
    where, hint, source = map(hide, (fault.where, fault.hint, fault.source))
    return fault._replace(message=hide(fault.message), where=where, hint=hint, source=source)


def bounded(fault: Fault) -> Fault:
    """Cut a message that is too long, and cover keys in it."""
    message = covered(fault.message)
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]} …"
    return fault._replace(message=message)
