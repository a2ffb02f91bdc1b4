"""Vectors: the embeddings of a reply, as arrays that other programs read."""

from __future__ import annotations

import base64
import binascii
import json
import struct

from runner.errors import BadReplyError
from runner.exchange import Json

ALIGNMENT = 64
"""An npy file's header is filled up to a multiple of this, says the format's own document."""


def vectors(value: Json) -> list[list[float]]:
    """Read the vectors of an embeddings reply, in the order of its inputs."""
    rows = value.get("data") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        message = "the reply has no embeddings"
        raise BadReplyError(message)
    ordered = sorted(rows, key=lambda row: row.get("index") or 0)
    return [vector(row.get("embedding")) for row in ordered]


def vector(value: Json) -> list[float]:
    """Read one vector: a list, a list within a list (some servers), or base64 of float32."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        return vector(value[0])
    if isinstance(value, list):
        return [float(number) for number in value]
    try:
        raw = base64.b64decode(value, validate=True)
        return list(struct.unpack(f"<{len(raw) // 4}f", raw))
    except (TypeError, binascii.Error, struct.error) as error:
        message = "an embedding of the reply is neither numbers nor base64 of them"
        raise BadReplyError(message) from error


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
    body = b"".join(struct.pack(f"<{columns}f", *row) for row in found)
    return start + struct.pack("<H", len(text)) + text + body


def lines(value: Json) -> bytes:
    """Write a list reply as JSON lines, an item each; embeddings as numbers."""
    rows = value.get("data") if isinstance(value, dict) else value
    if not isinstance(rows, list):
        message = "the reply is no list that could be written as JSON lines"
        raise BadReplyError(message)
    plain = [_plain(row) for row in rows]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain).encode()


def _plain(row: Json) -> Json:
    if isinstance(row, dict) and "embedding" in row:
        return {**row, "embedding": vector(row["embedding"])}
    return row
