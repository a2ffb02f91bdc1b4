"""Via batch, the service: its calls for files and batches, by a provider's transport."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runner.engine.via_batch.store import Piece
from runner.errors import (
    ApiStatusError,
    BadReplyError,
    ConnectionFailedError,
    RecipeError,
    ServiceError,
)
from runner.exchange import (
    Body,
    Json,
    JsonBody,
    Multipart,
    Part,
    Reply,
    Request,
    Timeout,
    Transport,
)
from runner.protocol import wire
from runner.protocol.endpoint import query_of
from runner.protocol.flow import body_of
from runner.record import Record

WINDOW = "24h"
PATIENT = Timeout(idle=600.0, total=7200.0)
"""A file of 200 MB takes its time."""
WAITS = (1.0, 4.0, 16.0, 60.0)
PAGE = 100
MOST_PAGES = 100
SKEW = 86_400.0
"""Clocks differ: what was made a day before cannot be ours."""
UNREADY = ("pending", "running")


class Service(Record):
    """A provider's batches. `sleep` lets time pass.

    `forgets` is true of the simulated service, whose batches are gone as the command ends.
    """

    transport: Transport
    sleep: Callable[[float], None]
    forgets: bool = False

    def upload(self, name: str, body: Body) -> str:
        """Send a file of lines; return its id once the service can use it."""
        form = (Part("purpose", b"batch"), Part("file", body, name, "application/jsonl"))
        told = self._json(Request("POST", "/files", "files", Multipart(form), timeout=PATIENT))
        identity = _identity(told)
        for wait in WAITS:  # Azure reads a file before it takes it.
            if told.get("status") not in UNREADY:
                break
            self.sleep(wait)
            told = self._json(Request("GET", f"/files/{_segment(identity)}", "files.retrieve"))
        return identity

    def create(self, piece: Piece, metadata: Mapping[str, str]) -> str:
        """Make the batch of a piece, once: where nobody knows whether it was made, look for it."""
        endpoint = piece.url
        body = {"input_file_id": piece.file, "endpoint": endpoint, "completion_window": WINDOW}
        asked = JsonBody({**body, "metadata": dict(metadata)})
        for wait in (*WAITS, None):
            try:
                made = self._json(Request("POST", "/batches", "batches", asked, retries=0))
                return _identity(made)
            except ServiceError as error:
                if wait is None or not may_help(error):
                    raise
            self.sleep(wait)
            found = self.find(piece)
            if found:
                return found
        raise AssertionError

    def find(self, piece: Piece) -> str:
        """Return the id of the batch that was made of a piece's file; "" where none was."""
        for row in self._listed(piece.begun - SKEW):
            if row.get("input_file_id") == piece.file:
                return str(row.get("id") or "")
        return ""

    def _listed(self, since: float) -> Iterator[Mapping[str, Json]]:
        after = ""
        for _ in range(MOST_PAGES):
            query = query_of({"limit": PAGE} | ({"after": after} if after else {}))
            page = self._json(Request("GET", "/batches", "batches.list", query=query))
            rows = [row for row in page.get("data") or () if isinstance(row, dict)]
            yield from rows
            made = rows[-1].get("created_at") if rows else None
            if not rows or not page.get("has_more") or (isinstance(made, int) and made < since):
                return
            after = str(rows[-1].get("id") or "")

    def retrieve(self, identity: str) -> Mapping[str, Json]:
        """Return a batch as it stands."""
        path = f"/batches/{_segment(identity)}"
        return self._json(Request("GET", path, "batches.retrieve"))

    def content(self, identity: str) -> Body:
        """Return a file's bytes, on disk where they are many."""
        path = f"/files/{_segment(identity)}/content"
        request = Request("GET", path, "files.content", spools=True, timeout=PATIENT)
        return self._reply(request).body

    def _json(self, request: Request) -> dict[str, Any]:
        reply = self._reply(request)
        value = wire.decode_json(body_of(reply), reply.headers.get("content-type", ""))
        if isinstance(value, dict):
            return value
        message = f"expected an object of {request.path}, got {wire.excerpt(value)}"
        raise BadReplyError(message)

    def _reply(self, request: Request) -> Reply:
        reply = self.transport.send(request)
        if reply.status >= 400:
            raise wire.api_error(reply.status, body_of(reply), reply.headers)
        return reply


def _identity(told: Mapping[str, Json]) -> str:
    found = told.get("id")
    if isinstance(found, str) and found:
        return found
    message = f"the reply has no id: {wire.excerpt(dict(told))}"
    raise BadReplyError(message)


def _segment(identity: str) -> str:
    try:
        return wire.segment(identity)
    except RecipeError as error:
        message = f"the service names an object {wire.excerpt(identity)}, which is no id"
        raise BadReplyError(message) from error


def may_help(error: ServiceError) -> bool:
    """Whether asking again may come to something else."""
    if isinstance(error, ConnectionFailedError):
        return not error.final
    if isinstance(error, ApiStatusError):
        return not error.stops_all and (error.status in (408, 409, 429) or error.status >= 500)
    return isinstance(error, BadReplyError)
