"""Media: what a simulated model can tell of a picture, a sound or a file without looking at it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from runner.exchange import Json
from runner.protocol import pictures
from runner.protocol.sounds import RATE
from runner.record import Record

PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
# Enough of a JPEG to pass its metadata and reach the frame header.
HEAD = 1 << 18


class Inline(Record):
    """What a data URI holds: the media type it claims, its size, its first bytes."""

    media_type: str
    size: int
    head: bytes


def inline(address: str) -> Inline | None:
    """Read a data URI; None where it is none."""
    head, comma, payload = address.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    return Inline(head[5:-7].partition(";")[0], *_decoded(payload))


def _decoded(payload: str) -> tuple[int, bytes]:
    size = len(payload) * 3 // 4 - payload[-2:].count("=")
    start = payload[: HEAD // 3 * 4]
    try:
        return size, b64decode(start + "=" * (-len(start) % 4))
    except ValueError:
        return size, b""


def is_picture(found: Inline) -> bool:
    """Whether the bytes are a picture of the kind they claim to be."""
    magic = PICTURES.get(found.media_type)
    return magic is not None and found.head.startswith(magic)


def picture(address: str) -> str:
    """Describe a picture by its address or its data URI."""
    found = inline(address)
    if found is None:
        return f"a picture at {_place(address)}"
    size = dimensions(found.head)
    wide = f", {size[0]}x{size[1]}" if size else ""
    return f"a picture, {found.media_type}, {found.size:,} bytes{wide}"


def _place(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "an address"
    name = unquote(parts.path.rpartition("/")[2]).replace("_", " ")
    return f"{parts.hostname or 'an address'}" + (f", “{name}”" if name else "")


def dimensions(head: bytes) -> tuple[int, int] | None:
    """Read width and height from the first bytes of a picture."""
    found = pictures.look(head)
    return (found.width, found.height) if found else None


def sound(part: Mapping[str, Json]) -> str:
    """Describe a sound by its bare base64 and its format; that of a session is samples alone."""
    if "audio" in part:
        size = _decoded(str(part["audio"]))[0]
        return f"a sound, pcm, {size:,} bytes, {size / (2 * RATE):.1f} s"
    size, head = _decoded(str(part.get("data") or ""))
    rate = int.from_bytes(head[28:32], "little") if head.startswith(b"RIFF") else 0
    long = f", {max(0, size - 44) / rate:.1f} s" if rate else ""
    return f"a sound, {part.get('format')}, {size:,} bytes{long}"


def document(part: Mapping[str, Json]) -> str:
    """Describe a file by its id, its address or its contents."""
    if "file_id" in part:
        return f"the file {part['file_id']}"
    if "file_url" in part:
        return f"a file at {_place(str(part['file_url']))}"
    found = inline(str(part.get("file_data") or ""))
    told = f", {found.media_type}, {found.size:,} bytes" if found else ""
    return f"a file, “{part.get('filename') or 'without a name'}”{told}"
