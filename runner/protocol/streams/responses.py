"""Responses streams: typed events become the response that the last of them should carry whole.

The reply is whole where a terminal event came. Where that leaves the output out, as some servers
do, the output is put together from the items and deltas before it.
"""

from __future__ import annotations

from runner.errors import BadReplyError
from runner.exchange import Json
from runner.protocol import usage
from runner.protocol.streams.items import Items
from runner.protocol.streams.values import Text, Values, cut, in_runs, plain_reply, sound
from runner.protocol.wire import excerpt, stream_error

_TERMINAL = {
    "response.completed": "completed",
    "response.incomplete": "incomplete",
    "response.failed": "failed",
    "response.cancelled": "cancelled",
    "response.done": "completed",
}
_TEXT = "response.output_text.delta"


class ResponsesStream:
    """Assembles a streamed response; the contract stands in `runner.protocol.sse`."""

    def __init__(self) -> None:
        self._values = Values()
        self._shown = Text()
        self._items = Items()
        self._begun: dict[str, Json] = {}
        self._ended: dict[str, Json] | None = None
        self._place: tuple[Json, ...] = ()
        self._pieces: list[str] = []

    def feed(self, data: bytes) -> str:
        """Take bytes; return the text of the output that they add."""
        return self._take_all(self._values.feed(data))

    def finish(self) -> Json:
        """Return the whole response, or raise where the stream was cut."""
        if self._values.plain is not None:
            return plain_reply(bytes(self._values.plain))
        self._take_all(self._values.close())
        if self._ended is None:
            missing = "no response.completed or other last event came"
            raise cut(self._values, self._shown, missing)
        return sound(self._ended, str(self._shown))

    def _take_all(self, events: list[Json]) -> str:
        shown = in_runs(events, self._plain_text, self._say, self._take)
        if self._values.fault is not None and self._ended is None:
            self._values.fault.partial = str(self._shown)
            raise self._values.fault
        return shown

    def _say(self, text: str) -> str:
        self._pieces.append(text)
        return self._shown.add(text)

    def _plain_text(self, event: Json) -> str | None:
        """Return the text of a delta that goes to the same place as the one before; else None."""
        try:
            if event["type"] != _TEXT or _place(event) != self._place:
                return None
            text = event["delta"]
        except (KeyError, TypeError):
            return None
        return text if isinstance(text, str) else None

    def _take(self, event: Json) -> str:
        if not isinstance(event, dict):
            message = f"an event of the stream is no object: {excerpt(event)}"
            raise BadReplyError(message, partial=str(self._shown))
        # Without indices the same place may mean another item after any other event.
        self._place = ()
        kind = event.get("type")
        if self._ended is not None:
            return ""
        if kind == "error" or event.get("error"):
            raise stream_error(event.get("error") or event, str(self._shown))
        if kind in _TERMINAL:
            self._end(event, _TERMINAL[kind])
            return ""
        if isinstance(event.get("response"), dict):
            self._begun = event["response"]
        text = self._items.take(event)
        if kind == _TEXT:
            self._place = _place(event)
            self._pieces = self._items.text_pieces(event)
        return self._shown.add(text)

    def _end(self, event: dict[str, Json], status: str) -> None:
        response = event.get("response")
        last = response if isinstance(response, dict) else {}
        ended = {**self._begun, **last, "status": last.get("status") or status}
        if not ended.get("output"):
            ended["output"] = self._items.output()
        if not ended.get("usage"):
            ended["usage"] = usage.read(event)
        self._ended = ended


def _place(event: dict[str, Json]) -> tuple[Json, ...]:
    return event.get("item_id"), event.get("output_index"), event.get("content_index")
