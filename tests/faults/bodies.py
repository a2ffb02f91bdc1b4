"""More heads and bodies that go wrong, by name: those that an endpoint has to judge."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from tests.faults.answers import (
    ANSWER,
    BODY,
    FILE,
    JSON,
    PICTURE,
    SOUND,
    VECTORS,
    calling,
    chat,
    encoded,
    head,
    pictures,
)
from tests.faults.faults import (
    changed,
    error,
    own,
    packed,
    reply,
)
from tests.faults.heads import ESCAPES, gives, sends
from tests.faults.server import Fault, Talk


def began(piece: bytes) -> Fault:
    """Put these fields before the endpoint's own."""
    return changed(lambda data: data[:1] + piece + data[1:])


def ended(piece: bytes) -> Fault:
    """Put these fields behind the endpoint's own."""
    return changed(lambda data: data[:-1] + piece + b"}")


def calls_for_ever(talk: Talk) -> None:
    gives(calling(("call_1", "get_time", "{}")))(talk)


def once(first: Any) -> Fault:
    """Give this where no tool's result came yet, then the right answer."""

    def answer(talk: Talk) -> None:
        done = b'"role":"tool"' in talk.seen.body
        gives(ANSWER if done else first)(talk)

    return answer


def at(tail: str, fault: Fault) -> Fault:
    """Go wrong at one path of a flow alone."""

    def answer(talk: Talk) -> None:
        if talk.tail == tail:
            fault(talk)
        else:
            reply(talk, 200, talk.whole.data, talk.whole.kind)

    return answer


def told(content: Any, **more: Any) -> Fault:
    return gives(chat(content=content, **more))


BATCH = {"id": "batch_1", "object": "batch", "output_file_id": "file-2"}
FINE = {"zone": "Paris"}
DEEP = '{"zone": ' + "[" * 100_000
SIZES = b"IHDR" + (60000).to_bytes(4) * 2
CLAIMS = PICTURE[:12] + SIZES + PICTURE[24:29] + zlib.crc32(SIZES + PICTURE[24:29]).to_bytes(4)
BOMB_PICTURE = CLAIMS + PICTURE[33:]


def dense(talk: Talk) -> None:
    """Say JSON of 60 MB whose values would take thirty times that."""
    told = talk.whole.data[:-1] + b', "more": ['
    size = len(told) + 3 * 20_000_000 + 3
    talk.say(head(kind=JSON, length=size), told)
    for _ in range(20):
        talk.say(b"[]," * 1_000_000)
    talk.say(b"7]}")


