"""Hopeless: failures after which every further request would fail alike, or is not sent."""

from __future__ import annotations

from runner.errors import ApiStatusError, BudgetError, OutputError, SettingsError
from runner.results import RunResult

FULL = ("no space left", "quota", "read-only file system", "input/output error")
"""What systems say of disks that take no more."""


def is_hopeless(error: Exception) -> bool:
    """Whether every further request would fail alike: the key, the account, the disk."""
    if isinstance(error, ApiStatusError | SettingsError):
        return error.stops_all
    return isinstance(error, OutputError) and any(word in str(error) for word in FULL)


def is_unasked(result: RunResult) -> bool:
    """Whether the budget stopped a run before it sent anything: it is as if it was never begun."""
    sent = any(step.sent or step.attempts or step.spent for step in result.steps)
    return not sent and any(isinstance(step.error, BudgetError) for step in result.steps)
