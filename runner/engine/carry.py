"""Carry: builds the nest of transports that takes a provider's requests to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from runner.engine.user import access, settings
from runner.exchange import Channel, Json, Listener, Reply, Request, Transport
from runner.protocol import providers
from runner.protocol.providers import Provider
from runner.transport.shared import Shared

if TYPE_CHECKING:
    from runner.engine.costs.budget import Budget
    from runner.transport.limited import Limited


Awaiting: TypeAlias = Callable[[str], AbstractContextManager[object]]
"""Surrounds the wait for an answer of a host."""


class Spoken:
    """Puts requests in a provider's own words: its names for models, its empty content.

    `awaiting` is entered while an answer of the provider's host is waited for.
    """

    def __init__(
        self, provider: Provider, inner: Transport, awaiting: Awaiting = nullcontext
    ) -> None:
        self._provider = provider
        self._inner = inner
        self._awaiting = awaiting
        self._host = urlsplit(provider.base_url).netloc

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        """Send a request in the provider's words."""
        request = providers.outgoing(self._provider, request)
        with self._awaiting(self._host):
            return self._inner.send(request, listener)

    def open(self, request: Request) -> Channel:
        """Open a channel in the provider's words."""
        request = providers.outgoing(self._provider, request)
        with self._awaiting(self._host):
            return self._inner.open(request)

    def close(self) -> None:
        """Let go of what is held open."""
        self._inner.close()


class Carrier:
    """Gives each provider its transport, made once; `awaiting` is told whom anybody waits for."""

    def __init__(
        self,
        tell: Callable[[str], None],
        environ: dict[str, str],
        now: Callable[[], float] = time.time,
        jobs: int = 1,
    ) -> None:
        self._tell = tell
        self._environ = environ
        self._now = now
        self._jobs = jobs
        self._lock = Lock()
        self._shared = Shared()
        self._limited: list[Limited] = []
        self._part = 1.0
        self.awaiting: Awaiting = nullcontext
        self._made: dict[tuple[str, ...], Transport] = {}
        self._known: dict[tuple[int, int, str], tuple[Provider, Budget | None, Transport]] = {}

    def __call__(
        self, provider: Provider, spool: Path | None = None, budget: Budget | None = None
    ) -> Transport:
        """Return the transport of a provider; SettingsError where it cannot be asked.

        Two projects may each have a provider of one name, with hosts, keys and prices of their own.
        """
        short = id(provider), id(budget), str(spool)
        found = self._known.get(short)
        if found is None:  # What is held cannot be taken for another by its address.
            with self._lock:
                found = provider, budget, self._one(provider, spool, budget)
            self._known[short] = found
        return found[2]

    def _one(self, provider: Provider, spool: Path | None, budget: Budget | None) -> Transport:
        keys = (key.reveal() if key else "" for key in (provider.key, provider.token))
        identity = (str(provider), str(spool), budget.identity if budget else "", *keys)
        if identity not in self._made:
            pays = partial(budget.over, provider=provider) if budget else _free
            self._made[identity] = self._make(provider, spool, pays)
        return self._made[identity]

    def _make(
        self, provider: Provider, spool: Path | None, pays: Callable[[Transport], Transport]
    ) -> Transport:
        if provider.kind == "offline":
            from runner.transport.offline import Offline

            return pays(Offline(now=self._now, families=_families(provider)))
        access.demand(provider)
        from runner.transport.http import Address, Http
        from runner.transport.limited import Limited, Pace
        from runner.transport.retry import Retry

        def address(request: Request) -> Address:
            return Address(
                providers.url(provider, request),
                provider.headers,
                lambda: providers.key_headers(provider),
            )

        http = Http(address, environ=self._environ, spool=spool, concurrency=self._jobs)
        pace = Pace(time.monotonic, time.sleep, time.time)
        account = f"{provider.name} {provider.base_url}"
        whose = provider.name, account, self._jobs
        limited = Limited(pays(http), provider.limits, self._shared, pace, *whose)
        limited.share(self._part)
        self._limited.append(limited)
        retry = Retry(
            limited,
            sleep=time.sleep,
            clock=time.time,
            jitter=_jitter,
            announce=self._tell,
        )
        return Spoken(provider, retry, lambda host: self.awaiting(host))

    def holding(self) -> str:
        """Say which limit holds the run back now; "" where none does."""
        return self._shared.holding(time.monotonic())

    def spread(self) -> None:
        """Let processes that are forked from now on share the limits."""
        self._shared.spread()

    def share(self, part: float) -> None:
        """Keep to a part of each provider's limits from now on."""
        self._part = part
        for one in self._limited:
            one.share(part)

    def stop(self) -> None:
        """Let nothing wait for its turn any more."""
        self._shared.stop()

    def close(self) -> None:
        """Close every transport."""
        for transport in self._made.values():
            transport.close()


def _families(provider: Provider) -> Mapping[str, Json] | None:
    """Return what is known of models, as far as the provider that is simulated keeps to it."""
    if provider.checks == "off":
        return None
    from runner.protocol import rules

    known = settings.table("models.json")
    return rules.unnamed(known) if provider.own_names else known


def _free(inner: Transport) -> Transport:
    return inner


def _jitter() -> float:
    from random import random  # most requests are made once

    return random()
