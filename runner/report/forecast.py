"""Forecast: what runs would come to, in words."""

from __future__ import annotations

from runner.protocol.forecast import Forecast
from runner.report.console import money


def requests(found: Forecast) -> str:
    """Say how many requests there are: `2+ requests` where there may be more."""
    many = found.more or found.requests != 1
    return f"{found.requests:,}{'+' * found.more} request{'s' * many}"


def cost(amount: float | None) -> str:
    """Say what they cost at the most."""
    if amount is None:
        return "cost unknown"
    return f"at most {money(amount)}" if amount else "free"


def summary(found: Forecast, runs: int) -> str:
    """Say in a line what runs would come to."""
    parts = [f"{runs:,} run{'s' * (runs != 1)}", requests(found)]
    parts += [f"about {found.about:,} tokens in"] if found.about else []
    why = f" ({found.why})" if found.why else ""
    return " · ".join([*parts, cost(found.cost) + why, "nothing was sent"])
