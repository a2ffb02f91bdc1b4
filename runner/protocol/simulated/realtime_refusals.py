"""Refusals of realtime: what is wrong with an event of the client's, in the API's words."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping

from runner.exchange import Json
from runner.protocol.simulated import refusals
from runner.protocol.simulated.refusals import missing, unsupported, wrong_type
from runner.protocol.simulated.schemas import is_kind
from runner.protocol.simulated.service import Refusal

ITEMS = ("message", "function_call", "function_call_output")
PARTS = {
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text", "output_audio"),
    "system": ("input_text",),
}
"""The parts that each role may say."""
MODALITIES = "supported combinations are ['text'] and ['audio']."


def decoded(audio: Json) -> bytes | None:
    """Return the bytes of a sound in base64; None where it is none."""
    try:
        return base64.b64decode(audio, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return None


def unfit(event: Json, session: Mapping[str, Json]) -> Refusal | None:
    """Say why an event is refused in a session as it stands; None where it is taken."""
    if not isinstance(event, dict):
        message = "Invalid value: expected an event, a JSON object with a 'type'."
        return Refusal(message, None, "invalid_event")
    if "type" not in event:
        return Refusal("The 'type' field is missing.", None, "invalid_event")
    kind = event["type"]
    if kind not in (*CHECKS,):
        return unsupported("type", kind, (*CHECKS,))
    return next(CHECKS[kind](event, session), None)


def _update(event: Mapping[str, Json], session: Mapping[str, Json]) -> Iterator[Refusal]:
    own = event.get("session")
    if "session" not in event:
        yield missing("session")
    elif not isinstance(own, dict):
        yield wrong_type("session", "an object", own)
    else:
        yield from _fields(own, session, "session")
        if "type" not in own:
            yield missing("session.type")


def _answer(event: Mapping[str, Json], session: Mapping[str, Json]) -> Iterator[Refusal]:
    own = event.get("response")
    if own is None:
        return
    if not isinstance(own, dict):
        yield wrong_type("response", "an object", own)
        return
    yield from _fields(own, session, "response")


def _fields(own: Mapping[str, Json], session: Mapping[str, Json], where: str) -> Iterator[Refusal]:
    if own.get("output_modalities", ["text"]) not in (["text"], ["audio"]):
        message = f"Invalid modalities: {MODALITIES}"
        yield Refusal(message, f"{where}.output_modalities", "invalid_value")
    yield from _typed(own, where)
    limit = own.get("max_output_tokens", "inf")
    if limit != "inf" and not (is_kind(limit, "an integer") and limit > 0):
        yield wrong_type(f"{where}.max_output_tokens", "an integer or 'inf'", limit)
    for refusal in (
        refusals.tools_are_sound("", own),
        refusals.choice_is_there("", {**session, **own}),
    ):
        if refusal is not None:
            yield refusal._replace(param=f"{where}.{refusal.param}")


def _typed(own: Mapping[str, Json], where: str) -> Iterator[Refusal]:
    audio = own.get("audio")
    sides = audio if isinstance(audio, dict) else {}
    rows = (
        ("instructions", own.get("instructions"), "a string"),
        ("tools", own.get("tools"), "an array"),
        ("audio", audio, "an object"),
        ("audio.input", sides.get("input"), "an object"),
        ("audio.output", sides.get("output"), "an object"),
    )
    for name, value, kind in rows:
        if value is not None and not is_kind(value, kind):
            yield wrong_type(f"{where}.{name}", kind, value)


def _create(event: Mapping[str, Json], session: Mapping[str, Json]) -> Iterator[Refusal]:
    del session
    item = event.get("item")
    if "item" not in event:
        yield missing("item")
    elif not isinstance(item, dict):
        yield wrong_type("item", "an object", item)
    elif "type" not in item:
        yield missing("item.type")
    elif item["type"] not in ITEMS:
        yield unsupported("item.type", item["type"], ITEMS)
    elif not isinstance(item.get("id", ""), str):
        yield wrong_type("item.id", "a string", item["id"])
    elif item["type"] == "message":
        yield from _message(item)
    else:
        is_call = item["type"] == "function_call"
        yield from _strings(item, ("name", "arguments") if is_call else ("call_id", "output"))


def _strings(
    item: Mapping[str, Json], names: tuple[str, ...], at: str = "item"
) -> Iterator[Refusal]:
    for name in names:
        if name not in item:
            yield missing(f"{at}.{name}")
        elif not isinstance(item[name], str):
            yield wrong_type(f"{at}.{name}", "a string", item[name])


def _message(item: Mapping[str, Json]) -> Iterator[Refusal]:
    for name in ("role", "content"):
        if name not in item:
            yield missing(f"item.{name}")
            return
    role, content = item["role"], item["content"]
    if role not in (*PARTS,):
        yield unsupported("item.role", role, (*PARTS,))
    elif not isinstance(content, list):
        yield wrong_type("item.content", "an array of objects", content)
    else:
        for place, part in enumerate(content):
            yield from _part(part, PARTS[role], f"item.content[{place}]")


def _part(part: Json, known: tuple[str, ...], where: str) -> Iterator[Refusal]:
    if not isinstance(part, dict):
        yield wrong_type(where, "an object", part)
        return
    kind = part.get("type")
    if kind not in known:
        yield unsupported(f"{where}.type", kind, known)
    elif kind in ("input_text", "output_text"):
        yield from _strings(part, ("text",), where)
    elif kind == "input_image":
        yield from _strings(part, ("image_url",), where)
        if refusal := refusals.picture_is_sound(part["image_url"], f"{where}.image_url"):
            yield refusal
    elif kind == "input_audio":
        yield from _sound(part, f"{where}.audio")


def _append(event: Mapping[str, Json], session: Mapping[str, Json]) -> Iterator[Refusal]:
    del session
    yield from _sound(event, "audio")


def _sound(part: Mapping[str, Json], where: str) -> Iterator[Refusal]:
    if "audio" not in part:
        yield missing(where)
        return
    found = decoded(part["audio"])
    if not found:
        got = "an invalid value" if found is None else "empty bytes"
        wanted = "Expected base64-encoded audio bytes (mono PCM16 at 24kHz)"
        yield Refusal(f"Invalid '{where}'. {wanted} but got {got}.", where, "invalid_value")


def _named(event: Mapping[str, Json], session: Mapping[str, Json]) -> Iterator[Refusal]:
    del session
    if "item_id" not in event:
        yield missing("item_id")
    elif not isinstance(event["item_id"], str):
        yield wrong_type("item_id", "a string", event["item_id"])


def _anything(event: Mapping[str, Json], session: Mapping[str, Json]) -> Iterator[Refusal]:
    del event, session
    yield from ()


CHECKS: Mapping[str, Callable[[Mapping[str, Json], Mapping[str, Json]], Iterator[Refusal]]] = {
    "session.update": _update,
    "input_audio_buffer.append": _append,
    "input_audio_buffer.commit": _anything,
    "input_audio_buffer.clear": _anything,
    "conversation.item.create": _create,
    "conversation.item.retrieve": _named,
    "conversation.item.truncate": _named,
    "conversation.item.delete": _named,
    "response.create": _answer,
    "response.cancel": _anything,
}
"""What a client may say, and how it is checked."""
