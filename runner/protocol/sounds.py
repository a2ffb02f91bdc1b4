"""Sounds: what a sound's bytes say of it: its kind, its seconds, samples a second, channels.

The bytes come through a handed-in `read(offset, size)`, so that a sound of any size is told from a
few places of it. A sound that tells nothing of its length has no `seconds`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import TypeAlias

from runner.exchange import Body
from runner.protocol import media
from runner.record import Record

Read: TypeAlias = Callable[[int, int], bytes]

PCM = "audio/pcm"
RATE = 24000
"""Samples a second of bare PCM, as the services give and take it: 16 bits, one channel."""
FORMATS = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": PCM,
    "pcm16": PCM,
}
"""The media types of the formats that a recipe may ask for."""
NAMES = {kind: name for name, kind in reversed(FORMATS.items())} | {
    PCM: "pcm",
    "audio/mp4": "m4a",
    "audio/webm": "webm",
}
HEAD = 4096
_PARTS = 10_000
"""So many parts of a WAV or an MP4 are passed until one tells its length; usual are ten."""


class Sound(Record):
    """What a sound is; None where its bytes do not tell."""

    media_type: str
    format: str
    seconds: float | None = None
    sample_rate: int | None = None
    channels: int | None = None


class _Frames(Record):
    """How a coded sound goes on from one frame: its bytes, samples, rate, channels, bits/s."""

    length: int
    samples: int
    rate: int
    channels: int
    bits: int


def reader(content: bytes) -> Read:
    """Read from bytes in memory."""
    return lambda offset, size: content[offset : offset + size]


def size_of(body: Body) -> int:
    """Return the bytes of a body, in memory or on disk."""
    return len(body) if isinstance(body, bytes) else body.size


def look(read: Read, size: int, media_type: str = "") -> Sound | None:
    """Tell what a sound is; `media_type` is what it is said to be. None where it is no sound."""
    if media_type == PCM:
        return Sound(PCM, "pcm", size / (2 * RATE), RATE, 1)
    head = read(0, HEAD)
    kind = media.media_type("", head)
    if not kind.startswith("audio/"):
        return None
    name = "ogg" if kind == "audio/ogg" and head[28:36] != b"OpusHead" else NAMES.get(kind, "")
    look_closer = _LOOKS.get(kind)
    if look_closer is None:
        return Sound(kind, name)
    try:
        return Sound(kind, name, *look_closer(read, size))
    except (struct.error, IndexError, ZeroDivisionError):
        return Sound(kind, name)


_Told: TypeAlias = tuple[float | None, int | None, int | None]
_UNTOLD: _Told = (None, None, None)


def wav_header(size: int, rate: int = RATE, channels: int = 1) -> bytes:
    """Write what makes a WAV file of so many bytes of 16-bit samples."""
    step, most = 2 * channels, 0xFFFFFFFF
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * step, step, 16)
    head = struct.pack("<4sI8s", b"RIFF", min(36 + size, most), b"WAVEfmt ")
    return head + form + struct.pack("<4sI", b"data", min(size, most))


_LONGEST = 0x7FFF0000
"""What is written before its length is known, as a stream is, has a larger one in its head."""


def is_cut(head: bytes, size: int) -> bool:
    """Whether a WAV file of so many bytes lacks some that its head promises; no other kind does."""
    parts = _parts(reader(head), len(head)) if head[:4] == b"RIFF" else ()
    return any(name == b"data" and size < at + length < _LONGEST for name, length, at in parts)


def _wav(read: Read, size: int) -> _Told:
    rate, channels, speed = None, None, 0
    for name, length, at in _parts(read, size):
        if name == b"fmt ":
            _, channels, rate, speed = struct.unpack("<HHII", read(at, 12))
        if name == b"data":
            return min(length, size - at) / speed, rate, channels
    return None, rate, channels


def _parts(read: Read, size: int) -> Iterator[tuple[bytes, int, int]]:
    """List the chunks of a WAV file: name, length, where its content begins."""
    at = 12
    for _ in range(_PARTS):
        if at + 8 > size:
            return
        name, length = struct.unpack("<4sI", read(at, 8))
        yield name, length, at + 8
        at += 8 + length + length % 2


def _flac(read: Read, _: int) -> _Told:
    packed = int.from_bytes(read(18, 8), "big")
    rate, samples = packed >> 44, packed & 0xFFFFFFFFF
    return (samples / rate if samples else None), rate, (packed >> 41 & 7) + 1


def _ogg(read: Read, size: int) -> _Told:
    head = read(0, 64)
    if head[28:36] == b"OpusHead":
        channels, skipped, rate, clock = head[37], *struct.unpack("<HI", head[38:44]), 48000
    elif head[28:35] == b"\x01vorbis":
        channels, clock = struct.unpack("<BI", head[39:44])
        skipped, rate = 0, clock
    else:
        return _UNTOLD
    tail = read(max(0, size - 65536), 65536)
    page = tail.rfind(b"OggS")
    (position,) = struct.unpack("<q", tail[page + 6 : page + 14])
    return max(0, position - skipped) / clock, rate, channels


def _mp4(read: Read, size: int) -> _Told:
    moov = next((box for name, *box in _boxes(read, 0, size) if name == b"moov"), None)
    if moov is None:
        return _UNTOLD
    start, end = moov
    inner = next((box for name, *box in _boxes(read, start, end) if name == b"mvhd"), None)
    if inner is None:
        return _UNTOLD
    body = read(inner[0], 32)
    form, at = (">IQ", 20) if body[0] else (">II", 12)
    scale, length = struct.unpack_from(form, body, at)
    return length / scale, None, None


def _boxes(read: Read, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """List the boxes of an MP4: name, where its content begins and ends."""
    for _ in range(_PARTS):
        if at + 8 > end:
            return
        length, name = struct.unpack(">I4s", read(at, 8))
        head = 8
        if length == 1:
            (length,), head = struct.unpack(">Q", read(at + 8, 8)), 16
        stop = at + length if length else end
        if stop < at + head:
            return
        yield name, at + head, stop
        at = stop


_BITS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second of layer III, by MPEG's version."""
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_ADTS = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def _mp3_frame(head: bytes) -> _Frames | None:
    """Read the head of a frame of layer III; None where it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, place, index = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or place == 3 or index in (0, 15):
        return None
    rate = _RATES[version][place]
    bits = _BITS[1 if version == 3 else 2][index] * 1000
    samples = 1152 if version == 3 else 576
    length = samples // 8 * bits // rate + (head[2] >> 1 & 1)
    return _Frames(length, samples, rate, 1 if head[3] >> 6 == 3 else 2, bits)


def _adts_frame(head: bytes) -> _Frames | None:
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    index = head[2] >> 2 & 15
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if index >= len(_ADTS) or length < 7:
        return None
    channels = (head[2] & 1) << 2 | head[3] >> 6
    return _Frames(length, 1024 * ((head[6] & 3) + 1), _ADTS[index], channels, 0)


def _mp3(read: Read, size: int) -> _Told:
    begin = 0
    tag = read(0, 10)
    if tag.startswith(b"ID3"):
        begin = 10 + sum(
            (byte & 127) << shift for byte, shift in zip(tag[6:], (21, 14, 7, 0), strict=True)
        )
    found = _synced(read, begin)
    if found is None:
        return _UNTOLD
    start, first = found
    counted = _counted(read(start, 200))
    if counted:
        return counted * first.samples / first.rate, first.rate, first.channels
    end = size - 128 if read(size - 128, 3) == b"TAG" else size
    if _is_even(read, start, end, first.bits):
        return (end - start) * 8 / first.bits, first.rate, first.channels
    samples = sum(frame.samples for frame in _walked(read, start, end, _mp3_frame))
    return samples / first.rate, first.rate, first.channels


def _synced(read: Read, offset: int) -> tuple[int, _Frames] | None:
    """Find the next frame of an MP3: one that another follows, or the end."""
    block = read(offset, 4 * HEAD)
    at = block.find(b"\xff")
    while at >= 0:
        frame = _mp3_frame(block[at : at + 4])
        follower = read(offset + at + frame.length, 4) if frame else b"?"
        if frame and (not follower or _mp3_frame(follower)):
            return offset + at, frame
        at = block.find(b"\xff", at + 1)
    return None


def _counted(frame: bytes) -> int:
    """Return how many frames the first one says there are; 0 where it does not."""
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at < 0 or not frame[at + 7] & 1:
        return 0
    return int.from_bytes(frame[at + 8 : at + 12], "big")


def _is_even(read: Read, start: int, end: int, bits: int) -> bool:
    """Whether the frames here and there all have the same bits a second."""
    places = (start + (end - start) * part // 4 for part in range(1, 4))
    found = [_synced(read, place) for place in places]
    return all(one is None or one[1].bits == bits for one in found)


def _aac(read: Read, size: int) -> _Told:
    first = _adts_frame(read(0, 7))
    if first is None:
        return _UNTOLD
    samples = sum(frame.samples for frame in _walked(read, 0, size, _adts_frame))
    return samples / first.rate, first.rate, first.channels


def _walked(
    read: Read, at: int, end: int, frame_of: Callable[[bytes], _Frames | None]
) -> Iterator[_Frames]:
    """Go from frame to frame, a block at a time."""
    start, block = at, b""
    while at < end:
        if at + 7 > start + len(block):
            start, block = at, read(at, 65536)
        frame = frame_of(block[at - start : at - start + 7])
        if frame is None or not frame.length:
            return
        yield frame
        at += frame.length


_LOOKS: dict[str, Callable[[Read, int], _Told]] = {
    "audio/wav": _wav,
    "audio/mpeg": _mp3,
    "audio/flac": _flac,
    "audio/ogg": _ogg,
    "audio/aac": _aac,
    "audio/mp4": _mp4,
}
