"""Fetch: gets the bytes at an address that a reply or a recipe names, without any key.

Public hosts alone are reached, the provider's own and those that `allow_hosts` names; where a
redirect leads is judged alike.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urljoin

from runner.errors import ServiceError
from runner.exchange import Reply, Request, Timeout, Transport
from runner.protocol import pictures
from runner.transport.http import Address, Http, Limits
from runner.transport.names import looked_up
from runner.transport.reach import Hosts, judge, judge_place, without_query
from runner.transport.redirect import REDIRECTS, host_of
from runner.transport.retry import Retry
from runner.transport.routes import proxy_for

MOST_REDIRECTS = 5
LARGEST = 64 << 20
"""The largest body that is fetched, in bytes."""
TIMEOUT = Timeout(connect=10.0, idle=60.0, total=600.0)


class Fetch:
    """Fetches for one provider; holds connections open until it is closed."""

    def __init__(self, transport: Transport, known: Hosts, environ: dict[str, str]) -> None:
        self._transport = transport
        self._known = known
        self._environ = environ

    def __call__(self, address: str) -> bytes:
        """Return the bytes at an address; AddressError where it may not be reached."""
        inline = pictures.inline(address)
        if inline is not None:
            return inline
        for _ in range(MOST_REDIRECTS + 1):
            self._judge(address)
            request = Request("GET", address, "fetch", accepts=REDIRECTS, timeout=TIMEOUT)
            reply = self._transport.send(request)
            if reply.status not in REDIRECTS:
                return _content(reply, address)
            address = _next(reply, address)
        message = f"{host_of(address)}: redirected more than {MOST_REDIRECTS} times"
        raise ServiceError(message)

    def _judge(self, address: str) -> None:
        judge(address, self._known)
        # A proxy looks names up by itself: what we can find out of them is judged before.
        if not self._known.allow(address) and proxy_for(address, self._environ):
            for place in _places(host_of(address)):
                judge_place(place, host_of(address))

    def close(self) -> None:
        """Let go of what is held open."""
        self._transport.close()


def _places(host: str) -> list[str]:
    try:
        return [str(row[4][0]) for row in looked_up(host.partition(":")[0], None, TIMEOUT.connect)]
    except (OSError, UnicodeError):
        return []


def _next(reply: Reply, address: str) -> str:
    location = reply.headers.get("location", "")
    try:
        target = urljoin(address, location)
    except ValueError:
        target = ""
    if location and target:
        return target
    message = f"{without_query(address)}: answered {reply.status}, a redirect to nowhere"
    raise ServiceError(message)


def _content(reply: Reply, address: str) -> bytes:
    if reply.status >= 400:
        message = f"{without_query(address)}: answered {reply.status}, nothing was fetched"
        hint = "such addresses often live for an hour only" if reply.status in (403, 404) else ""
        raise ServiceError(message, hint=hint)
    return reply.body if isinstance(reply.body, bytes) else b""


def fetch_for(known: Hosts, tell: Callable[[str], None], environ: dict[str, str]) -> Fetch:
    """Make what fetches from public hosts, and from those that are known."""

    def address(request: Request) -> Address:
        host = host_of(request.path)
        guard = None if known.allow(request.path) else partial(judge_place, host=host)
        return Address(request.path, guard=guard)

    http = Http(address, limits=Limits(reply=LARGEST), environ=environ)
    retry = Retry(
        http,
        sleep=time.sleep,
        clock=time.time,
        jitter=random.random,
        announce=tell,
    )
    return Fetch(retry, known, environ)
