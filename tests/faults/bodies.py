"""More heads and bodies that go wrong, by name: those that an endpoint has to judge."""

from __future__ import annotations

import gzip
import json
import zlib
from functools import partial
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
    chunk,
    encoded,
    head,
    pictures,
)
from tests.faults.faults import (
    changed,
    chunked,
    error,
    framed,
    own,
    packed,
    redirects,
    reply,
    whole,
)
from tests.faults.server import Fault, Talk
from tests.faults.sockets import session

LIMITED = partial(error, 429, "rate_limit_exceeded", "requests")


def gives(value: Any, status: int = 200) -> Fault:
    return sends(json.dumps(value).encode(), status=status)


def sends(data: bytes, kind: str = JSON, status: int = 200) -> Fault:
    return lambda talk: reply(talk, status, data, kind)


def heads(*lines: bytes) -> Fault:
    """Answer rightly, with these lines among the headers."""

    def answer(talk: Talk) -> None:
        kind, data = talk.whole
        more = b"".join(line + b"\r\n" for line in lines)
        if talk.tail == "/realtime":
            session(talk, more)
        first, rest = head(kind=kind, length=len(data)).split(b"\r\n", 1)
        talk.say(first + b"\r\n" + more + rest + data)

    return answer


def began(piece: bytes) -> Fault:
    """Put these fields before the endpoint's own."""
    return changed(lambda data: data[:1] + piece + data[1:])


def ended(piece: bytes) -> Fault:
    """Put these fields behind the endpoint's own."""
    return changed(lambda data: data[:-1] + piece + b"}")


def chunks(data: bytes) -> bytes:
    return chunk(data) + b"0\r\n\r\n"


def twice(talk: Talk) -> None:
    """Tell the length of the answer twice over."""
    kind, data = talk.whole
    talk.say(head(kind=kind, length=len(data), content_length=len(data)), data)


def status_line(line: bytes) -> Fault:
    def answer(talk: Talk) -> None:
        kind, data = talk.whole
        talk.say(line + head(kind=kind, length=len(data))[21:], data)

    return answer


def echoes(talk: Talk) -> None:
    """Tell the key that came, in an error."""
    key = talk.seen.headers["authorization"]
    words = {"message": f"Incorrect API key provided: {key}", "code": "invalid_api_key"}
    reply(talk, 401, json.dumps({"error": words}).encode(), X_Request_Id=key)


def calls_for_ever(talk: Talk) -> None:
    gives(calling(("call_1", "get_time", "{}")))(talk)


def once(first: Any) -> Fault:
    """Give this where no tool's result came yet, then the right answer."""

    def answer(talk: Talk) -> None:
        done = b'"role":"tool"' in talk.seen.body
        gives(ANSWER if done else first)(talk)

    return answer


