"""Together: what is wrong with recipes that are each right by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from runner.engine.prepare import Plan
from runner.engine.reading.files import real
from runner.engine.rows import collect
from runner.engine.writing import outputs
from runner.errors import Fault, OutputError, RecipeError
from runner.recipe import lint
from runner.recipe.source import Map


def faults(
    plans: Sequence[Plan], out: Callable[[Plan], Path], claimed: AbstractSet[Path]
) -> list[Fault]:
    """Find values that nobody reads, and files that two would write; `claimed` are outputs."""
    return [*_unread(plans), *_collected(plans, out, claimed)] if plans else []


def _unread(plans: Sequence[Plan]) -> list[Fault]:
    """Find values of the command line that none of the recipes reads."""
    unread = frozenset.intersection(*(plan.unread for plan in plans))
    declared = [name for plan in plans for name in plan.values.values]
    return [lint.no_reader(name, declared) for name in sorted(unread)]


def _collected(
    plans: Sequence[Plan], out: Callable[[Plan], Path], claimed: AbstractSet[Path]
) -> Iterator[Fault]:
    """Find collected files that are no such, or another's: cells of a matrix may share one."""
    owners: dict[Path, str] = {}
    for plan in plans:
        written = plan.recipe.key("collect")
        if written is None:
            continue
        mark = written.marks["file"][1]
        try:
            place = _place(written, plan, out(plan))
        except RecipeError as error:
            yield from error.faults
            continue
        except OutputError as error:
            yield Fault(str(error.args[0]), mark, "collect", error.hint)
            continue
        if place in claimed or owners.setdefault(place, plan.recipe.file) != plan.recipe.file:
            message = f"two would be written to {place}"
            yield Fault(message, mark, "collect", "give each a file of its own")


def _place(written: Map, plan: Plan, out: Path) -> Path:
    path = collect.path_of(written, plan.context)
    collect.kind_of(written, path)
    return real(outputs.place(out, path))
