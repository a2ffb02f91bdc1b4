"""Realtime items: messages as the session takes them; sound as the bare samples it wants."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator

from runner.errors import RecipeError
from runner.exchange import Json
from runner.model import ToolResult
from runner.protocol.rules import Refusal
from runner.protocol.samples import opened, samples, unfit

TEXTS = {"assistant": "output_text"}


def said_of(item: Json) -> Json:
    """Shape an item of the responses dialect for a session."""
    if not isinstance(item, dict) or item.get("type", "message") != "message":
        return item
    role, content = item.get("role"), item.get("content")
    role = "system" if role == "developer" else role
    if isinstance(content, str):
        content = [{"type": TEXTS.get(str(role), "input_text"), "text": content}]
    if role is None or not isinstance(content, list):
        return item
    return {"type": "message", "role": role, "content": [_part(part) for part in content]}


def unfit_sounds(messages: Iterable[Json]) -> Iterator[Refusal]:
    """Find the sounds of messages that no session takes, and say what to do about each."""
    for place, message in enumerate(messages):
        content = message.get("content") if isinstance(message, dict) else None
        for at, part in enumerate(content if isinstance(content, list) else ()):
            sound = _sound(part)
            if sound is None:
                continue
            try:
                opened(_wav(sound))
            except RecipeError as error:
                path = ("messages", place, "content", at)
                yield Refusal(path, str(error.args[0]), error.hint)


def _part(part: Json) -> Json:
    sound = _sound(part)
    if sound is None:
        return part
    return {"type": "input_audio", "audio": base64.b64encode(samples(_wav(sound))).decode()}


def _sound(part: Json) -> dict[str, Json] | None:
    """Return the sound of a part that has one in the chat form."""
    if not isinstance(part, dict) or part.get("type") != "input_audio":
        return None
    sound = part.get("input_audio")
    return sound if isinstance(sound, dict) else None


def _wav(sound: dict[str, Json]) -> bytes:
    if sound.get("format") != "wav":
        msg = f"sound for a session comes as wav, found {sound.get('format')}"
        raise unfit(msg)
    try:
        return base64.b64decode(sound.get("data") or "", validate=True)
    except (TypeError, binascii.Error) as error:
        msg = "the sound is no base64"
        raise unfit(msg, "name a file: {audio: PATH}") from error


def results_of(results: tuple[ToolResult, ...]) -> list[Json]:
    """Tell the session what its calls came to."""
    return [
        {"type": "function_call_output", "call_id": one.call.id, "output": one.output}
        for one in results
    ]
