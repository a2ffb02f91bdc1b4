"""Every fault, by name."""

from __future__ import annotations

from tests.faults.bodies import BODIES
from tests.faults.faults import FAULTS
from tests.faults.heads import HEADS
from tests.faults.server import Fault
from tests.faults.sockets import SOCKETS
from tests.faults.streams import STREAMS

EVERY: dict[str, Fault] = {**FAULTS, **HEADS, **BODIES, **STREAMS, **SOCKETS}

TIMED = ("stalled", "dripped", "comments", "silent", "pings", "endless", "goodbye", "huge-length")

COUNTED = ("endless-head", "endless-interim", "endless-chunk-size", "call-endless")
"""What ends by a count, however long that takes on a busy machine."""


def is_timed(fault: str) -> bool:
    """Whether only time ends a fault."""
    return fault not in COUNTED and any(word in fault for word in TIMED)
