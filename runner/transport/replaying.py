"""Replaying: a transport that answers from a cassette, and then opens no socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from runner.cassette import Recording, asked
from runner.cassette.matching import difference
from runner.errors import ApiStatusError, ConnectionFailedError, ReplayMissError
from runner.exchange import Body, Channel, Json, Listener, Reply, Request, Transport
from runner.protocol.json_text import parse
from runner.transport.spooling import spooled

if TYPE_CHECKING:
    from runner.transport.cassette import Cassette


class Replayer:
    """Answers with what was recorded; what was not is sent by `otherwise`, if there is one.

    Bodies that a request wants on disk go below `spool`.
    """

    def __init__(
        self, cassette: Cassette, otherwise: Transport | None, spool: Path | None = None
    ) -> None:
        self._cassette = cassette
        self._otherwise = otherwise
        self._spool = spool

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        """Answer a request; a stream passes through the listener in the pieces it came in."""
        found = self._cassette.take(request)
        if found is None:
            return self._beneath().send(request, listener)
        told = found.reply
        if not {"session", "refused"}.isdisjoint(told):
            message = "a session was recorded where a reply is wanted"
            raise self._cassette.broken(message, found)
        body = self._cassette.body(told, found)
        streamed = "pieces" in told and listener is not None
        first = None
        if streamed and listener is not None:
            first = _fed(listener, _cut(body, told["pieces"]))
        status = told.get("status", 200)
        whole: Body = body
        if request.spools and self._spool is not None and status < 300:
            whole = spooled(([body],), self._spool)
        return Reply(
            status,
            dict(told.get("headers", {})),
            whole,
            streamed=streamed,
            elapsed=float(told.get("elapsed", 0.0)),
            first=first,
            attempts=told.get("attempts", 1),
        )

    def open(self, request: Request) -> Channel:
        """Open the session that was recorded."""
        found = self._cassette.take(request)
        if found is None:
            return self._beneath().open(request)
        if "refused" in found.reply:
            told = dict(found.reply["refused"])
            raise ApiStatusError(told.pop("message"), **told)
        lines = self._cassette.body(found.reply.get("session", {}), found)
        return Replayed(self._cassette, found, lines.decode("utf-8", "replace"))

    def _beneath(self) -> Transport:
        if self._otherwise is None:
            message = "nothing was recorded"
            raise ReplayMissError(message)
        return self._otherwise

    def close(self) -> None:
        """Hold nothing open."""


def _cut(body: bytes, pieces: str) -> Iterator[tuple[bytes, float]]:
    """Cut a body into the pieces it came in; what is left over is the last."""
    place = 0
    at = 0.0
    for piece in pieces.split():
        size, _, time = piece.partition("@")
        at = float(time or at)
        yield body[place : place + int(size)], at
        place += int(size)
    yield body[place:], at


def _fed(listener: Listener, pieces: Iterator[tuple[bytes, float]]) -> float | None:
    """Hand on the pieces; return the recorded time of that which brought the first text."""
    first = None
    for data, at in pieces:
        if data:
            listener.chunk(data)
        if first is None and getattr(listener, "first", None) is not None:
            first = at
    return first


class Replayed:
    """A channel that hears what was heard, and holds what is said to what was said.

    `at` is when, in seconds since it was opened, the last message was heard.
    """

    def __init__(self, cassette: Cassette, found: Recording, lines: str) -> None:
        self._cassette = cassette
        self._found = found
        self._frames = iter(lines.removesuffix("\n").split("\n"))
        self._place = 0
        self.at = 0.0

    def say(self, message: Json) -> None:
        """Take a message; ReplayMissError where another was recorded here."""
        frame = self._next("say")
        if "say" not in frame:
            self._refuse("the service speaks here in the recording", "a message is sent")
        found = difference(frame["say"], asked.message(message, self._cassette.find))
        if found is not None:
            self._refuse("another message was recorded here", str(found))

    def hear(self, timeout: float) -> Json:
        """Return the next message, or None where the service had closed."""
        del timeout
        frame = self._next("hear")
        if "failed" in frame:
            raise ConnectionFailedError(str(frame["failed"]))
        if "closed" in frame:
            return None
        if "hear" not in frame:
            self._refuse("a message is sent here in the recording", "none is sent now")
        return frame["hear"]

    def close(self) -> None:
        """Leave."""

    def _next(self, way: str) -> dict[str, Json]:
        self._place += 1
        line = next(self._frames, None)
        if line is None:
            told = "a message is sent" if way == "say" else "another is waited for"
            self._refuse("the recording ends here", told)
        try:
            frame = parse(line)
        except ValueError as error:
            self._break(error)
        if not isinstance(frame, dict) or not isinstance(frame.get("at", 0), int | float):
            self._break()
        self.at = float(frame.get("at", self.at))
        return frame

    def _break(self, cause: Exception | None = None) -> NoReturn:
        message = f"line {self._place} of the session is no message"
        raise self._cassette.broken(message, self._found) from cause

    def _refuse(self, recorded: str, found: str) -> NoReturn:
        mark = self._found.mark
        where = f"{mark.file}:{mark.line}: " if mark else ""
        message = f"{where}message {self._place} of the session: {recorded}; {found}"
        error = ReplayMissError(message, hint="--cassette record asks anew")
        error.attempts = 0
        raise error
