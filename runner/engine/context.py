"""Context: the names that templates and expectations read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from runner.exchange import Json
from runner.model import Answer, Artifact, ToolResult
from runner.protocol.json_text import is_heavy, parse, scan
from runner.recipe import template
from runner.recipe.depth import text_nests
from runner.recipe.source import Map
from runner.recipe.templates.bounds import Meter
from runner.recipe.values import within
from runner.results import Written

OPENING = re.compile(r"[{\[]")
BEGINNINGS = frozenset('{["-0123456789tfnNI')
"""What a text begins with that is JSON as a whole."""
MOST_STARTS = 100
"""A text with more braces than this before its JSON is searched no further."""


def parts(answer: Answer, files: tuple[Written, ...] = ()) -> dict[str, Json]:
    """Return the parts of a reply by the names of the language."""
    return {
        "text": answer.text,
        "texts": list(answer.texts),
        "parsed": parsed(answer.text),
        "json": answer.json,
        "status": answer.status,
        "headers": dict(answer.headers),
        "usage": dict(answer.usage) if answer.usage is not None else None,
        "tool_calls": [tool_call(result) for result in answer.tool_calls],
        "citations": [citation._asdict() for citation in answer.citations],
        "finish_reason": answer.finish_reason,
        "images": [image(one) for one in answer.artifacts if one.part == "image"],
        "audio": _sound(answer),
        "files": [written.path for written in files],
        "latency": answer.latency,
        "ttft": answer.ttft,
        "cost": answer.cost,
        "model": answer.model,
        "request_id": answer.request_id,
        "attempts": answer.attempts,
    }


def _sound(answer: Answer) -> Json:
    sounds = [one for one in answer.artifacts if one.part == "audio"]
    if not sounds:
        return None
    from runner.engine.reading.listening import sound

    return sound(sounds[0])


def tool_call(result: ToolResult) -> dict[str, Json]:
    """Tell a call: its name, its arguments, and what it came to (null where it did not run)."""
    return {
        "name": result.call.name,
        "arguments": result.arguments,
        "result": _decoded(result.output),
    }


def image(artifact: Artifact) -> dict[str, Json]:
    """Tell a picture: its kind, its size in pixels and in bytes, whether it can be seen through."""
    from runner.protocol.pictures import look

    body = artifact.body
    found = look(body) if isinstance(body, bytes) else None
    return {
        "media_type": artifact.media_type,
        "width": found.width if found else None,
        "height": found.height if found else None,
        "alpha": found.alpha if found else None,
        "bytes": len(body) if isinstance(body, bytes) else body.size,
    }


def _decoded(output: str | None) -> Json:
    if output is None or not output.lstrip().startswith(("{", "[")):
        return output
    try:
        return parse(output)
    except ValueError:
        return output


def parsed(text: str | None) -> Json:
    """Find the JSON in a text: the whole of it, a fenced block, or the first object or list."""
    if not text or is_heavy(text):
        return None
    if text.lstrip()[:1] in BEGINNINGS:
        with suppress(ValueError):
            return parse(text)
    for start in islice(_starts(text), MOST_STARTS):
        if text_nests(text[start:]):
            continue
        try:
            return scan(text, start)[0]
        except (ValueError, StopIteration):
            continue
    return None


def _starts(text: str) -> Iterator[int]:
    """Yield where JSON may begin: within a fence first, then from the start of the text."""
    fence = text.find("```json")
    places = (fence, 0) if fence >= 0 else (0,)
    for place in places:
        yield from (found.start() for found in OPENING.finditer(text, place))


def with_own(
    written: Map, context: Mapping[str, Any], ready: Callable[[Any, Mapping[str, Any]], bool]
) -> dict[str, Any]:
    """Add a step's own variables, each of which sees those above; one not `ready` hides a name."""
    found, meter = dict(context), Meter()
    for name in written:
        if ready(written[name], found):
            found[name] = _own(written, name, found)
            within(found[name], meter, name, written.marks[name][0])
        else:
            found.pop(name, None)
    return found


def _own(written: Map, name: str, context: Mapping[str, Any]) -> Any:
    alone = Map(written.mark)
    alone.put(name, written[name], written.marks[name])
    return template.render(alone, context, at=("vars",))[name]


def with_reply(context: Mapping[str, Any], reply: Mapping[str, Json]) -> dict[str, Any]:
    """Let templates read a reply: its parts where no variable has the name, always as `reply`."""
    return {**reply, **context, "reply": reply}
