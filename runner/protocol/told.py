"""Told: what a service says of its limits in the headers of a reply."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runner.record import Record

MARK = "x-ratelimit-limit-requests"
TOKEN_MARK = "x-ratelimit-limit-tokens"
MOST = 1e12
SHORTEST, LONGEST = 2.0, 65.0
"""A window of about a minute: what is left of a shorter or longer one tells nothing to wait for."""
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)(ms|s|m|h|d)")


class Said(Record):
    """Limits a minute, 0 where none is said; for `pause` seconds nothing is left to be sent."""

    requests: float = 0.0
    tokens: float = 0.0
    pause: float = 0.0


def said(headers: Mapping[str, str]) -> Said | None:
    """Read a reply's headers; None where they say nothing of limits."""
    if MARK not in headers and TOKEN_MARK not in headers:
        return None
    requests, tokens = (_number(headers.get(name)) for name in (MARK, TOKEN_MARK))
    pauses = (_pause(headers, kind) for kind in ("requests", "tokens"))
    return Said(requests, tokens, max(pauses))


def _pause(headers: Mapping[str, str], kind: str) -> float:
    """Return how long nothing is left, where limits are counted anew at a time.

    Where they fill evenly the time is the one in which they are full, and nothing to wait for: a
    minute where nothing is left, less than two seconds where they hold little.
    """
    left = headers.get(f"x-ratelimit-remaining-{kind}", "").strip()
    if left != "0":
        return 0.0
    seconds = duration(headers.get(f"x-ratelimit-reset-{kind}", ""))
    if seconds is None or not SHORTEST <= seconds <= LONGEST or 57.0 < seconds < 61.0:
        return 0.0
    return seconds


def duration(text: str) -> float | None:
    """Read a duration such as 120ms, 1s, 6m0s or 1.5 (seconds); None where it is none."""
    bare = text.strip().lower()
    found = _DURATION.findall(bare)
    if found and "".join(number + unit for number, unit in found) == bare:
        return sum(float(number) * _UNITS[unit] for number, unit in found)
    return _number(bare) if bare != "0" else 0.0


def _number(text: str | None) -> float:
    """Read a number from 1; 0 where there is none."""
    try:
        number = float(text or "")
    except ValueError:
        return 0.0
    return number if 1.0 <= number <= MOST else 0.0
