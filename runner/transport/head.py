"""Heads: the lines before a body, written and read strictly.

The standard library reads headers with its e-mail parser, at a third of the cost of a whole call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from re import compile as pattern

from runner.record import Record

STATUS_LINE = pattern(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: ([^\r\n]*))?\r?\n")
LONGEST_LINE = 65536
MOST_LINES = 256
MOST_INTERIM = 16


class BrokenReplyError(Exception):
    """What came is no whole reply, or none in HTTP."""


class Head(Record):
    """A status and its headers, by lower-case name. `length` is None where none is stated."""

    status: int
    reason: str
    headers: Mapping[str, str]
    chunked: bool
    length: int | None
    keeps_alive: bool


def written(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    """Write the head of a request; one with a line end inside a header is refused."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    text = "\r\n".join(lines) + "\r\n\r\n"
    if text.count("\n") != len(lines) + 1 or text.count("\r") != len(lines) + 1:
        message = "a header of the request holds a line end"
        raise ValueError(message)
    return text.encode("latin-1")


def read(readline: Callable[[int], bytes], method: str) -> Head:
    """Read the head of the final reply; interim ones (100 Continue, 103 Early Hints) pass by."""
    for _ in range(MOST_INTERIM):
        line = readline(LONGEST_LINE)
        if not line:
            text = "closed the connection before it answered"
            raise BrokenReplyError(text)
        match = STATUS_LINE.fullmatch(line)
        if match is None:
            text = "did not answer in HTTP"
            raise BrokenReplyError(text)
        headers = _headers(readline)
        status = int(match[2])
        if status >= 200:
            reason = (match[3] or b"").decode("latin-1")
            return _framed(status, reason, headers, method, is_old=match[1] == b"0")
    text = "sent interim answers without end"
    raise BrokenReplyError(text)


def whole(block: bytes, method: str) -> tuple[Head, int] | None:
    """Read a final head that came in one piece, and say where it ends; None where one is other.

    What is None here is read line by line: it goes on, is an interim one, or is oddly written.
    """
    end = block.find(b"\r\n\r\n")
    begin = block.find(b"\r\n") + 2
    match = STATUS_LINE.fullmatch(block, 0, begin) if end > 0 else None
    if match is None or match[2] < b"200":
        return None
    text = block[begin:end].decode("latin-1") if end > begin else ""
    lines = text.split("\r\n")
    if text.count("\n") != len(lines) - 1 or "\n " in text or "\n\t" in text or text[:1] in " \t":
        return None
    headers: dict[str, str] = {}
    for line in lines:
        key, value = _pair(line)
        if key is not None:
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
    if len(lines) >= MOST_LINES:
        return None
    reason = (match[3] or b"").decode("latin-1")
    return _framed(int(match[2]), reason, headers, method, is_old=match[1] == b"0"), end + 4


@lru_cache(maxsize=512)
def _pair(line: str) -> tuple[str | None, str]:
    """Take a header apart; most are the same in every reply of a server."""
    name, colon, value = line.partition(":")
    return name.strip().lower() if colon else None, value.strip()


def _headers(readline: Callable[[int], bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    last = ""
    for _ in range(MOST_LINES):
        line = readline(LONGEST_LINE)
        if line in (b"\r\n", b"\n"):
            return headers
        if not line.endswith(b"\n"):
            text = "the answer was cut within its headers"
            raise BrokenReplyError(text)
        name, colon, value = line.decode("latin-1").partition(":")
        if line[:1] in (b" ", b"\t") and last:
            headers[last] += " " + line.decode("latin-1").strip()
        elif colon:
            last = name.strip().lower()
            value = value.strip()
            headers[last] = f"{headers[last]}, {value}" if last in headers else value
    text = "sent headers without end"
    raise BrokenReplyError(text)


def _framed(
    status: int, reason: str, headers: dict[str, str], method: str, *, is_old: bool
) -> Head:
    """Work out where the body ends."""
    wishes = headers.get("connection", "").lower()
    keeps_alive = "keep-alive" in wishes if is_old else "close" not in wishes
    if method == "HEAD" or status in (204, 304):
        return Head(status, reason, headers, chunked=False, length=0, keeps_alive=keeps_alive)
    coding = headers.get("transfer-encoding", "").strip().lower()
    if coding not in ("", "chunked", "identity"):
        text = "answered in a transfer coding that was never asked for"
        raise BrokenReplyError(text)
    if coding == "chunked":
        return Head(status, reason, headers, chunked=True, length=None, keeps_alive=keeps_alive)
    length = _length(headers.get("content-length"))
    keeps_alive = keeps_alive and length is not None
    return Head(status, reason, headers, chunked=False, length=length, keeps_alive=keeps_alive)


def _length(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    stated = {word.strip() for word in text.split(",")}
    word = stated.pop()
    if stated or not (word.isascii() and word.isdigit()) or len(word) > 18:
        message = "the answer's Content-Length is no length"
        raise BrokenReplyError(message)
    return int(word)
