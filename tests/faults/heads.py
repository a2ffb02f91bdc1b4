"""Statuses, headers, frames, waits and redirects that go wrong, by name."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from tests.faults.answers import JSON, chunk, head
from tests.faults.faults import chunked, error, framed, redirects, reply, whole
from tests.faults.server import Fault, Talk
from tests.faults.sockets import session

ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202e::error::gone"
LIMITED = partial(error, 429, "rate_limit_exceeded", "requests")
STATUSES = (402, 405, 406, 410, 413, 415, 418, 421, 423, 424, 425, 426, 428, 431, 451)
BROKEN_STATUSES = (501, 505, 507, 508, 511, 520, 521, 522, 524, 529, 599)


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


def halved(talk: Talk) -> tuple[bytes, str]:
    kind, data = talk.whole
    return data[: len(data) // 2], kind


def says_early(talk: Talk) -> None:
    """Refuse what is too large, and hang up."""
    error(413, "too_large")(talk)
    talk.hang_up()


HEADS: dict[str, Fault] = {
    # statuses
    **{f"status-{status}": error(status) for status in (*STATUSES, *BROKEN_STATUSES)},
    "status-204": lambda talk: talk.say(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "status-206": lambda talk: reply(talk, 206, *halved(talk)),
    "status-304": lambda talk: talk.say(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "long-304": lambda talk: talk.say(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
    "status-600": status_line(b"HTTP/1.1 600 Odd"),
    "status-000": status_line(b"HTTP/1.1 000 Odd"),
    "status-word": status_line(b"HTTP/1.1 abc Odd"),
    "status-bare": status_line(b"HTTP/1.1 200"),
    "http-1.0": status_line(b"HTTP/1.0 200 OK"),
    "http-2": status_line(b"HTTP/2 200 OK"),
    "plain-500": sends(b"upstream connect error", "text/plain", 500),
    "html-403": sends(b"<html>Denied</html>", "text/html", 403),
    "echo": echoes,
    "early-413": says_early,
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
}
