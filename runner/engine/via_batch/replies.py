"""Via batch, the replies: found by the id of their line in the files that came, in any order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from runner.engine.via_batch.store import Asked, Piece
from runner.errors import BadReplyError
from runner.exchange import Body, Spool
from runner.protocol import batching
from runner.protocol.batching import CANCELLED, Complaint, Outcome
from runner.record import Record

EXPIRED = "expired", "the batch ended before this request was answered"


class _Place(Record):
    """Where an outcome stands: in a file that came, from this byte on."""

    piece: int
    body: Body
    start: int
    size: int
    is_final: bool


class Replies:
    """What came of the lines of a recipe; of a line that was asked again, the last outcome."""

    def __init__(self) -> None:
        self._places: dict[str, _Place | Outcome] = {}
        self._bodies: dict[int, list[Body]] = {}

    @property
    def held(self) -> list[int]:
        """List the pieces whose replies are held."""
        return list(self._bodies)

    def take(self, piece: Piece, bodies: list[Body], asked: list[Asked]) -> None:
        """Learn what came of the lines of a piece that is over."""
        self._bodies[piece.number] = bodies
        wanted = {one.id: one for one in asked}
        came = {one.id for body in bodies for one in self._read(piece.number, body, wanted)}
        told = {row.line: row for row in _complaints(piece)}
        for one in asked:
            if one.id not in came:
                self._places[one.id] = _unanswered(piece, one, told)

    def _read(self, number: int, body: Body, wanted: dict[str, Asked]) -> Iterator[Outcome]:
        for start, raw in _lines(body):
            found = batching.outcome(raw)
            if found is not None and found.id in wanted:
                place = _Place(number, body, start, len(raw), found.is_final)
                self._places[found.id] = place
                yield found

    def is_final(self, identity: str) -> bool | None:
        """Whether asking again would come to the same; None where nothing came."""
        found = self._places.get(identity)
        return None if found is None else found.is_final

    def outcome(self, identity: str) -> Outcome:
        """Return what came of a line."""
        found = self._places[identity]
        if isinstance(found, Outcome):
            return found
        read = batching.outcome(_piece_of(found))
        if read is None:
            message = "a reply of a batch is no longer as it came"
            raise BadReplyError(message)
        return read

    def drop(self, number: int) -> None:
        """Let go of the replies of a piece, which no run waits for."""
        self._places = {
            key: one
            for key, one in self._places.items()
            if not isinstance(one, _Place) or one.piece != number
        }
        for body in self._bodies.pop(number, []):
            if isinstance(body, Spool):
                with suppress(OSError):
                    Path(body.path).unlink()


def _lines(body: Body) -> Iterator[tuple[int, bytes]]:
    if isinstance(body, Spool):
        with Path(body.path).open("rb") as file:
            yield from _numbered(file)
    else:
        yield from _numbered(BytesIO(body))


def _numbered(rows: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    start = 0
    for raw in rows:
        if raw.strip():
            yield start, raw
        start += len(raw)


def _piece_of(place: _Place) -> bytes:
    if isinstance(place.body, bytes):
        return place.body[place.start : place.start + place.size]
    with Path(place.body.path).open("rb") as file:
        file.seek(place.start)
        return file.read(place.size)


def _complaints(piece: Piece) -> tuple[Complaint, ...]:
    return tuple(Complaint(*row) for row in json.loads(piece.told or "[]"))


def _unanswered(piece: Piece, asked: Asked, told: dict[int, Complaint]) -> Outcome:
    """Say what came of a line that no file of results names."""
    if piece.state == "cancelled":
        return Outcome(asked.id, code=CANCELLED, message="the batch was cancelled")
    if piece.state != "failed":
        return Outcome(asked.id, 0, None, "", *EXPIRED)
    own = told.get(asked.line) or told.get(0)
    if own is not None or not told:
        reason = f" ({own.code})" if own and own.code else ""
        message = f"the batch failed: {own.message if own else 'no reason was given'}{reason}"
        return Outcome(asked.id, code=CANCELLED, message=message)
    # Another line was at fault: this one goes into the next batch.
    return Outcome(asked.id, 0, None, "", "unsent", "the batch failed for another request's fault")
