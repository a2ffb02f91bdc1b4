"""Stale: holds the outputs of runs against what they would be made from now; sends nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine.plan_step import StepPlan, rows_of
from runner.engine.prepare import Plan
from runner.engine.selection import chosen_rows
from runner.engine.step import Rendered
from runner.engine.turn import provider_of
from runner.engine.turns import Turn, reads, rendered, turns
from runner.engine.world import World
from runner.engine.writing import outputs, provenance, sidecars
from runner.engine.writing.origin import asked, name, origin
from runner.engine.writing.saving import name as file_name
from runner.engine.writing.sidecars import Shelf
from runner.model import Answer
from runner.protocol.providers import Provider
from runner.recipe import template
from runner.record import Record
from runner.report.encoding import plain
from runner.report.stale import (
    ALTERED,
    MISSING,
    Change,
    Origin,
    Standing,
    changes,
    is_simulated,
    request_of,
)

if TYPE_CHECKING:
    from runner.engine.suite import Checked
    from runner.engine.writing.store import Store
    from runner.report.why import Why


class Look(Record):
    """One turn of a step, as it is rendered now where that is known, and what it is made from."""

    plan: Plan
    step: StepPlan
    turn: Turn
    world: World
    made: Rendered | None
    now: Origin


def chosen(done: list[Checked], world_of: Callable[[Plan], World], why: Why) -> list[Checked]:
    """Keep the runs that have a stale output, and tell why; those without outputs have none.

    Of a dataset that writes more than collected lines, each row is judged in its turn.
    """
    stale: list[Checked] = []
    shelves: dict[Path, Shelf] = {}
    for _, some in groupby(done, key=lambda checked: checked.plan.recipe.file):
        runs = [*some]
        collected = _collected([one.plan for one in runs], world_of)
        for one in collected:
            why.take(one)
        is_whole = any(one.changes for one in collected)
        if runs[0].plan.rows is not None:
            stale += runs if is_whole or not collected or _writes(runs[0].plan) else ()
            continue
        found = [_of_plan(one.plan, world_of, shelves) for one in runs]
        for standing in chain.from_iterable(found):
            why.take(standing)
        why.lacks(sum(not own for own in found) * (not collected))
        due = [any(one.changes for one in own) for own in found]
        is_whole = is_whole or (bool(collected) and any(due))
        stale += [one for one, own in zip(runs, due, strict=True) if own or is_whole]
    if all(one.plan.rows is None for one in stale):
        why.end()
    return stale


def _writes(plan: Plan) -> bool:
    """Whether the runs of a recipe leave files of their own, named or not."""
    return any("output" in step.keys for step in plan.steps)


def looked(done: list[Checked], world_of: Callable[[Plan], World]) -> Iterator[list[Standing]]:
    """Say of each run how its outputs stand, of each row of a dataset by itself."""
    shelves: dict[Path, Shelf] = {}
    for _, some in groupby(done, key=lambda checked: checked.plan.recipe.file):
        plans = [checked.plan for checked in some]
        collected = _collected(plans, world_of)
        found = (_of_plan(one, world_of, shelves) for plan in plans for one in _rows(plan))
        yield from [collected] if collected else []
        yield from (row for row in found if row or not collected)


class Judged(Record):
    """How the outputs of a row stand: whether any is stale, and whether any is simulated."""

    outputs: tuple[str, ...]
    is_stale: bool
    is_simulated: bool


class Judge:
    """Says of a row how its outputs stand, and tells why they are stale; None where it has none."""

    def __init__(self, world_of: Callable[[Plan], World], why: Why) -> None:
        self._world_of = world_of
        self._why = why
        self._shelves: dict[Path, Shelf] = {}

    def __call__(self, plan: Plan, forgives: bool = False) -> Judged | None:
        """Judge one row; one that `forgives` lets pass what missed an expectation."""
        found = _of_plan(plan, self._world_of, self._shelves)
        if not found:
            self._why.lacks(plan.recipe.key("collect") is None)
            return None
        if forgives:
            found = [_forgiven(one) for one in found]
        for one in found:
            self._why.take(one)
        return Judged(
            tuple(one.output for one in found),
            any(one.changes for one in found),
            any(one.simulated for one in found),
        )


def _forgiven(one: Standing) -> Standing:
    return one._replace(changes=tuple(change for change in one.changes if change.part != "missed"))


def _collected(plans: list[Plan], world_of: Callable[[Plan], World]) -> list[Standing]:
    if plans[0].recipe.key("collect") is None:
        return []
    from runner.engine.writing import gathered

    return gathered.standings(plans, world_of(plans[0]))


def _rows(plan: Plan) -> Iterator[Plan]:
    if plan.rows is None:
        yield plan
        return
    from runner.engine.rows.withrow import with_row

    for row in chosen_rows(plan):
        yield with_row(plan, row)


def _of_plan(
    plan: Plan, world_of: Callable[[Plan], World], shelves: dict[Path, Shelf]
) -> list[Standing]:
    world = world_of(plan)
    return standings(plan, world, shelves.setdefault(world.out, Shelf(world.out, world.store)))


def standings(plan: Plan, world: World, shelf: Shelf) -> list[Standing]:
    """Say how the outputs of one run stand.

    A step whose `if` reads replies may have been skipped: it lacks nothing where others are there.
    """
    plan = plan._replace(files=plan.files.copy())
    found: list[tuple[bool, Standing]] = []
    for step in plan.steps:
        for turn in turns(plan, step):
            made = rendered(plan, step, turn.scope, world) if turn.known else None
            look = Look(plan, step, turn, world, made, _now(plan, step, turn, world, made))
            found += [(turn.sure, one) for one in _outputs(look, shelf)]
    there = any(one.changes != (MISSING,) for _, one in found)
    return [one for sure, one in found if sure or not there or one.changes != (MISSING,)]


def _now(plan: Plan, step: StepPlan, turn: Turn, world: World, made: Rendered | None) -> Origin:
    """Make the sidecar that would be written now; its request is "" where that is not known."""
    provider = Provider("", "")
    if reads(step.keys.get("provider"), turn.scope):
        provider = provider_of(plan, step, turn.scope)
    told = origin(plan, step, turn.scope, world, provider)
    told = asked(told, provider, made.request) if made else told
    record = provenance.record(told, Answer(), "", "")
    if not any(_calls_hooks(one.keys.get("tools")) for one in plan.steps):
        record["sha256"]["hooks"] = None
    return dict(plain(record, world.hide))


def _calls_hooks(tools: Any) -> bool:
    """Whether any of a step's tools may be a registered function."""
    if isinstance(tools, list):
        return any(_calls_hooks(tool) for tool in tools)
    if isinstance(tools, Mapping):
        return "returns" not in tools and tools.get("type", "function") == "function"
    return isinstance(tools, str)


