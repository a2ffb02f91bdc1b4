"""Evidence: what expectations look at that is worked out only where one does.

A stream's events, the pixels of a picture and the samples of a sound cost time: a reply has them
only where an expectation asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from runner.engine.reading import listening
from runner.engine.writing.outputs import head_of
from runner.exchange import Body, Json
from runner.expect.wording import Unknown
from runner.model import Answer, Artifact
from runner.protocol import sse
from runner.protocol.endpoint import EVENTS
from runner.protocol.json_text import parse

BLOCK = 1 << 20
SESSION = 101
"""The status of a session, whose events are lines of JSON."""
LARGEST = 64 << 20
"""A picture beyond so many bytes is not looked into."""


def with_evidence(
    reply: Mapping[str, Any], answer: Answer, asked: Mapping[str, set[str]]
) -> Mapping[str, Any]:
    """Add to a reply what expectations look at."""
    found: dict[str, Any] = {}
    for name, parts in asked.items():
        pieces = [one for one in answer.artifacts if one.part == name]
        if name == "events":
            found[name] = events(answer)
        elif name == "image":
            found[name] = [_picture(one, parts) for one in pieces] or None
        else:
            found[name] = [_sound(one, parts) for one in pieces] or None
    return {**reply, **found}


def _picture(artifact: Artifact, parts: set[str]) -> dict[str, Any]:
    from runner.protocol.pictures import SVG, look

    content = _content(artifact.body)
    found = look(content)
    if found is None:
        return dict.fromkeys(parts, Unknown("the picture's bytes are those of no picture"))
    form = found.media_type.removeprefix("image/").removesuffix("+xml")
    size = Unknown("an svg has no size in pixels")
    told = {
        "format": form,
        "width": size if found.media_type == SVG else found.width,
        "height": size if found.media_type == SVG else found.height,
        "alpha": found.alpha,
    }
    return told | ({"blank": _blank(content, form)} if "blank" in parts else {})


def _content(body: Body) -> bytes:
    if isinstance(body, bytes):
        return body
    try:
        return Path(body.path).read_bytes() if body.size <= LARGEST else b""
    except OSError:
        return b""


def _blank(content: bytes, form: str) -> bool | Unknown:
    """Tell whether all pixels are of one colour: of a png by itself, of others by Pillow."""
    from runner.protocol.pixels import UnreadableError, is_blank

    if form != "png":
        return _even(content, form)
    try:
        return is_blank(content)
    except UnreadableError as error:
        return Unknown(f"the picture cannot be looked into: {error}")


def _even(content: bytes, form: str) -> bool | Unknown:
    try:
        from runner.engine.reading.looking import is_even
    except ImportError:
        hint = "ask for png, or install recipe-runner[pictures]"
        return Unknown(f"whether a {form} is blank cannot be told here: {hint}")
    told = is_even(content)
    return Unknown(f"whether this {form} is blank cannot be told") if told is None else told


def _sound(artifact: Artifact, parts: set[str]) -> dict[str, Any]:
    told: dict[str, Any] = listening.sound(artifact)
    if "silent" not in parts:
        return told
    from runner.protocol.silence import is_silent

    form = told["format"]
    try:
        with listening.opened(artifact.body) as file:
            silent = is_silent(partial(listening.read, file), told["bytes"], str(form))
    except OSError:
        silent = None
    reason = f"whether {form or 'such a sound'} is silent cannot be told: ask for wav or pcm"
    return told | {"silent": Unknown(reason) if silent is None else silent}


class Events:
    """The events of a stream, read anew each time they are looked at."""

    def __init__(self, body: Body) -> None:
        self._body = body

    def __iter__(self) -> Iterator[dict[str, Json]]:
        decoder = sse.Decoder()
        for block in _blocks(self._body):
            yield from map(_event, decoder.feed(block))
        yield from map(_event, decoder.close())

    def __repr__(self) -> str:
        return "a stream of events"


def events(answer: Answer) -> Iterable[dict[str, Json]] | None:
    """Return the events of a reply; None where it was no stream."""
    if answer.status == SESSION:
        return [_named("", parse(line.decode())) for line in _content(answer.body).splitlines()]
    kind = answer.headers.get("content-type", "")
    is_stream = kind.startswith("text/event-stream") or head_of(answer.body).startswith(EVENTS)
    return Events(answer.body) if is_stream else None


def _blocks(body: Body) -> Iterator[bytes]:
    with listening.opened(body) as file:
        yield from iter(partial(file.read, BLOCK), b"")


def _event(event: sse.Event) -> dict[str, Json]:
    try:
        return _named(event.name, parse(event.data))
    except ValueError:
        return {"type": event.name or event.data, "data": event.data}


def _named(name: str, value: Json) -> dict[str, Json]:
    """Give every event a type: its own, the stream's name for it, or its object."""
    fields = value if isinstance(value, dict) else {"data": value}
    own = fields.get("type") or name or fields.get("object") or "message"
    return {**fields, "type": str(own)}
