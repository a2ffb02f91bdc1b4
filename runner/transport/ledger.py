"""Ledger: what a run may spend, what it has spent, and what is held back for requests under way."""

from __future__ import annotations

from threading import Condition

from runner.errors import BudgetError
from runner.protocol.usage import money
from runner.record import Record

CENT_OF_A_CENT = 1e-9
"""Sums of fractions are not exact: so much more than the limit is none."""


class Ticket(Record):
    """So many US dollars, held back for one attempt; `number` is its place."""

    number: int
    amount: float


class Ledger:
    """Holds back the highest cost of each attempt, and settles it; shared by threads.

    What is held back for others may yet prove too much: an attempt waits for them before it is
    refused.
    """

    def __init__(self, max_cost: float | None = None, max_requests: int | None = None) -> None:
        self.max_cost = max_cost
        self.max_requests = max_requests
        self.requests = 0
        self.spent = 0.0
        self._held: dict[int, float] = {}
        self._change = Condition()

    def limit(self, max_cost: float) -> None:
        """Lower what may be spent."""
        with self._change:
            known = max_cost if self.max_cost is None else self.max_cost
            self.max_cost = min(max_cost, known)

    def reserve(self, amount: float = 0.0, *, tidies: bool = False, waits: bool = True) -> Ticket:
        """Hold back what an attempt may cost; BudgetError where a limit would be passed.

        One that `tidies` away what the run made counts, but is let pass all the same. Others are
        not waited for unless it `waits`.
        """
        with self._change:
            if not tidies and self.max_requests is not None and self.requests >= self.max_requests:
                raise _out_of_requests(self.max_requests)
            while not self._fits(amount):
                if not (waits and self._held and self._would_fit(amount)):
                    raise _out_of_money(amount, self.spent, sum(self._held.values()), self.max_cost)
                self._change.wait()
            self.requests += 1
            ticket = Ticket(self.requests, amount)
            if amount:
                self._held[ticket.number] = amount
            return ticket

    def settle(self, ticket: Ticket, amount: float | None) -> None:
        """Take what an attempt has cost; None where nobody knows: then it was the most."""
        with self._change:
            self._held.pop(ticket.number, None)
            self.spent += ticket.amount if amount is None else amount
            self._change.notify_all()

    def _fits(self, amount: float) -> bool:
        return not amount or self._below(self.spent + sum(self._held.values()) + amount)

    def _would_fit(self, amount: float) -> bool:
        """Whether it fits if nothing of what is held back for others is spent."""
        return self._below(self.spent + amount)

    def _below(self, sum: float) -> bool:
        return self.max_cost is None or sum <= self.max_cost + CENT_OF_A_CENT


def _out_of_requests(limit: int) -> BudgetError:
    message = f"stopped before request {limit + 1:,}: --max-requests is {limit:,}"
    return BudgetError(message, hint="raise --max-requests; retries and tool rounds count too")


def _out_of_money(amount: float, spent: float, held: float, limit: float | None) -> BudgetError:
    under_way = f" and {money(held)} held back for others" if held else ""
    message = (
        f"stopped before a request that may cost {money(amount)}: of --max-cost"
        f" {money(limit or 0.0)}, {money(spent)} is spent{under_way}"
    )
    return BudgetError(message, hint="raise --max-cost, or ask for shorter answers")
