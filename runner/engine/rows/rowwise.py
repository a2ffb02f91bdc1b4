"""Rowwise: the dataset of a recipe, found before its variables have all their values."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runner.engine.reading.files import STDIN, Files
from runner.engine.user import settings
from runner.engine.variables import declared, renderer
from runner.errors import Fault, RecipeError, RecipeSchemaError
from runner.recipe import template
from runner.recipe.build import Recipe
from runner.recipe.source import Map, mark_of
from runner.recipe.values import Given

if TYPE_CHECKING:
    from runner.engine.rows.dataset import Dataset, Row

NAMES = frozenset(("row", "row_id"))


def dataset(
    recipe: Recipe,
    found: settings.Settings,
    given: Mapping[str, Given],
    files: Files,
    context: Mapping[str, Any],
) -> Dataset | None:
    """Find the dataset of a recipe; its path sees env, matrix and the variables of no row."""
    written = recipe.key("dataset")
    if written is None:
        return None
    from runner.engine.rows.dataset import opened, piped

    at = ("dataset", "file") if isinstance(written, Map) and "file" in written else ("dataset",)
    mark = mark_of(recipe.keys, at) or recipe.keys.mark
    seen = dict(context)
    if template.names(written):
        seen |= _rowless(recipe, found, given, files, context)
    filled = template.render(written, seen, at=("dataset",), mark=mark)
    long = filled if isinstance(filled, Mapping) else {"file": filled}
    path = template.as_text(long["file"], where="dataset", mark=mark)
    field = template.as_text(long.get("id", ""), where="dataset", mark=mark)
    id_mark = mark_of(written, ("id",)) if field else None
    mark = mark_of(written, ("file",)) or mark
    if path == STDIN:
        if recipe.file == STDIN:
            message = "standard input holds the recipe: it cannot hold the dataset too"
            raise RecipeSchemaError.of(Fault(message, mark, "dataset"))
        return piped(field, mark, id_mark)
    return opened(files.find(path, mark), path, field, mark, id_mark)


def reading(recipe: Recipe, found: settings.Settings) -> set[str]:
    """Return the variables that read the row, or another that does."""
    own = declared(recipe, found)
    read: set[str] = set()
    before = -1
    while len(read) > before:
        before = len(read)
        read |= {name for name in own if {*template.names(own[name])} & (NAMES | read)}
    return read


def _rowless(
    recipe: Recipe,
    found: settings.Settings,
    given: Mapping[str, Given],
    files: Files,
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """Work out the variables that read no row; what is wrong with one is told later."""
    own, seen = declared(recipe, found), dict(context)
    seen |= {name: one.value for name, one in given.items()}
    render = renderer(files, context)
    late = reading(recipe, found)
    for name in own:
        if name in late or name in seen:
            continue
        one = Map(own.mark)
        one.put(name, own[name], own.marks[name])
        with contextlib.suppress(RecipeError):
            seen[name] = render(one, seen)[name]
    return seen


def sample(rows: Dataset) -> Row:
    """Return the first row; RecipeError where there is none, or it is wrong, and others are too."""
    try:
        found = next(rows.rows(), None)
    except RecipeError as error:
        if all(fault.mark is None or fault.mark.file != rows.name for fault in error.faults):
            raise  # It is the recipe's own.
        from runner.engine.rows.wrong import unreadable

        raise unreadable(rows).error(rows) from error
    if found is None:
        msg = "the dataset holds no rows"
        raise rows.wrong(msg, 1, "nothing would run")
    return found


def seen(row: Row | None) -> dict[str, Any]:
    """Return the names by which templates read a row."""
    return {} if row is None else {"row": row.values, "row_id": row.id}