BODIES: dict[str, Fault] = {
    "json-dense": dense,
    # the endpoint's own answer, cut
    "own-none": own(0.0),
    "own-half": own(0.5),
    "own-half-reset": own(0.5, "reset"),
    "own-missing": own(missing=9),
    "own-stalled": own(0.5, pause=60),
    # packed
    "gzip-tail": packed(lambda data: gzip.compress(data) + b"tail"),
    "gzip-empty": packed(lambda _: b""),
    "gzip-plain": packed(bytes),
    "gzip-twice": packed(lambda data: gzip.compress(gzip.compress(data)), "gzip, gzip"),
    "x-gzip": packed(gzip.compress, "x-gzip"),
    "identity": packed(bytes, "identity"),
    "zstd": packed(lambda _: b"\x28\xb5\x2f\xfd\0\0\0", "zstd"),
    "deflate-cut": packed(lambda data: zlib.compress(data)[:-9], "deflate"),
    # JSON
    "bom": changed(lambda data: b"\xef\xbb\xbf" + data),
    "utf-16": changed(lambda data: data.decode().encode("utf-16")),
    "bad-utf-8": began(b'"more": "\xe9", '),
    "nul-byte": began(b'"more": "\0", '),
    "number-huge": sends(b'{"id": ' + b"9" * 100_000 + b"}"),
    "number-infinite": began(b'"more": 1e999, '),
    "surrogate": sends(BODY.replace(b"Hello", b"Hello \\ud800")),
    "duplicate-first": began(b'"object": "again", '),
    "two-documents": changed(lambda data: data + data),
    "comma": changed(lambda data: data[:-1] + b",}"),
    "deep-object": sends(b'{"a":' * 100_000),
    "spaces": sends(b" " * 5000),
    "top-list": gives([]),
    "top-text": gives("Hello there"),
    "top-null": gives(None),
    "top-number": gives(7),
    "error-200": gives({"error": {"message": "overloaded", "type": "server_error"}}),
    "error-200-text": gives({"error": "overloaded"}),
    "empty-object": gives({}),
    "no-choices": gives({**ANSWER, "choices": []}),
    "choices-null": gives({**ANSWER, "choices": None}),
    "choice-null": gives({**ANSWER, "choices": [None]}),
    "choice-text": gives({**ANSWER, "choices": "Hello"}),
    "message-null": gives({**ANSWER, "choices": [{"index": 0, "message": None}]}),
    "content-number": told(7),
    "content-object": told({"a": 1}),
    "content-parts": told([{"type": "text", "text": "Hello there"}]),
    "content-null": told(None),
    "content-escapes": told(ESCAPES),
    "usage-odd": changed(
        lambda data: data[:-1] + b', "usage": {"prompt_tokens": "3", "total_tokens": -1}}'
    ),
    # tools
    "call-bad-json": once(calling(("call_1", "get_time", '{"zone": '))),
    "call-no-object": once(calling(("call_1", "get_time", "[1]"))),
    "call-deep": once(calling(("call_1", "get_time", DEEP))),
    "call-unknown": once(calling(("call_1", "os.system", '{"zone": "rm"}'))),
    "call-escapes": once(calling(("call_1", "\x1b[2Jget_time", "{}"))),
    "call-empty": once(calling(("", "", ""))),
    "call-same-ids": once(calling(*[("call_1", "get_time", '{"zone": "Rome"}')] * 2)),
    "call-thousand": once(calling(*[(f"c{n}", "get_time", "{}") for n in range(1000)])),
    "call-null": once(chat("tool_calls", content=None, tool_calls=[None])),
    "call-object": once(
        chat(
            "tool_calls",
            content=None,
            tool_calls=[{"function": {"name": "get_time", "arguments": FINE}, "id": "a"}],
        )
    ),
    "call-endless": calls_for_ever,
    # pictures, sounds, vectors, texts, files
    "picture-no-base64": gives(pictures({"b64_json": "%%%"})),
    "picture-html": gives(pictures({"b64_json": encoded(b"<html>Denied</html>")})),
    "picture-cut": gives(pictures({"b64_json": encoded(PICTURE[:40])})),
    "picture-bomb": gives(pictures({"b64_json": encoded(BOMB_PICTURE)})),
    "picture-jpeg": gives(pictures({"b64_json": encoded(b"\xff\xd8\xff\xe0\0\x10JFIF\0")})),
    "picture-none": gives(pictures()),
    "picture-null": gives(pictures({"b64_json": None})),
    "picture-number": gives({"data": 7}),
    "picture-file": gives(pictures({"url": "file:///etc/passwd"})),
    "picture-inner": gives(pictures({"url": "http://169.254.169.254/latest"})),
    "picture-odd": gives(pictures({"url": "\x1b[2J"})),
    "sound-html": sends(b"<html>Denied</html>", "text/html"),
    "sound-json": gives({"error": {"message": "overloaded"}}),
    "sound-empty": sends(b"", "audio/wav"),
    "sound-cut": sends(SOUND[:1000], "audio/wav"),
    "sound-mp3": sends(b"ID3\4\0\0\0\0\0\0" + b"\xff\xfb\x90\0" * 200, "audio/mpeg"),
    "vectors-none": gives({**VECTORS, "data": None}),
    "vectors-nan": sends(json.dumps(VECTORS).replace("-0.5", "NaN").encode()),
    "text-null": gives({"text": None}),
    "file-name": gives({**FILE, "filename": "../../etc/passwd\x1b[2J"}),
    "batch-failed": at("/batches/batch_1", gives({**BATCH, "status": "failed"})),
    "batch-for-ever": at("/batches/batch_1", gives({**BATCH, "status": "in_progress"})),
    "batch-odd-id": at(
        "/batches/batch_1", gives({**BATCH, "status": "completed", "output_file_id": "../../x"})
    ),
    "batch-no-file": at("/batches/batch_1", gives({"id": "batch_1", "status": "completed"})),
    "batch-poll-503": at("/batches/batch_1", error(503)),
    "batch-lines-cut": at("/files/file-2/content", own(0.5)),
}
