"""The ways in which `tests/faults/server.py` can misbehave, by name."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache, partial
from typing import Any

from tests.faults.answers import BODY, DELTAS, JSON, SSE, chunk, head
from tests.faults.server import Fault, Talk

STREAM = head(kind=SSE, Transfer_Encoding="chunked")


def reply(talk: Talk, status: int, body: bytes, kind: str = JSON, **headers: str) -> None:
    more: dict[str, Any] = dict(headers)
    talk.say(head(status, kind, len(body), **more) + body)


def sse(count: int, end: bytes = b"", then: str = "hang_up", pause: float = 0) -> Fault:
    """Stream the endpoint's first events, then end, hang up, reset or stall."""

    def answer(talk: Talk) -> None:
        talk.say(STREAM, *(chunk(one) for one in streamed(talk)[:count]), end)
        talk.pause(pause)
        getattr(talk, then)()

    return answer


def streamed(talk: Talk) -> list[bytes]:
    """List the events of the endpoint's own stream."""
    return [one + b"\n\n" for one in talk.whole.data.split(b"\n\n")[:-1]]


def good(talk: Talk) -> None:
    """Answer as a service that works does, whatever it was asked."""
    if talk.tail == "/realtime":
        from tests.faults.sockets import session

        session(talk)
    elif talk.wants_stream:
        talk.say(STREAM, *map(chunk, streamed(talk)), b"0\r\n\r\n")
    else:
        reply(talk, 200, talk.whole.data, talk.whole.kind)


def own(part: float = 1.0, then: str = "hang_up", missing: int = 0, pause: float = 0) -> Fault:
    """Announce the endpoint's own answer, say a part of it, then hang up, reset or stall."""

    def answer(talk: Talk) -> None:
        kind, data = talk.whole
        talk.say(head(kind=kind, length=len(data) + missing), data[: int(len(data) * part)])
        talk.pause(pause)
        getattr(talk, then)()

    return answer


def error(status: int, code: str = "", kind: str = "", **headers: str) -> Fault:
    """Answer with the API's error body."""
    words = {"message": f"it went wrong: {status}", "type": kind, "param": None, "code": code}
    body = json.dumps({"error": words}).encode()
    return lambda talk: reply(talk, status, body, **headers)


def says(*pieces: bytes, then: str = "hang_up") -> Fault:
    """Say these bytes, then hang up or reset."""

    def answer(talk: Talk) -> None:
        talk.say(*pieces)
        getattr(talk, then)()

    return answer


def drips(data: bytes, prefix: bytes = b"", every: float = 0.05) -> Fault:
    """Say bytes one at a time."""

    def answer(talk: Talk) -> None:
        talk.say(prefix)
        for index in range(len(data)):
            talk.say(data[index : index + 1])
            talk.pause(every)

    return answer


def drips_whole(times: int, every: float) -> Fault:
    """Say the endpoint's own answer one byte at a time, so many times over."""

    def answer(talk: Talk) -> None:
        kind, data = talk.whole
        drips(data * times, head(kind=kind, length=len(data) * times), every)(talk)

    return answer


def stalls(*pieces: bytes) -> Fault:
    """Say these bytes, then nothing for a long time."""

    def answer(talk: Talk) -> None:
        talk.say(*pieces)
        talk.pause(60)

    return answer


def huge(talk: Talk) -> None:
    """Announce a terabyte."""
    stalls(head(kind=talk.whole.kind, length=1 << 40))(talk)


def repeats(prefix: bytes | None, piece: bytes, every: float = 0.0) -> Fault:
    """Say a piece over and over; without a prefix, in the chunks of an answer."""

    def answer(talk: Talk) -> None:
        own = head(kind=talk.whole.kind, Transfer_Encoding="chunked")
        talk.say(own if prefix is None else prefix)
        while True:
            talk.say(piece)
            if every:
                talk.pause(every)

    return answer


def changed(change: Callable[[bytes], bytes], **headers: str) -> Fault:
    """Answer with what becomes of the endpoint's own answer."""
    return lambda talk: reply(talk, 200, change(talk.whole.data), talk.whole.kind, **headers)


def packed(pack: Callable[[bytes], bytes], coding: str = "gzip") -> Fault:
    return changed(pack, Content_Encoding=coding)


def whole(frame: Callable[[bytes], bytes], **headers: Any) -> Fault:
    """Put the endpoint's own answer into a frame, behind these headers."""

    def answer(talk: Talk) -> None:
        kind, data = talk.whole
        talk.say(head(kind=kind, **headers) + frame(data))

    return answer


def framed(frame: Callable[[bytes], bytes] = bytes, **headers: Any) -> Fault:
    """Put the endpoint's own answer into a frame, behind these headers, then hang up."""

    def answer(talk: Talk) -> None:
        whole(frame, **headers)(talk)
        talk.hang_up()

    return answer


def chunked(frame: Callable[[bytes], bytes]) -> Fault:
    return framed(frame, Transfer_Encoding="chunked")


def redirects(status: int, target: str) -> Fault:
    """Send elsewhere; `{same}` is this server, `{other}` another one, `{path}` the rest."""

    def answer(talk: Talk) -> None:
        rest = "/" + talk.seen.path.removeprefix("/fault/").partition("/")[2]
        words = {"same": talk.server.url, "other": talk.server.elsewhere, "path": rest}
        location = {"Location": target.format(**words)} if target else {}
        reply(talk, status, b"moved", "text/plain", **location)

    return answer


def limited_until(talk: Talk) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    error(429, "rate_limit_exceeded", "requests", Retry_After=when)(talk)


