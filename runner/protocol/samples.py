"""Samples: the sound of a wav as a session takes it: 16 bits, one channel, 24,000 a second."""

from __future__ import annotations

import array
import sys

from runner.errors import RecipeError
from runner.record import Record

RATE = 24_000
HINT = "convert it: ffmpeg -i IN -ar 24000 -ac 1 -c:a pcm_s16le out.wav"
ENDLESS = 0x7FFFF000
"""From here on a length stands for one that was not known when the head was written."""
FIELDS = ((0, 2), (2, 2), (4, 4), (14, 2))
"""Where a wav's head has coding, channels, rate and bits."""
PLAIN, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
READ = ((PLAIN, 8), (PLAIN, 16), (PLAIN, 24), (PLAIN, 32), (FLOAT, 32), (FLOAT, 64))
"""The codings that are made 16 bits here, each with its bits."""
CODINGS = {2: "ADPCM", 6: "A-law", 7: "mu-law", 17: "IMA ADPCM", 85: "mp3"}
SIGNED = bytes(value ^ 0x80 for value in range(256))
"""What samples of one byte are, which have no sign, with one."""
OWN = bytes.fromhex("000000001000800000aa00389b71")
"""How the id of a coding ends that has a number; the number stands before it."""


class Wav(Record):
    """The sound of a wav file, as it is written there."""

    coding: int
    bits: int
    rate: int
    channels: int
    body: bytes


def opened(content: bytes) -> Wav:
    """Read a wav file that can be sent; RecipeError with the way out where it cannot be."""
    head, body, size = _chunks(content)
    channels, rate = max(1, _number(head, 1)), _number(head, 2) or RATE
    wav = Wav(_coding(head), _number(head, 3), rate, channels, body)
    if (wav.coding, wav.bits) not in READ:
        told = CODINGS.get(wav.coding, f"coding {wav.coding}")
        found = "samples" if wav.coding in (PLAIN, FLOAT) else told
        msg = f"expected PCM or float samples in the wav, found {found} of {wav.bits} bits"
        raise unfit(msg)
    if len(body) < size < ENDLESS:
        msg = f"the wav is cut: its head tells of {size:,} bytes of sound, {len(body):,} are there"
        raise unfit(msg, "take the whole file")
    if len(body) < channels * wav.bits // 8:
        msg = "the wav holds no sound"
        raise unfit(msg)
    return wav


def samples(content: bytes) -> bytes:
    """Turn a wav file into 16-bit mono samples at 24 kHz; RecipeError where it cannot be."""
    wav = opened(content)
    found = array.array("h", _short(wav))
    if sys.byteorder == "big":
        found.byteswap()
    if wav.channels > 1:
        starts = range(0, len(found), wav.channels)
        found = array.array("h", [_mean(found, start, wav.channels) for start in starts])
    if wav.rate != RATE:
        found = _resampled(found, wav.rate)
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


def unfit(message: str, hint: str = HINT) -> RecipeError:
    """Make the error of a sound that cannot be sent."""
    return RecipeError(message, hint=hint)


def _chunks(content: bytes) -> tuple[bytes, bytes, int]:
    """Find a wav's head, its sound, and the length that the sound is said to have."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        msg = "expected a wav file"
        raise unfit(msg)
    at, head = 12, b""
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if name == b"fmt ":
            head = content[at + 8 : at + 8 + size]
        if name == b"data" and len(head) >= 16:
            return head, content[at + 8 : at + 8 + size], size
        at += 8 + size + size % 2
    msg = "the wav holds no sound"
    raise unfit(msg)


def _number(head: bytes, place: int) -> int:
    start, size = FIELDS[place]
    return int.from_bytes(head[start : start + size], "little")


def _coding(head: bytes) -> int:
    """Tell how samples are written; an extensible head says it further on."""
    coding = _number(head, 0)
    is_known = coding == EXTENSIBLE and head[26:40] == OWN
    return int.from_bytes(head[24:26], "little") if is_known else coding


def _short(wav: Wav) -> bytes:
    """Write whole frames of samples with 16 bits, little end first."""
    width = wav.bits // 8
    body = wav.body[: len(wav.body) - len(wav.body) % (width * wav.channels)]
    if wav.coding == FLOAT:
        return _of_floats(array.array("f" if width == 4 else "d", body))
    short = bytearray(2 * (len(body) // width))
    if width == 1:
        short[1::2] = body.translate(SIGNED)
        return bytes(short)
    short[::2], short[1::2] = body[width - 2 :: width], body[width - 1 :: width]
    return bytes(short)


def _of_floats(found: array.array[float]) -> bytes:
    if sys.byteorder == "big":
        found.byteswap()
    short = array.array("h", (round(32767 * max(-1.0, min(1.0, value))) for value in found))
    if sys.byteorder == "big":
        short.byteswap()
    return short.tobytes()


def _mean(found: array.array[int], start: int, channels: int) -> int:
    return sum(found[start : start + channels]) // channels


def _resampled(found: array.array[int], rate: int) -> array.array[int]:
    """Put samples at another rate by drawing straight lines between them."""
    if len(found) < 2:
        return found
    count = len(found) * RATE // rate
    last = len(found) - 2
    made = array.array("h", bytes(2 * count))
    for place in range(count):
        at = place * rate / RATE
        left = min(int(at), last)
        share = min(at - left, 1.0)
        made[place] = int(found[left] * (1 - share) + found[left + 1] * share)
    return made
