"""Files: uploaded as forms, listed to the last page, read back as the bytes they are."""

from __future__ import annotations

from runner.errors import BadReplyError, RecipeError
from runner.exchange import Json, Multipart, Part, Reply
from runner.model import Answer, Ask, Flow
from runner.protocol import flow, media, paging, wire
from runner.protocol.endpoint import (
    Endpoint,
    Parts,
    answer_of,
    lacking,
    query_of,
    request,
    value_of,
)

FIELD = "file"
READ = 16 << 20
"""A file of so many bytes is read as text, where it is text; a larger one can be written alone."""


def object_of(reply: Reply, *, ends: bool = False) -> Answer:
    """Read a reply that is one object: its text is its id. What ends one may answer with nothing.

    Some servers tell an error in a 200.
    """
    if ends and not flow.body_of(reply).strip():
        return answer_of(reply, None)
    value = value_of(reply)
    answer = answer_of(reply, value)
    if reply.accepted:
        return answer
    named = paging.identity(value) if isinstance(value, dict) else ""
    if not named and (not isinstance(value, dict) or value.get("error")):
        raise lacking(value, "object")
    return answer._replace(text=named, texts=(named,)) if named else answer


def _upload(ask: Ask) -> Flow:
    """Send a file with its fields, the fields first; where it is large, it comes from the disk."""
    if len(ask.files) != 1:
        msg = f"{ask.endpoint} takes one file, got {len(ask.files)}"
        raise RecipeError(msg, hint="upload several with a step that has for_each")
    [file] = ask.files
    fields = query_of({**ask.params, **ask.extra})
    parts = [Part(name, text.encode()) for name, text in fields]
    parts.append(Part(file.field or FIELD, file.body, file.name, file.media_type))
    body = Multipart(tuple(parts))
    reply = yield from flow.send(request(ask, Parts("POST", "/files", body)))
    answer = object_of(reply)
    if answer.text is None and not reply.accepted:
        raise lacking(answer.json, "id")
    return answer


def _list(ask: Ask) -> Flow:
    return paging.read_all(ask, "/files")


def _path(ask: Ask, after: str = "") -> str:
    return f"/files/{wire.segment(ask.id)}{after}"


def _retrieve(ask: Ask) -> Flow:
    query = query_of({**ask.params, **ask.extra})
    reply = yield from flow.send(request(ask, Parts("GET", _path(ask), query=query)))
    return object_of(reply)


def _delete(ask: Ask) -> Flow:
    reply = yield from flow.send(request(ask, Parts("DELETE", _path(ask))))
    return object_of(reply, ends=True)


def _content(ask: Ask) -> Flow:
    """Ask for a file's bytes; they may be many, so they may lie on disk when they are here."""
    query = query_of({**ask.params, **ask.extra})
    asked = request(ask, Parts("GET", _path(ask, "/content"), query=query))
    reply = yield from flow.send(asked._replace(spools=True))
    body = yield from flow.load(reply.body, READ)
    answer = answer_of(reply, _json(reply, body or b""))
    # A file that holds an object with a field `usage` used nothing.
    answer = answer._replace(usage=None, rounds=(), model="", fingerprint="")
    if body is None or not media.is_text(body):
        return answer
    text = body.decode("utf-8")
    return answer._replace(text=text, texts=(text,))


def _json(reply: Reply, body: bytes) -> Json:
    """Decode content that says it is JSON, and is: the name of the type proves nothing here."""
    if "json" not in reply.headers.get("content-type", "") and reply.status < 400:
        return None
    try:
        return wire.decode_json(body, "")
    except BadReplyError:
        return None


_ROWS = (
    Endpoint(
        "files",
        "upload a file, for a purpose",
        "POST",
        "/files",
        _upload,
        takes=("attachments",),
        needs=("attachments", "params"),
        gives=("text", "json", "body"),
        fields=(FIELD,),
    ),
    Endpoint(
        "files.list",
        "the files that were uploaded, every page",
        "GET",
        "/files",
        _list,
        gives=("text", "json", "body"),
    ),
    Endpoint(
        "files.retrieve",
        "what is known of a file",
        "GET",
        "/files/{id}",
        _retrieve,
        takes=("id",),
        needs=("id",),
        gives=("text", "json", "body"),
    ),
    Endpoint(
        "files.content",
        "what a file holds",
        "GET",
        "/files/{id}/content",
        _content,
        takes=("id",),
        needs=("id",),
        gives=("text", "json", "parsed", "body"),
    ),
    Endpoint(
        "files.delete",
        "delete a file",
        "DELETE",
        "/files/{id}",
        _delete,
        takes=("id",),
        needs=("id",),
        gives=("text", "json", "body"),
    ),
)
ENDPOINTS = {row.name: row for row in _ROWS}
