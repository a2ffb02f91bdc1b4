"""Media: pictures and sounds stand in the report where they are small, else beside it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from runner.exchange import JsonBody, Multipart, Part, Request
from runner.record import Record
from runner.report.encoding import Hide
from runner.results import Written

SMALL = 256 * 1024
ALL = 20 * 1024 * 1024
TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
_ADDRESS = re.compile(r"data:((?:image|audio)/[\w.+-]+);base64,([A-Za-z0-9+/]+=*)", re.ASCII)
_DEEPEST = 40

Read: TypeAlias = Callable[[str], bytes | None]
"""Gives the bytes of a written file, or None where it cannot be read."""

Shown: TypeAlias = tuple[str, int | None]
"""Its kind (image, audio or video), and the number of what is embedded (None: it is linked)."""


class Embedded(Record):
    """A picture or sound within the report."""

    media_type: str
    encoded: str

    @property
    def address(self) -> str:
        """The data address that a page shows it by."""
        return f"data:{self.media_type};base64,{self.encoded}"


class Media:
    """What is embedded, each content once. `read` reads the outputs."""

    def __init__(self, read: Read, hide: Hide, small: int = SMALL, most: int = ALL) -> None:
        self._read = read
        self._hide = hide
        self._small = small
        self._left = most
        self._places: dict[str, int] = {}
        self.embedded: list[Embedded] = []

    def of_file(self, file: Written) -> Shown | None:
        """Embed an output that is small; None where it is no picture, sound or film."""
        media_type = type_of(file.path)
        if media_type is None:
            return None
        kind = media_type.partition("/")[0]
        if file.size > self._small or (file.sha256 not in self._places and self._left < file.size):
            return kind, None
        if file.sha256 in self._places:
            return kind, self._places[file.sha256]
        body = self._read(file.path)
        return kind, None if body is None else self._embed(media_type, body, file.sha256)

    def of_request(self, request: Request) -> list[Shown]:
        """Embed the pictures and sounds that were sent, in their order."""
        match request.body:
            case JsonBody(value=value):
                found = [(kind, _decoded(text)) for kind, text in _addresses(value, 0)]
            case Multipart(parts=parts):
                found = [_part(part) for part in parts if part.file_name]
            case _:
                found = []
        return [self._sent(media_type, body) for media_type, body in found if media_type]

    def _sent(self, media_type: str, body: bytes | None) -> Shown:
        kind = media_type.partition("/")[0]
        if body is None or len(body) > self._small or len(body) > self._left:
            return kind, None
        return kind, self._embed(media_type, body, hashlib.sha256(body).hexdigest())

    def _embed(self, media_type: str, body: bytes, digest: str) -> int | None:
        if len(body) > self._small or self._tells(body):
            return None
        if digest not in self._places:
            self._places[digest] = len(self.embedded)
            self.embedded.append(Embedded(media_type, base64.b64encode(body).decode()))
            self._left -= len(body)
        return self._places[digest]

    def _tells(self, body: bytes) -> bool:
        """Whether the text within a picture holds a secret, which base64 would hide."""
        text = body.decode("utf-8", "replace")
        return self._hide(text) != text


def type_of(name: str) -> str | None:
    """Return the media type of a file that is shown, by its suffix."""
    _, dot, suffix = name.rpartition(".")
    return TYPES.get(suffix.lower()) if dot else None


def _part(part: Part) -> tuple[str, bytes | None]:
    return type_of(part.file_name) or "", part.body if isinstance(part.body, bytes) else None


def _addresses(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Find data addresses, and the sounds of messages, in the order of the body."""
    if depth > _DEEPEST:
        return
    match value:
        case str() if value.startswith("data:"):
            found = _ADDRESS.fullmatch(value)
            if found:
                yield found[1], found[2]
        case {"data": str() as data, "format": str() as suffix} if suffix in TYPES:
            yield TYPES[suffix], data
        case Mapping():
            yield from _within(list(value.values()), depth)
        case list() | tuple():
            yield from _within(value, depth)


def _within(values: Sequence[Any], depth: int) -> Iterator[tuple[str, str]]:
    for value in values:
        yield from _addresses(value, depth + 1)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None
