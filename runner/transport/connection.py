"""Connections: urllib3's, with every wait on the socket ended by the attempt's deadlines.

A deadline is set before every read and write, of the headers too, so that a server that drips a
byte at a time ends on time without a watchdog thread.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from functools import partial
from queue import SimpleQueue
from typing import Any
from weakref import finalize

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from runner.errors import ConnectionFailedError
from runner.transport import head
from runner.transport.attempt import CURRENT, Attempt
from runner.transport.failure import refusal
from runner.transport.multipart import Stream
from runner.transport.names import looked_up
from runner.transport.response import BLOCK, Response, Tunnel, within


class TimedConnection(HTTPConnection):
    """An HTTP connection that keeps to the deadlines of the current attempt."""

    response_class = Tunnel
    is_own = False
    _asked = ""

    def _new_conn(self) -> socket.socket:
        attempt = CURRENT.get()
        attempt.connect()
        who = f"the proxy {self.host}:{self.port}" if self.proxy else attempt.host
        try:
            return self._dial(attempt)
        except (OSError, UnicodeError) as error:
            raise refusal(error, who, attempt) from error

    def _dial(self, attempt: Attempt) -> socket.socket:
        """Try each of the host's addresses; one deadline serves them all."""
        failure: OSError = OSError("the name has no address")
        host = self._dns_host.strip("[]")
        for family, kind, protocol, _, address in looked_up(host, self.port, attempt.left()):
            if attempt.guard is not None and not self.proxy:
                attempt.guard(str(address[0]))
            sock = socket.socket(family, kind, protocol)
            try:
                self._reach(sock, address, attempt)
            except OSError as error:
                sock.close()
                failure = error
            except ConnectionFailedError:
                sock.close()
                raise
            else:
                return sock
        raise failure

    def _reach(self, sock: socket.socket, address: Any, attempt: Attempt) -> None:
        for option in self.socket_options or ():
            sock.setsockopt(*option)
        sock.settimeout(attempt.left())
        sock.connect(address)
        sock.settimeout(attempt.left())  # for the TLS handshake, which waits in one piece

    def request(self, method: str, url: str, body: Any = None, **options: Any) -> None:  # type: ignore[override]
        headers: Mapping[str, str] = options["headers"]
        if self.sock is None:
            self.connect()
        self._asked = method
        # On its way here urllib3 has put the address in its own spelling.
        first = head.written(method, CURRENT.get().target or url, headers)
        self.carry(first, body)

    def carry(self, first: bytes, body: Any) -> None:
        """Send a request: its head, and its body."""
        CURRENT.get().speak()
        if isinstance(body, Stream):
            self.send(first)
            for piece in iter(partial(body.read, BLOCK), b""):
                self.send(piece)
        else:
            self.send(first + body if body else first)

    def send(self, data: Any) -> None:
        attempt = CURRENT.get()
        left = data if len(data) <= BLOCK else memoryview(data)
        while left:
            count = within(attempt, self.sock, self.sock.send, left[:BLOCK])
            left = left[count:]
            attempt.feed()

    def getresponse(self) -> Any:
        return self.answered(self._asked)

    def answered(self, method: str) -> Response:
        """Wait for the head of the reply."""
        CURRENT.get().wait()
        return Response(self.sock, method)


class TimedSecureConnection(TimedConnection, HTTPSConnection):
    """The same over TLS."""


class Pool(HTTPConnectionPool):
    """Connections of one host, kept for the next request: as many as there are askers."""

    ConnectionCls = TimedConnection  # type: ignore[assignment]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._idle: list[TimedConnection] = []
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(int(options.get("maxsize", 1))):
            self._free.put(None)
        finalize(self, _close, self._idle)

    def exchange(self, method: str, first: bytes, body: Any) -> Response:
        """Send a request as it is, and wait for the head of its reply.

        What urllib3 does beside for a proxy is left out.
        """
        self._free.get()
        connection: TimedConnection | None = None
        try:
            connection = self._idle_one() or self._own_one()
            if connection.sock is None:
                connection.connect()
            connection.carry(first, body)
            response = connection.answered(method)
        except BaseException:
            if connection is not None:
                connection.close()
            self._free.put(None)
            raise
        response._pool, response._connection = self, connection
        return response

    def _idle_one(self) -> TimedConnection | None:
        try:
            connection = self._idle.pop()
        except IndexError:
            return None
        if connection.sock is not None and not connection.is_connected:
            connection.close()
        return connection

    def _own_one(self) -> TimedConnection:
        connection: TimedConnection = self._new_conn()  # type: ignore[assignment]
        connection.is_own = True
        return connection

    def give_back(self, connection: TimedConnection) -> None:
        """Take back a connection whose reply has been read."""
        if connection.is_own:
            self._idle.append(connection)
            self._free.put(None)
        else:
            self._put_conn(connection)  # type: ignore[arg-type]

    def close(self) -> None:
        """Close what is kept."""
        super().close()
        _close(self._idle)


def _close(connections: list[TimedConnection]) -> None:
    while connections:
        connections.pop().close()


class SecurePool(HTTPSConnectionPool, Pool):
    """The same over TLS."""

    ConnectionCls = TimedSecureConnection  # type: ignore[assignment]


POOLS: dict[str, type] = {"http": Pool, "https": SecurePool}
