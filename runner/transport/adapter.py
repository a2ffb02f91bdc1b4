"""The adapter: requests' own, with its pools found once and nothing looked up at a call.

What patches `HTTPAdapter.send` (the `responses` library) patches us. As long as nothing does, and
no proxy is in the way, requests go straight to a connection of the pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from re import compile as pattern
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager, Retry

from runner.transport import head
from runner.transport.connection import POOLS, Pool
from runner.transport.redirect import Headers
from runner.transport.response import BLOCK, Response
from runner.transport.routes import proxy_for, trust

OWN = HTTPAdapter.__module__
"""Where `HTTPAdapter.send` is from, unless something stands in its place."""


class Parcel(requests.PreparedRequest):
    """A prepared request that knows its pool and how that pool names its target.

    `first` is its head, in two where the length of its body belongs; None where requests has to
    send it.
    """

    pool: Pool
    target: str
    first: list[bytes] | None
    names: frozenset[str]

    def filled(self, body: Any) -> Parcel:
        """Return a copy to be sent with this body."""
        parcel = Parcel.__new__(Parcel)
        parcel.__dict__.update(self.__dict__)
        parcel.headers = self.headers.copy()
        parcel.body = body
        return parcel


class Came(NamedTuple):
    """The head of a reply; its body is still to be read from `raw`."""

    status: int
    headers: Mapping[str, str]
    raw: Any


UNTOUCHED = pattern(r"[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*")


def _target(url: str) -> str:
    """Return path and query letter for letter where they can be sent: a signature counts each."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return target if UNTOUCHED.fullmatch(target) else ""


def _first(method: str, parcel: Parcel) -> list[bytes] | None:
    """Write the head of a request but for its key, split where the length of its body belongs."""
    told = dict(parcel.headers)
    if "\0" in "".join(told.values()):
        return None
    if "Content-Length" in told:
        told["Content-Length"] = "\0"
    return head.written(method, parcel.target, told)[:-2].split(b"\0")


class Head(requests.Response):
    """A reply's head with its body still to be read; lean, for there is one a call."""

    def __init__(self, request: Any, raw: Response) -> None:
        vars(self).update(_content=False, _content_consumed=False)
        self.status_code = raw.status
        self.headers = raw.headers  # type: ignore[assignment]
        self.raw = raw
        self.request = request
        self.url = request.url
        self.reason = raw.reason
        self.history = []
        self.encoding = None


class Adapter(HTTPAdapter):
    """Carries parcels over pooled connections that keep to the attempt's deadlines."""

    def __init__(self, concurrency: int, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._pools: dict[tuple[str, str], tuple[Pool, bool]] = {}
        self._lock = Lock()
        super().__init__(8, concurrency, Retry(total=False), pool_block=True)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, blocksize=BLOCK, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def parcel(self, method: str, url: str, headers: dict[str, str]) -> Parcel:
        """Prepare a request without its body and its key, to be filled many times."""
        parcel = Parcel()
        parcel.prepare(method=method, url=url, headers=headers)
        parcel.headers["Host"] = urlsplit(str(parcel.url)).netloc.rpartition("@")[2]
        parcel.pool, forwarded = self._route(str(parcel.url))
        parcel.target = str(parcel.url) if forwarded else _target(url) or parcel.path_url
        parcel.first = None if parcel.pool.proxy else _first(method, parcel)
        parcel.names = frozenset(name.lower() for name in parcel.headers)
        return parcel

    def carry(self, parcel: Parcel, body: Any, size: int, keys: Headers) -> Came:
        """Send a parcel with its body and its key; wait for the head of the reply."""
        first = parcel.first
        is_other = body is not None and first is not None and len(first) < 2
        doubled = not parcel.names.isdisjoint([name.lower() for name, _ in keys])
        if first is None or is_other or doubled or HTTPAdapter.send.__module__ != OWN:
            return self._sent(parcel.filled(body), keys, size if body is not None else None)
        lines = "".join(f"{name}: {value}\r\n" for name, value in keys)
        whole = str(size).encode().join(first) + f"{lines}\r\n".encode("latin-1")
        raw = parcel.pool.exchange(str(parcel.method), whole, body)
        return Came(raw.status, raw.headers, raw)

    def _sent(self, parcel: Parcel, keys: Headers, size: int | None) -> Came:
        parcel.headers.update(keys)
        if size is not None:
            parcel.headers["Content-Length"] = str(size)
        found = self.send(parcel, stream=True)
        return Came(found.status_code, found.headers, found.raw)

    def _route(self, url: str) -> tuple[Pool, bool]:
        parts = urlsplit(url)
        origin = (parts.scheme, parts.netloc.rpartition("@")[2])
        with self._lock:
            if origin not in self._pools:
                self._pools[origin] = self._made(url)
            return self._pools[origin]

    def _made(self, url: str) -> tuple[Pool, bool]:
        """Make the pool of a host; tell whether a proxy forwards its requests."""
        parts = urlsplit(url)
        proxy = proxy_for(url, self._environ)
        secure = parts.scheme == "https" or (proxy or "").startswith("https:")
        context = trust(self._environ) if secure else None
        manager: PoolManager = self.poolmanager
        if proxy:
            manager = self.proxy_manager_for(proxy, proxy_ssl_context=context, blocksize=BLOCK)
            manager.pool_classes_by_scheme = POOLS
        tls = {"ssl_context": context, "cert_reqs": "CERT_REQUIRED"} if context else {}
        pool = manager.connection_from_host(parts.hostname, parts.port, parts.scheme, tls)
        return pool, bool(proxy) and parts.scheme == "http"  # type: ignore[return-value]

    def get_connection_with_tls_context(self, request: Any, *_: Any, **__: Any) -> Any:
        return request.pool

    def cert_verify(self, *_: Any) -> None:
        """Nothing: the shared context verifies, and is never loaded again."""

    def request_url(self, request: Any, _: Any) -> str:
        return str(request.target)

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        if isinstance(resp, Response):
            return Head(req, resp)
        return super().build_response(req, resp)
