"""Timelines: the states that a simulated job goes through as the clock goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runner.exchange import Json
from runner.protocol.simulated.refusals import unsupported
from runner.protocol.simulated.service import RefusedError
from runner.record import Record


class Stage(Record):
    """A state, and how many seconds after the start of the job it begins."""

    name: str
    begins: float


def stage(stages: Sequence[Stage], age: float) -> str:
    """Name the state of a job that is so old."""
    return [one.name for one in stages if one.begins <= age or one is stages[0]][-1]


def ending(stages: Sequence[Stage], name: str) -> tuple[Stage, ...]:
    """Make the same timeline end in another state."""
    return (*stages[:-1], Stage(name, stages[-1].begins))


def wanted(body: Mapping[str, Json], known: tuple[str, ...], usual: str) -> str:
    """Return the end that a job's `metadata: {simulate: …}` asks for."""
    metadata = body.get("metadata")
    found = metadata.get("simulate", usual) if isinstance(metadata, dict) else usual
    if found in (usual, *known):
        return str(found)
    raise RefusedError(unsupported("metadata.simulate", found, known))
