"""Via batch, the mail: what one run asks goes to the desk, and what was done for it is remembered.

A run is made anew whenever a reply of it has come: it asks the same again and is answered at once,
up to what nobody has answered yet. Tools are not run again for that.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.engine.via_batch.desk import Desk
from runner.errors import ServiceError
from runner.exchange import Channel, Listener, Reply, Request
from runner.model import ToolCall, ToolResult
from runner.protocol import batching
from runner.protocol.providers import Provider

Calls = tuple[ToolCall, ...]
Results = tuple[ToolResult, ...]


class Mail:
    """What one run sends and gets; its requests are numbered in their order."""

    def __init__(self, desk: Desk, run: str) -> None:
        self._desk = desk
        self._run = run
        self._awaited = desk.store.awaited(run)
        self._sent = 0
        self._rounds = 0

    def carry(self, provider: Provider) -> Posting:
        """Return the transport to a provider."""
        return Posting(self, provider)

    def send(self, provider: Provider, request: Request) -> Reply:
        """Get the reply of a request; `PutAside` where there is none yet."""
        self._sent += 1
        line = batching.line(provider, request, self._run, self._sent)
        if self._sent == self._awaited.number and line.id != self._awaited.id:
            message = "what this run asks changed while it was answered"
            raise ServiceError(message, hint="a template gives another value each time")
        return self._desk.post(self._run, line, provider, request)

    def recall(self, calls: Calls, work: Callable[[Calls], Results]) -> Results:
        """Return what calls came to: when they were run before, or now."""
        self._rounds += 1
        store = self._desk.store
        results = tuple(store.results(self._run, self._rounds, calls))
        if not results:
            results = work(calls)
            store.called(self._run, self._rounds, calls, results)
        return results


class Posting:
    """The face of a transport: requests go into batches."""

    def __init__(self, mail: Mail, provider: Provider) -> None:
        self._mail = mail
        self._provider = provider

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        """Get the reply of a request; nobody hears it come."""
        del listener
        return self._mail.send(self._provider, request)

    def open(self, request: Request) -> Channel:
        """Refuse a conversation."""
        message = f"{request.endpoint} cannot be asked in a batch"
        raise ServiceError(message)

    def close(self) -> None:
        """Hold nothing open."""


class Taken(set[str]):
    """The places that a run wrote to, above those of all others.

    A run that is made anew writes to its own places again.
    """

    def __init__(self, others: set[str]) -> None:
        super().__init__()
        self._others = others

    def __contains__(self, place: object) -> bool:
        return super().__contains__(place) or place in self._others

    def keep(self) -> None:
        """Let no other run write to these places."""
        self._others |= self
