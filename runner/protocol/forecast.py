"""Forecast: how many requests recipes make, what these can cost and how long they take, before any.

Counted is what is sure to be sent; retries come on top.
"""

from __future__ import annotations

from collections.abc import Iterable

from runner.exchange import JsonBody, Request
from runner.protocol.ceiling import Ceiling
from runner.protocol.pacing import MINUTE, Limits
from runner.protocol.weighing import weigh
from runner.record import Record


class Load(Record):
    """So many requests, of about so many tokens in, that share the limits a minute of one model."""

    place: str
    limits: Limits
    requests: int = 0
    tokens: int = 0

    def least(self) -> tuple[float, str]:
        """Return the least seconds that they take, and the limit that they wait for then."""
        waits = max(0, self.requests - 1)
        each = self.tokens / max(1, self.requests)
        found = [(0.0, "")]
        if self.limits.requests:
            told = f"{self.limits.requests:,.0f} requests a minute"
            found.append((waits * MINUTE / self.limits.requests, told))
        if self.limits.tokens:
            told = f"{self.limits.tokens:,.0f} tokens a minute"
            found.append((waits * each * MINUTE / self.limits.tokens, told))
        return max(found)


class Forecast(Record):
    """At least so many requests, `more` where replies decide; at most so many tokens and dollars.

    `cost` is None where nothing bounds it, and `why` says why. `about` is what the tokens in are
    reckoned to be, `likely` what these cost without the answers, None where no price is known.
    `loads` say what limits all have to keep to.
    """

    requests: int = 0
    more: bool = False
    tokens_in: int = 0
    tokens_out: int = 0
    about: int = 0
    cost: float | None = 0.0
    likely: float | None = 0.0
    why: str = ""
    loads: tuple[Load, ...] = ()

    def plus(self, other: Forecast) -> Forecast:
        """Add another forecast."""
        return Forecast(
            self.requests + other.requests,
            self.more or other.more,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.about + other.about,
            _sum(self.cost, other.cost),
            _sum(self.likely, other.likely),
            self.why or other.why,
            _together(self.loads, other.loads),
        )

    def open(self, why: str) -> Forecast:
        """Return the same where more is asked of which nothing is known."""
        return self._replace(cost=None, likely=None, why=self.why or why)

    def least(self) -> tuple[float, str]:
        """Return the least seconds that all takes by the limits, and the one that says so."""
        return max((load.least() for load in self.loads), default=(0.0, ""))


def of(request: Request, found: Ceiling, likely: Ceiling, load: Load) -> Forecast:
    """Return the forecast of one request: of its ceiling, and of what it is reckoned to be."""
    is_form = not isinstance(request.body, JsonBody)
    known = likely.cost is not None or is_form
    about = likely.tokens_in if known else round(weigh(request).given)
    loads = (load._replace(requests=1, tokens=about),)
    bound = found.tokens_in, found.tokens_out
    return Forecast(1, False, *bound, about, found.cost, likely.cost, found.why, loads)


def whole(parts: Iterable[Forecast]) -> Forecast:
    """Add up forecasts."""
    found = Forecast()
    for part in parts:
        found = found.plus(part)
    return found


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _together(some: tuple[Load, ...], others: tuple[Load, ...]) -> tuple[Load, ...]:
    """Add up the loads of each place."""
    found = {load.place: load for load in some}
    for load in others:
        before = found.get(load.place, Load(load.place, load.limits))
        found[load.place] = before._replace(
            requests=before.requests + load.requests, tokens=before.tokens + load.tokens
        )
    return tuple(found.values())
