"""Audio streams: the events of speech become its bytes, those of a transcript its text.

Servers that know nothing of these events send the bare sound, or the bare text, all the same: it is
taken as it comes. Speech is whole with `speech.audio.done`, a transcript with
`transcript.text.done`; an end mark proves either.
"""

from __future__ import annotations

from binascii import Error as NotBase64Error
from binascii import a2b_base64
from codecs import getincrementaldecoder

from runner.errors import BadReplyError
from runner.exchange import Json
from runner.protocol import usage
from runner.protocol.sse import BOM
from runner.protocol.streams.values import Text, Values, cut, plain_reply, sound
from runner.protocol.wire import excerpt, stream_error

_EVENTS = (b"data:", b"event:", b"id:", b"retry:", b":")
_BLANK = b" \t\r\n"


def _begins(data: bytes) -> str:
    """Tell what a body is by how it begins: "events", "json", "bare", or "" too early to tell."""
    start = data.removeprefix(BOM).lstrip(_BLANK)
    if start.startswith(_EVENTS):
        return "events"
    if start[:1] in (b"{", b"<"):
        after = start[1:2]
        named = after in b'"}! \t\r\n' or (start[:1] == b"<" and after.isalpha())
        return "" if not after else "json" if named else "bare"
    if not start or any(mark.startswith(start) for mark in _EVENTS):
        return "" if len(data) < 1000 else "bare"
    return "bare"


class _Sorted:
    """Sorts a body by how it begins: `values` decodes its events, `bare` is whether none come."""

    def __init__(self) -> None:
        self.values = Values()
        self.kind = ""
        self._held = b""

    def feed(self, data: bytes) -> tuple[list[Json], bytes]:
        """Take bytes; return the values of events, or the bare bytes."""
        if not self.kind:
            self._held += data
            self.kind = _begins(self._held)
            if not self.kind:
                return [], b""
            data, self._held = self._held, b""
        return ([], data) if self.kind == "bare" else (self.values.feed(data), b"")

    def close(self) -> tuple[list[Json], bytes]:
        """Return what the end of the body leaves."""
        if not self.kind:
            # Too little came to be anything but the beginning of events.
            self.kind = "events"
            self.values.feed(self._held)
        return (self.values.close(), b"") if self.kind == "events" else ([], b"")


def _checked(value: Json, what: str, partial: str) -> dict[str, Json]:
    """Refuse what is no event, and raise the error that one brings."""
    if not isinstance(value, dict):
        message = f"an event of the stream is no {what}: {excerpt(value)}"
        raise BadReplyError(message, partial=partial)
    if value.get("error") or value.get("type") == "error":
        raise stream_error(value.get("error") or value, partial)
    return value


class SpeechStream:
    """Assembles speech; the contract stands in `runner.protocol.sse`.

    The sound itself is not kept: `taken` hands out what came since it was last asked.
    """

    def __init__(self) -> None:
        self._sorted = _Sorted()
        self._sound: list[bytes] = []
        self._half = ""
        self._size = 0
        self._done: dict[str, Json] | None = None

    def feed(self, data: bytes) -> str:
        """Take bytes; speech adds no text."""
        values, bare = self._sorted.feed(data)
        self._take_all(values, bare)
        return ""

    def taken(self) -> bytes:
        """Return the sound that came since the last call."""
        came, self._sound = b"".join(self._sound), []
        return came

    def finish(self) -> Json:
        """Return what the service said at the end, or raise where the stream was cut."""
        found = self._sorted
        if found.values.plain is not None:
            value = plain_reply(bytes(found.values.plain))
            message = f"expected sound, got {excerpt(value)}"
            raise BadReplyError(message)
        self._take_all(*found.close())
        if self._done is None and not found.values.done and found.kind == "events":
            came = f"after {self._size:,} bytes of sound" if self._size else "before any sound came"
            message = f"the stream was cut {came}: no speech.audio.done came"
            raise BadReplyError(message)
        if not self._size:
            message = "the stream ended without any sound"
            raise BadReplyError(message)
        return sound(self._done or {}, "")

    def _take_all(self, values: list[Json], bare: bytes) -> None:
        if bare:
            self._keep(bare)
        for value in values:
            self._take(_checked(value, "event of speech", ""))
        if self._sorted.values.fault is not None:
            raise self._sorted.values.fault

    def _take(self, event: dict[str, Json]) -> None:
        if event.get("type") == "speech.audio.done":
            self._done = event
            return
        piece = event.get("audio") or event.get("delta")
        if isinstance(piece, str):
            self._decode(piece)

    def _decode(self, piece: str) -> None:
        """Decode base64 that may be cut anywhere, and padded in each event by itself."""
        text = self._half + piece
        whole = len(text) - len(text) % 4
        self._half = text[whole:]
        try:
            self._keep(a2b_base64(text[:whole]))
        except (NotBase64Error, ValueError) as error:
            message = f"an event's sound is no base64: {excerpt(piece)}"
            raise BadReplyError(message) from error

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        self._sound.append(piece)


class TranscriptStream:
    """Assembles a transcript; the contract stands in `runner.protocol.sse`."""

    def __init__(self) -> None:
        self._sorted = _Sorted()
        self._shown = Text()
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._segments: list[Json] = []
        self._logprobs: list[Json] = []
        self._done: dict[str, Json] = {}
        self._usage: Json = None

    def feed(self, data: bytes) -> str:
        """Take bytes; return the text that they add."""
        return self._take_all(*self._sorted.feed(data))

    def finish(self) -> Json:
        """Return the transcript as a reply that was not streamed holds it."""
        found = self._sorted
        if found.values.plain is not None:
            return plain_reply(bytes(found.values.plain))
        self._take_all(*found.close())
        if found.kind == "events" and not (self._done or found.values.done):
            raise cut(found.values, self._shown, "no transcript.text.done came")
        text = str(self._shown)
        whole = {key: value for key, value in self._done.items() if key != "type"}
        body = {"text": text, **whole}
        body |= {"segments": self._segments} if self._segments else {}
        body |= {"logprobs": self._logprobs} if self._logprobs else {}
        body |= {"usage": self._usage} if self._usage else {}
        return sound(body, text)

    def _take_all(self, values: list[Json], bare: bytes) -> str:
        shown = [self._shown.add(self._decoder.decode(bare))] if bare else []
        for value in values:
            event = _checked(value, "event of a transcript", str(self._shown))
            shown.append(self._shown.add(self._take(event)))
        if self._sorted.values.fault is not None:
            self._sorted.values.fault.partial = str(self._shown)
            raise self._sorted.values.fault
        return "".join(shown)

    def _take(self, event: dict[str, Json]) -> str:
        """Take an event; return its text."""
        self._usage = usage.read(event) or self._usage
        match event.get("type"):
            case "transcript.text.delta":
                self._logprobs += event.get("logprobs") or ()
                return _text(event.get("delta"))
            case "transcript.text.segment":
                self._segments.append({k: v for k, v in event.items() if k != "type"})
                return ""
            case "transcript.text.done":
                self._done = event
                return "" if self._shown.pieces else _text(event.get("text"))
        return self._foreign(event)

    def _foreign(self, event: dict[str, Json]) -> str:
        """Take an event in another server's words: bare text, or the chunks of a chat."""
        choices = event.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return _text(event.get("text"))
        delta = choices[0].get("delta")
        if choices[0].get("finish_reason"):
            self._done = {"type": "transcript.text.done"}
        return _text(delta.get("content")) if isinstance(delta, dict) else ""


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
