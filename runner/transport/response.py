"""Responses: the head of a reply, read, and what reads its body, each wait within the deadline."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Mapping
from typing import Any

from runner.transport import head
from runner.transport.attempt import CURRENT, Attempt

BLOCK = 65536


class Wire(io.RawIOBase):
    """What a socket receives, each wait within the deadline; `held` was received before."""

    def __init__(self, sock: socket.socket, attempt: Attempt, held: bytes = b"") -> None:
        self._sock = sock
        self._attempt = attempt
        self._held = held
        self._is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._held:
            piece, self._held = self._held[: len(buffer)], self._held[len(buffer) :]
            buffer[: len(piece)] = piece
            return len(piece)
        if self._is_over:
            return 0
        attempt = self._attempt
        count: int = within(attempt, self._sock, self._sock.recv_into, buffer)
        if count and attempt.fed_by_bytes:
            attempt.feed()
        return count

    def end(self) -> None:
        """Receive nothing more: a reader above gives what it holds, and does not wait."""
        self._is_over = True


def within(attempt: Attempt, sock: Any, act: Callable[..., Any], *given: Any) -> Any:
    """Let a socket wait for what it is to do, as long as the attempt has time.

    To set a socket's time-out is a call of the system: a shorter one stays, and its wait goes on.
    """
    while True:
        left = attempt.left()
        set_to = sock.gettimeout()
        if set_to is None or not left / 2 <= set_to <= left:
            sock.settimeout(left)
        try:
            return act(*given)
        except TimeoutError:
            continue


class Response:
    """A reply whose head was read, its body still to come.

    `release` gives its connection back, or lets go of it. What came with the head is most often
    the whole of it, and is taken without a buffered file above the socket.
    """

    version_string = "HTTP/1.1"
    length_remaining = None
    retries = None

    def __init__(self, sock: socket.socket, method: str) -> None:
        self.reusable = False
        self._pool: Any = None
        self._connection: Any = None
        self._sock, self._attempt = sock, CURRENT.get()
        self._wire: Wire | None = None
        self._fp: io.BufferedReader | None = None
        self._held: bytes = within(self._attempt, sock, sock.recv, BLOCK)
        found = head.whole(self._held, method)
        first, end = found or (head.read(self.fp.readline, method), 0)
        self._held = self._held[end:]
        self.status, self.reason, self.headers = first.status, first.reason, first.headers
        self.chunked, self.length = first.chunked, first.length
        self.will_close = not first.keeps_alive

    @property
    def fp(self) -> io.BufferedReader:
        """What reads on."""
        if self._fp is None:
            self._wire = Wire(self._sock, self._attempt, self._held)
            self._fp = io.BufferedReader(self._wire)
            self._held = b""
        return self._fp

    def at_once(self, most: int) -> bytes | None:
        """Return the body where it came with the head; None where it is to be read."""
        length = self.length
        if length is None or self._fp is not None or not len(self._held) >= length <= most:
            return None
        self.reusable = True
        body, self._held = self._held[:length], self._held[length:]
        return body

    def release(self) -> None:
        """Give the connection back to its pool, closed unless it can serve again."""
        serves_again = self.reusable and not self.will_close and self._is_spent()
        if self._fp is not None:
            self._fp.close()
        if not serves_again:
            self._connection.close()
        self._pool.give_back(self._connection)

    def _is_spent(self) -> bool:
        """Whether nothing came behind the reply, where the next one would begin."""
        if self._wire is None:
            return not self._held
        self._wire.end()
        return not self.fp.peek(1)


def at_once(raw: Any, headers: Mapping[str, str], limit: int) -> bytes | None:
    """Return the body where it came with the head, as it is; None where it is to be read."""
    if not isinstance(raw, Response) or headers.get("content-encoding", "identity") != "identity":
        return None
    body = raw.at_once(limit)
    if body is not None:
        raw.release()
    return body
