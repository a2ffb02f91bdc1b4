"""Chat streams: the chunks of a chat completion become the completion that they are pieces of.

The reply is whole where every choice has a `finish_reason`, or the end mark came. Chunks are taken
as servers send them: fields missing, null or repeated, usage anywhere, choices without delta.
Old text completions, whose choices hold `text`, are put together likewise.
"""

from __future__ import annotations

from runner.errors import BadReplyError
from runner.exchange import Json
from runner.protocol import usage
from runner.protocol.streams.choices import Choice
from runner.protocol.streams.values import Text, Values, cut, in_runs, plain_reply, sound
from runner.protocol.wire import excerpt, stream_error


class ChatStream:
    """Assembles a streamed chat completion; the contract stands in `runner.protocol.sse`."""

    def __init__(self) -> None:
        self._values = Values()
        self._shown = Text()
        self._body: dict[str, Json] = {}
        self._usage: Json = None
        self._choices: dict[int, Choice] = {}
        self._width = -1

    def feed(self, data: bytes) -> str:
        """Take bytes; return the text of the first choice that they add."""
        return self._take_all(self._values.feed(data))

    def finish(self) -> Json:
        """Return the whole completion, or raise where the stream was cut."""
        if self._values.plain is not None:
            return plain_reply(bytes(self._values.plain))
        self._take_all(self._values.close())
        is_done = self._values.done
        if not is_done and not self._is_finished():
            raise cut(self._values, self._shown, "no finish_reason came")
        if not self._choices:
            message = "the stream ended without an answer: it held no choices"
            raise BadReplyError(message)
        return sound(self._completion(), str(self._shown))

    def _is_finished(self) -> bool:
        choices = self._choices.values()
        return bool(choices) and all(choice.finish_reason for choice in choices)

    def _take_all(self, chunks: list[Json]) -> str:
        shown = in_runs(chunks, self._plain_text, self._say, self._take)
        if self._values.fault is not None:
            self._values.fault.partial = str(self._shown)
            raise self._values.fault
        return shown

    def _say(self, text: str) -> str:
        self._choices[0].content.append(text)
        return self._shown.add(text)

    def _plain_text(self, chunk: Json) -> str | None:
        """Return the text of a chunk that brings the first choice nothing but text; else None.

        Nearly every chunk is one, so this is the quick way; it must refuse what `_take` would see.
        """
        try:
            (choice,) = chunk["choices"]
            delta = choice["delta"]
            text = delta["content"]
            if choice["index"] or choice.get("finish_reason") or chunk.get("usage"):
                return None
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        fields = 2 + ("finish_reason" in choice) + (choice.get("logprobs", 0) is None)
        is_plain = len(choice) == fields and len(chunk) == self._width and "error" not in chunk
        is_bare = len(delta) == 1 or not any(
            value for key, value in delta.items() if key not in _SAME
        )
        return text if is_plain and is_bare and isinstance(text, str) else None

    def _take(self, chunk: Json) -> str:
        if not isinstance(chunk, dict):
            message = f"an event of the stream is no chunk: {excerpt(chunk)}"
            raise BadReplyError(message, partial=str(self._shown))
        error = chunk if "error" in (chunk.get("type"), chunk.get("object")) else {}
        error = chunk.get("error") or error
        if error:
            raise stream_error(error, str(self._shown))
        self._usage = usage.read(chunk) or self._usage
        self._keep(chunk)
        choices = chunk.get("choices")
        shown = ""
        for place, choice in enumerate(choices if isinstance(choices, list) else ()):
            shown += self._take_choice(place, choice)
        self._width = len(chunk) if 0 in self._choices else -1
        return self._shown.add(shown)

    def _take_choice(self, place: int, choice: Json) -> str:
        if not isinstance(choice, dict):
            return ""
        index = choice.get("index")
        index = index if isinstance(index, int) else place
        if index not in self._choices:
            self._choices[index] = Choice(index)
        text = self._choices[index].take(choice)
        return text if index == 0 else ""

    def _keep(self, chunk: dict[str, Json]) -> None:
        for key, value in chunk.items():
            if value is None or key in _NOT_KEPT:
                continue
            if key not in _FIRST_COUNTS or not self._body.get(key):
                self._body[key] = value

    def _completion(self) -> dict[str, Json]:
        is_text = self._body.get("object") == "text_completion"
        body: dict[str, Json] = {"id": "", "object": "", "created": 0, "model": "", **self._body}
        body["object"] = "text_completion" if is_text else "chat.completion"
        body["choices"] = [self._choices[index].value() for index in sorted(self._choices)]
        return body if self._usage is None else {**body, "usage": self._usage}


_NOT_KEPT = frozenset({"choices", "usage", "obfuscation", "type", "error"})
_FIRST_COUNTS = frozenset({"id", "created", "model"})

_SAME = frozenset({"content", "role"})
