"""Matching: which recording answers a request, and what is different where none does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from runner.cassette import Recording
from runner.exchange import Json
from runner.protocol.wire import excerpt
from runner.record import Record

MOST_COMPARED = 2000
AROUND = 40
ABSENT = object()


def key_of(request: Json) -> str:
    """Return what is equal for equal descriptions: names in any order, 1.0 is 1."""
    return json.dumps(_plain(request), sort_keys=True, ensure_ascii=False)


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Shelf:
    """The recordings of a cassette; each answers one request. Not safe for threads by itself."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self.recordings = tuple(recordings)
        self._places: dict[str, list[int]] = {}
        self._used: set[int] = set()
        for place, recording in enumerate(self.recordings):
            self._places.setdefault(key_of(recording.request), []).append(place)

    def take(self, run: str, ordinal: int, request: Json) -> Recording | None:
        """Return the recording that answers a request, and give it to nobody else.

        Of those with the same content: that of the same place in the same run, else the first of
        the same run, else the first of all.
        """
        free = [p for p in self._places.get(key_of(request), ()) if p not in self._used]
        if not free:
            return None

        def rank(place: int) -> tuple[bool, bool, int]:
            one = self.recordings[place]
            return one.run != run, one.ordinal != ordinal, place

        place = min(free, key=rank)
        self._used.add(place)
        return self.recordings[place]

    def count(self, request: Json) -> int:
        """Count the recordings of a request, used or not."""
        return len(self._places.get(key_of(request), ()))

    def nearest(self, run: str, ordinal: int, request: Json) -> Recording | None:
        """Return the recording that is most like a request: best one that nothing has used."""
        wanted = set(_leaves(request))
        best: tuple[tuple[Any, ...], Recording] | None = None
        for place, one in enumerate(self.recordings[:MOST_COMPARED]):
            if ("fetch" in one.request) != ("fetch" in request):
                continue
            alike = len(wanted & set(_leaves(one.request)))
            free = place not in self._used
            same = [one.request.get(name) == request.get(name) for name in ("method", "path")]
            score = (all(same), free, one.run == run, one.ordinal == ordinal, alike, -place)
            if best is None or score > best[0]:
                best = score, one
        return best[1] if best else None


def _leaves(value: Json, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, f"{path}.*")
    else:
        yield path, repr(value)


class Difference(Record):
    """Where two descriptions differ first, and what stands there; `ABSENT` is nothing."""

    path: str
    recorded: Json
    found: Json

    def __str__(self) -> str:
        return f"{self.path}: {_beside(self.recorded, self.found)}"


def difference(recorded: Json, found: Json, path: str = "") -> Difference | None:
    """Find the first place where two descriptions differ, in the order of the new one."""
    if isinstance(recorded, dict) and isinstance(found, dict):
        names = [*found, *(name for name in recorded if name not in found)]
        pairs = [(str(n), recorded.get(n, ABSENT), found.get(n, ABSENT)) for n in names]
    elif isinstance(recorded, list) and isinstance(found, list):
        longest = range(max(len(recorded), len(found)))
        pairs = [(str(n), _at(recorded, n), _at(found, n)) for n in longest]
    else:
        same = recorded is found or _same(recorded, found)
        return None if same else Difference(path, recorded, found)
    tried = (difference(old, new, f"{path}.{n}" if path else n) for n, old, new in pairs)
    return next((one for one in tried if one is not None), None)


def _at(items: list[Json], place: int) -> Json:
    return items[place] if place < len(items) else ABSENT


def _same(recorded: Json, found: Json) -> bool:
    numbers = isinstance(recorded, int | float) and isinstance(found, int | float)
    alike = type(recorded) is type(found) or (numbers and bool not in (type(recorded), type(found)))
    return bool(alike and recorded == found)


def _beside(recorded: Json, found: Json) -> str:
    """Show two values from a little before the place where they part."""
    start = 0
    if isinstance(recorded, str) and isinstance(found, str):
        pairs = enumerate(zip(recorded, found, strict=False))
        parted = next((n for n, (a, b) in pairs if a != b), min(len(recorded), len(found)))
        start = max(0, parted - AROUND)
    return f"recorded {_shown(recorded, start)}, asked {_shown(found, start)}"


def _shown(value: Json, start: int) -> str:
    if value is ABSENT:
        return "nothing"
    if not isinstance(value, str):
        return excerpt(value, 2 * AROUND).strip("'")
    return ("…" if start else "") + excerpt(value[start:], 2 * AROUND)
