"""Matrix: every combination of lists of values, some left out, some added; each is a cell.

As in GitHub's workflows, a mapping under `include` that contradicts no value of a combination is
added to it; one that fits none is a combination of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from runner.errors import Fault, Mark, RecipeSchemaError
from runner.exchange import Json
from runner.recipe import template
from runner.recipe.source import Map, mark_of
from runner.recipe.values import Given, misnamed
from runner.record import Record

MOST = 10_000
"""A matrix of more cells is refused: rows belong into a dataset."""
LONGEST = 60
EDITS = ("include", "exclude")

Values = Mapping[str, Json]


class Cell(Record):
    """One combination: its values, and its name in ids such as `model=gpt-4.1,voice=nova`."""

    values: Mapping[str, Json] = {}
    label: str = ""


def cells(matrix: Map | None, filled: Values, given: Mapping[str, Given]) -> list[Cell]:
    """List the cells of a matrix; one that is empty where there is none.

    `filled` is the matrix rendered, `given` the command line's values: one of a matrix's name
    narrows it. Raises RecipeSchemaError where values are of no use, or nothing is left.
    """
    if matrix is None:
        return [Cell()]
    if faults := [*_faults(matrix, filled)]:
        raise RecipeSchemaError.of(*faults)
    found = _included(_combined(filled), filled)
    found = [values for values in found if _is_wanted(values, given)]
    if not found:
        raise RecipeSchemaError.of(_nothing(matrix, filled, given))
    labels = [_label(values) for values in found]
    if twice := next((label for label in labels if labels.count(label) > 1), None):
        message = f"the matrix has the combination {twice} twice"
        raise RecipeSchemaError.of(Fault(message, matrix.mark, "matrix", "leave one out"))
    return [Cell(values, label) for values, label in zip(found, labels, strict=True)]


def names(matrix: Any) -> set[str]:
    """Return the variables that a matrix, as it is written, gives."""
    if not isinstance(matrix, Mapping):
        return set()
    added = matrix.get("include")
    rows = added if isinstance(added, list) else []
    own = {name for row in rows if isinstance(row, Mapping) for name in row}
    return own | {name for name in matrix if name not in EDITS}


def _faults(matrix: Map, filled: Values) -> Iterator[Fault]:
    for name in sorted(names(filled)):
        wrong = misnamed(name, mark_of(matrix, (name,), key=True), "matrix")
        yield from () if wrong is None else (wrong,)
    lists = {name: value for name, value in filled.items() if name not in EDITS}
    for name, value in lists.items():
        if not isinstance(value, list) or not value:
            what = "an empty list" if value == [] else f"no list: {_text(value)}"
            hint = f"write {name}: [one, another]"
            yield Fault(f"expected a list of values, got {what}", _at(matrix, name), name, hint)
    yield from _edit_faults(matrix, filled, {*lists})
    count = prod(len(value) for value in lists.values() if isinstance(value, list))
    if count > MOST:
        message = f"the matrix has {count:,} combinations, more than {MOST:,}"
        yield Fault(message, matrix.mark, "matrix", "many inputs belong into a dataset")


def _edit_faults(matrix: Map, filled: Values, lists: set[str]) -> Iterator[Fault]:
    for edit in EDITS:
        rows = filled.get(edit, [])
        if not isinstance(rows, list):
            yield Fault("expected a list of mappings", _at(matrix, edit), edit)
            continue
        for place, row in enumerate(rows):
            mark = mark_of(matrix, (edit, place)) or _at(matrix, edit)
            if not isinstance(row, Mapping) or not row:
                yield Fault("expected a mapping of names and values", mark, edit)
            elif edit == "exclude" and (unknown := {*row} - lists):
                there = f"the matrix has {', '.join(sorted(lists))}"
                yield Fault(f"no list of the matrix is named {min(unknown)!r}", mark, edit, there)


def _at(matrix: Map, name: str) -> Mark:
    return matrix.marks[name][1] if name in matrix else matrix.mark


def _combined(filled: Values) -> list[dict[str, Json]]:
    lists = {name: value for name, value in filled.items() if name not in EDITS}
    if not lists:
        return []
    rows = [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]
    excluded = filled.get("exclude", [])
    return [row for row in rows if not any(_holds(row, edit) for edit in excluded)]


def _holds(row: Values, wanted: Values) -> bool:
    return all(name in row and _same(row[name], value) for name, value in wanted.items())


def _same(one: Json, other: Json) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _included(rows: list[dict[str, Json]], filled: Values) -> list[dict[str, Json]]:
    original = [dict(row) for row in rows]
    alone: list[dict[str, Json]] = []
    for added in filled.get("include", []):
        fits = [place for place, row in enumerate(original) if _fits(row, added)]
        for place in fits:
            rows[place] |= added
        if not fits:
            alone.append(dict(added))
    return [*rows, *alone]


def _fits(row: Values, added: Values) -> bool:
    return all(name not in row or _same(row[name], value) for name, value in added.items())


def _is_wanted(row: Values, given: Mapping[str, Given]) -> bool:
    return all(
        name not in given or any(_matches(value, one) for one in _listed(given[name]))
        for name, value in row.items()
    )


def _listed(one: Given) -> list[Given]:
    if one.text or not isinstance(one.value, list):
        return [one]
    return [one._replace(value=value) for value in one.value]


def _matches(value: Json, one: Given) -> bool:
    return _text(value) == one.value if one.text else _same(value, one.value)


def _nothing(matrix: Map, filled: Values, given: Mapping[str, Given]) -> Fault:
    asked = {name: one for name, one in given.items() if name in names(filled)}
    if not asked:
        message = "nothing of the matrix is left"
        return Fault(message, matrix.mark, "matrix", "exclude fewer of its combinations")
    told = ", ".join(f"{name}={_text(one.value)}" for name, one in asked.items())
    there = "; ".join(
        f"{name}: {', '.join(map(_text, filled.get(name, ())))}" for name in sorted(asked)
    )
    return Fault(
        f"no combination of the matrix has {told}", matrix.mark, "matrix", f"it has {there}"
    )


def _label(values: Values) -> str:
    return ",".join(f"{name}={_short(_text(value))}" for name, value in values.items())


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    """Name a value in an id: printable, and told from others however long it is."""
    plain = "".join(c if c.isprintable() else "?" for c in text)
    if plain == text and len(text) <= LONGEST:
        return text
    return f"{plain[: LONGEST - 20]}…{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def repeats(keys: Map, context: Mapping[str, Any]) -> tuple[int, int]:
    """Work out how often a recipe runs, and how many of these have to pass; (0, 0): it runs once.

    Without `repeat` a recipe runs once, without `pass` all have to pass.
    """
    if "repeat" not in keys:
        if "pass" in keys:
            fault = Fault("pass says how many of repeat must pass", keys.marks["pass"][0], "pass")
            raise RecipeSchemaError.of(fault._replace(hint="give repeat too, such as repeat: 5"))
        return 0, 0
    times = _count(keys, "repeat", context)
    passes = _count(keys, "pass", context) if "pass" in keys else times
    if passes > times:
        message = f"{passes} of {times} repeats cannot pass"
        raise RecipeSchemaError.of(Fault(message, keys.marks["pass"][1], "pass"))
    return times, passes


def _count(keys: Map, name: str, context: Mapping[str, Any]) -> int:
    value = template.render(keys[name], context)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST:
        return value
    message = f"expected a whole number from 1 to {MOST:,}, got {_short(_text(value))}"
    raise RecipeSchemaError.of(Fault(message, keys.marks[name][1], name))
