"""Withrow: a plan for each row, and what can be known to be wrong with rows before the first."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from runner.engine.plan_step import steps_of
from runner.engine.prepare import Plan
from runner.engine.rows import rowwise
from runner.engine.rows.dataset import Dataset, Row
from runner.engine.variables import given_in, variables
from runner.engine.verify import output_paths
from runner.engine.writing.landing import Landing
from runner.errors import Fault, Mark, RecipeError, RecipeSchemaError
from runner.recipe import template
from runner.recipe.lint import opened

MOST = 20
"""The most faults of rows that are told."""


def with_row(plan: Plan, row: Row) -> Plan:
    """Return the plan for a row: its variables anew where they read it."""
    files = plan.files.copy()
    if not plan.varies:
        context = {**plan.context, **rowwise.seen(row)}
        return plan._replace(context=context, row=row, files=files)
    seen = {"env": plan.context["env"], **rowwise.seen(row)}
    given = given_in(plan.options, plan.cell, plan.recipe)
    values = variables(plan.recipe, plan.settings, given, files, seen, False)
    context = {**seen, "run": plan.context["run"], **values.values}
    steps = steps_of(plan.recipe, files, context)
    return plan._replace(context=context, row=row, files=files, values=values, steps=steps)


def check(plan: Plan, landing: Landing) -> int:
    """Check every row of a plan; return how many there are. RecipeError with the first faults.

    Rows are not held: of each id and path eight bytes are. `landing` learns where their outputs go.
    """
    rows = plan.rows
    if rows is None:
        return 1
    needed, paths, base = _fields_read(plan), _paths(plan), f"{landing.out}/"
    ids, places = _Digests(), [_Digests() for _ in paths]

    def take(found: str, mark: Mark | None) -> None:
        landing.take(base + found, mark)

    faults: list[Fault] = []
    count = 0
    for count, row in enumerate(rows.rows(), 1):  # noqa: B007  the number of the last is the count
        found = [*_missing(rows, row, needed)]
        ids.add(row.id)
        found += [] if found else _path_faults(plan, row, paths, places, take)
        faults += found
        if len(faults) >= MOST:
            break
    if not faults:
        faults = [*_doubles(plan, ids, paths, places)]
    if faults:
        raise RecipeSchemaError.of(*faults[:MOST])
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


def _missing(rows: Dataset, row: Row, needed: frozenset[str]) -> Iterator[Fault]:
    for name in sorted(needed - row.values.keys()):
        there = f"the row has {', '.join(row.values)}"[:200]
        message = f"the row {row.id} has no field {name!r}, which a template reads"
        yield from rows.wrong(message, row.line, there).faults


def _doubles(
    plan: Plan, ids: _Digests, paths: list[tuple[Any, Any]], places: list[_Digests]
) -> Iterator[Fault]:
    """Name the rows whose id or path is another's: the file is read once more."""
    rows = plan.rows
    twice, written = ids.twice(), [place.twice() for place in places]
    if rows is None or not (twice or any(written)):
        return
    seen: set[tuple[int, str]] = set()
    for row in rows.rows():
        if _Digests.of(row.id) in twice and (-1, row.id) in seen:
            yield from rows.wrong(f"the id {row.id!r} stands in two rows", row.line).faults
        seen.add((-1, row.id))
        context = with_row(plan, row).context
        for number, (path, mark) in enumerate(paths):
            found = template.path(path, context)
            if _Digests.of(found) in written[number] and (number, found) in seen:
                message = f"the row {row.id} would write {found}, as another row does"
                yield Fault(message, mark, "output", "put {{ row_id }} into the path")
                return
            seen.add((number, found))


def _fields_read(plan: Plan) -> frozenset[str]:
    """Return the fields of a row that the recipe's templates read in any case."""
    trees = [opened(step.keys, expressions=True) for step in plan.steps if "if" not in step.keys]
    trees += [plan.recipe.key(name) for name in ("vars", "collect") if plan.recipe.key(name)]
    return frozenset(name for tree in trees for name in template.paths_read(tree, "row", sure=True))


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


def _path_faults(
    plan: Plan,
    row: Row,
    paths: list[tuple[Any, Any]],
    places: list[_Digests],
    take: Callable[[str, Mark | None], None],
) -> list[Fault]:
    if not paths:
        return []
    context: Mapping[str, Any] = with_row(plan, row).context
    for (path, mark), place in zip(paths, places, strict=True):
        try:
            found = template.path(path, context)
        except RecipeError as error:
            told = f"row {row.id}: "
            return [f._replace(mark=mark, message=told + f.message) for f in error.faults]
        place.add(found)
        take(found, mark)
    return []
