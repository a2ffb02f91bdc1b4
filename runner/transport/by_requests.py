"""By requests: its own adapter carries what goes through a proxy, and what a test mocks.

What patches `HTTPAdapter.send` (the `responses` library) patches us. All else goes straight to a
connection of ours, and `requests` is not even read: that is a quarter of a start.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Mapping
from threading import Lock
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import PoolManager, Retry
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from runner.transport import head
from runner.transport.attempt import CURRENT
from runner.transport.connection import Speaking, dial
from runner.transport.response import BLOCK, Response, Wire
from runner.transport.routes import trust
from runner.transport.target import Target


class Tunnel(http.client.HTTPResponse):
    """A proxy's answer to CONNECT, within the deadlines."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(Wire(sock, CURRENT.get()))


class TimedConnection(Speaking, HTTPConnection):
    """A connection of urllib3's that keeps to the deadlines of the current attempt."""

    response_class = Tunnel
    _asked = ""

    def _new_conn(self) -> socket.socket:
        host = self._dns_host.strip("[]")
        return dial(host, self.port, CURRENT.get(), is_proxy=bool(self.proxy))

    def request(self, method: str, url: str, body: Any = None, **options: Any) -> None:  # type: ignore[override]
        headers: Mapping[str, str] = options["headers"]
        if self.sock is None:
            self.connect()
        self._asked = method
        # On its way here urllib3 has put the address in its own spelling.
        self.carry(head.written(method, CURRENT.get().target or url, headers), body)

    def getresponse(self) -> Any:
        return self.answered(self._asked)


class TimedSecureConnection(TimedConnection, HTTPSConnection):
    """The same over TLS."""


class Pool(HTTPConnectionPool):
    """Connections that urllib3 keeps."""

    ConnectionCls = TimedConnection  # type: ignore[assignment]

    def give_back(self, connection: Any) -> None:
        """Take back a connection whose reply has been read."""
        self._put_conn(connection)


class SecurePool(HTTPSConnectionPool, Pool):
    """The same over TLS."""

    ConnectionCls = TimedSecureConnection  # type: ignore[assignment]


POOLS: dict[str, type] = {"http": Pool, "https": SecurePool}


class Asked(requests.PreparedRequest):
    """A request that knows its pool, and how that pool names its target."""

    pool: Any
    target: str


class Head(requests.Response):
    """A reply's head with its body still to be read."""

    def __init__(self, request: Any, raw: Response) -> None:
        super().__init__()
        self.status_code = raw.status
        self.headers = raw.headers  # type: ignore[assignment]
        self.raw = raw
        self.request = request
        self.url = request.url
        self.reason = raw.reason


class ByRequests(HTTPAdapter):
    """Carries requests over pools that keep to the attempt's deadlines."""

    def __init__(self, concurrency: int, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._pools: dict[tuple[str, str, str | None], Any] = {}
        self._lock = Lock()
        super().__init__(8, concurrency, Retry(total=False), pool_block=True)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, blocksize=BLOCK, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def carry(
        self, method: str, target: Target, proxy: str | None, headers: Mapping[str, str], body: Any
    ) -> requests.Response:
        """Send a request; wait for the head of the reply."""
        asked = Asked()
        asked.method, asked.url, asked.body = method, target.url, body
        asked.headers = CaseInsensitiveDict(headers)
        asked.pool = self._pool(target, proxy)
        asked.target = target.url if proxy and target.scheme == "http" else target.path
        CURRENT.get().target = asked.target
        return self.send(asked, stream=True)

    def _pool(self, target: Target, proxy: str | None) -> Any:
        key = (target.scheme, target.authority, proxy)
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._made(target, proxy)
            return self._pools[key]

    def _made(self, target: Target, proxy: str | None) -> Any:
        """Make the pool of a host."""
        secure = target.scheme == "https" or (proxy or "").startswith("https:")
        context = trust(self._environ) if secure else None
        manager: PoolManager = self.poolmanager
        if proxy:
            manager = self.proxy_manager_for(proxy, proxy_ssl_context=context, blocksize=BLOCK)
            manager.pool_classes_by_scheme = POOLS
        tls = {"ssl_context": context, "cert_reqs": "CERT_REQUIRED"} if context else {}
        return manager.connection_from_host(target.host, target.port, target.scheme, tls)

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
