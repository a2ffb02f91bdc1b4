"""Vectors: the embeddings of a reply, as arrays that other programs read."""

from __future__ import annotations

import base64
import json
import struct
from math import isfinite

from runner.errors import BadReplyError
from runner.exchange import Json

ALIGNMENT = 64
"""An npy file's header is filled up to a multiple of this, says the format's own document."""


def held(value: Json, given: Json) -> None:
    """Hold a reply to have a vector for each of the inputs that were given; BadReplyError."""
    rows = value.get("data") if isinstance(value, dict) else value
    wanted = len(given) if isinstance(given, list) and not _is_tokens(given) else 1
    if isinstance(rows, list) and len(rows) < wanted:
        message = (
            f"the reply lacks embeddings: expected {wanted}, one for each input, got {len(rows)}"
        )
        raise BadReplyError(message, hint="ask again, or for fewer at once")


def _is_tokens(given: list[Json]) -> bool:
    """Whether a list is one text, by the numbers of its tokens."""
    return bool(given) and isinstance(given[0], int)


def vectors(value: Json) -> list[list[float]]:
    """Read the vectors of an embeddings reply, in the order of its inputs."""
    rows = value.get("data") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        message = "the reply has no embeddings"
        raise BadReplyError(message)
    return [vector(row.get("embedding")) for row in _ordered(rows)]


def _ordered(rows: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Put rows in the order of their inputs; a row that has no index keeps its place."""
    found = [(row.get("index"), place) for place, row in enumerate(rows)]
    places = [index if isinstance(index, int) else place for index, place in found]
    return [row for _, row in sorted(zip(places, rows, strict=True), key=lambda pair: pair[0])]


def vector(value: Json) -> list[float]:
    """Read one vector: a list, a list within a list (some servers), or base64 of float32."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        return vector(value[0])
    try:
        found = _numbers(value) if isinstance(value, list) else _unpacked(value)
    except (TypeError, ValueError, OverflowError, struct.error) as error:
        message = "an embedding of the reply is neither numbers nor base64 of them"
        raise BadReplyError(message) from error
    if not found or not all(map(isfinite, found)):
        message = "an embedding of the reply " + ("is empty" if not found else "is not finite")
        raise BadReplyError(message)
    return found


def _numbers(value: list[Json]) -> list[float]:
    strange = set(map(type, value)) - {int, float}
    if strange:
        message = f"no number: {strange}"
        raise TypeError(message)
    return [float(number) for number in value]


def _unpacked(value: Json) -> list[float]:
    raw = base64.b64decode(value, validate=True)
    return list(struct.unpack(f"<{len(raw) // 4}f", raw))


def npy(found: list[list[float]]) -> bytes:
    """Write vectors as an npy file of float32, rows by columns."""
    columns = len(found[0]) if found else 0
    if any(len(row) != columns for row in found):
        message = "the embeddings of the reply have different lengths"
        raise BadReplyError(message)
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(found)}, {columns}), }}"
    start = b"\x93NUMPY\x01\x00"
    filled = -(len(start) + 2 + len(head) + 1) % ALIGNMENT
    text = (head + " " * filled + "\n").encode("latin1")
    try:
        body = b"".join(struct.pack(f"<{columns}f", *row) for row in found)
    except OverflowError as error:
        message = "an embedding of the reply has a number that is too large for float32"
        raise BadReplyError(message) from error
    return start + struct.pack("<H", len(text)) + text + body


def lines(value: Json) -> bytes:
    """Write a list reply as JSON lines, an item each; embeddings as numbers, in their order."""
    rows = value.get("data") if isinstance(value, dict) else value
    if not isinstance(rows, list):
        message = "the reply is no list that could be written as JSON lines"
        raise BadReplyError(message)
    if all(isinstance(row, dict) and "embedding" in row for row in rows):
        rows = _ordered(rows)
    plain = [_plain(row) for row in rows]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain).encode()


def _plain(row: Json) -> Json:
    if isinstance(row, dict) and "embedding" in row:
        return {**row, "embedding": vector(row["embedding"])}
    return row
