"""Forecast: what runs would come to, in words."""

from __future__ import annotations

from runner.protocol.forecast import Forecast
from runner.protocol.usage import money
from runner.record import Record
from runner.report.progress import duration


class Pace(Record):
    """How runs would be made: so many at once, simulated, or in batches."""

    jobs: int = 1
    simulated: bool = False
    batches: bool = False


def requests(found: Forecast) -> str:
    """Say how many requests there are: `2+ requests` where there may be more."""
    many = found.more or found.requests != 1
    return f"{found.requests:,}{'+' * found.more} request{'s' * many}"


def cost(amount: float | None) -> str:
    """Say what they cost at the most."""
    if amount is None:
        return "cost unknown"
    return f"at most {money(amount)}" if amount else "free"


def costs(found: Forecast) -> str:
    """Say what is likely to be paid for what is read, and what at the most with the answers."""
    why = f" ({found.why})" if found.why else ""
    if not found.likely or found.likely == found.cost:
        return cost(found.cost) + why
    most = "no highest cost known" if found.cost is None else cost(found.cost)
    return f"about {money(found.likely)} before the answers, {most}{why}"


def time(found: Forecast, pace: Pace) -> str:
    """Say how long it takes at the least, where a limit tells; else what that depends on."""
    if pace.simulated:
        return "no waiting, as it is simulated"
    if pace.batches:
        return "up to 24 h, as batches take"
    seconds, limit = found.least()
    if seconds >= 1:
        return f"at least {duration(seconds)} at {limit}"
    return f"time depends on the service, {pace.jobs:,} at once"


def summary(found: Forecast, runs: int, pace: Pace, word: str = "run") -> str:
    """Say in a line what runs would come to."""
    parts = [f"{runs:,} {word}{'s' * (runs != 1)}", requests(found)]
    parts += [f"about {found.about:,} tokens in"] if found.about else []
    parts += [f"at most {found.tokens_out:,} out"] if found.tokens_out and not found.why else []
    parts += [costs(found), *([time(found, pace)] if found.requests else [])]
    return " · ".join([*parts, "nothing was sent"])
