"""Homeward: what rows of other processes write goes home with them; one process writes it all.

Threads that each write files of their own hand the interpreter's lock around at each call of the
system, and that costs as much as the rest of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from runner.engine.prepare import Plan
from runner.engine.run import code_of
from runner.engine.world import World
from runner.errors import Fault, OutputError
from runner.record import Record
from runner.results import RunResult

if TYPE_CHECKING:
    from runner.engine.writing.outputs import Draft

T = TypeVar("T")


class Made(Record):
    """What came of a row: its result, its warnings, and what there is to be written of it."""

    result: RunResult
    faults: list[Fault]
    drafts: list[Draft]


def gathering(plan: Plan, world: World) -> tuple[World, list[Draft]]:
    """Return a world that gathers what a row writes, and the list that it gathers that in.

    What several steps write is written at once: one may read another's.
    """
    drafts: list[Draft] = []
    return world._replace(send=drafts.append) if len(plan.steps) == 1 else world, drafts


def unpacked(
    bunch: Sequence[tuple[T, Made]],
    world: Callable[[T], World],
    warn: Callable[[T, Fault], None],
) -> Iterator[tuple[T, RunResult]]:
    """Write what rows made, all by one effort; yield what came of each."""
    worlds = [world(task) for task, _ in bunch]
    sent = [draft for _, made in bunch for draft in made.drafts]
    wrong = iter(_landed(sent, worlds[0]) if sent else ())
    for (task, made), its in zip(bunch, worlds, strict=True):
        for fault in made.faults:
            warn(task, fault)
        errors = [error for _ in made.drafts if (error := next(wrong))]
        yield task, _unsaved(made, errors[0], its) if errors else made.result


# The rooms that write are read for rows alone that write something.


def _landed(drafts: list[Draft], world: World) -> list[OutputError | None]:
    from runner.engine.writing.outputs import land

    return land(drafts, world.taken)


def _unsaved(made: Made, error: OutputError, world: World) -> RunResult:
    """Return what a row came to whose files could not be written; its reply is kept."""
    from runner.engine.writing.saving import left

    first, *others = made.result.steps
    files = left(world, first.run_id, "body", made.drafts[0].reply)
    failed = first._replace(state="failed", error=first.error or error, files=files)
    code = code_of(failed.error, failed.sent)
    return made.result._replace(steps=(failed, *others), exit_code=code, line=None)
