"""Choices: one choice of a streamed completion, put together from its deltas."""

from __future__ import annotations

from base64 import b64decode, b64encode

from runner.exchange import Json
from runner.protocol.streams.calls import Call, Calls

_JOINED = frozenset({"content", "refusal", "reasoning_content", "reasoning", "thinking"})
"""The fields of a message that come in pieces; any other is repeated whole, and the last counts."""


class Choice:
    """One choice: `content` collects its text, `finish_reason` is None until one came."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.content: list[str] = []
        self.finish_reason: Json = None
        self._joined: dict[str, list[str]] = {}
        self._message: dict[str, Json] = {}
        self._extras: dict[str, Json] = {}
        self._logprobs: dict[str, Json] | None = None
        self._audio: dict[str, Json] = {}
        self._calls = Calls()
        self._function = Call()
        self._is_text = False

    def take(self, choice: dict[str, Json]) -> str:
        """Add a choice of a chunk; return the text that it adds."""
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            message = choice.get("message")
            delta = message if isinstance(message, dict) and not self.content else {}
        shown = self._take_delta(delta)
        reason = choice.get("finish_reason") or delta.get("finish_reason")
        self.finish_reason = reason or self.finish_reason
        for key, value in choice.items():
            if key == "text" and isinstance(value, str):
                self._is_text = True
                self.content.append(value)
                shown += value
            elif key == "logprobs":
                self._logprobs = _extended(self._logprobs, value)
            elif key not in _KNOWN and value is not None:
                self._extras[key] = value
        return shown

    def _take_delta(self, delta: dict[str, Json]) -> str:
        shown = ""
        for key, value in delta.items():
            if key in ("content", "refusal"):
                shown += self._say(key, value)
            elif value in (None, ""):
                continue
            elif key == "tool_calls":
                self._calls.take(value)
            elif key == "function_call" and isinstance(value, dict):
                self._function.add(value)
            elif key == "audio" and isinstance(value, dict):
                shown += self._take_audio(value)
            elif key not in _KNOWN:
                self._keep(key, value)
        return shown

    def _say(self, key: str, value: Json) -> str:
        """Take text; None is kept as what it is, and a list of parts gives its texts."""
        if isinstance(value, list):
            value = "".join(map(_part_text, value))
        if not isinstance(value, str):
            if key == "refusal":
                self._message.setdefault("refusal", None)
            return ""
        pieces = self.content if key == "content" else self._joined.setdefault(key, [])
        pieces.append(value)
        return value

    def _keep(self, key: str, value: Json) -> None:
        if key in _JOINED and isinstance(value, str):
            self._joined.setdefault(key, []).append(value)
        elif isinstance(value, list) and isinstance(self._message.get(key), list):
            self._message[key] += value
        else:
            self._message[key] = value

    def _take_audio(self, audio: dict[str, Json]) -> str:
        """Take a piece of sound; what it says is the text of an answer that has no other."""
        for key, value in audio.items():
            if key in ("data", "transcript") and isinstance(value, str):
                self._audio.setdefault(key, []).append(value)
            elif value is not None:
                self._audio[key] = value
        told = audio.get("transcript")
        return told if isinstance(told, str) and not any(self.content) else ""

    def value(self) -> dict[str, Json]:
        """Return the choice as a reply that was not streamed holds it."""
        said = {"text": "".join(self.content)} if self._is_text else {"message": self._said()}
        return {
            "index": self.index,
            **said,
            "logprobs": self._logprobs,
            "finish_reason": self.finish_reason,
            **self._extras,
        }

    def _said(self) -> dict[str, Json]:
        content = "".join(self.content) if self.content else None
        message: dict[str, Json] = {"role": "assistant", "content": content, **self._message}
        message |= {key: "".join(pieces) for key, pieces in self._joined.items()}
        if self._calls.calls:
            message["tool_calls"] = [call.value() for call in self._calls.calls]
        if self._function.named or self._function.pieces:
            message["function_call"] = self._function.payload_value()
        if self._audio:
            message["audio"] = _whole_audio(self._audio)
        return message


_KNOWN = frozenset({"index", "delta", "message", "usage", "text", "finish_reason"})


def _part_text(part: Json) -> str:
    text = part.get("text") if isinstance(part, dict) else part
    return text if isinstance(text, str) else ""


def _extended(logprobs: dict[str, Json] | None, more: Json) -> dict[str, Json] | None:
    """Add a chunk's logprobs: lists grow, all else is overwritten."""
    if not isinstance(more, dict):
        return logprobs
    logprobs = {} if logprobs is None else logprobs
    for key, value in more.items():
        if isinstance(value, list) and isinstance(logprobs.get(key), list):
            logprobs[key] += value
        elif value is not None or key not in logprobs:
            logprobs[key] = value
    return logprobs


def _whole_audio(audio: dict[str, Json]) -> dict[str, Json]:
    whole = {key: "".join(value) if key == "transcript" else value for key, value in audio.items()}
    if "data" in audio:
        whole["data"] = _join_base64(audio["data"])
    return whole


def _join_base64(pieces: list[str]) -> str:
    """Join pieces of base64, which may each be padded by themselves."""
    whole = "".join(pieces)
    if "=" not in whole.rstrip("="):
        return whole
    try:
        return b64encode(b"".join(map(b64decode, pieces))).decode()
    except ValueError:
        return whole
