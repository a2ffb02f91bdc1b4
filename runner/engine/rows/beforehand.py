"""Beforehand: what can be known to be wrong with rows before the first of them is asked."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import pairwise
from typing import Any

from runner.engine.prepare import Plan
from runner.engine.rows.dataset import Dataset, Row
from runner.engine.rows.rehearsal import Rehearsal
from runner.engine.rows.withrow import with_row
from runner.engine.rows.wrong import Wrong, unreadable
from runner.engine.selection import Chooser
from runner.engine.verify import output_paths
from runner.engine.world import World
from runner.engine.writing import outputs
from runner.engine.writing.landing import Landing
from runner.errors import Fault, Mark, OutputError, RecipeError, RecipeSchemaError
from runner.recipe import template
from runner.recipe.lint import opened
from runner.recipe.templates.filling import dotted, mark_in


def check(plan: Plan, world: World, landing: Landing) -> int:
    """Check every row of a plan; return how many are chosen. RecipeError with the first faults.

    Rows are not held: of each id and path eight bytes are. `landing` learns where their outputs go.
    """
    if plan.rows is None:
        return 1
    look = _Look(plan, world, landing)
    chooser = Chooser(plan)
    count = 0
    wrong = Wrong()
    with wrong.ended():
        for row in plan.rows.rows(wrong.take):
            count += chooser.takes(row)
            wrong.add(look.faults(plan.rows, row))
    if everywhere := look.lacked_by_all():
        raise RecipeSchemaError.of(*everywhere, *unreadable(plan.rows).faults)
    for fault in _doubles(plan, look, ids_alone=bool(wrong.faults)):
        wrong.add([fault])
    if wrong.faults:
        raise wrong.error(plan.rows)
    return count


class _Digests:
    """Finds what was told twice, by eight bytes of its digest each."""

    def __init__(self) -> None:
        self._all = array("Q")

    @staticmethod
    def of(text: str) -> int:
        """Return the eight bytes of a text, as a number."""
        content = text.encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big")

    def add(self, text: str) -> None:
        """Take one text."""
        self._all.append(self.of(text))

    def twice(self) -> set[int]:
        """Return what was told more than once."""
        ordered = array("Q", sorted(self._all))
        return {one for one, other in pairwise(ordered) if one == other}


class _Look:
    """Looks at rows one by one, and remembers their ids and paths."""

    def __init__(self, plan: Plan, world: World, landing: Landing) -> None:
        self._plan = plan
        self._landing = landing
        self._base = f"{landing.out}/"
        self._reads = _fields_read(plan)
        self._needed = self._reads.keys()
        self._lacked: Counter[str] = Counter()
        self._count = 0
        self._rehearsal = Rehearsal(plan, world)
        self.paths = _paths(plan)
        self.ids = _Digests()
        self.places = [_Digests() for _ in self.paths]

    def faults(self, rows: Dataset, row: Row) -> list[Fault]:
        """Find what is wrong with a row."""
        self.ids.add(row.id)
        self._count += 1
        if not self._needed <= row.values.keys():
            self._lacked.update(self._needed - row.values.keys())
            return [*_missing(rows, row, self._needed)]
        is_due = self._rehearsal.is_due(row)
        if not (is_due or self.paths):
            return []
        try:
            plan = with_row(self._plan, row)
        except RecipeError as error:
            return _named(rows, row, error.faults)
        found = self._rehearsal.faults(plan) if is_due else []
        return _named(rows, row, [*found, *self._of_paths(plan.context)])

    def lacked_by_all(self) -> list[Fault]:
        """Find the fields that a template reads and no row has: each is wrong in the recipe."""
        rows = self._plan.rows
        every = [name for name in self._reads if self._lacked[name] == self._count > 0]
        if rows is None or not every:
            return []
        known = [*next(Wrong().sound(rows)).values]
        message = f"row.{{}}: no such field in any row of {rows.name}"
        return [
            Fault(message.format(name), *self._reads[name], rows.suggested(name, known))
            for name in every
        ]

    def _of_paths(self, context: Mapping[str, Any]) -> Iterator[Fault]:
        for (path, mark), place in zip(self.paths, self.places, strict=True):
            try:
                found = template.path(path, context)
                outputs.fit(found)
                place.add(found)
                self._landing.take(self._base + found, mark)
            except RecipeError as error:
                yield from (fault._replace(mark=mark, where="output") for fault in error.faults)
            except OutputError as error:
                yield Fault(str(error.args[0]), mark, "output", error.hint)


def _named(rows: Dataset, row: Row, faults: Iterable[Fault]) -> list[Fault]:
    """Say of which row faults are."""
    found = dict.fromkeys(faults)
    return [fault._replace(message=rows.told(row, fault.message)) for fault in found]


def _missing(rows: Dataset, row: Row, needed: Set[str]) -> Iterator[Fault]:
    for name in sorted(needed - row.values.keys()):
        there = rows.suggested(name, row.values)
        message = f"the row {row.id} has no field {name!r}, which a template reads"
        yield from rows.wrong(message, row.line, there).faults


def _doubles(plan: Plan, look: _Look, *, ids_alone: bool) -> Iterator[Fault]:
    """Name the rows whose id or path is another's: the file is read once more."""
    rows = plan.rows
    twice, written = look.ids.twice(), [place.twice() for place in look.places]
    if rows is None or not (twice or any(written)):
        return
    seen: set[tuple[int, str]] = set()
    for row in Wrong().sound(rows):
        if _Digests.of(row.id) in twice and (-1, row.id) in seen:
            yield from rows.wrong(f"the id {row.id!r} stands in two rows", row.line).faults
            continue  # That its paths are another's follows from it.
        seen.add((-1, row.id))
        if ids_alone:
            continue
        context = with_row(plan, row).context
        for number, (path, mark) in enumerate(look.paths):
            found = template.path(path, context)
            if _Digests.of(found) in written[number] and (number, found) in seen:
                message = f"it would write {found}, as another row does"
                fault = Fault(message, mark, "output", "put {{ row_id }} into the path")
                yield from _named(rows, row, [fault])
                return
            seen.add((number, found))


def _fields_read(plan: Plan) -> dict[str, tuple[Mark | None, str]]:
    """Return the fields of a row that the templates read in any case, each with a place."""
    trees = [
        (opened(step.keys, expressions=True), ()) for step in plan.steps if "if" not in step.keys
    ]
    keys = ((plan.recipe.key(name), (name,)) for name in ("vars", "collect"))
    found: dict[str, tuple[Mark | None, str]] = {}
    for tree, at in (*trees, *(one for one in keys if one[0])):
        for text in template.texts(tree, at):
            for name in sorted(template.paths_read(text.source, "row", sure=True)):
                found.setdefault(name, (mark_in(text, name=f"row.{name}"), dotted(text.at)))
    return found


def _paths(plan: Plan) -> list[tuple[Any, Any]]:
    """List the output paths that are known once the row is: each with its place."""
    known = {*plan.context}
    return [
        (path, mark)
        for step in plan.steps
        if not {"if", "for_each", "vars"} & {*step.keys}
        for path, mark in output_paths(step.keys.get("output"))
        if set(template.names(path)) <= known
    ]
