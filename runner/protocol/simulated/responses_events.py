"""Events of responses: how a finished response is told as a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from runner.exchange import Json
from runner.protocol.simulated.words import groups

PIECE = 4
"""How many tokens one event brings."""


def events(response: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """Tell a response: its beginning, its items one after the other, its end."""
    for number, (name, fields) in enumerate(_told(response)):
        yield {"type": f"response.{name}", "sequence_number": number, **fields}


def _told(response: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    begun: dict[str, Json] = {
        "status": "in_progress",
        "output": [],
        "usage": None,
        "completed_at": None,
    }
    first = {"response": response | begun | {"incomplete_details": None}}
    yield "created", first
    yield "in_progress", first
    for place, item in enumerate(response["output"]):
        yield from _item(place, item)
    yield response["status"], {"response": response}


def _item(place: int, item: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    opened, told = KINDS[item["type"]]
    yield "output_item.added", {"output_index": place, "item": item | opened}
    for name, fields in told(item):
        yield name, {"item_id": item["id"], "output_index": place, **fields}
    yield "output_item.done", {"output_index": place, "item": item}


def _message(item: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    part = item["content"][0]
    text, likely = part["text"], part["logprobs"]
    at = {"content_index": 0}
    yield (
        "content_part.added",
        at | {"part": part | {"text": "", "annotations": [], "logprobs": []}},
    )
    for turn, piece in enumerate(groups(text, PIECE)):
        some = likely[turn * PIECE :][:PIECE]
        yield "output_text.delta", at | {"delta": piece, "logprobs": some}
    for turn, note in enumerate(part["annotations"]):
        fields = {"annotation_index": turn, "annotation": note}
        yield "output_text.annotation.added", at | fields
    yield "output_text.done", at | {"text": text, "logprobs": likely}
    yield "content_part.done", at | {"part": part}


def _call(item: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    for piece in groups(item["arguments"], PIECE):
        yield "function_call_arguments.delta", {"delta": piece}
    done = {"name": item["name"], "arguments": item["arguments"]}
    yield "function_call_arguments.done", done


def _reasoning(item: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    for place, part in enumerate(item["summary"]):
        at = {"summary_index": place}
        yield "reasoning_summary_part.added", at | {"part": part | {"text": ""}}
        for piece in groups(part["text"], PIECE):
            yield "reasoning_summary_text.delta", at | {"delta": piece}
        yield "reasoning_summary_text.done", at | {"text": part["text"]}
        yield "reasoning_summary_part.done", at | {"part": part}


def _search(_item: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    for stage in ("in_progress", "searching", "completed"):
        yield f"web_search_call.{stage}", {}


Told: TypeAlias = Callable[[dict[str, Json]], Iterator[tuple[str, dict[str, Json]]]]
KINDS: dict[str, tuple[dict[str, Json], Told]] = {
    "message": ({"status": "in_progress", "content": []}, _message),
    "function_call": ({"status": "in_progress", "arguments": ""}, _call),
    "reasoning": ({"summary": []}, _reasoning),
    "web_search_call": ({"status": "in_progress"}, _search),
}
"""What each kind of item opens with, and how it is told."""
