"""Starts: on which line of a JSON file each row begins; it is looked for where a row is told of."""

from __future__ import annotations

import re
from array import array
from functools import lru_cache
from pathlib import Path

from runner.protocol import json_text
from runner.recipe.depth import text_nests

_BETWEEN = re.compile(r"[\s,]*")


def line_of(path: Path, number: int) -> int:
    """Return the line that a row begins on, by its number from 1; 1 where that is not known."""
    try:
        known = path.stat()
        found = _starts(path, known.st_mtime_ns, known.st_size)
    except OSError:
        return 1
    return found[number - 1] if number <= len(found) else 1


@lru_cache(maxsize=1)
def _starts(path: Path, changed: int, size: int) -> array[int]:  # noqa: ARG001  what it was then
    text = path.read_bytes().decode("utf-8-sig", "replace")
    found = array("Q")
    place = _next(text, text.find("[") + 1)
    line, before = 1, 0
    if text_nests(text):
        return found  # What is no JSON is told by who reads it.
    try:
        while place < len(text) and text[place] != "]":
            line += text.count("\n", before, place)
            before = place
            found.append(line)
            place = _next(text, json_text.scan(text, place)[1])
    except (ValueError, StopIteration):
        pass
    return found


def _next(text: str, place: int) -> int:
    found = _BETWEEN.match(text, place)
    return found.end() if found else place
