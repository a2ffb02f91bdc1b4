"""Connections: each wait on the socket is ended by the attempt's deadlines.

A deadline is set before every read and write, of the headers too, so that a server that drips a
byte at a time ends on time without a watchdog thread.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any
from weakref import finalize

from runner.errors import ConnectionFailedError
from runner.transport.attempt import CURRENT, Attempt
from runner.transport.failure import refusal
from runner.transport.names import looked_up
from runner.transport.response import BLOCK, Response, within

if TYPE_CHECKING:
    import ssl


def dial(host: str, port: int, attempt: Attempt, *, is_proxy: bool = False) -> socket.socket:
    """Connect to a host; ConnectionFailedError where it cannot be reached in time."""
    attempt.connect()
    who = f"the proxy {host}:{port}" if is_proxy else attempt.host
    guard = None if is_proxy else attempt.guard
    try:
        return _reached(host, port, attempt, guard)
    except (OSError, UnicodeError) as error:
        raise refusal(error, who, attempt) from error


def _reached(
    host: str, port: int, attempt: Attempt, guard: Callable[[str], None] | None
) -> socket.socket:
    """Try each of the host's addresses; one deadline serves them all."""
    failure: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in looked_up(host, port, attempt.left()):
        if guard is not None:
            guard(str(address[0]))
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(attempt.left())
            sock.connect(address)
            sock.settimeout(attempt.left())  # for the TLS handshake, which waits in one piece
        except OSError as error:
            sock.close()
            failure = error
        except ConnectionFailedError:
            sock.close()
            raise
        else:
            return sock
    raise failure


class Speaking:
    """What asks over a socket, and hears the head of the reply."""

    sock: Any

    def carry(self, first: bytes, body: Any) -> None:
        """Send a request: its head, and its body, which is bytes or has to be read."""
        CURRENT.get().speak()
        if body is None or isinstance(body, bytes):
            self.send(first + body if body else first)
            return
        self.send(first)
        for piece in iter(partial(body.read, BLOCK), b""):
            self.send(piece)

    def send(self, data: Any) -> None:
        """Send bytes, as many at once as the socket takes."""
        attempt = CURRENT.get()
        left = data if len(data) <= BLOCK else memoryview(data)
        while left:
            count = within(attempt, self.sock, self.sock.send, left[:BLOCK])
            left = left[count:]
            attempt.feed()

    def answered(self, method: str) -> Response:
        """Wait for the head of the reply."""
        CURRENT.get().wait()
        return Response(self.sock, method)


class Connection(Speaking):
    """A connection to a host, over TLS where there is a context for that."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._host, self._port, self._context = host, port, context
        self.sock: Any = None

    def connect(self) -> None:
        """Reach the host."""
        sock = dial(self._host, self._port, CURRENT.get())
        if self._context is not None:
            name = self._host.partition("%")[0].rstrip(".")
            sock = self._context.wrap_socket(sock, server_hostname=name)
        self.sock = sock
        self._poll = _poll(sock)

    def is_quiet(self) -> bool:
        """Whether the host has neither closed it nor said what nobody asked for."""
        unpacked = getattr(self.sock, "pending", None)  # of TLS, what no look at the socket shows
        return not (unpacked is not None and unpacked()) and not self._poll(0)

    def close(self) -> None:
        """Let go of the host."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None


def _poll(sock: Any) -> Callable[[int], Any]:
    """Return what looks whether a socket has anything to read."""
    if not hasattr(select, "poll"):
        return lambda _: select.select([sock], [], [], 0)[0]
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return poll.poll


class Pool:
    """Connections of one host, kept for the next request: as many as there are askers."""

    def __init__(self, make: Callable[[], Connection], size: int) -> None:
        self._make = make
        self._idle: list[Connection] = []
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(size):
            self._free.put(None)
        finalize(self, _close, self._idle)

    def exchange(self, method: str, first: bytes, body: Any) -> Response:
        """Send a request as it is, and wait for the head of its reply."""
        self._free.get()
        connection: Connection | None = None
        try:
            connection = self._idle_one() or self._make()
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

    def _idle_one(self) -> Connection | None:
        try:
            connection = self._idle.pop()
        except IndexError:
            return None
        if connection.sock is not None and not connection.is_quiet():
            connection.close()
        return connection

    def give_back(self, connection: Connection) -> None:
        """Take back a connection whose reply has been read."""
        self._idle.append(connection)
        self._free.put(None)

    def close(self) -> None:
        """Close what is kept."""
        _close(self._idle)


def _close(connections: list[Connection]) -> None:
    while connections:
        connections.pop().close()
