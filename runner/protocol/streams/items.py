"""Items: the output of a streamed response, put together for servers whose last event omits it."""

from __future__ import annotations

from typing import Any

from runner.exchange import Json
from runner.protocol.wire import argument_text
from runner.record import Record

Event = dict[str, Json]


class _Part(Record):
    """Where an event's text goes: the item's list, the part's type, its field."""

    place: str
    kind: str
    field: str


_PARTS = {
    "output_text": _Part("content", "output_text", "text"),
    "refusal": _Part("content", "refusal", "refusal"),
    "reasoning_text": _Part("content", "reasoning_text", "text"),
    "reasoning_summary_text": _Part("summary", "summary_text", "text"),
}
_FIELDS = {
    "function_call_arguments": "arguments",
    "mcp_call_arguments": "arguments",
    "custom_tool_call_input": "input",
    "code_interpreter_call_code": "code",
}
_TYPES = {
    "arguments": "function_call",
    "input": "custom_tool_call",
    "code": "code_interpreter_call",
    "content": "message",
    "summary": "reasoning",
}


class Item:
    """One item: as it was announced, its texts in pieces, and as it ended (if it did)."""

    def __init__(self) -> None:
        self.value: Event = {}
        self.is_done = False
        self._pieces: dict[str, list[str]] = {}
        self._parts: dict[tuple[_Part, int], list[str]] = {}
        self._notes: dict[int, list[Json]] = {}

    def set(self, item: Event, is_done: bool) -> None:
        """Take the item as it was announced or as it ended."""
        self.value = {**self.value, **item}
        self.is_done = is_done or self.is_done

    def pieces(self, name: str, event: Event) -> list[str]:
        """Return the list that the texts of such an event go to."""
        part = _PARTS.get(name)
        if part is None:
            return self._pieces.setdefault(_FIELDS[name], [])
        index = event.get("summary_index" if part.place == "summary" else "content_index")
        return self._parts.setdefault((part, index if isinstance(index, int) else 0), [])

    def note(self, event: Event) -> None:
        """Take an annotation of a text part."""
        index = event.get("content_index")
        index = index if isinstance(index, int) else 0
        self._notes.setdefault(index, []).append(event.get("annotation"))

    def whole(self) -> Event:
        """Return the item: what it said of itself at its end counts more than its pieces."""
        made: Event = {field: "".join(pieces) for field, pieces in self._pieces.items()}
        made |= {place: self._list(place) for place in {part.place for part, _ in self._parts}}
        kind = next((kind for name, kind in _TYPES.items() if name in made), "message")
        last = {name: value for name, value in self.value.items() if self.is_done and value}
        item: Event = {"type": kind, **self.value, **made, **last}
        if item["type"] == "message":
            item.setdefault("role", "assistant")
        if item.get("status") in (None, "in_progress"):
            item["status"] = "completed"
        return item

    def _list(self, place: str) -> list[Json]:
        parts = sorted((index, part) for part, index in self._parts if part.place == place)
        return [self._part(part, index) for index, part in parts]

    def _part(self, part: _Part, index: int) -> Event:
        value: Event = {"type": part.kind, part.field: "".join(self._parts[part, index])}
        if part.kind == "output_text":
            value["annotations"] = self._notes.get(index, [])
        return value


class Items:
    """The items of one response, in the order of their indices, else of their coming."""

    def __init__(self) -> None:
        self._items: dict[Any, Item] = {}
        self._last: Any = None

    def take(self, event: Event) -> str:
        """Take an event; return the text of one that ends a part of which no delta came."""
        kind = str(event.get("type")).removeprefix("response.")
        name, _, verb = kind.rpartition(".")
        if name == "output_item" and isinstance(event.get("item"), dict):
            self._find(event, event["item"]).set(event["item"], verb == "done")
        elif kind == "output_text.annotation.added":
            self._find(event).note(event)
        elif name in _PARTS or name in _FIELDS:
            return self._take_text(event, name, verb)
        return ""

    def _take_text(self, event: Event, name: str, verb: str) -> str:
        pieces = self._find(event).pieces(name, event)
        if verb == "delta":
            text = argument_text(event.get("delta"))
            pieces.append(text)
            return text if name in _SHOWN else ""
        field = _PARTS[name].field if name in _PARTS else _FIELDS[name]
        text = argument_text(event.get(field))
        is_new = not any(pieces)
        if text:
            pieces[:] = [text]
        return text if is_new and name in _SHOWN else ""

    def text_pieces(self, event: Event) -> list[str]:
        """Return the list that a delta of output text goes to."""
        return self._find(event).pieces("output_text", event)

    def output(self) -> list[Json]:
        """Return the items as a whole response holds them."""
        keys = list(self._items)
        if all(isinstance(key, int) for key in keys):
            keys.sort()
        return [self._items[key].whole() for key in keys]

    def _find(self, event: Event, item: Event | None = None) -> Item:
        identity = event.get("item_id") or (item or {}).get("id")
        self._last = self._key(event, identity)
        found = self._items.setdefault(self._last, Item())
        if identity and not found.value.get("id"):
            found.value["id"] = identity
        return found

    def _key(self, event: Event, identity: Json) -> Any:
        """Name an event's item: by index, by id, else the one that was spoken of last."""
        index = event.get("output_index")
        if isinstance(index, int):
            return index
        if identity:
            items = self._items.items()
            known = (key for key, found in items if found.value.get("id") == identity)
            return next(known, str(identity))
        is_new = event.get("type") == "response.output_item.added" or not self._items
        return f"#{len(self._items)}" if is_new else self._last


_SHOWN = frozenset({"output_text", "refusal"})
