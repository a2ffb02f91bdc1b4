"""Realtime items: messages as the session takes them; sound as the bare samples it wants."""

from __future__ import annotations

import array
import base64
import sys

from runner.errors import RecipeError
from runner.exchange import Json
from runner.model import ToolResult

RATE = 24_000
TEXTS = {"assistant": "output_text"}


def said_of(item: Json) -> Json:
    """Shape an item of the responses dialect for a session."""
    if not isinstance(item, dict) or item.get("type", "message") != "message":
        return item
    role, content = item["role"], item["content"]
    if isinstance(content, str):
        content = [{"type": TEXTS.get(role, "input_text"), "text": content}]
    return {"type": "message", "role": role, "content": [_part(part) for part in content]}


def _part(part: Json) -> Json:
    if not isinstance(part, dict) or part.get("type") != "input_audio":
        return part
    sound = part.get("input_audio")
    if not isinstance(sound, dict):
        return part
    body = base64.b64decode(sound.get("data") or "")
    if sound.get("format") != "wav":
        msg = f"sound for a session comes as wav, found {sound.get('format')}"
        raise _unfit(msg)
    return {"type": "input_audio", "audio": base64.b64encode(samples(body)).decode()}


def results_of(results: tuple[ToolResult, ...]) -> list[Json]:
    """Tell the session what its calls came to."""
    return [
        {"type": "function_call_output", "call_id": one.call.id, "output": one.output}
        for one in results
    ]


def samples(wav: bytes) -> bytes:
    """Turn a wav file into 16-bit mono samples at 24 kHz; RecipeError where it cannot be."""
    form, rate, channels, body = _opened(wav)
    if form != (1, 16):
        msg = f"expected 16-bit PCM in the wav, found format {form[0]}, {form[1]} bits"
        raise _unfit(msg)
    found = array.array("h", body[: len(body) - len(body) % (2 * channels)])
    if sys.byteorder == "big":
        found.byteswap()
    if channels > 1:
        found = array.array(
            "h", [_mean(found, i, channels) for i in range(0, len(found), channels)]
        )
    if rate != RATE:
        found = _resampled(found, rate)
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


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


def _opened(wav: bytes) -> tuple[tuple[int, int], int, int, bytes]:
    """Read a wav's chunks: (format, bits), rate, channels, samples."""
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        msg = "expected a wav file"
        raise _unfit(msg)
    at, head = 12, b""
    while at + 8 <= len(wav):
        name, size = wav[at : at + 4], int.from_bytes(wav[at + 4 : at + 8], "little")
        body = wav[at + 8 : at + 8 + size]
        if name == b"fmt ":
            head = body
        if name == b"data" and len(head) >= 16:
            number = [int.from_bytes(head[i : i + n], "little") for i, n in FIELDS]
            return (number[0], number[3]), number[2] or RATE, number[1] or 1, body
        at += 8 + size + size % 2
    msg = "the wav holds no sound"
    raise _unfit(msg)


FIELDS = ((0, 2), (2, 2), (4, 4), (14, 2))
"""Where a wav's head has format, channels, rate and bits."""


def _unfit(message: str) -> RecipeError:
    return RecipeError(
        message, hint="convert it: ffmpeg -i IN -ar 24000 -ac 1 -c:a pcm_s16le out.wav"
    )
