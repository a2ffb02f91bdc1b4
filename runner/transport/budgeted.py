"""Budgeted: a transport that lets a request pass only where the run can pay for it.

It stands below the retries: each attempt is held back for by itself.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.errors import ConnectionFailedError, SettingsError
from runner.exchange import Channel, Json, Listener, Reply, Request, Transport
from runner.protocol.ceiling import Ceiling, session
from runner.protocol.usage import is_count
from runner.record import Record
from runner.transport.ledger import Ledger, Ticket
from runner.transport.limited import TIDIES


class Rule(Record):
    """How requests are judged: the most that one can cost, and what its reply has cost.

    `most` is asked only where there is a limit of costs. `charged` gives None where it cannot tell.
    """

    most: Callable[[Request], Ceiling]
    charged: Callable[[Request, Reply], float | None]
    used: Callable[[Request, Json], float | None]


class Budgeted:
    """Reserves the highest cost of each attempt, and settles it by its reply."""

    def __init__(self, inner: Transport, ledger: Ledger, rule: Rule) -> None:
        self._inner = inner
        self._ledger = ledger
        self._rule = rule

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        """Send a request that can be paid for; BudgetError where it is not."""
        ticket = reserved(self._ledger, self._rule, request)
        paid: float | None = None
        try:
            reply = self._inner.send(request, listener)
            paid = 0.0 if not ticket.amount else self._rule.charged(request, reply)
        except ConnectionFailedError as error:
            paid = None if error.sent else 0.0
            raise
        finally:
            self._ledger.settle(ticket, paid)
        return reply

    def open(self, request: Request) -> Channel:
        """Open a channel; each response that it is asked for is an attempt."""
        return Counted(self._inner.open(request), request, self._ledger, self._rule)

    def close(self) -> None:
        """Close what is beneath."""
        self._inner.close()


def reserved(ledger: Ledger, rule: Rule, request: Request, *, waits: bool = True) -> Ticket:
    """Hold back what a request may cost; SettingsError where nobody knows."""
    if ledger.max_cost is None:
        return ledger.reserve(tidies=request.endpoint in TIDIES, waits=waits)
    most = rule.most(request)
    if most.cost is None:
        message = f"--max-cost cannot be held: {most.why}"
        raise SettingsError(message, hint=most.hint)
    return ledger.reserve(most.cost, tidies=request.endpoint in TIDIES, waits=waits)


class Counted:
    """A channel that asks for a response only where it can be paid for."""

    def __init__(self, inner: Channel, request: Request, ledger: Ledger, rule: Rule) -> None:
        self._inner = inner
        self._request = request
        self._ledger = ledger
        self._rule = rule
        self._fields: dict[str, Json] = {}
        self._items: list[Json] = []
        self._heard = 0
        self._open: list[Ticket] = []

    def say(self, message: Json) -> None:
        """Send one message; BudgetError where it asks for a response that cannot be paid for."""
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "session.update":
            self._fields |= message.get("session") or {}
        elif kind == "conversation.item.create":
            self._items.append(message.get("item"))
        elif kind == "response.create":
            fields = {**self._fields, **(message.get("response") or {})}
            asked = session(self._request.model, fields, tuple(self._items), self._heard)
            self._open.append(reserved(self._ledger, self._rule, asked))
        self._inner.say(message)

    def hear(self, timeout: float) -> Json:
        """Return the next message, and settle the response that it ends."""
        message = self._inner.hear(timeout)
        if isinstance(message, dict) and message.get("type") == "response.done":
            self._done(message.get("response") or {})
        return message

    def _done(self, response: Json) -> None:
        used = response.get("usage") if isinstance(response, dict) else None
        counted = used if isinstance(used, dict) else {}
        made = counted.get("output_tokens")
        self._heard += int(made) if is_count(made) else 0
        if self._open:
            self._ledger.settle(self._open.pop(0), self._rule.used(self._request, counted))

    def close(self) -> None:
        """Say goodbye; what was not answered may have been charged."""
        self._inner.close()
        while self._open:
            self._ledger.settle(self._open.pop(), None)
