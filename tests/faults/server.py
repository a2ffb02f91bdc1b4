"""A loopback server that misbehaves on demand: `{url}/fault/NAME` is a base URL of its own.

`NAME*2` fails twice on each path below it and then works. `faults.FAULTS` lists the names;
what was asked is in `log`.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, NamedTuple

from tests.faults.answers import Body, answer


class Seen(NamedTuple):
    """A request that came; `connection` counts the connections from 1."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


class Talk:
    """One exchange: what was asked, and the socket to misbehave on."""

    def __init__(self, server: FaultServer, sock: socket.socket, seen: Seen) -> None:
        self.server = server
        self.sock = sock
        self.seen = seen

    def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.sock.sendall(piece)

    def pause(self, seconds: float) -> None:
        if self.server.closing.wait(seconds):
            raise ConnectionAbortedError

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ConnectionAbortedError

    def hang_up(self) -> None:
        raise ConnectionAbortedError

    @property
    def wants_stream(self) -> bool:
        return b'"stream":true' in self.seen.body

    @property
    def tail(self) -> str:
        """The path below the base URL."""
        path = self.seen.path.removeprefix("/fault/").partition("?")[0]
        return re.sub(r"^/(\d+|\w)/", "/", "/" + path.partition("/")[2])

    @property
    def whole(self) -> Body:
        """What a service that works would answer."""
        return answer(self.tail, self.seen.body, streamed=self.wants_stream)


Fault = Callable[[Talk], None]
HANDSHAKE = b"\x16"
"""What TLS begins with."""


class FaultServer:
    """Serve on a free port of 127.0.0.1 until the end of the `with` block."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        self._faults = faults
        self.log: list[Seen] = []
        self.closing = threading.Event()
        self.elsewhere = "http://127.0.0.1:9"
        self._counts: Counter[str] = Counter()
        self._connections = 0
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> FaultServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._open):
            sock.close()

    def base(self, fault: str) -> str:
        """Return the base URL below which every path has this fault."""
        return f"{self.url}/fault/{fault}"

    def parted(self) -> None:
        """Wait until no connection is open."""
        deadline = time.monotonic() + 10
        while self._open:
            assert time.monotonic() < deadline
            time.sleep(0.001)

    @property
    def connections(self) -> int:
        return self._connections

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._connections += 1
            threading.Thread(
                target=self._serve, args=(sock, self._connections), daemon=True
            ).start()

    def _serve(self, sock: socket.socket, connection: int) -> None:
        self._open.add(sock)
        try:
            with sock, sock.makefile("rb") as lines:
                for seen in _requests(lines, connection):
                    self._answer(Talk(self, sock, seen))
        except OSError:
            pass
        finally:
            self._open.discard(sock)

    def _answer(self, talk: Talk) -> None:
        self.log.append(talk.seen)
        name = talk.seen.path.removeprefix("/fault/").partition("/")[0]
        fault, star, times = name.partition("*")
        self._counts[talk.seen.path] += 1
        is_over = star and self._counts[talk.seen.path] > int(times)
        self._faults["none" if is_over else fault](talk)


def _requests(lines: BinaryIO, connection: int) -> Iterator[Seen]:
    while first := lines.readline():
        if first[:1] == HANDSHAKE:  # TLS, where plain HTTP is served
            return
        method, _, path = first.decode("latin-1").rpartition(" ")[0].partition(" ")
        if not path.isascii() or not path:
            return
        headers: dict[str, str] = {}
        while (line := lines.readline().decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            told = headers.get(name.lower())
            headers[name.lower()] = value.strip() if told is None else f"{told}, {value.strip()}"
        body = lines.read(int(headers.get("content-length", "0")))
        yield Seen(method, path, headers, body, connection)


def refused_url() -> str:
    """Return the URL of a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
