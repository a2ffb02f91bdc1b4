"""Image streams: what is unfinished passes by, and the finished pictures become the reply.

No mark ends such a stream: it is whole where as many pictures came as were asked for.
"""

from __future__ import annotations

from runner.errors import BadReplyError
from runner.exchange import Json
from runner.protocol import usage
from runner.protocol.streams.values import Text, Values, cut, plain_reply, sound
from runner.protocol.wire import excerpt, stream_error

LIMIT = 64 * 1024 * 1024
"""The largest event, in bytes: a picture of eight megapixels comes in one."""
LOOK = ("background", "output_format", "size", "quality")


class ImagesStream:
    """Assembles streamed pictures; the contract stands in `runner.protocol.sse`."""

    def __init__(self, count: int = 1) -> None:
        self._count = count
        self._values = Values(LIMIT)
        self._rows: list[Json] = []
        self._body: dict[str, Json] = {}
        self._usage: dict[str, Json] | None = None

    def feed(self, data: bytes) -> str:
        """Take bytes; pictures are no text to show."""
        return self._take_all(self._values.feed(data))

    def finish(self) -> Json:
        """Return the whole reply, or raise where the stream was cut."""
        if self._values.plain is not None:
            return plain_reply(bytes(self._values.plain))
        self._take_all(self._values.close())
        if len(self._rows) < self._count:
            missing = f"{len(self._rows)} of {self._count} pictures came"
            raise cut(self._values, Text(), missing)
        body = {**self._body, "data": self._rows}
        return sound(body if self._usage is None else {**body, "usage": self._usage}, "")

    def _take_all(self, events: list[Json]) -> str:
        for event in events:
            self._take(event)
        if self._values.fault is not None and len(self._rows) < self._count:
            raise self._values.fault
        return ""

    def _take(self, event: Json) -> None:
        if not isinstance(event, dict):
            message = f"an event of the stream is no object: {excerpt(event)}"
            raise BadReplyError(message)
        kind = str(event.get("type") or "")
        if kind == "error" or event.get("error"):
            raise stream_error(event.get("error") or event)
        if not kind.endswith(".completed"):
            return
        kept = ("b64_json", "url", "revised_prompt")
        self._rows.append({name: event[name] for name in kept if event.get(name)})
        self._body = {"created": event.get("created_at", 0)}
        self._body |= {name: event[name] for name in LOOK if name in event}
        self._usage = usage.add(self._usage, usage.read(event))
