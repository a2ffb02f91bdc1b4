"""Multipart: a form written as a stream, its boundary made of its content."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from runner.errors import RecipeError
from runner.exchange import Body, Multipart, Part, Spool
from runner.record import Record

BLOCK = 1 << 18
QUOTED = {ord("\n"): "%0A", ord("\r"): "%0D", ord('"'): "%22"}
"""As browsers write names within a form."""


class Encoded(Record):
    """A form ready to send: bytes and spools, one after the other."""

    content_type: str
    size: int
    segments: tuple[Body, ...]


def encode(form: Multipart) -> Encoded:
    """Write a form. The same content gives the same bytes, and no content holds its boundary."""
    boundary = _boundary(form)
    segments: list[Body] = []
    for part in form.parts:
        segments += [_head(part, boundary), part.body, b"\r\n"]
    segments.append(f"--{boundary}--\r\n".encode())
    size = sum(_size(segment) for segment in segments)
    return Encoded(f"multipart/form-data; boundary={boundary}", size, tuple(segments))


def _boundary(form: Multipart) -> str:
    """Hash the parts; lengths keep two different forms from hashing alike."""
    digest = sha256()
    for part in form.parts:
        body = part.body.sha256 if isinstance(part.body, Spool) else sha256(part.body).hexdigest()
        for word in (part.name, part.file_name, part.media_type, body):
            raw = word.encode("utf-8", "surrogateescape")
            digest.update(b"%d:%b" % (len(raw), raw))
    return f"runner-{digest.hexdigest()[:40]}"


def _head(part: Part, boundary: str) -> bytes:
    fields = [_parameter("name", part.name)]
    if part.file_name:
        fields.append(_parameter("filename", part.file_name))
    lines = [f"--{boundary}", "Content-Disposition: form-data; " + "; ".join(fields)]
    if part.media_type or part.file_name:
        lines.append(f"Content-Type: {part.media_type or 'application/octet-stream'}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def _parameter(name: str, value: str) -> str:
    return f'{name}="{value.translate(QUOTED)}"'


def _size(body: Body) -> int:
    return body.size if isinstance(body, Spool) else len(body)


class Stream:
    """A body read piece by piece, from memory and from disk; what is sent has exactly its size."""

    def __init__(self, segments: tuple[Body, ...]) -> None:
        for segment in segments:
            if isinstance(segment, Spool):
                _stands(segment)
        self._pieces = _pieces(segments)
        self._kept = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes: at most `size`, or all of them."""
        if size < 0:
            rest = self._kept + b"".join(self._pieces)
            self._kept = b""
            return rest
        kept = self._kept or next(self._pieces, b"")
        self._kept = kept[size:]
        return kept[:size]


def _pieces(segments: tuple[Body, ...]) -> Iterator[bytes]:
    for segment in segments:
        if isinstance(segment, Spool):
            yield from _spooled(segment)
        else:
            yield from (segment[start : start + BLOCK] for start in range(0, len(segment), BLOCK))


def _spooled(spool: Spool) -> Iterator[bytes]:
    left = spool.size
    with Path(spool.path).open("rb") as file:
        while left:
            piece = file.read(min(left, BLOCK))
            if not piece:
                raise _changed(spool)
            left -= len(piece)
            yield piece


def _stands(spool: Spool) -> None:
    """Refuse a file that changed before any of the request is sent."""
    try:
        size = Path(spool.path).stat().st_size
    except OSError as error:
        text = f"{spool.path}: cannot be read again ({error.strerror})"
        raise RecipeError(text) from error
    if size != spool.size:
        raise _changed(spool)


def _changed(spool: Spool) -> RecipeError:
    text = f"{spool.path}: is no longer the {spool.size:,} bytes that were checked"
    return RecipeError(text, hint="leave the file alone while it is being sent")
