"""The classes of faults, in the words of the bar that is held, and what each case must end in.

A fault is named `KIND:NAME`; `NAME*2` fails twice and then works. See `tests/faults/every.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.faults.classes.contents import BODIES, CONTENTS
from tests.faults.classes.events import STREAMED
from tests.faults.classes.row import Classes
from tests.faults.classes.statuses import STATUSES
from tests.faults.classes.wire import WIRE

CLASSES: Classes = {**WIRE, **STREAMED, **BODIES, **STATUSES, **CONTENTS}


class Case(NamedTuple):
    """One fault at one kind of endpoint; `waits` are None where they are the usual ones."""

    kind: str
    fault: str
    told: str
    attempts: int
    waits: tuple[float, ...] | None

    def __str__(self) -> str:
        return f"{self.kind}:{self.fault}"


def cases(name: str) -> list[Case]:
    """List the cases of a class."""
    return [
        Case(kind, fault, row.told, row.attempts, row.waits)
        for row in CLASSES[name]
        for kind in row.kinds.split()
        for fault in row.faults.split()
    ]
