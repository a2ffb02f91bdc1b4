"""Hopeless: failures after which every further request would fail alike."""

from __future__ import annotations

from runner.errors import ApiStatusError, OutputError

FULL = ("no space left", "quota", "read-only file system", "input/output error")
"""What systems say of disks that take no more."""
HOPELESS = ("insufficient_quota", "invalid_api_key", "billing_hard_limit_reached")


def is_hopeless(error: Exception) -> bool:
    """Whether every further request would fail alike: the key, the account, the disk."""
    if isinstance(error, ApiStatusError):
        return error.status in (401, 403) or error.code in HOPELESS
    return isinstance(error, OutputError) and any(word in str(error) for word in FULL)
