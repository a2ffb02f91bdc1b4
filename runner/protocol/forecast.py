"""Forecast: how many requests recipes make, and what these can cost, before any is sent.

Counted is what is sure to be sent; retries come on top.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from runner.exchange import JsonBody, Request
from runner.protocol import counting
from runner.protocol.ceiling import Ceiling

LETTERS = 4
"""The letters of a token, as people reckon: a bound says four times as much."""
PICTURE = 1_000


class Forecast(NamedTuple):
    """At least so many requests, `more` where replies decide; at most so many tokens and dollars.

    `about` is what the tokens in will be, as people reckon. `cost` is None where nothing bounds
    it, and `why` says why.
    """

    requests: int = 0
    more: bool = False
    tokens_in: int = 0
    tokens_out: int = 0
    about: int = 0
    cost: float | None = 0.0
    why: str = ""

    def plus(self, other: Forecast) -> Forecast:
        """Add another forecast."""
        known = self.cost is not None and other.cost is not None
        return Forecast(
            self.requests + other.requests,
            self.more or other.more,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.about + other.about,
            (self.cost or 0.0) + (other.cost or 0.0) if known else None,
            self.why or other.why,
        )

    def times(self, count: int) -> Forecast:
        """Return the forecast of so many alike."""
        return self._replace(
            requests=self.requests * count,
            tokens_in=self.tokens_in * count,
            tokens_out=self.tokens_out * count,
            about=self.about * count,
            cost=None if self.cost is None else self.cost * count,
        )

    def open(self, why: str) -> Forecast:
        """Return the same without a bound of the cost."""
        return self._replace(cost=None, why=self.why or why)


def of(request: Request, found: Ceiling) -> Forecast:
    """Return the forecast of one request."""
    about = _tokens(request)
    return Forecast(1, False, found.tokens_in, found.tokens_out, about, found.cost, found.why)


def whole(parts: Iterable[Forecast]) -> Forecast:
    """Add up forecasts."""
    found = Forecast()
    for part in parts:
        found = found.plus(part)
    return found


def _tokens(request: Request) -> int:
    if not isinstance(request.body, JsonBody):
        return 0
    found = counting.count(request.body.value)
    return found.text // LETTERS + found.pictures * PICTURE + found.sound // 2
