"""Pictures: what a picture's bytes say of it: its kind, its size, whether it can be seen through.

Only the head is read, so that a picture of any size is told at once; `is_cut` and `ends` look for
its end.
"""

from __future__ import annotations

import re
from binascii import Error as NotBase64Error
from binascii import a2b_base64
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from runner.record import Record

if TYPE_CHECKING:
    from runner.protocol.sounds import Read

PNG = b"\x89PNG\r\n\x1a\n"
SVG = "image/svg+xml"
SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    SVG: ".svg",
}
"""The kinds of pictures that services send, and the ending that a file of each has."""
_BLANK = re.compile(r"\s+")
_TAIL = 1024
_BLOCK = 1 << 20
_SEGMENTS = 10_000
"""So many segments of a JPEG are passed on the way to its pixels; usual are ten."""


class Look(Record):
    """What a picture looks like from outside; `alpha` is true where it can be seen through."""

    media_type: str
    width: int
    height: int
    alpha: bool = False


def look(content: bytes) -> Look | None:
    """Tell a picture's kind and size by its first bytes; None where they are no picture's."""
    if content.startswith(PNG):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return _gif(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    return Look(SVG, 0, 0, True) if _is_svg(content) else None


def _png(content: bytes) -> Look | None:
    if len(content) < 24:
        return None
    # Colour types 4 and 6 have an alpha channel, the others may name a colour that is clear.
    clear = content[25:26] in (b"\x04", b"\x06") or _has_clear_colour(content)
    size = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    return Look("image/png", *size, clear)


def _has_clear_colour(content: bytes) -> bool:
    """Whether a `tRNS` chunk stands before the pixels, where alone it counts."""
    at = 8
    while at + 8 <= len(content):
        kind = content[at + 4 : at + 8]
        if kind in (b"tRNS", b"IDAT"):
            return kind == b"tRNS"
        at += 12 + int.from_bytes(content[at : at + 4])
    return False


def _jpeg(content: bytes) -> Look | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        kind = content[at + 1]
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            return Look("image/jpeg", int.from_bytes(width), int.from_bytes(height))
        # A marker may be led by any number of fill bytes.
        at += 1 if kind == 0xFF else 2 + int.from_bytes(content[at + 2 : at + 4])
    return None


def _gif(content: bytes) -> Look | None:
    if len(content) < 10:
        return None
    width, height = _little(content[6:8]), _little(content[8:10])
    clear = any(block[3] & 1 for block in re.findall(rb"\x21\xf9\x04.", content[:4096], re.DOTALL))
    return Look("image/gif", width, height, clear)


def _webp(content: bytes) -> Look | None:
    kind, at = content[12:16], content[20:30]
    if len(at) < 10 and not (kind == b"VP8L" and len(at) >= 5):
        return None
    if kind == b"VP8X":
        size = _little(at[4:7]) + 1, _little(at[7:10]) + 1
        return Look("image/webp", *size, bool(at[0] & 0x10))
    if kind == b"VP8L":
        bits = _little(at[1:5])
        size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        return Look("image/webp", *size, bool(bits >> 28 & 1))
    if kind == b"VP8 ":
        return Look("image/webp", _little(at[6:8]) & 0x3FFF, _little(at[8:10]) & 0x3FFF)
    return None


def _little(field: bytes) -> int:
    return int.from_bytes(field, "little")


def _is_svg(content: bytes) -> bool:
    start = content[:_TAIL].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith((b"<svg", b"<?xml", b"<!--")) and b"<svg" in start


def is_cut(content: bytes) -> bool:
    """Whether a picture lacks its end."""
    found = look(content)
    if found is None:
        return False
    return not ends(found.media_type, lambda at, size: content[at : at + size], len(content))


def ends(media_type: str, read: Read, size: int) -> bool:
    """Whether a picture of this kind has its end; what follows it does no harm."""
    match media_type:
        case "image/png":
            return _png_ends(read, size)
        case "image/jpeg":
            return _jpeg_ends(read, size)
        case "image/webp":
            return size >= _little(read(4, 4)) + 8
    tail = read(max(0, size - _TAIL), _TAIL)
    return tail.rstrip(b"\0").endswith(b";") if media_type == "image/gif" else b"</svg" in tail


def _png_ends(read: Read, size: int) -> bool:
    """Whether the chunks of a PNG lead to its last."""
    at = 8
    while at + 12 <= size:
        head = read(at, 8)
        if head[4:] == b"IEND":
            return True
        at += 12 + int.from_bytes(head[:4])
    return False


def _jpeg_ends(read: Read, size: int) -> bool:
    """Whether the mark of the end follows the pixels; a preview in the head has one of its own."""
    at = 2
    for _ in range(_SEGMENTS):
        head = read(at, 4)
        if head[:1] != b"\xff" or head[1:2] == b"\xda":
            break
        at += 1 if head[1:2] == b"\xff" else 2 + int.from_bytes(head[2:])
    before = b""
    for place in range(at, size, _BLOCK):
        block = read(place, _BLOCK)
        if b"\xff\xd9" in before + block:
            return True
        before = block[-1:]
    return False


def decoded(given: str | memoryview) -> bytes | None:
    """Decode base64, as services write it: perhaps folded, unpadded or as a data URI."""
    try:
        return a2b_base64(given, strict_mode=True)
    except ValueError:
        pass
    text = given if isinstance(given, str) else str(given, "ascii", "replace")
    if text.startswith("data:"):
        return inline(text)
    bare = _BLANK.sub("", text).rstrip("=").translate(_FROM_URL_SAFE)
    try:
        return a2b_base64(bare + "=" * (-len(bare) % 4), strict_mode=True)
    except (NotBase64Error, ValueError):
        return None


_FROM_URL_SAFE = str.maketrans("-_", "+/")


def inline(address: str) -> bytes | None:
    """Return what a `data:` address holds; None where it is none."""
    head, comma, payload = address.partition(",")
    if not comma or not head.startswith("data:"):
        return None
    if head.endswith(";base64"):
        return None if payload.startswith("data:") else decoded(payload)
    return unquote_to_bytes(payload)
