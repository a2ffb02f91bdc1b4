"""Forecast: how many requests recipes make, and what these can cost, before any is sent.

Counted is what is sure to be sent: retries, tool rounds, polls and judges come on top.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from runner.protocol.ceiling import Ceiling


class Forecast(NamedTuple):
    """At least so many requests, at most so many tokens and US dollars for these.

    `cost` is None where one is not known, `why` says which. `open` is true where a request shows
    only in its turn: what it costs is not counted.
    """

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = 0.0
    why: str = ""
    open: bool = False

    def plus(self, other: Forecast) -> Forecast:
        """Add another forecast."""
        known = self.cost is not None and other.cost is not None
        return Forecast(
            self.requests + other.requests,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            (self.cost or 0.0) + (other.cost or 0.0) if known else None,
            self.why or other.why,
            self.open or other.open,
        )

    def times(self, count: int) -> Forecast:
        """Return the forecast of so many alike."""
        return self._replace(
            requests=self.requests * count,
            tokens_in=self.tokens_in * count,
            tokens_out=self.tokens_out * count,
            cost=None if self.cost is None else self.cost * count,
        )


def of(found: Ceiling | None) -> Forecast:
    """Return the forecast of one request; of one that shows only in its turn, where it is None."""
    if found is None:
        return Forecast(requests=1, open=True)
    return Forecast(1, found.tokens_in, found.tokens_out, found.cost, found.why)


def whole(parts: Iterable[Forecast]) -> Forecast:
    """Add up forecasts."""
    found = Forecast()
    for part in parts:
        found = found.plus(part)
    return found


def told(found: Forecast) -> str:
    """Say a forecast in a line."""
    requests = f"{found.requests:,} request{'s' * (found.requests != 1)}"
    tokens = f"at most {found.tokens_in:,} + {found.tokens_out:,} tokens"
    cost = f"cost unknown: {found.why}" if found.cost is None else f"at most ${found.cost:,.4f}"
    later = " · more shows as it runs" if found.open else ""
    return f"{requests} · {tokens} · {cost}{later}"
