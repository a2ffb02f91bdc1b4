"""Listening: what can be told of a sound, whether it is in memory or on disk."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import BinaryIO

from runner.exchange import Body, Json
from runner.model import Artifact
from runner.protocol import sounds


def sound(artifact: Artifact) -> dict[str, Json]:
    """Tell a sound: its kind, how long it lasts, its samples a second, its bytes."""
    size = sounds.size_of(artifact.body)
    try:
        with opened(artifact.body) as file:
            found = sounds.look(partial(read, file), size, artifact.media_type)
    except OSError:
        found = None
    kind = found.media_type if found else artifact.media_type
    return {
        "media_type": kind,
        "format": found.format if found else sounds.NAMES.get(kind),
        "seconds": found.seconds if found else None,
        "sample_rate": found.sample_rate if found else None,
        "channels": found.channels if found else None,
        "bytes": size,
    }


def opened(body: Body) -> BinaryIO:
    """Open a body, in memory or on disk."""
    return io.BytesIO(body) if isinstance(body, bytes) else Path(body.path).open("rb")


def read(file: BinaryIO, offset: int, size: int) -> bytes:
    """Read from a place of an open body."""
    file.seek(max(0, offset))
    return file.read(size)
