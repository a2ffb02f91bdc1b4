"""Calls: the tool calls of a streamed message, put together from deltas of every known habit.

By the letter, deltas are keyed by `index`, name and id come once and the arguments in pieces.
Servers also repeat id, type and name every time, leave the index out, bring a call whole, give
several calls one index or one id, or give none.
"""

from __future__ import annotations

from runner.exchange import Json
from runner.protocol.wire import argument_text, arguments

_LONGEST = 1 << 16
_PAYLOADS = {"function": "arguments", "custom": "input"}


class Call:
    """One call: what was said of it last, and its arguments in pieces."""

    def __init__(self) -> None:
        self.fields: dict[str, Json] = {}
        self.payload = "function"
        self.named: dict[str, Json] = {}
        self.pieces: list[str] = []
        self.size = 0

    def take(self, delta: dict[str, Json]) -> None:
        """Add a delta: ids and names are overwritten, arguments joined."""
        for key, value in delta.items():
            if key in _PAYLOADS and isinstance(value, dict):
                self.payload = key
                self.add(value)
            elif key != "index" and value not in (None, ""):
                self.fields[key] = value

    def add(self, payload: dict[str, Json]) -> None:
        """Add what a delta says of the function."""
        for key, value in payload.items():
            if key == _PAYLOADS[self.payload]:
                self.pieces.append(argument_text(value))
                self.size += len(self.pieces[-1])
            elif value not in (None, ""):
                self.named[key] = value

    def is_whole(self) -> bool:
        """Tell whether the arguments so far are a whole object; long ones are not asked again."""
        if self.size > _LONGEST:
            return False
        self.pieces = ["".join(self.pieces)]
        return isinstance(arguments(self.pieces[0]), dict)

    def payload_value(self) -> dict[str, Json]:
        """Return the function as it stands in a message."""
        return {**self.named, _PAYLOADS[self.payload]: "".join(self.pieces)}

    def value(self) -> dict[str, Json]:
        """Return the call as it stands in a message."""
        return {"type": self.payload, **self.fields, self.payload: self.payload_value()}


class Calls:
    """The calls of one message, in the order in which they began."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._at: dict[Json, Call] = {}
        self._of: dict[Json, Call] = {}

    def take(self, deltas: Json) -> None:
        """Add the `tool_calls` of a delta."""
        for delta in deltas if isinstance(deltas, list) else [deltas]:
            if isinstance(delta, dict):
                call = self._call(delta)
                call.take(delta)
                if isinstance(call.fields.get("id"), str):
                    self._of[call.fields["id"]] = call

    def _call(self, delta: dict[str, Json]) -> Call:
        index = delta.get("index")
        if isinstance(index, int):
            call = self._at.get(index)
            if call is None or _is_other(call, delta):
                call = self._at[index] = self._begin()
            return call
        call = self._known(delta.get("id"))
        if call is None or _begins_anew(call, delta):
            return self._begin()
        return call

    def _begin(self) -> Call:
        self.calls.append(Call())
        return self.calls[-1]

    def _known(self, identity: Json) -> Call | None:
        """Find the call of an id; without one, deltas go on with the last call."""
        last = self.calls[-1] if self.calls else None
        found = self._of.get(identity, last) if isinstance(identity, str) else last
        return found if found and found.fields.get("id") == identity else last


def _name(delta: dict[str, Json]) -> Json:
    payload = delta.get("function") or delta.get("custom")
    return payload.get("name") if isinstance(payload, dict) else None


def _differs(call: Call, delta: dict[str, Json]) -> bool:
    identity = delta.get("id")
    return bool(identity and call.fields.get("id") and call.fields["id"] != identity)


def _is_other(call: Call, delta: dict[str, Json]) -> bool:
    """Tell whether a delta begins another call under an index that is taken.

    An id that is made up anew for every delta is no sign of that as long as arguments are missing.
    """
    name = _name(delta)
    if not name or not _differs(call, delta):
        return False
    return name != call.named.get("name") or call.is_whole()


def _begins_anew(call: Call, delta: dict[str, Json]) -> bool:
    """Tell whether a delta without an index begins another call."""
    name = _name(delta)
    if not name:
        return False
    return _differs(call, delta) or name != call.named.get("name") or call.is_whole()
