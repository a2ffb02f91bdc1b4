"""Rows: faults at kinds of endpoints, and what is told of all of them."""

from __future__ import annotations

from typing import NamedTuple

RIGHT = "the right answer"
ANSWERED = "chat images embeddings tools uploads transcription batch"
WHOLE = f"{ANSWERED} speech"
EVENTS = "stream responses"
PLAIN = f"chat {EVENTS} images speech embeddings tools uploads transcription batch"
EVERYWHERE = f"{PLAIN} realtime"


class Row(NamedTuple):
    """Faults at kinds of endpoints: what is told of all of them, and how often each is asked.

    `waits` are those between the attempts; None stands for the usual ones.
    """

    kinds: str
    faults: str
    told: str = RIGHT
    attempts: int = 1
    waits: tuple[float, ...] | None = None


Classes = dict[str, tuple[Row, ...]]

CUT = "the answer was cut"
BROKE_OFF = "the stream was cut"
NOTHING = "the stream ended before its first event"
IDLE = "sent no data for 0.3 s"
SLOW = "no whole answer within 1.2 s"
RESET = "reset the connection"
CLOSED = "closed the connection before it answered"
LARGE = "larger than"
BAD_JSON = "JSON that cannot be used"
NO_WHOLE = "brings no whole answer"
OFF = "no session was opened"
BROKE = "the connection broke within the session"
TRICK = "instead of opening a session"
