"""Together: what is wrong with recipes that are each right by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from runner.engine.prepare import Plan
from runner.engine.reading.files import real
from runner.engine.rows import collect, rowwise
from runner.engine.writing import outputs
from runner.engine.writing.landing import Landing
from runner.errors import Fault, OutputError, RecipeError
from runner.recipe import lint, template
from runner.recipe.source import Map


def faults(made: Sequence[tuple[Plan, Landing]]) -> list[Fault]:
    """Find values that nobody reads, and files that two would write."""
    found = (*_unread([plan for plan, _ in made]), *_collected(made)) if made else ()
    return [*dict.fromkeys(found)]


def _unread(plans: Sequence[Plan]) -> list[Fault]:
    """Find values of the command line that none of the recipes reads."""
    unread = frozenset.intersection(*(plan.unread for plan in plans))
    declared = [name for plan in plans for name in plan.values.values]
    return [lint.no_reader(name, declared) for name in sorted(unread)]


def _collected(made: Sequence[tuple[Plan, Landing]]) -> Iterator[Fault]:
    """Find collected files that are no such, or another's: cells of a matrix may share one."""
    owners: dict[Path, str] = {}
    for plan, landing in made:
        fault = _of_collection(plan, landing, owners)
        if fault is not None:
            yield plan.files.quote(fault)


def _of_collection(plan: Plan, landing: Landing, owners: dict[Path, str]) -> Fault | None:
    written = plan.recipe.key("collect")
    if written is None:
        return None
    mark = written.marks["file"][1]
    if late := _of_rows(plan, written):
        message = f"the path reads {late[0]!r}, and one file holds the lines of all rows"
        return Fault(message, mark, "collect.file", "name it by the matrix, or by no value")
    try:
        place = _place(written, plan, landing.out)
    except RecipeError as error:
        return error.faults[0]
    except OutputError as error:
        return Fault(str(error.args[0]), mark, "collect", error.hint)
    landing.take(str(place), mark, "collect")
    known, own = real(place), plan.recipe.file
    if known in landing.claimed or owners.setdefault(known, own) != own:
        message = f"two would be written to {place}"
        return Fault(message, mark, "collect", "give each a file of its own")
    return None


def _of_rows(plan: Plan, written: Map) -> list[str]:
    """Name what the path of a collected file reads that differs from row to row."""
    if plan.rows is None:
        return []
    late = rowwise.NAMES | rowwise.reading(plan.recipe, plan.settings)
    return sorted(late & {*template.names(written["file"])})


def _place(written: Map, plan: Plan, out: Path) -> Path:
    path = collect.path_of(written, plan.context)
    collect.kind_of(written, path)
    return outputs.place(out, path)
