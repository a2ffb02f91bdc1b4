"""Offline: a transport that asks the simulated service, and connects to nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock

from runner.exchange import Body, Channel, Json, Listener, Multipart, Part, Reply, Request, Spool
from runner.protocol.simulated import simulate
from runner.protocol.simulated.service import World

PACE = 0.02
"""Seconds between two events of a stream, where the transport is given something to wait with."""


HELD = 64 << 20
"""Files of a form beyond so many bytes are not read: of them the simulated service knows no more
than their size."""


def _loaded(request: Request) -> Request:
    """Read what of a form lies on disk: simulations are dry."""
    if not isinstance(request.body, Multipart):
        return request
    left, parts = HELD, list[Part]()
    for part in request.body.parts:
        size = part.body.size if isinstance(part.body, Spool) else 0
        parts.append(part._replace(body=_read(part.body)) if size <= left else part)
        left -= size if size <= left else 0
    return request._replace(body=Multipart(tuple(parts)))


def _read(body: Body) -> bytes:
    return Path(body.path).read_bytes() if isinstance(body, Spool) else body


class Offline:
    """Answers requests from one simulated world, which lives as long as the transport."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.time,
        pace: Callable[[float], None] | None = None,
        families: Mapping[str, Json] | None = None,
    ) -> None:
        self._world = World(now, {}, families or {})
        self._pace = pace
        self._lock = Lock()

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        """Answer one request; a stream passes through the listener event by event."""
        start = self._world.now()
        request = _loaded(request)
        with self._lock:
            status, headers, chunks = simulate(request, self._world)
        streamed = listener is not None and request.listens and status < 400
        if listener is not None and streamed:
            self._tell(chunks, listener)
        elapsed = max(0.0, self._world.now() - start)
        body = b"".join(chunks)
        return Reply(status, dict(headers), body, streamed=streamed, elapsed=elapsed)

    def _tell(self, chunks: tuple[bytes, ...], listener: Listener) -> None:
        for chunk in chunks:
            if self._pace is not None:
                self._pace(PACE)
            listener.chunk(chunk)

    def open(self, request: Request) -> Channel:
        """Open a simulated session."""
        from runner.protocol.simulated.realtime import Session

        return Session(request, self._world)

    def close(self) -> None:
        """Hold nothing open."""
