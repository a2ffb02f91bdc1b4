"""Connections: urllib3's, with every wait on the socket ended by the attempt's deadlines.

A deadline is set before every read and write, of the headers too, so that a server that drips a
byte at a time ends on time without a watchdog thread.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Mapping
from functools import partial
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from runner.errors import ConnectionFailedError
from runner.transport import head
from runner.transport.attempt import CURRENT, Attempt
from runner.transport.failure import refusal
from runner.transport.multipart import Stream

BLOCK = 65536


class Wire(io.RawIOBase):
    """What a socket receives, each wait within the deadline."""

    def __init__(self, raw: Any, sock: socket.socket, attempt: Attempt) -> None:
        self._raw = raw
        self._sock = sock
        self._attempt = attempt
        self._is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._is_over:
            return 0
        attempt = self._attempt
        self._sock.settimeout(attempt.left())
        try:
            count = self._sock.recv_into(buffer)
        except TimeoutError:
            raise attempt.expired() from None
        if count and attempt.fed_by_bytes:
            attempt.feed()
        return count

    def end(self) -> None:
        """Receive nothing more: a reader above gives what it holds, and does not wait."""
        self._is_over = True

    def close(self) -> None:
        self._raw.close()
        super().close()


class Response(http.client.HTTPResponse):
    """A reply whose head was read, its body still to come.

    `release` gives its connection back, or lets go of it.
    """

    fp: io.BufferedReader
    version_string = "HTTP/1.1"
    length_remaining = None
    reusable = False

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._wire = Wire(self.fp.detach(), sock, CURRENT.get())
        self.fp = io.BufferedReader(self._wire)

    def begin(self) -> None:
        found = head.read(self.fp.readline, self._method)  # type: ignore[attr-defined]
        self.status, self.code, self.reason = found.status, found.status, found.reason
        self.headers = self.msg = found.headers  # type: ignore[assignment]
        self.version = 11
        self.chunked, self.length = found.chunked, found.length
        self.will_close = not found.keeps_alive

    def release(self) -> None:
        """Give the connection back to its pool, closed unless it can serve again."""
        pool: Pool = self._pool  # type: ignore[attr-defined]
        connection: HTTPConnection = self._connection  # type: ignore[attr-defined]
        serves_again = self.reusable and not self.will_close and self._is_spent()
        self.close()
        if not serves_again:
            connection.close()
        pool.give_back(connection)

    def _is_spent(self) -> bool:
        """Whether nothing came behind the reply, where the next one would begin."""
        self._wire.end()
        return not self.fp.peek(1)


class TimedConnection(HTTPConnection):
    """An HTTP connection that keeps to the deadlines of the current attempt."""

    response_class = Response
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
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, self.port, type=socket.SOCK_STREAM
        ):
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
        attempt = CURRENT.get()
        attempt.speak()
        self._asked = method
        # On its way here urllib3 has put the address in its own spelling.
        first = head.written(method, attempt.target or url, headers)
        if isinstance(body, Stream):
            self.send(first)
            for piece in iter(partial(body.read, BLOCK), b""):
                self.send(piece)
        else:
            self.send(first + body if body else first)

    def send(self, data: Any) -> None:
        attempt = CURRENT.get()
        left = memoryview(data)
        while left:
            self.sock.settimeout(attempt.left())
            count = self.sock.send(left[:BLOCK])
            left = left[count:]
            attempt.feed()

    def getresponse(self) -> Any:
        CURRENT.get().wait()
        response = Response(self.sock, method=self._asked)
        try:
            response.begin()
        except BaseException:
            response.close()
            raise
        if response.will_close:
            self.close()
        return response


class TimedSecureConnection(TimedConnection, HTTPSConnection):
    """The same over TLS."""


class Pool(HTTPConnectionPool):
    """Connections of one host, kept for the next request."""

    ConnectionCls = TimedConnection  # type: ignore[assignment]

    def give_back(self, connection: HTTPConnection) -> None:
        """Take back a connection whose reply has been read."""
        self._put_conn(connection)


class SecurePool(HTTPSConnectionPool, Pool):
    """The same over TLS."""

    ConnectionCls = TimedSecureConnection  # type: ignore[assignment]


POOLS = {"http": Pool, "https": SecurePool}
