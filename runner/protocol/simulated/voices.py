"""Voices: what the simulated service says aloud: a tone for each letter, a rest for each blank.

The sounds are whole files that play: mp3, wav, flac and pcm beep; opus and aac keep as long a
silence, since their coders are worth more than a beep. The same text gives the same bytes.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterator
from functools import cache
from math import pi, sin

from runner.protocol.sounds import RATE, wav_header

FRAME = 576
"""Samples of an MP3 frame at this rate: time goes by in frames."""
PER_LETTER = 3
MOST_LETTERS = 100_000


def speak(text: str, form: str, voice: str = "", speed: float = 1.0) -> bytes:
    """Say a text aloud, as a file of this format; KeyError where the format is none."""
    return VOICES[form](tuple(_score(text, voice, speed)))


def seconds(text: str, speed: float = 1.0) -> float:
    """Tell how long a text takes to say."""
    return sum(1 for _ in _score(text, "", speed)) * FRAME / RATE


def _score(text: str, voice: str, speed: float) -> Iterator[int]:
    """Give the tone of each frame, 0 for a rest: letters sound in the pitch of their voice."""
    base = 8 + sum(voice.encode()) % 9
    letters = text[:MOST_LETTERS] or " "
    frames = max(1, round(len(letters) * PER_LETTER / speed))
    for place in range(frames):
        letter = letters[place * len(letters) // frames]
        yield base + ord(letter) * 7 % 17 if letter.isalnum() else 0


@cache
def _beep(tone: int) -> bytes:
    """Make the samples of one frame; whole waves, so that frames join without a click."""
    waves = tone // 2 + 2 if tone else 0
    samples = (int(8000 * sin(2 * pi * waves * i / FRAME)) for i in range(FRAME))
    return struct.pack(f"<{FRAME}h", *samples)


def _pcm(score: tuple[int, ...]) -> bytes:
    return b"".join(map(_beep, score))


def _wav(score: tuple[int, ...]) -> bytes:
    body = _pcm(score)
    return wav_header(len(body)) + body


MP3_FRAME = 192
"""Bytes of a frame: MPEG-2 layer III, 24 kHz, one channel, 64 kbit/s."""


@cache
def _mp3_frame(tone: int) -> bytes:
    """Code a frame by hand: one line of its spectrum, in the smallest Huffman table, or none.

    Table 1 codes the pairs (0,0), (1,0) and (0,1) as `1`, `01` and `001`, a sign behind each 1.
    """
    pairs = tone // 2 + 1 if tone else 0
    code = "1" * (pairs - 1) + ("001" if tone % 2 else "01") + "0" if tone else ""
    fields = (
        (0, 8),  # main_data_begin
        (0, 1),  # private
        (len(code), 12),  # part2_3_length
        (pairs, 9),  # big_values
        (200 if tone else 0, 8),  # global_gain
        (0, 9),  # scalefac_compress: the scale factors take no bits
        (0, 1),  # window_switching
        (1, 5),
        (1, 5),
        (1, 5),  # table_select of the three regions
        (7, 4),
        (7, 3),  # where the regions end
        (0, 2),  # scalefac_scale, count1table_select
    )
    bits = "".join(f"{value:0{width}b}" for value, width in fields) + code
    packed = int(bits.ljust(8 * (MP3_FRAME - 4), "0"), 2).to_bytes(MP3_FRAME - 4, "big")
    return b"\xff\xf3\x84\xc4" + packed


def _mp3(score: tuple[int, ...]) -> bytes:
    return b"".join(map(_mp3_frame, score))


def _flac(score: tuple[int, ...]) -> bytes:
    """Write FLAC whose frames hold the samples as they are."""
    packed = RATE << 44 | 15 << 36 | len(score) * FRAME
    info = struct.pack(">HH6xQ16x", FRAME, FRAME, packed)
    head = b"fLaC\x80" + len(info).to_bytes(3, "big") + info
    return head + b"".join(_flac_frame(place, tone) for place, tone in enumerate(score))


def _flac_frame(place: int, tone: int) -> bytes:
    number = chr(place).encode("utf-8", "surrogatepass")
    head = b"\xff\xf8\x27\x08" + number
    samples = array("h", _beep(tone))
    samples.byteswap()
    frame = head + bytes([_crc(head, 8, 0x07)]) + b"\x02" + samples.tobytes()
    return frame + _crc(frame, 16, 0x8005).to_bytes(2, "big")


def _crc(content: bytes, width: int, polynomial: int) -> int:
    """Check content by a polynomial, from the highest bit down and from zero."""
    table, total = _crc_table(width, polynomial), 0
    shift, most = width - 8, (1 << width) - 1
    for byte in content:
        total = (total << 8 & most) ^ table[(total >> shift) ^ byte]
    return total


@cache
def _crc_table(width: int, polynomial: int) -> tuple[int, ...]:
    top, most = 1 << width - 1, (1 << width) - 1
    table = []
    for byte in range(256):
        total = byte << width - 8
        for _ in range(8):
            total = (total << 1 & most) ^ (polynomial if total & top else 0)
        table.append(total)
    return tuple(table)


def _aac(score: tuple[int, ...]) -> bytes:
    """Write ADTS frames of silence, 1024 samples each."""
    silence = b"\x00\xc8\x00\x80\x23\x80"
    length = 7 + len(silence)
    head = 0xFFF << 44 | 1 << 40 | 1 << 38 | 6 << 34 | 1 << 30 | length << 13 | 0x7FF << 2
    frame = head.to_bytes(7, "big") + silence
    return frame * max(1, -(-len(score) * FRAME // 1024))


def _opus(score: tuple[int, ...]) -> bytes:
    """Write Opus of silence in Ogg: packets of 20 ms, fifty a page."""
    packets = max(1, -(-len(score) * FRAME * 50 // RATE))
    head = struct.pack("<8sBBHIHB", b"OpusHead", 1, 1, 0, RATE, 0, 0)
    tags = b"OpusTags" + struct.pack("<I6sI", 6, b"runner", 0)
    pages = [_page((head,), 0, 0, 2), _page((tags,), 0, 1, 0)]
    for number, begin in enumerate(range(0, packets, 50)):
        end = min(begin + 50, packets)
        silence = (b"\xf8\xff\xfe",) * (end - begin)
        pages.append(_page(silence, end * 960, number + 2, 4 if end == packets else 0))
    return b"".join(pages)


def _page(packets: tuple[bytes, ...], position: int, number: int, flags: int) -> bytes:
    sizes = bytes(map(len, packets))
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, 1, number, 0, len(sizes))
    page = head + sizes + b"".join(packets)
    return page[:22] + struct.pack("<I", _crc(page, 32, 0x04C11DB7)) + page[26:]


VOICES: dict[str, Callable[[tuple[int, ...]], bytes]] = {
    "mp3": _mp3,
    "wav": _wav,
    "pcm": _pcm,
    "pcm16": _pcm,
    "flac": _flac,
    "aac": _aac,
    "opus": _opus,
}
