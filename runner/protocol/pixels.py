"""Pixels: whether a PNG is of one colour throughout, told row by row, from its first pixels on.

A row is filtered by one of five sums over its neighbours. Of a blank picture each sum is known
beforehand, so that rows are compared and not computed; the first that differs ends the search.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from runner.protocol.pictures import PNG
from runner.record import Record

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_LARGEST_ROW = 1 << 24
_LARGEST = 1 << 30
_BLOCK = 1 << 18
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
_LAST = (0, 1, 1, 2)
"""Adam7: where each pass begins, and its steps: across, then down."""


class UnreadableError(Exception):
    """The pixels cannot be told, for this reason."""


class _Head(Record):
    width: int
    height: int
    bits: int
    interlaced: bool


def is_blank(content: bytes) -> bool:
    """Tell whether all pixels of a PNG are the same; UnreadableError where that cannot be told."""
    if not content.startswith(PNG) or len(content) < 33:
        message = "it is no whole png"
        raise UnreadableError(message)
    head = _head(content)
    rows = _Rows(_pixels(content))
    colour: bytes | None = None
    for width, height in _sizes(head):
        size = (width * head.bits + 7) // 8
        if size > _LARGEST_ROW or size * height > _LARGEST:
            message = "it has too many pixels to look at"
            raise UnreadableError(message)
        first = rows.take(size + 1)
        step = max(1, head.bits // 8)
        own = first[1 : step + 1] if head.bits >= 8 else _spread(first, head.bits)
        colour = own if colour is None else colour
        if not _is_even(rows, (first, size, height), colour, _spare(width, head.bits)):
            return False
    return True


def _head(content: bytes) -> _Head:
    width, height = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    depth, kind, interlaced = content[24], content[25], content[28]
    if kind not in _SAMPLES or depth not in (1, 2, 4, 8, 16) or not width or not height:
        message = "its head cannot be read"
        raise UnreadableError(message)
    return _Head(width, height, depth * _SAMPLES[kind], interlaced == 1)


def _sizes(head: _Head) -> Iterator[tuple[int, int]]:
    """List the pictures that a PNG is made of: itself, or the passes of an interlaced one."""
    if not head.interlaced:
        yield head.width, head.height
        return
    for left, top, across, down in (*_PASSES, _LAST):
        size = -(-(head.width - left) // across), -(-(head.height - top) // down)
        if min(size) > 0:
            yield size


def _spread(row: bytes, bits: int) -> bytes:
    """Fill a byte with the first pixel of a row, which is less than one."""
    pixel = row[1] >> (8 - bits)
    return bytes([sum(pixel << at for at in range(0, 8, bits))])


def _spare(width: int, bits: int) -> int:
    """Return the mask of the bits in the last byte that are no pixels."""
    return (1 << (-(width * bits) % 8)) - 1


def _is_even(rows: _Rows, first: tuple[bytes, int, int], colour: bytes, spare: int) -> bool:
    """Whether all rows of a picture are of one colour."""
    row, size, height = first
    wanted = _filtered(colour, size, top=True)
    later = _filtered(colour, size, top=False)
    before = 0
    for _ in range(height):
        if row[0] > 4:
            message = "a row of it cannot be read"
            raise UnreadableError(message)
        end = size if spare else size + 1
        if row[1:end] != wanted[row[0]][: end - 1]:
            return False
        if spare:
            before = _last(row, colour[0] if size > 1 else 0, before, is_top=wanted is not later)
            if (before ^ colour[0]) & ~spare & 255:
                return False
        wanted, height = later, height - 1
        row = rows.take(size + 1) if height else b""
    return True


def _last(row: bytes, left: int, above: int, *, is_top: bool) -> int:
    """Undo the filter of the last byte of a row, all else of which is known."""
    corner = 0 if is_top else left
    above = 0 if is_top else above
    sums = (0, left, above, (left + above) // 2, _paeth(left, above, corner))
    return (row[-1] + sums[row[0]]) & 255


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda one: abs(guess - one))


def _filtered(colour: bytes, size: int, *, top: bool) -> tuple[bytes, ...]:
    """Return what a row of one colour is by each filter; the row above is of it too, or none."""
    count = size // len(colour)
    rest = bytes(size - len(colour))
    halved = bytes(one - one // 2 for one in colour)
    if top:
        return (
            colour * count,
            colour + rest,
            colour * count,
            colour + halved * (count - 1),
            colour + rest,
        )
    return colour * count, colour + rest, bytes(size), halved + rest, bytes(size)


class _Rows:
    """Takes a stream of bytes apart into rows."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.blocks = blocks
        self.held = bytearray()

    def take(self, size: int) -> bytes:
        while len(self.held) < size:
            block = next(self.blocks, b"")
            if not block:
                message = "its pixels are cut"
                raise UnreadableError(message)
            self.held += block
        row = bytes(self.held[:size])
        del self.held[:size]
        return row


def _pixels(content: bytes) -> Iterator[bytes]:
    """Unpack the pixels, a block at a time."""
    unpack = zlib.decompressobj()
    try:
        for chunk in _chunks(content):
            block = unpack.decompress(chunk, _BLOCK)
            while block:
                yield block
                block = unpack.decompress(unpack.unconsumed_tail, _BLOCK)
    except zlib.error as error:
        message = "its pixels cannot be unpacked"
        raise UnreadableError(message) from error


def _chunks(content: bytes) -> Iterator[bytes]:
    at = 8
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4])
        if content[at + 4 : at + 8] == b"IDAT":
            yield content[at + 8 : at + 8 + size]
        at += 12 + size
