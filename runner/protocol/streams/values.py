"""Values: the JSON of a stream's events, read in place where the stream is as streams should be.

A block of events of the plain shape (`data: {…}`, perhaps after `event: …`) is decoded to text
once, and each value is scanned where it stands; whatever is unusual goes through `sse.Decoder`,
which also keeps the event that a block cuts. Both give the same values at every split.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.errors import BadReplyError
from runner.exchange import Json
from runner.protocol import sse
from runner.protocol.json_text import SHORT, mend, mended, parse, scan
from runner.protocol.wire import decode_json, excerpt, stream_error
from runner.recipe.depth import DEEPEST, nests, text_nests


class Values:
    """Decodes a stream's values as their bytes come.

    `done` is true after the end mark; nothing counts that follows it. `fault` is set where an event
    cannot be read; the values before it are still handed out. `plain` collects a body that is no
    stream, `head` the first bytes. An event's name stands in its value's `type` where the value has
    none, and an event named "error" becomes `{"type": "error", "error": …}`.
    """

    def __init__(self, limit: int = sse.LIMIT) -> None:
        self.done = False
        self.fault: BadReplyError | None = None
        self.plain: bytearray | None = None
        self.head = b""
        self._limit = limit
        self._events = sse.Decoder(limit)
        self._begun = False

    def feed(self, data: bytes) -> list[Json]:
        """Take bytes; return the values of the events that they end."""
        if not self._begun:
            data = self._begin(data)
        if self.plain is not None:
            self.plain += data
            return []
        values: list[Json] = []
        if not self._events.idle:
            begun, mark, data = data.partition(b"\n\n")
            self._slowly(begun + mark, values)
        if self._events.idle:
            data = self._quickly(data, values)
        self._slowly(data, values)
        return values

    def close(self) -> list[Json]:
        """Return the value that the end of the body cut off, if it came whole after all."""
        values: list[Json] = []
        if self.fault is None:
            self._slowly(b"\n\n", values)
            # What the end made unreadable is a cut, and for the assembler to judge.
            self.fault = self.fault if not self._events.idle else None
        return values

    def _begin(self, data: bytes) -> bytes:
        """Hold back what tells nothing yet; see whether a plain body comes instead of a stream."""
        data = (self.head + data).lstrip(_BLANK)
        start = data.removeprefix(sse.BOM).lstrip(_BLANK)[:1]
        if not start or sse.BOM.startswith(data):
            self.head = data
            return b""
        self._begun = True
        self.head = data[:1000]
        if start in b"{<":
            self.plain = bytearray()
        return data

    def _quickly(self, data: bytes, values: list[Json]) -> bytes:
        """Take the plain events that the block begins with; return the rest."""
        end = data.rfind(b"\n\n") + 2
        if end == 1 or end > self._limit or b"\r" in data or self.done or self.fault:
            return data
        try:
            text = data[:end].decode()
        except UnicodeDecodeError:
            return data
        at = _scan_all(text, values)
        return data[end:] if at == len(text) else text[at:].encode() + data[end:]

    def _slowly(self, data: bytes, values: list[Json]) -> None:
        if self.done or self.fault or not data:
            return
        try:
            events = self._events.feed(data)
        except BadReplyError as error:
            self.fault = error
            return
        for event in events:
            self._read(event, values)

    def _read(self, event: sse.Event, values: list[Json]) -> None:
        text = event.data.strip()
        if self.done or self.fault or text in ("", "null"):
            return
        if text == sse.DONE:
            self.done = True
            return
        try:
            values.append(_named(parse(text), event.name))
        except ValueError as error:
            self._read_lines(event, error, values)

    def _read_lines(self, event: sse.Event, error: ValueError, values: list[Json]) -> None:
        """Read each line by itself: some servers put no blank line between their events."""
        lines = event.data.split("\n")
        if len(lines) == 1:
            message = f"an event of the stream is no JSON that can be used, as {error}"
            self.fault = BadReplyError(f"{message}: {excerpt(event.data)}")
            return
        for line in lines:
            self._read(sse.Event(event.name, line), values)


_BLANK = b" \t\r\n"


def _scan_all(text: str, values: list[Json]) -> int:
    """Scan events of the plain shape; return where the first other one begins."""
    begins, find = text.startswith, text.find
    at = 0
    while True:
        start = at
        if begins("event: ", at) and not begins("error", at + 7):
            start = find("\n", at) + 1
        body = start + 6 if begins("data: {", start) else start + 5
        line = find("\n", start)
        if not begins(("data: {", "data:{"), start) or line - body > SHORT:
            return at
        # What is shorter cannot nest so deep.
        if line - body > DEEPEST and text_nests(text[body:line]):
            return at
        try:
            value, end = scan(text, body)
        except (StopIteration, ValueError):
            return at
        # The value must be the whole line: by itself JSON would take line ends for blanks.
        if end != line or not begins("\n", end + 1):
            return at
        if start != at and "type" not in value:
            return at
        values.append(value)
        at = end + 2


def _named(value: Json, name: str) -> Json:
    if not name or not isinstance(value, dict):
        return value
    if name == "error":
        return {"type": "error", "error": value.get("error") or value}
    value.setdefault("type", name)
    return value


class Text:
    """Text in pieces: shown as it comes, joined at the end."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._half = ""

    def add(self, text: str) -> str:
        """Add a piece; return what can be shown: half a surrogate pair waits for the other."""
        if not text:
            return ""
        self.pieces.append(text)
        text = self._half + text
        self._half = text[-1] if "\ud800" <= text[-1] <= "\udbff" else ""
        return mend(text.removesuffix(self._half))

    def __str__(self) -> str:
        return mend("".join(self.pieces))


def in_runs(
    values: list[Json],
    plain: Callable[[Json], str | None],
    say: Callable[[str], str],
    take: Callable[[Json], str],
) -> str:
    """Say the texts of `plain` values that come in a row as one, and take all others singly.

    Returns what both show. What is plain may hang on what was taken before.
    """
    shown: list[str] = []
    run: list[str] = []
    for value in values:
        text = plain(value)
        if text is not None:
            run.append(text)
            continue
        if run:
            shown.append(say("".join(run)))
            run.clear()
        shown.append(take(value))
    if run:
        shown.append(say("".join(run)))
    return "".join(shown)


def plain_reply(body: bytes) -> Json:
    """Read a body that came as plain JSON though a stream was asked for."""
    value = decode_json(body, "")
    error = value.get("error") if isinstance(value, dict) else None
    if error and not value.keys() & {"choices", "output"}:
        raise stream_error(error)
    return value


def cut(values: Values, text: Text, missing: str) -> BadReplyError:
    """Make the error of a stream that ended before anything proved it whole."""
    partial = str(text)
    place = f"after {len(partial):,} characters of text" if partial else "before any text came"
    message = f"the stream was cut {place}: {missing}"
    if not partial:
        message += f"; it began {excerpt(values.head)}" if values.head else "; nothing came at all"
    return BadReplyError(message, partial=partial)


def sound(value: Json, partial: str) -> Json:
    """Return an assembled reply with its text mended; refuse one that nests without end."""
    if nests(value):
        message = "the stream holds JSON that nests too deeply to be used"
        raise BadReplyError(message, partial=partial)
    return mended(value)
