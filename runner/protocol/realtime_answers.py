"""Realtime answers: what one response of a session comes to."""

from __future__ import annotations

from runner.errors import ServiceError
from runner.exchange import Json
from runner.model import Answer, Artifact, ToolCall
from runner.protocol import usage, wire
from runner.record import Record


class Spoken(Record):
    """One response of the model: its texts and sounds as they came, its last event, seconds."""

    text: str
    audio: bytes
    response: dict[str, Json]
    took: float
    first: float | None


def calls_of(response: dict[str, Json]) -> tuple[ToolCall, ...]:
    """List the calls of tools in a response."""
    found = [item for item in response.get("output") or () if isinstance(item, dict)]
    return tuple(
        ToolCall(
            str(item.get("call_id") or item.get("id") or ""),
            str(item.get("name")),
            wire.argument_text(item.get("arguments")),
        )
        for item in found
        if item.get("type") == "function_call"
    )


def answer_of(spoken: Spoken) -> Answer:
    """Read a response that has ended; ServiceError where it failed."""
    response = spoken.response
    status = response.get("status")
    if status == "failed":
        raise _failure(response)
    text = spoken.text or None
    used = usage.read(response)
    counted = usage.normal(used) if used else None
    sound = (Artifact("audio", "audio/pcm", spoken.audio),) if spoken.audio else ()
    return Answer(
        status=101,
        json=response,
        text=text,
        texts=(text,) if text else (),
        usage=counted,
        rounds=(counted,) if counted else (),
        finish_reason=_finish(response, bool(calls_of(response))),
        artifacts=sound,
        latency=spoken.took,
        ttft=spoken.first,
    )


def _finish(response: dict[str, Json], calls: bool) -> str | None:
    details = response.get("status_details") or {}
    if response.get("status") == "incomplete":
        reason = details.get("reason")
        return "length" if reason == "max_output_tokens" else str(reason)
    return "tool_calls" if calls else "stop"


def _failure(response: dict[str, Json]) -> ServiceError:
    details = response.get("status_details") or {}
    return wire.stream_error({"error": details.get("error") or {"message": "the response failed"}})
