"""Server-sent events: bytes in, events out, right at every split.

An assembler (`runner.model.Assembler`) is built on these and keeps one contract:

- `feed(data)` takes the body's next decoded bytes, of any length, and returns the text that they
  add to the answer. It raises `ApiStatusError` where the service put an error into the stream, and
  `BadReplyError` where the bytes are no stream; the error's `partial` holds all the text so far.
- `finish()` is called once the body has ended, for whatever reason. It returns the whole reply, or
  raises `BadReplyError` ("the stream was cut") where nothing proves that it is whole. A broken
  connection after the proof has come therefore loses nothing.
- What follows the end mark is ignored.
"""

from __future__ import annotations

from runner.errors import BadReplyError
from runner.record import Record

LIMIT = 32 * 1024 * 1024
"""The largest event that is taken, in bytes."""

DONE = "[DONE]"
BOM = b"\xef\xbb\xbf"


class Event(Record):
    """One event: its name ("" where it has none) and its data, lines joined by a newline."""

    name: str
    data: str


class Decoder:
    """Decodes events as their bytes come; holds at most one event that has not ended."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._line = bytearray()
        self._data: list[str] = []
        self._name = ""
        self._size = 0
        self._is_over = False
        self._after_cr = False
        self._first = True

    @property
    def idle(self) -> bool:
        """Whether no event has begun that has not ended."""
        return not (self._line or self._data or self._name or self._is_over)

    def feed(self, data: bytes) -> list[Event]:
        """Take bytes; return the events that they end.

        An event beyond the limit raises; where others came with it, at the next call.
        """
        events: list[Event] = []
        if not self._is_over:
            self._take(data, events)
        if self._is_over and not events:
            message = f"an event of the stream is larger than {self._limit:,} bytes"
            raise BadReplyError(message)
        return events

    def close(self) -> list[Event]:
        """Return the event that the end of the body cut off, if it has any data."""
        return self.feed(b"\n\n")

    def _take(self, data: bytes, events: list[Event]) -> None:
        *lines, tail = self._lines(data)
        for line in lines:
            whole = line
            if self._line:
                whole = bytes(self._line) + line
                self._line.clear()
            self._read(whole, events)
            if self._is_over:
                return
        self._line += tail
        self._is_over = self._size + len(self._line) > self._limit

    def _lines(self, data: bytes) -> list[bytes]:
        """Split at LF, CRLF and CR; a CR ends its line at once, an LF right after it is skipped."""
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
            self._after_cr = False
        if data:
            self._after_cr = data.endswith(b"\r")
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data.split(b"\n")

    def _read(self, line: bytes, events: list[Event]) -> None:
        if self._first:
            self._first = False
            line = line.removeprefix(BOM)
        if not line:
            self._dispatch(events)
            return
        if self._size + len(line) > self._limit:
            self._is_over = True
            return
        field, _, value = line.partition(b":")
        if field == b"data":
            self._size += len(line) + 1
            self._data.append(value.removeprefix(b" ").decode("utf-8", "replace"))
        elif field == b"event":
            self._name = value.removeprefix(b" ").decode("utf-8", "replace")
        elif line.strip() == DONE.encode():
            # Some servers send the end mark bare; by the letter it would be an unknown field.
            self._dispatch(events)
            events.append(Event("", DONE))

    def _dispatch(self, events: list[Event]) -> None:
        if self._data:
            events.append(Event(self._name, "\n".join(self._data)))
        self._data.clear()
        self._name = ""
        self._size = 0


def decode(body: bytes) -> list[Event]:
    """Return the events of a whole body."""
    decoder = Decoder()
    return decoder.feed(body) + decoder.close()
