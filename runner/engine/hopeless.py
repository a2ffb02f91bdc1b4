"""Hopeless: failures after which every further request would fail alike."""

from __future__ import annotations

from runner.errors import ApiStatusError, OutputError

FULL = ("no space left", "quota", "read-only file system", "input/output error")
"""What systems say of disks that take no more."""


def is_hopeless(error: Exception) -> bool:
    """Whether every further request would fail alike: the key, the account, the disk."""
    if isinstance(error, ApiStatusError):
        return error.stops_all
    return isinstance(error, OutputError) and any(word in str(error) for word in FULL)
