"""Encoders: a drawn canvas as PNG, JPEG or WebP, small and plain, that any viewer opens.

The PNG is exact. The JPEG has one colour for each block of 8 x 8 pixels, which leaves of the format
its frame and the simplest of its codes; the WebP has two levels of red, green and blue.
"""

from __future__ import annotations

import zlib
from functools import cache

from runner.protocol.simulated.drawing import Canvas, Colour

EDGE = 8
"""A block of a JPEG, in pixels."""


def png(rows: Canvas, colours: list[Colour], clear: bool = False) -> bytes:
    """Encode a canvas as PNG: by its palette, or with an alpha channel where place 0 is clear."""
    if clear:
        return _png(rows, 6, _lines(rows, colours), b"")
    table = b"".join(bytes(colour) for colour in colours)
    lines = b"".join(b"\0" + row for row in rows)
    return _png(rows, 3, lines, _chunk(b"PLTE", table))


def _png(rows: Canvas, kind: int, lines: bytes, between: bytes) -> bytes:
    head = len(rows[0]).to_bytes(4) + len(rows).to_bytes(4) + bytes((8, kind, 0, 0, 0))
    content = _chunk(b"IDAT", zlib.compress(lines, 6)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + between + content


def _lines(rows: Canvas, colours: list[Colour]) -> bytes:
    """Write red, green, blue and alpha of every pixel."""
    planes = [bytes(colour[i] for colour in colours) for i in range(3)]
    planes.append(bytes([0] + [255] * 255))
    lines = bytearray()
    for row in rows:
        line = bytearray(len(row) * 4)
        for i, plane in enumerate(planes):
            line[i::4] = row.translate(plane)
        lines += b"\0" + line
    return bytes(lines)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def webp(rows: Canvas, colours: list[Colour], clear: bool = False) -> bytes:
    """Encode a canvas as lossless WebP: a bit for each of green, red, blue, and for alpha."""
    width, height = len(rows[0]), len(rows)
    table = bytes(_level(place, colour, clear) for place, colour in enumerate(colours))
    digits = b"".join(rows).translate(table)[::-1]
    pixels = int(digits, 16 if clear else 8)
    bits = _Bits()
    for value, size in ((width - 1, 14), (height - 1, 14), (int(clear), 1), (0, 3)):
        bits.put(value, size)
    bits.put(0, 3)  # no transform, no cache of colours, one set of codes
    for _ in range(3):
        bits.two(LOW, HIGH)
    if clear:
        bits.two(0, 255)
    else:
        bits.one(255)
    bits.one(0)  # distances: none is ever used
    bits.put(pixels, len(digits) * (4 if clear else 3))
    payload = b"\x2f" + bits.value.to_bytes((bits.count + 7) // 8, "little")
    payload += b"\0" * (len(payload) % 2)
    chunk = b"VP8L" + len(payload).to_bytes(4, "little") + payload
    return b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk


LOW, HIGH = 70, 225


def _level(place: int, colour: Colour, clear: bool) -> int:
    """Return the digit that a pixel of this colour is: bits for green, red, blue and alpha."""
    red, green, blue = (int(part > (LOW + HIGH) // 2) for part in colour)
    shown = 8 if clear and place else 0
    return b"0123456789abcdef"[green | red << 1 | blue << 2 | shown]


class _Bits:
    """Bits in the order of WebP: the lowest first."""

    def __init__(self) -> None:
        self.value = 0
        self.count = 0

    def put(self, value: int, size: int) -> None:
        self.value |= value << self.count
        self.count += size

    def one(self, symbol: int) -> None:
        """Write the code of a channel that has one value, and so no bits."""
        self.put(0b101, 3)
        self.put(symbol, 8)

    def two(self, low: int, high: int) -> None:
        """Write the code of a channel that has two values, and so one bit."""
        self.put(0b111, 3)
        self.put(low | high << 8, 16)


def jpeg(blocks: Canvas, colours: list[Colour], width: int, height: int) -> bytes:
    """Encode a canvas as JPEG, each of its pixels a block; `width` and `height` crop the last."""
    planes = list(zip(*(_luminance(colour) for colour in colours), strict=True))
    before = [0, 0, 0]
    words: list[str] = []
    for row in blocks:
        for place in row:
            for i, plane in enumerate(planes):
                words.append(_word(plane[place] - before[i]))
                before[i] = plane[place]
    text = "".join(words)
    text += "1" * (-len(text) % 8)
    scan = int(text, 2).to_bytes(len(text) // 8).replace(b"\xff", b"\xff\0")
    size = height.to_bytes(2) + width.to_bytes(2)
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            _segment(0xDB, b"\0" + bytes([8] * 64)),
            _segment(0xC0, b"\x08" + size + b"\3\1\x11\0\2\x11\0\3\x11\0"),
            _segment(0xC4, b"\0" + bytes(COUNTS) + bytes(range(12))),
            _segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0"),
            _segment(0xDA, b"\3\1\0\2\0\3\0\0\x3f\0"),
            scan,
            b"\xff\xd9",
        )
    )


COUNTS = (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)
"""How many codes there are of each length, from 1: the standard's own for the first coefficient."""


def _segment(kind: int, content: bytes) -> bytes:
    return bytes((0xFF, kind)) + (len(content) + 2).to_bytes(2) + content


def _luminance(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = colour
    light = round(0.299 * red + 0.587 * green + 0.114 * blue)
    return light - 128, round(0.564 * (blue - light)), round(0.713 * (red - light))


@cache
def _codes() -> tuple[str, ...]:
    """Return the code of each size of difference, as a text of bits."""
    codes: list[str] = []
    code = 0
    for length, count in enumerate(COUNTS, 1):
        for _ in range(count):
            codes.append(f"{code:0{length}b}")
            code += 1
        code <<= 1
    return tuple(codes)


@cache
def _word(difference: int) -> str:
    """Write a block: how its colour differs from the one before, and that no more follows."""
    size = abs(difference).bit_length()
    value = difference if difference > 0 else difference + (1 << size) - 1
    return _codes()[size] + (f"{value:0{size}b}" if size else "") + "0"
