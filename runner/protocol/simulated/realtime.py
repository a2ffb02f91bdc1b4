"""Realtime, simulated: a session that answers what is said to it, event by event."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable, Iterator, Mapping

from runner.exchange import Json, Request
from runner.protocol.simulated import answers, calls, words
from runner.protocol.simulated.answers import Bounds, Task
from runner.protocol.simulated.realtime_events import added, called, modes, said
from runner.protocol.simulated.realtime_refusals import decoded, unfit
from runner.protocol.simulated.service import (
    Refusal,
    Simulated,
    World,
    absent_model,
    compact,
    digest,
    refuse,
)
from runner.protocol.simulated.turns import Turn, hear, of_items
from runner.record import Record

PER_MS = 48
"""Bytes of a millisecond of sound."""
SHORTEST = 100
"""Milliseconds that are committed at the least."""


class Answer(Record):
    """A response on its way: its name, the session as it stands for it, what it has said."""

    name: str
    session: Mapping[str, Json]
    items: list[dict[str, Json]]


class Session:
    """One session. `say` takes a client's event, `hear` gives the next of the server's."""

    def __init__(self, request: Request, world: World) -> None:
        self._world = world
        self._identity = digest("realtime", request.model, request.run_id, int(world.now()))
        self._items: list[dict[str, Json]] = []
        self._sound = b""
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
        self._cause: Json = None
        self._deeds: Mapping[str, Callable[[dict[str, Json]], None]] = {
            "session.update": self._update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": self._clear,
            "conversation.item.create": self._create,
            "conversation.item.retrieve": self._retrieve,
            "conversation.item.truncate": self._truncate,
            "conversation.item.delete": self._delete,
            "response.create": self._answer,
            "response.cancel": self._cancel,
        }
        if refusal := absent_model(request.model):
            self._refuse(refusal)
        else:
            self._tell({"type": "session.created", "session": dict(self._session)})

    def say(self, message: Json) -> None:
        """Take a client's event."""
        self._cause = message.get("event_id") if isinstance(message, dict) else None
        if refusal := unfit(message, self._session):
            self._refuse(refusal)
        else:
            self._deeds[message["type"]](message)

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
            "event_id": self._cause if isinstance(self._cause, str) else None,
        }
        self._tell({"type": "error", "error": error})

    def _name(self, kind: str) -> str:
        return f"{kind}_offline_{digest(self._identity, kind, self._count, len(self._items))}"

    def _update(self, event: dict[str, Json]) -> None:
        self._session |= event["session"]
        self._tell({"type": "session.updated", "session": dict(self._session)})

    def _append(self, event: dict[str, Json]) -> None:
        self._sound += decoded(event["audio"]) or b""

    def _clear(self, _: dict[str, Json]) -> None:
        self._sound = b""
        self._tell({"type": "input_audio_buffer.cleared"})

    def _commit(self, _: dict[str, Json]) -> None:
        long = len(self._sound) / PER_MS
        if long < SHORTEST:
            message = (
                "Error committing input audio buffer: buffer too small. Expected at least"
                f" {SHORTEST}ms of audio, but buffer only has {long:.2f}ms of audio."
            )
            self._refuse(Refusal(message, None, "input_audio_buffer_commit_empty"))
            return
        sound = base64.b64encode(self._sound).decode()
        self._sound = b""
        name = self._name("item")
        told = {"previous_item_id": self._last(), "item_id": name}
        self._tell({"type": "input_audio_buffer.committed", **told})
        part = {"type": "input_audio", "audio": sound, "transcript": None}
        item = {"id": name, "type": "message", "role": "user", "content": [part]}
        self._add(item, len(self._items))

    def _last(self) -> Json:
        return self._items[-1]["id"] if self._items else None

    def _create(self, event: dict[str, Json]) -> None:
        after = event.get("previous_item_id")
        names = ["root", *(item["id"] for item in self._items)]
        if after is None or after in names:
            place = len(self._items) if after is None else names.index(after)
            self._add(event["item"], place)
            return
        message = f"Error adding item: the previous item with id '{after}' does not exist."
        code = "item_create_invalid_previous_item_id"
        self._refuse(Refusal(message, "previous_item_id", code))

    def _add(self, item: dict[str, Json], place: int) -> None:
        before = self._items[place - 1]["id"] if place else None
        whole = {"id": self._name("item"), "object": "realtime.item", "status": "completed", **item}
        self._items.insert(place, whole)
        for done in (False, True):
            self._tell(added(whole, before, done=done))

    def _found(self, event: dict[str, Json], verb: str) -> dict[str, Json] | None:
        """Find the item that an event names; refuse the event where there is none."""
        name = event["item_id"]
        found = next((item for item in self._items if item["id"] == name), None)
        if found is None:
            doing = f"{verb.removesuffix('e')}ing"
            message = f"Error {doing} item: the item with id '{name}' does not exist."
            self._refuse(Refusal(message, "item_id", f"item_{verb}_invalid_item_id"))
        return found

    def _retrieve(self, event: dict[str, Json]) -> None:
        if item := self._found(event, "retrieve"):
            self._tell({"type": "conversation.item.retrieved", "item": item})

    def _delete(self, event: dict[str, Json]) -> None:
        if item := self._found(event, "delete"):
            self._items.remove(item)
            self._tell({"type": "conversation.item.deleted", "item_id": item["id"]})

    def _truncate(self, event: dict[str, Json]) -> None:
        if item := self._found(event, "truncate"):
            cut = {name: event.get(name, 0) for name in ("content_index", "audio_end_ms")}
            self._tell({"type": "conversation.item.truncated", "item_id": item["id"], **cut})

    def _active(self) -> str | None:
        """Return the name of the response that is still being told."""
        told = (e["response"] for e in self._waiting if e["type"] == "response.done")
        return next((one["id"] for one in told if one["status"] == "completed"), None)

    def _cancel(self, _: dict[str, Json]) -> None:
        name = self._active()
        if name is None:
            message = "Cancellation failed: no active response found"
            self._refuse(Refusal(message, None, "response_cancel_not_active"))
            return
        left = [event for event in self._waiting if not event["type"].startswith("response.")]
        self._waiting = deque(left)
        details = {"type": "cancelled", "reason": "client_cancelled"}
        done = {"id": name, "object": "realtime.response", "status": "cancelled", "output": []}
        self._tell({"type": "response.done", "response": {**done, "status_details": details}})

    def _answer(self, event: dict[str, Json]) -> None:
        if name := self._active():
            message = (
                f"Conversation already has an active response in progress: {name}. Wait until the"
                " response is finished before creating a new one."
            )
            self._refuse(Refusal(message, None, "conversation_already_has_active_response"))
            return
        for told in self._response(event.get("response") or {}):
            self._tell(told)

    def _response(self, own: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
        """Tell one response, from its creation to the limits after it."""
        self._turn += 1
        name = f"resp_offline_{digest(self._identity, 'response', self._turn)}"
        answer = Answer(name, self._session | dict(own), [])
        turns = of_items(self._items)
        made = calls.make(calls.functions(answer.session.get("tools")), answer.session, hear(turns))
        head = {"id": name, "object": "realtime.response"}
        head["output_modalities"] = modes(answer.session)
        opening = {**head, "status": "in_progress", "output": []}
        yield {"type": "response.created", "response": opening}
        for at, call in enumerate(made):
            yield from self._call(call, answer, at)
        if not made:
            yield from self._speech(turns, answer)
        usage = _usage(answers.prompt_tokens(turns, answer.session.get("tools")), answer.items)
        done = {**head, "status": "completed", "output": answer.items}
        yield {"type": "response.done", "response": {**done, "usage": usage}}
        yield {"type": "rate_limits.updated", "rate_limits": []}

    def _item(
        self, answer: Answer, item: dict[str, Json], opening: dict[str, Json], told: Iterator[Json]
    ) -> Iterator[dict[str, Json]]:
        """Tell an item of a response: that it begins, what it says, that it is whole."""
        before = self._last()
        place = {"response_id": answer.name, "output_index": len(answer.items)}
        begun = {**item, "status": "in_progress", **opening}
        yield {"type": "response.output_item.added", **place, "item": begun}
        yield added(begun, before, done=False)
        yield from told
        yield {"type": "response.output_item.done", **place, "item": item}
        yield added(item, before, done=True)
        self._items.append(item)
        answer.items.append(item)

    def _call(self, call: calls.Call, answer: Answer, at: int) -> Iterator[dict[str, Json]]:
        item: dict[str, Json] = {
            "id": self._name("item"),
            "object": "realtime.item",
            "type": "function_call",
            "status": "completed",
            "name": call.name,
            "call_id": f"call_offline_{digest(answer.name, at)}",
            "arguments": call.arguments,
        }
        told = called(call, item, {"response_id": answer.name, "output_index": at})
        yield from self._item(answer, item, {"arguments": ""}, told)

    def _speech(self, turns: list[Turn], answer: Answer) -> Iterator[dict[str, Json]]:
        limit = answer.session.get("max_output_tokens")
        bounds = Bounds((), limit if isinstance(limit, int) else None)
        text = answers.write(Task(hear(turns), bounds=bounds)).text
        loud = modes(answer.session) == ["audio"]
        kind, name = ("output_audio", "transcript") if loud else ("output_text", "text")
        item: dict[str, Json] = {
            "id": self._name("item"),
            "object": "realtime.item",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": kind, name: text}],
        }
        place = {"response_id": answer.name, "item_id": item["id"]}
        place |= {"output_index": 0, "content_index": 0}
        yield from self._item(answer, item, {"content": []}, said(text, answer.session, place))


def _usage(asked: int, items: list[dict[str, Json]]) -> dict[str, Json]:
    told = sum(words.count(compact(item)) for item in items)
    return {"input_tokens": asked, "output_tokens": told, "total_tokens": asked + told}


def simulate_plain(request: Request, world: World) -> Simulated:
    """Refuse a request that opens no WebSocket."""
    del request, world
    return refuse(Refusal("Expected a WebSocket upgrade.", None, "upgrade_required", 426))
