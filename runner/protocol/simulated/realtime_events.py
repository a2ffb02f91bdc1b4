"""Events of realtime: how what a simulated session answers is told, piece by piece."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping

from runner.exchange import Json
from runner.protocol.simulated import calls, voices, words

PIECE = 4_800
"""Bytes of sound in one event: a tenth of a second."""


def modes(session: Mapping[str, Json]) -> Json:
    """Return what a session answers with."""
    return session.get("output_modalities", ["audio"])


def added(item: dict[str, Json], before: Json, *, done: bool) -> dict[str, Json]:
    """Tell that an item stands in the conversation, or that it is whole; sound is not told."""
    kind = f"conversation.item.{'done' if done else 'added'}"
    return {"type": kind, "previous_item_id": before, "item": soundless(item)}


def soundless(item: dict[str, Json]) -> dict[str, Json]:
    """Leave the sound of an item out."""
    if "content" not in item:
        return item
    content = [{k: v for k, v in part.items() if k != "audio"} for part in item["content"]]
    return {**item, "content": content}


def called(call: calls.Call, item: dict[str, Json], place: dict[str, Json]) -> Iterator[Json]:
    """Tell the arguments of a call."""
    place = {**place, "item_id": item["id"], "call_id": item["call_id"]}
    arguments = "response.function_call_arguments"
    for piece in words.groups(call.arguments, 4):
        yield {"type": f"{arguments}.delta", **place, "delta": piece}
    yield {"type": f"{arguments}.done", **place, "name": call.name, "arguments": call.arguments}


def said(text: str, session: Mapping[str, Json], place: dict[str, Json]) -> Iterator[Json]:
    """Tell a text, as it is spoken or as it is written."""
    loud = modes(session) == ["audio"]
    kind, name = ("audio", "transcript") if loud else ("text", "text")
    yield {"type": "response.content_part.added", **place, "part": {"type": kind}}
    yield from _sound(text, session, place) if loud else _text(text, place)
    part = {"type": kind, name: text}
    yield {"type": "response.content_part.done", **place, "part": part}


def _text(text: str, place: dict[str, Json]) -> Iterator[Json]:
    for piece in words.groups(text, 4):
        yield {"type": "response.output_text.delta", **place, "delta": piece}
    yield {"type": "response.output_text.done", **place, "text": text}


def _sound(text: str, session: Mapping[str, Json], place: dict[str, Json]) -> Iterator[Json]:
    output = (session.get("audio") or {}).get("output") or {}
    voice = output.get("voice")
    sound = voices.speak(text, "pcm", voice if isinstance(voice, str) else "")
    transcript = "response.output_audio_transcript"
    for piece in words.groups(text, 4):
        yield {"type": f"{transcript}.delta", **place, "delta": piece}
    for start in range(0, len(sound), PIECE):
        delta = base64.b64encode(sound[start : start + PIECE]).decode()
        yield {"type": "response.output_audio.delta", **place, "delta": delta}
    yield {"type": "response.output_audio.done", **place}
    yield {"type": f"{transcript}.done", **place, "transcript": text}