def early_hints(talk: Talk) -> None:
    talk.say(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
    good(talk)


@cache
def bomb() -> bytes:
    """32 MB of zeros, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packer.compress(bytes(1 << 20)) for _ in range(32)]) + packer.flush()


def damaged(data: bytes) -> bytes:
    zipped = gzip.compress(data)
    return zipped[:10] + b"\xff" * 40 + zipped[50:]


LIMITED = partial(error, 429, "rate_limit_exceeded", "requests")

FAULTS: dict[str, Fault] = {
    "none": good,
    # cut before, within and after the head
    "reset-unanswered": says(then="reset"),
    "closed-unanswered": says(),
    "reset-in-head": says(head(length=len(BODY))[:40], then="reset"),
    "closed-in-head": says(head(length=len(BODY))[:40]),
    "reset-in-body": says(head(length=len(BODY)), BODY[:50], then="reset"),
    "closed-in-body": says(head(length=len(BODY)), BODY[:50]),
    "closed-before-body": says(head(length=len(BODY))),
    # slow, stalled, endless
    "stalled-head": stalls(),
    "dripped-head": drips(head(X_Long="x" * 4000)),
    "endless-head": repeats(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n"),
    "endless-interim": repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "stalled-body": stalls(head(length=len(BODY)), BODY[:50]),
    "dripped-body": drips_whole(50, 0.05),
    "endless-body": repeats(None, chunk(b"x" * 65536)),
    "endless-comments": repeats(STREAM + chunk(DELTAS[0]), chunk(b": ping\n\n"), 0.05),
    "huge-length": huge,
    # wrong lengths and chunks
    "length-too-long": own(missing=7),
    "length-too-short": own(missing=-7),
    "length-negative": framed(length=-1),
    "lengths-differ": framed(length=3, content_length="5"),
    "bad-chunk-size": chunked(lambda data: b"0x%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)),
    "bad-chunk-end": chunked(lambda data: b"5\r\n" + data + b"\r\n0\r\n\r\n"),
    "endless-chunk-size": repeats(None, b"1" * 65536),
    "no-last-chunk": chunked(chunk),
    "cut-chunk": chunked(lambda data: chunk(data)[:80]),
    # streams
    "sse-cut": sse(2),
    "sse-reset": sse(1, then="reset"),
    "sse-unfinished": sse(2, b"0\r\n\r\n"),
    "sse-error": says(STREAM, chunk(b'data: {"error": {"message": "overloaded"}}\n\n0\r\n\r\n')),
    "sse-until-close": framed(),
    "sse-slow": drips_whole(1, 0.002),
    "sse-stalled": sse(1, pause=60),
    # bodies that are not what they claim
    "invalid-json": lambda talk: reply(talk, 200, b"{'id': 1}"),
    "truncated-json": changed(lambda data: data[: len(data) // 2]),
    "deep-json": lambda talk: reply(talk, 200, b"[" * 100_000),
    "duplicate-keys": changed(lambda data: data[:-1] + b', "id": "again"}'),
    "nonfinite-json": lambda talk: reply(talk, 200, b'{"id": NaN, "created": -Infinity}'),
    "html-200": lambda talk: reply(talk, 200, b"<html><h1>Welcome</h1></html>", "text/html"),
    "empty-200": lambda talk: reply(talk, 200, b""),
    "not-http": says(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "early-hints": early_hints,
    # packed bodies
    "gzip": packed(gzip.compress),
    "gzip-members": packed(lambda data: gzip.compress(data[:60]) + gzip.compress(data[60:])),
    "gzip-cut": packed(lambda data: gzip.compress(data)[:-12]),
    "gzip-damaged": packed(damaged),
    "gzip-bomb": packed(lambda _: bomb()),
    "deflate": packed(zlib.compress, "deflate"),
    "deflate-bare": packed(lambda data: zlib.compress(data)[2:-4], "deflate"),
    "packed-unasked": packed(bytes, "br"),
    # statuses
    **{f"status-{s}": error(s) for s in (400, 401, 403, 404, 408, 409, 422, 500, 502, 503, 504)},
    "html-502": lambda talk: reply(talk, 502, b"<html>Bad gateway</html>", "text/html"),
    "empty-500": lambda talk: reply(talk, 500, b""),
    "cut-500": says(head(500, length=900), b'{"error": {"mess'),
    "huge-400": lambda talk: reply(talk, 400, b"x" * (3 << 20)),
    "limited": LIMITED(),
    "limited-seconds": LIMITED(Retry_After="7"),
    "limited-milliseconds": LIMITED(Retry_After_Ms="250", Retry_After="9"),
    "limited-date": limited_until,
    "limited-negative": LIMITED(Retry_After="-5"),
    "limited-garbage": LIMITED(Retry_After="soon"),
    "limited-huge": LIMITED(Retry_After="7200"),
    "limited-llm-provider": LIMITED(llm__provider_Retry_After="3"),
    "quota": error(429, "credit_balance_exhausted", "insufficient_quota", Retry_After="1"),
    "should-retry": error(400, X_Should_Retry="true"),
    "should-not-retry": error(500, X_Should_Retry="false"),
    # redirects
    "redirect-same": redirects(307, "{same}/fault/none{path}"),
    "redirect-same-302": redirects(302, "/fault/none{path}"),
    "redirect-elsewhere": redirects(308, "{other}/fault/none{path}"),
    "redirect-https": redirects(307, "https://127.0.0.1/fault/none{path}"),
    "redirect-file": redirects(307, "file:///etc/passwd"),
    "redirect-loop": redirects(307, "/fault/redirect-loop-back{path}"),
    "redirect-loop-back": redirects(307, "/fault/redirect-loop{path}"),
    "redirect-nowhere": redirects(302, ""),
}
