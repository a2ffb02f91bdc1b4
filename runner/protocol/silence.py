"""Silence: how loud the loudest sample of a sound is, where its samples are not coded."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator

from runner.protocol.sounds import Read

QUIET = 1e-3
"""A sound whose every sample is below this share of the loudest possible is silent: -60 dB."""
_BLOCK = 12 << 16  # whole frames of 1, 2, 3, 4 and 8 bytes, in as many channels as are usual
_FLOATS = {4: "f", 8: "d"}
_HEADS = 64


def is_silent(read: Read, size: int, form: str) -> bool | None:
    """Tell whether a sound is silent; None where that cannot be told from its bytes."""
    if form == "pcm":
        return _is_silent(read, (0, size - size % 2), 2, is_float=False)
    if form != "wav":
        return None
    try:
        found = _wav(read, size)
    except struct.error:
        return None
    if found is None:
        return None
    (kind, width), place = found
    if kind not in (1, 3) or (kind == 3 and width not in _FLOATS) or width not in (1, 2, 3, 4, 8):
        return None
    return _is_silent(read, place, width, is_float=kind == 3)


def _wav(read: Read, size: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Find a WAV's kind of samples and their bytes, and where they begin and end."""
    at, kind, width = 12, 0, 0
    for _ in range(_HEADS):
        if at + 8 > size:
            return None
        name, length = struct.unpack("<4sI", read(at, 8))
        if name == b"fmt ":
            kind, _, _, _, _, bits = struct.unpack("<HHIIHH", read(at + 8, 16))
            if kind == 0xFFFE:  # the kind stands in what is appended
                (kind,) = struct.unpack("<H", read(at + 32, 2))
            width = (bits + 7) // 8
        if name == b"data" and width:
            end = at + 8 + min(length, size - at - 8)
            return (kind, width), (at + 8, end - (end - at - 8) % width)
        at += 8 + length + length % 2
    return None


def _is_silent(read: Read, place: tuple[int, int], width: int, *, is_float: bool) -> bool:
    start, end = place
    blocks = (read(at, min(_BLOCK, end - at)) for at in range(start, end, _BLOCK))
    peaks = _float_peaks(blocks, width) if is_float else _peaks(blocks, width)
    return not any(peak >= QUIET for peak in peaks)


def _peaks(blocks: Iterator[bytes], width: int) -> Iterator[float]:
    """Return the loudest sample of each block; of wide samples their highest two bytes tell."""
    for block in blocks:
        if width == 1:
            yield max(max(block) - 128, 128 - min(block)) / 128 if block else 0.0
            continue
        high = bytearray(len(block) // width * 2)
        high[0::2], high[1::2] = block[width - 2 :: width], block[width - 1 :: width]
        yield _peak(array("h", bytes(high)), 32768)


def _float_peaks(blocks: Iterator[bytes], width: int) -> Iterator[float]:
    for block in blocks:
        yield _peak(array(_FLOATS[width], block), 1)


def _peak(samples: array[int] | array[float], loudest: int) -> float:
    if sys.byteorder == "big":
        samples.byteswap()
    return max(max(samples), -min(samples)) / loudest if samples else 0.0
