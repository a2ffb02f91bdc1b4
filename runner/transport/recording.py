"""Recording: a transport that keeps what was asked and answered, less what is nobody's business."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from runner.cassette import asked, hidden, scrubbing
from runner.errors import ApiStatusError, ConnectionFailedError, RunnerError
from runner.exchange import Body, Channel, Json, Listener, Reply, Request, Spool, Transport
from runner.transport.tape import LARGEST

if TYPE_CHECKING:
    from runner.transport.cassette import Cassette

PRIVATE = re.compile(
    r"set-cookie2?|.*authori[sz]ation.*|.*authenticat.*|.*api-?key.*|.*token|.*secret.*|"
    r"openai-(organization|project)|cf-.*|content-encoding|transfer-encoding|connection"
)
"""Headers of replies that are not recorded: an account's, a connection's."""


class Heard:
    """A listener that notes the pieces that it hands on; `failed` where one was refused."""

    def __init__(self, inner: Listener, clock: Callable[[], float]) -> None:
        self._inner = inner
        self._clock = clock
        self._begin = clock()
        self.pieces: list[tuple[bytes, float]] = []
        self.failed = False

    @property
    def started(self) -> bool:
        """Whether anything was handed on."""
        return self._inner.started

    @started.setter
    def started(self, value: bool) -> None:
        self._inner.started = value

    def chunk(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self.pieces.append((bytes(data), self._clock() - self._begin))
        try:
            self._inner.chunk(data)
        except RunnerError:
            self.failed = True
            raise


class Recorder:
    """Sends by the transport beneath, and records every final reply."""

    def __init__(
        self,
        cassette: Cassette,
        inner: Callable[[], Transport],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._cassette = cassette
        self._inner = inner
        self._clock = clock

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        """Send a request, and record what came."""
        described = asked.asked(request, self._cassette.find)
        heard = Heard(listener, self._clock) if listener is not None else None
        try:
            reply = self._inner().send(request, heard)
        except RunnerError:
            # A stream that told of an error: it came whole, and says the same again.
            if heard is not None and heard.failed:
                self._keep(request, described, Reply(200, {}, streamed=True), heard)
            raise
        self._keep(request, described, reply, heard)
        return reply

    def _keep(
        self, request: Request, described: dict[str, Json], reply: Reply, heard: Heard | None
    ) -> None:
        find = self._cassette.find
        kind = reply.headers.get("content-type", "")
        told = _told(reply, lambda text: hidden(text, find))
        streamed = heard is not None and reply.streamed
        pieces = heard.pieces if heard is not None and streamed else []
        body = b"".join(data for data, _ in pieces) if streamed else _bytes(reply.body)
        events = "event-stream" in kind or streamed
        sizes = [len(data) for data, _ in pieces]
        body, sizes = scrubbing.scrubbed(body, sizes, find, events=events)
        if streamed:
            times = [at for _, at in pieces]
            cuts = zip(sizes, times, strict=True)
            told["pieces"] = " ".join(f"{size}@{at:.3f}" for size, at in cuts if size)
        self._cassette.keep(request.run_id, request.ordinal, described, told, body, kind)

    def open(self, request: Request) -> Channel:
        """Open a channel that records what is said and heard; a refusal is recorded, too."""
        described = asked.asked(request, self._cassette.find)
        begin = self._clock()
        try:
            channel = self._inner().open(request)
        except ApiStatusError as error:
            told = {name: hidden(text, self._cassette.find) for name, text in _words(error).items()}
            refused = {"refused": {**told, "status": error.status}}
            self._cassette.keep(request.run_id, request.ordinal, described, refused, b"", "")
            raise
        return Noting(self._cassette, request, described, channel, lambda: self._clock() - begin)

    def close(self) -> None:
        """Hold nothing open: what is beneath is another's."""


def _words(error: ApiStatusError) -> dict[str, str]:
    words = {"message": str(error.args[0]), "hint": error.hint}
    return words | {"code": error.code, "kind": error.kind}


def _told(reply: Reply, hide: Callable[[str], str]) -> dict[str, Json]:
    headers = {
        name: hide(value) for name, value in reply.headers.items() if not PRIVATE.fullmatch(name)
    }
    told: dict[str, Json] = {"status": reply.status}
    if headers:
        told["headers"] = headers
    told["elapsed"] = round(reply.elapsed, 3)
    return told | ({"attempts": reply.attempts} if reply.attempts > 1 else {})


def _bytes(body: Body) -> bytes:
    if not isinstance(body, Spool):
        return body
    with Path(body.path).open("rb") as file:
        return file.read(LARGEST + 1)


class Noting:
    """A channel whose messages are noted, both ways; `clock` gives the seconds since it began."""

    def __init__(
        self,
        cassette: Cassette,
        request: Request,
        described: dict[str, Json],
        inner: Channel,
        clock: Callable[[], float],
    ) -> None:
        self._cassette = cassette
        self._request = request
        self._described = described
        self._inner = inner
        self._clock = clock
        self._frames: list[dict[str, Json]] = []
        self._is_kept = False

    def say(self, message: Json) -> None:
        """Send one message."""
        self._note("say", asked.message(message, self._cassette.find))
        self._inner.say(message)

    def hear(self, timeout: float) -> Json:
        """Return the next message."""
        try:
            message = self._inner.hear(timeout)
        except ConnectionFailedError as error:
            self._note("failed", str(error.args[0]))
            raise
        self._note(*(("closed", True) if message is None else ("hear", message)))
        return message

    def _note(self, way: str, message: Json) -> None:
        self._frames.append({"at": round(self._clock(), 3), way: message})

    def close(self) -> None:
        """Say goodbye, and keep what was said."""
        self._inner.close()
        if self._is_kept:
            return
        self._is_kept = True
        clean = scrubbing.unbroken(self._frames, self._cassette.find)
        frames = [clean.get(place, frame) for place, frame in enumerate(self._frames)]
        lines = "".join(map(_line, frames))
        request = self._request
        self._cassette.keep(
            *(request.run_id, request.ordinal, self._described, {}),
            *(lines.encode(), "application/jsonl", "session"),
        )


def _line(frame: dict[str, Json]) -> str:
    """Write a message on a line; halves of characters, which some services send, as they are."""
    text = json.dumps(frame, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(frame)
    return f"{text}\n"
