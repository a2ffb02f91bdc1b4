"""Realtime, simulated: a session that answers what is said to it, event by event."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Iterator, Mapping

from runner.exchange import Json, Request
from runner.protocol.simulated import answers, calls, voices, words
from runner.protocol.simulated.answers import Bounds, Task
from runner.protocol.simulated.service import (
    Refusal,
    Simulated,
    World,
    absent_model,
    compact,
    digest,
    refuse,
)
from runner.protocol.simulated.turns import hear, of_items

PIECE = 4_800
"""Bytes of sound in one event: a tenth of a second."""
CLIENT = (
    *("session.update", "conversation.item.create", "response.create", "response.cancel"),
    *("input_audio_buffer.append", "input_audio_buffer.commit", "input_audio_buffer.clear"),
)


class Session:
    """One session. `say` takes a client's event, `hear` gives the next of the server's."""

    def __init__(self, request: Request, world: World) -> None:
        self._world = world
        self._identity = digest("realtime", request.model, request.run_id, int(world.now()))
        self._items: list[Json] = []
        self._session: dict[str, Json] = {
            "id": f"sess_offline_{self._identity}",
            "object": "realtime.session",
            "type": "realtime",
            "model": request.model,
            "output_modalities": ["audio"],
            "instructions": "",
            "tools": [],
            "tool_choice": "auto",
        }
        self._waiting: deque[dict[str, Json]] = deque()
        self._count = 0
        self._turn = 0
        if refusal := absent_model(request.model):
            self._refuse(refusal)
        else:
            self._tell({"type": "session.created", "session": dict(self._session)})

    def say(self, message: Json) -> None:
        """Take a client's event."""
        kind = message.get("type") if isinstance(message, dict) else None
        if kind not in CLIENT:
            self._refuse(Refusal(f"Invalid value: '{kind}'.", "type", "invalid_value"))
        elif kind == "session.update":
            self._update(message.get("session") or {})
        elif kind == "conversation.item.create":
            self._add(message.get("item") or {})
        elif kind == "response.create":
            for event in self._response(message.get("response") or {}):
                self._tell(event)
        elif kind == "input_audio_buffer.commit":
            self._tell({"type": "input_audio_buffer.committed", "item_id": self._name("item")})
            self._add({"type": "message", "role": "user", "content": [{"type": "input_audio"}]})

    def hear(self, timeout: float) -> Json:
        """Give the next event, None where there is nothing more to say."""
        del timeout
        return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """End the session."""
        self._waiting.clear()

    def _tell(self, event: dict[str, Json]) -> None:
        self._count += 1
        self._waiting.append({"event_id": f"event_offline_{self._count}", **event})

    def _refuse(self, refusal: Refusal) -> None:
        error = {
            "type": "invalid_request_error",
            "code": refusal.code,
            "message": refusal.message,
            "param": refusal.param,
            "event_id": None,
        }
        self._tell({"type": "error", "error": error})

    def _name(self, kind: str) -> str:
        return f"{kind}_offline_{digest(self._identity, kind, self._count, len(self._items))}"

    def _update(self, session: Mapping[str, Json]) -> None:
        modalities = session.get("output_modalities", ["audio"])
        if modalities not in (["text"], ["audio"]):
            message = "Invalid modalities: supported combinations are ['text'] and ['audio']."
            self._refuse(Refusal(message, "session.output_modalities", "invalid_value"))
            return
        self._session |= session
        self._tell({"type": "session.updated", "session": dict(self._session)})

    def _add(self, item: dict[str, Json]) -> None:
        before = self._items[-1]["id"] if self._items else None
        whole = {"id": self._name("item"), "object": "realtime.item", "status": "completed", **item}
        self._items.append(whole)
        for kind in ("added", "done"):
            event = {"previous_item_id": before, "item": whole}
            self._tell({"type": f"conversation.item.{kind}", **event})

    def _response(self, own: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
        """Tell one response, from its creation to the limits after it."""
        session = self._session | dict(own)
        self._turn += 1
        name = f"resp_offline_{digest(self._identity, 'response', self._turn)}"
        turns = of_items(self._items)
        said = hear(turns)
        made = calls.make(calls.functions(session.get("tools")), session, said)
        head = {"id": name, "object": "realtime.response", "output_modalities": _modes(session)}
        yield {
            "type": "response.created",
            "response": {**head, "status": "in_progress", "output": []},
        }
        items: list[dict[str, Json]] = []
        if made:
            for at, call in enumerate(made):
                yield from self._call(call, name, at, items)
        else:
            yield from self._speech(session, turns, name, items)
        usage = _usage(answers.prompt_tokens(turns, session.get("tools")), items)
        done = {**head, "status": "completed", "output": items}
        yield {"type": "response.done", "response": {**done, "usage": usage}}
        yield {"type": "rate_limits.updated", "rate_limits": []}

    def _item(self, name: str, at: int, item: dict[str, Json], kind: str) -> dict[str, Json]:
        return {"type": kind, "response_id": name, "output_index": at, "item": item}

    def _call(
        self, call: calls.Call, name: str, at: int, items: list[dict[str, Json]]
    ) -> Iterator[dict[str, Json]]:
        item: dict[str, Json] = {
            "id": self._name("item"),
            "object": "realtime.item",
            "type": "function_call",
            "status": "completed",
            "name": call.name,
            "call_id": f"call_offline_{digest(name, at)}",
            "arguments": call.arguments,
        }
        place = {"response_id": name, "item_id": item["id"], "output_index": at}
        place["call_id"] = item["call_id"]
        empty = {**item, "status": "in_progress", "arguments": ""}
        yield self._item(name, at, empty, "response.output_item.added")
        arguments = "response.function_call_arguments"
        for piece in words.groups(call.arguments, 4):
            yield {"type": f"{arguments}.delta", **place, "delta": piece}
        yield {"type": f"{arguments}.done", **place, "name": call.name, "arguments": call.arguments}
        yield self._item(name, at, item, "response.output_item.done")
        self._items.append(item)
        items.append(item)

    def _speech(
        self,
        session: Mapping[str, Json],
        turns: list[Json],
        name: str,
        items: list[dict[str, Json]],
    ) -> Iterator[dict[str, Json]]:
        limit = session.get("max_output_tokens")
        bounds = Bounds((), limit if isinstance(limit, int) else None)
        text = answers.write(Task(hear(turns), bounds=bounds)).text
        loud = _modes(session) == ["audio"]
        item: dict[str, Json] = {
            "id": self._name("item"),
            "object": "realtime.item",
            "type": "message",
            "status": "completed",
            "role": "assistant",
        }
        part = {"type": "output_audio", "transcript": text} if loud else None
        part = part or {"type": "output_text", "text": text}
        place = {"response_id": name, "item_id": item["id"], "output_index": 0, "content_index": 0}
        opening = {**item, "status": "in_progress", "content": []}
        yield self._item(name, 0, opening, "response.output_item.added")
        told = {**part, "type": part["type"].removeprefix("output_")}
        yield {"type": "response.content_part.added", **place, "part": {"type": told["type"]}}
        yield from _sound(text, session, place) if loud else _text(text, place)
        yield {"type": "response.content_part.done", **place, "part": told}
        whole = {**item, "content": [part]}
        yield self._item(name, 0, whole, "response.output_item.done")
        self._items.append(whole)
        items.append(whole)


def _modes(session: Mapping[str, Json]) -> Json:
    return session.get("output_modalities", ["audio"])


def _text(text: str, place: dict[str, Json]) -> Iterator[dict[str, Json]]:
    for piece in words.groups(text, 4):
        yield {"type": "response.output_text.delta", **place, "delta": piece}
    yield {"type": "response.output_text.done", **place, "text": text}


def _sound(
    text: str, session: Mapping[str, Json], place: dict[str, Json]
) -> Iterator[dict[str, Json]]:
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


def _usage(asked: int, items: list[dict[str, Json]]) -> dict[str, Json]:
    told = sum(words.count(compact(item)) for item in items)
    return {"input_tokens": asked, "output_tokens": told, "total_tokens": asked + told}


def simulate_plain(request: Request, world: World) -> Simulated:
    """Refuse a request that opens no WebSocket."""
    del request, world
    return refuse(Refusal("Expected a WebSocket upgrade.", None, "upgrade_required", 426))