def halved(talk: Talk) -> tuple[bytes, str]:
    kind, data = talk.whole
    return data[: len(data) // 2], kind


def says_early(talk: Talk) -> None:
    """Refuse what is too large, and hang up."""
    error(413, "too_large")(talk)
    talk.hang_up()


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
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202e::error::gone"
STATUSES = (402, 405, 406, 410, 413, 415, 418, 421, 423, 424, 425, 426, 428, 431, 451)
BROKEN_STATUSES = (501, 505, 507, 508, 511, 520, 521, 522, 524, 529, 599)


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
    # statuses
    **{f"status-{status}": error(status) for status in (*STATUSES, *BROKEN_STATUSES)},
    "status-204": lambda talk: talk.say(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "status-206": lambda talk: reply(talk, 206, *halved(talk)),
    "status-304": lambda talk: talk.say(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "status-600": status_line(b"HTTP/1.1 600 Odd"),
    "status-000": status_line(b"HTTP/1.1 000 Odd"),
    "status-word": status_line(b"HTTP/1.1 abc Odd"),
    "status-bare": status_line(b"HTTP/1.1 200"),
    "http-1.0": status_line(b"HTTP/1.0 200 OK"),
    "http-2": status_line(b"HTTP/2 200 OK"),
    "plain-500": sends(b"upstream connect error", "text/plain", 500),
    "html-403": sends(b"<html>Denied</html>", "text/html", 403),
    "echo": echoes,
    "escapes-400": gives({"error": {"message": ESCAPES}}, 400),
    "list-400": gives([{"error": {"message": "no such model"}}], 400),
    "detail-422": gives({"detail": [{"loc": ["body", "n"], "msg": "too many"}]}, 422),
    # headers
    "header-no-colon": heads(b"this is no header"),
    "header-folded": heads(b"X-Long: one", b"  two"),
    "header-nul": heads(b"X-Odd: a\0b"),
    "header-bytes": heads(b"X-Odd: \xff\xfe"),
    "header-long": heads(b"X-Long: " + b"x" * (1 << 20)),
    "header-many": heads(*[b"X-%d: 1" % n for n in range(5000)]),
    "header-escapes": heads(b"X-Request-Id: \x1b[2J"),
    "length-word": framed(content_length="ten"),
    "length-twice": twice,
    "length-and-chunks": whole(chunks, length=3, Transfer_Encoding="chunked"),
    "coding-unknown": framed(chunks, Transfer_Encoding="gzip, chunked"),
    "chunk-extension": whole(
        lambda data: chunks(data).replace(b"\r\n", b";a=b\r\n", 1), Transfer_Encoding="chunked"
    ),
    "chunk-trailer": whole(
        lambda data: chunk(data) + b"0\r\nX-After: 1\r\n\r\n", Transfer_Encoding="chunked"
    ),
    "chunk-negative": chunked(lambda data: b"-5\r\n" + data + b"\r\n0\r\n\r\n"),
    "chunk-huge": chunked(lambda data: b"ffffffffffffffff\r\n" + data),
    "until-close": framed(),
    # waits
    "wait-float": LIMITED(Retry_After="1.5"),
    "wait-nan": LIMITED(Retry_After="nan"),
    "wait-inf": LIMITED(Retry_After="inf"),
    "wait-overflow": LIMITED(Retry_After="1e999"),
    "wait-past": LIMITED(Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    "wait-far": LIMITED(Retry_After="Wed, 21 Oct 9999 07:28:00 GMT"),
    "wait-empty": LIMITED(Retry_After=""),
    "wait-two": LIMITED(Retry_After="7, 9"),
    "wait-zero": LIMITED(Retry_After="0"),
    "wait-ms-negative": LIMITED(Retry_After_Ms="-4"),
    "wait-ms-nan": LIMITED(Retry_After_Ms="nan", Retry_After="3"),
    "wait-most": LIMITED(Retry_After="120"),
    "wait-more": LIMITED(Retry_After="120.5"),
    "wait-503": error(503, Retry_After="4"),
    "retry-401": error(401, X_Should_Retry="true"),
    "quota-spend": error(429, "project_spend_limit_exceeded"),
    "quota-balance": error(429, "credit_balance_exhausted", X_Should_Retry="true"),
    # redirects
    **{f"redirect-{n}": redirects(n, "{same}/fault/none{path}") for n in (300, 301, 303, 305, 308)},
    "redirect-slashes": redirects(307, "//127.0.0.1:9/fault/none{path}"),
    "redirect-user": redirects(307, "http://user:word@127.0.0.1:9{path}"),
    "redirect-script": redirects(307, "javascript:alert(1)"),
    "redirect-data": redirects(307, "data:application/json,{{}}"),
    "redirect-bad": redirects(307, "http://[::1"),
    "redirect-escapes": redirects(307, "http://\x1b[2J.invalid/"),
    "redirect-itself": redirects(307, "/fault/redirect-itself{path}"),
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
    "early-413": says_early,
    "batch-failed": at("/batches/batch_1", gives({**BATCH, "status": "failed"})),
    "batch-for-ever": at("/batches/batch_1", gives({**BATCH, "status": "in_progress"})),
    "batch-odd-id": at(
        "/batches/batch_1", gives({**BATCH, "status": "completed", "output_file_id": "../../x"})
    ),
    "batch-no-file": at("/batches/batch_1", gives({"id": "batch_1", "status": "completed"})),
    "batch-poll-503": at("/batches/batch_1", error(503)),
    "batch-lines-cut": at("/files/file-2/content", own(0.5)),
}
