"""Scrubbing: secrets leave what is recorded, also where they are cut across pieces or events.

A body is scrubbed as a whole and cut again at the same places. Then the texts that a stream's
events bring piece by piece are put together, and what is a secret only there goes, too.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Sequence

from runner.cassette import MASK, Find
from runner.exchange import Json
from runner.protocol.json_text import parse
from runner.record import Record

WHERE = ("type", "index", "item_id", "output_index", "content_index")
"""What tells the texts of one stream apart."""
_DATA = re.compile(r"^(data:[ \t]*)([{\[].*?)[ \t]*$", re.MULTILINE)


class Edit(Record):
    """Another text in the place of a part of one."""

    start: int
    end: int
    text: str


def scrubbed(
    body: bytes, sizes: Sequence[int], find: Find, *, events: bool
) -> tuple[bytes, list[int]]:
    """Mask the secrets of a text that came in pieces of these sizes; what is no text stays.

    `events` says that it is a stream of events, or of lines of JSON.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body, list(sizes)
    edits = [Edit(start, end, MASK) for start, end in find(text)]
    text, sizes = _edited(text, sizes, edits)
    if events:
        text, sizes = _edited(text, sizes, _across(text, find))
    return text.encode(), list(sizes)


def _edited(text: str, sizes: Sequence[int], edits: list[Edit]) -> tuple[str, Sequence[int]]:
    if not edits:
        return text, sizes
    made: list[str] = []
    moved: list[tuple[int, int, int]] = []
    end = 0
    for edit in edits:
        made += [text[end : edit.start], edit.text]
        start = len(text[: edit.start].encode())
        old = len(text[edit.start : edit.end].encode())
        moved.append((start, old, len(edit.text.encode())))
        end = edit.end
    return "".join([*made, text[end:]]), _cut(sizes, moved)


def _cut(sizes: Sequence[int], moved: list[tuple[int, int, int]]) -> list[int]:
    """Work out the sizes of pieces after the edits: start, old and new length, in bytes."""
    cuts, place = [], 0
    for size in sizes:
        place += size
        shift = 0
        for start, old, new in moved:
            if start >= place:
                break
            shift += new - old if start + old <= place else min(place - start, new) + start - place
        cuts.append(place + shift)
    return [cut - before for cut, before in zip(cuts, [0, *cuts], strict=False)]


def _across(text: str, find: Find) -> list[Edit]:
    """Find the events that hold part of a secret, and make them anew."""
    found = list(_DATA.finditer(text))
    values = [_parsed(match[2]) for match in found]
    clean = unbroken(values, find)
    return [
        Edit(found[n].start(2), found[n].end(2), _written(value, found[n][2]))
        for n, value in sorted(clean.items())
    ]


def _written(value: Json, before: str) -> str:
    """Write an event as it was written before."""
    separators = (", ", ": ") if '": ' in before else (",", ":")
    return json.dumps(value, ensure_ascii=before.isascii(), separators=separators)


def _parsed(text: str) -> Json:
    try:
        return parse(text)
    except ValueError:
        return None


class _Leaf(Record):
    """A text within an event: the event's place in the stream, and the way to the text."""

    event: int
    path: tuple[str | int, ...]
    text: str


def unbroken(values: Sequence[Json], find: Find) -> dict[int, Json]:
    """Return those of these values that hold part of a secret, without it, by their places.

    The texts that stand at the same place of one value after another count as one.
    """
    streams: dict[object, list[_Leaf]] = {}
    for place, value in enumerate(values):
        for path, marks, text in _leaves(value, (), ()):
            streams.setdefault((path, marks), []).append(_Leaf(place, path, text))
    clean: dict[int, Json] = {}
    for leaves in streams.values():
        spans = find("".join(leaf.text for leaf in leaves))
        start = 0
        for leaf in leaves if spans else ():
            text = _without(leaf.text, start, spans)
            start += len(leaf.text)
            if text != leaf.text:
                value = clean.setdefault(leaf.event, copy.deepcopy(values[leaf.event]))
                clean[leaf.event] = _replaced(value, leaf.path, text)
    return clean


def _leaves(
    value: Json, path: tuple[str | int, ...], marks: tuple[object, ...]
) -> Iterator[tuple[tuple[str | int, ...], tuple[object, ...], str]]:
    if isinstance(value, str):
        yield path, marks, value
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _leaves(item, (*path, place), marks)
    elif isinstance(value, dict):
        own = (*marks, *(str(value[name]) for name in WHERE if name in value))
        for name, item in value.items():
            yield from _leaves(item, (*path, name), own)


def _without(text: str, start: int, spans: list[tuple[int, int]]) -> str:
    """Mask the spans in a piece that begins at `start`; the mask stands where a span begins."""
    for begin, end in reversed(spans):
        low, high = max(begin - start, 0), min(end - start, len(text))
        if low < high:
            text = text[:low] + (MASK if begin >= start else "") + text[high:]
    return text


def _replaced(value: Json, path: tuple[str | int, ...], text: str) -> Json:
    if not path:
        return text
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = text
    return value
