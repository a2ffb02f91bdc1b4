"""Windows: which requests are longer than all that a model reads at once.

How much a model reads is data, `schemas/models.json`. Tokens are not counted: no text has fewer of
them than words, so that what is told here is too long for certain, and all else may fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from runner.exchange import Json
from runner.protocol.rules import base
from runner.record import Record

READ: Mapping[str, tuple[str, ...]] = {
    "chat.completions": ("messages",),
    "responses": ("input", "instructions"),
    "completions": ("prompt",),
    "embeddings": ("input",),
}
"""The fields that a model reads, by the endpoint; what else it reads is not looked at."""
APART = ("completions", "embeddings")
"""Endpoints that take several texts, each of which is read by itself."""
HELD = ("content", "text", "output")
"""Where the items of a conversation, and their parts, hold what is read."""
DEPTH = 4
"""How deep a text stands: a list of items, an item, a list of parts, a part."""
SLICE = 1 << 16
LONGEST = 128
"""The most bytes of a token: a run of spaces."""


class Excess(Record):
    """The field that is too long, the fewest tokens that are asked to be read, and the most."""

    field: str
    fewest: int
    window: int


def excess(
    endpoint: str, model: str, body: Mapping[str, Json], families: Mapping[str, Json]
) -> Excess | None:
    """Find what is longer than the model's window; None where it may fit, or nobody knows."""
    fields = READ.get(endpoint, ())
    window = _window(base(model), families) if fields else 0
    if not window or body.get("truncation") == "auto" or "context_management" in body:
        return None
    if endpoint in APART:
        found = max(map(_fewest, _apart(body.get(fields[0]))))
    else:
        found = sum(_fewest(body.get(name)) for name in fields)
    return Excess(fields[0], found, window) if found > window else None


def _window(name: str, families: Mapping[str, Json]) -> int:
    rows = families.get("windows", ())
    return next((int(row["tokens"]) for row in rows if re.search(row["match"], name)), 0)


def _apart(given: Json) -> list[Json]:
    """List the texts of which several may be given; a list of tokens is one of them."""
    several = isinstance(given, list) and given and not isinstance(given[0], int)
    return given if several else [given]


def _fewest(value: Json, depth: int = DEPTH) -> int:
    if isinstance(value, str):
        return _words(value)
    if not depth:
        return 0
    if isinstance(value, list):
        return sum(1 if isinstance(one, int) else _fewest(one, depth - 1) for one in value)
    if isinstance(value, Mapping) and value.get("type") != "reasoning":
        return sum(_fewest(value.get(name), depth - 1) for name in HELD)
    return 0


def _words(text: str) -> int:
    """Count words, slice by slice: a list of all would be many times as large as the text."""
    found = sum(len(text[at : at + SLICE].split()) for at in range(0, len(text), SLICE))
    cut = (len(text) - 1) // SLICE  # A word that a slice ends within was counted twice.
    return max(found - cut, len(text) // LONGEST)
