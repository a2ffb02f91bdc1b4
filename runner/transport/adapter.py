"""The adapter: shapes of requests are made once, and each goes by the shortest way there is."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from re import compile as pattern
from threading import Lock
from typing import TYPE_CHECKING, Any

from runner.record import Record
from runner.transport import head
from runner.transport.connection import Connection, Pool
from runner.transport.redirect import Headers
from runner.transport.routes import proxy_for, trust
from runner.transport.target import Target, target_of

if TYPE_CHECKING:
    from runner.transport.by_requests import ByRequests

NAME = pattern(r"[^:\s\0][^:\r\n\0]*")
VALUE = pattern(r"(?:[^\s\0][^\r\n\0]*)?")
BODILESS = ("GET", "HEAD")
ADAPTERS = "requests.adapters"


class HeaderError(ValueError):
    """A header that cannot be."""


class Parcel(Record):
    """A request without its body and its key, to be filled many times.

    `first` is its head, in two where the length of its body belongs. Without a pool of ours it
    goes by `requests`.
    """

    method: str
    target: Target
    headers: Mapping[str, str]
    first: list[bytes]
    names: frozenset[str]
    proxy: str | None
    pool: Pool | None


class Came(Record):
    """The head of a reply; its body is still to be read from `raw`."""

    status: int
    headers: Mapping[str, str]
    raw: Any


class Adapter:
    """Carries parcels over pooled connections that keep to the attempt's deadlines."""

    def __init__(self, concurrency: int, environ: Mapping[str, str]) -> None:
        self._concurrency = concurrency
        self._environ = environ
        self._pools: dict[tuple[str, str, int], Pool] = {}
        self._lock = Lock()
        self._other: ByRequests | None = None

    def parcel(self, method: str, url: str, headers: Mapping[str, str]) -> Parcel:
        """Prepare a request; HeaderError or another ValueError where it cannot be."""
        target = target_of(url)
        for name, value in headers.items():
            if not NAME.fullmatch(name) or not VALUE.fullmatch(value):
                raise HeaderError(name)
        login = {"Authorization": target.login} if target.login else {}
        told = _over(headers, login | {"Host": target.authority})
        told = {name: told[name] for name in told if name.lower() != "content-length"}
        length = {} if method in BODILESS else {"Content-Length": "\0"}
        first = head.written(method, target.path, told | length)[:-2].split(b"\0")
        proxy = proxy_for(target.url, self._environ)
        pool = None if proxy else self._pool(target)
        return Parcel(method, target, told, first, frozenset(map(str.lower, told)), proxy, pool)

    def carry(self, parcel: Parcel, body: Any, size: int, keys: Headers) -> Came:
        """Send a parcel with its body and its key; wait for the head of the reply."""
        first, pool = parcel.first, parcel.pool
        if pool is None or _is_mocked():
            found = self._by_requests().carry(
                *parcel[:2], parcel.proxy, _all(parcel, body, size, keys), body
            )
            return Came(found.status_code, found.headers, found.raw)
        is_other = body is not None and len(first) < 2
        if is_other or not parcel.names.isdisjoint([name.lower() for name, _ in keys]):
            whole = head.written(parcel.method, parcel.target.path, _all(parcel, body, size, keys))
        else:
            lines = "".join([f"{name}: {value}\r\n" for name, value in keys])
            whole = str(size).encode().join(first) + f"{lines}\r\n".encode("latin-1")
        raw = pool.exchange(parcel.method, whole, body)
        return Came(raw.status, raw.headers, raw)

    def close(self) -> None:
        """Close the connections that are kept."""
        for pool in [*self._pools.values()]:
            pool.close()
        if self._other is not None:
            self._other.close()

    def _pool(self, target: Target) -> Pool:
        origin = target[:3]
        with self._lock:
            if origin not in self._pools:
                context = trust(self._environ) if target.scheme == "https" else None
                make = partial(Connection, target.host, target.port, context)
                self._pools[origin] = Pool(make, self._concurrency)
            return self._pools[origin]

    def _by_requests(self) -> ByRequests:
        with self._lock:
            if self._other is None:
                from runner.transport.by_requests import ByRequests

                self._other = ByRequests(self._concurrency, self._environ)
            return self._other


def _is_mocked() -> bool:
    """Whether something stands in the place of requests' own `send`."""
    # While another thread still reads that module it has no adapter yet.
    kind = getattr(sys.modules.get(ADAPTERS), "HTTPAdapter", None)
    return kind is not None and kind.send.__module__ != ADAPTERS


def _all(parcel: Parcel, body: Any, size: int, keys: Headers) -> dict[str, str]:
    """Return every header of a request; a key goes before any other of its name."""
    told = _over(parcel.headers, dict(keys))
    if body is not None or parcel.method not in BODILESS:
        told["Content-Length"] = str(size)
    return told


def _over(headers: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Let our own headers stand instead of any others of their names, whatever the case."""
    names = {name.lower() for name in own}
    return {name: told for name, told in headers.items() if name.lower() not in names} | dict(own)