def _outputs(look: Look, shelf: Shelf) -> Iterator[Standing]:
    """Say how the outputs of a turn stand: at their paths, or where they were put last."""
    known, late = _paths(look)
    for path in known:
        yield _standing(look, path)
    late = late or _unnamed(look)
    if not late:
        return
    recipe, id = str(look.now["recipe"]), name(look.plan, look.step, look.turn.scope)
    ids = [id] if look.turn.known else shelf.items(recipe, id)
    fits = re.compile("|".join(map(_shape, late)), re.DOTALL).fullmatch
    left = [path for one in ids for path in shelf.outputs(recipe, one, fits)]
    there = [path for path in left if path not in known and fits(path)]
    for path in there:
        yield _standing(look, path)
    for path in late if not there else ():
        yield _told(look, str(look.world.out / path), (MISSING,))


def _unnamed(look: Look) -> list[str]:
    """Name what a step writes though no `output` names it: a picture or a sound."""
    makes = look.step.endpoint.makes
    if {"output", "collect"} & {*look.step.keys, *look.plan.recipe.keys} or not look.made:
        return []
    kind = makes(look.made.ask) if makes else ""
    return [f"{file_name(look.plan, look.step, look.turn.scope)}{{{{ … }}}}"] if kind else []


def _shape(path: str) -> str:
    """Write the expression that the paths made of a template fit."""
    return ".*".join(re.escape(part) for part in re.split(r"\{[{%].*?[%}]\}", path))


def _paths(look: Look) -> tuple[list[str], list[str]]:
    """List the output paths that are known before the reply is, and those that are not."""
    known: list[str] = []
    late: list[str] = []
    for row in rows_of(look.step.keys.get("output")):
        for key in ["to"] if "content" in row else list(row):
            if look.turn.known and reads(row[key], look.turn.scope):
                known.append(template.path(row[key], look.turn.scope))
            else:
                late.append(row[key])
    return known, late


def _standing(look: Look, path: str) -> Standing:
    place, store = outputs.place(look.world.out, path), look.world.store
    if store is not None:
        store.fetch(place)
    named = str(place) if store is None else store.named(place)
    digest = sidecars.digest_of(place)
    if digest is None:
        return _told(look, named, (MISSING,))
    told, wrong = sidecars.read(place)
    if wrong is not None:
        return _told(look, named, (wrong,))
    found = changes(told, look.now, _lies(look.plan.settings.root, store))
    if told["sha256"].get("output") != digest:
        found = (ALTERED, *found)
    simulated = is_simulated(told) and not is_simulated(look.now)
    standing = _told(look, named, found)
    return standing._replace(request=request_of(told, look.now), simulated=simulated)


def _told(look: Look, path: str, found: tuple[Change, ...]) -> Standing:
    id = name(look.plan, look.step, look.turn.scope)
    return Standing(look.plan.recipe.file, id, path, found)


def _lies(root: Path, store: Store | None) -> Callable[[str], str | None]:
    def lies(named: str) -> str | None:
        local = store.local(named) if store is not None else None
        if store is None or local is None:
            return sidecars.digest_of(root / named)
        store.fetch(local)
        return sidecars.digest_of(local)

    return lies
