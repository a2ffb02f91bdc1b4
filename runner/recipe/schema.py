"""Schema: whether a tree has the shape that it should have, and what is wrong where it has not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from runner.errors import Fault, Mark
from runner.recipe.checking.dialect import PLAIN
from runner.recipe.checking.keywords import DATA, NAMED, UnknownKeywordError, resolve
from runner.recipe.checking.steps import Steps, UndecidedError
from runner.recipe.checking.validate import is_valid
from runner.recipe.source import mark_of

if TYPE_CHECKING:
    from runner.recipe.checking.problem import Problem

MOST_TOLD = 20
_ANCHORS = ("$anchor", "$dynamicAnchor")

Path = tuple[str | int, ...]


def check(
    tree: Any,
    schema: Mapping[str, Any],
    *,
    templates: bool = False,
    at: Path = (),
    marks: Any = None,
) -> list[Fault]:
    """List all faults of a tree by a schema of ours, in the order of the file.

    With `templates`, text that is not rendered yet counts as what is wanted, and so do
    `{include: PATH}` and `{file: PATH}`; a `Ref` always does. `at` is the tree's place within
    `marks`, the tree that knows the places of all (by default the tree itself).
    """
    with suppress(UndecidedError):
        if is_valid(tree, schema, schema, templates=templates):
            return []
    from runner.recipe.checking import explain

    return _faults(explain.of_tree(tree, schema, templates), at, tree if marks is None else marks)


def problems(value: Any, schema: Any) -> list[str]:
    """List in short what is wrong with a value, by a user's schema; nothing where it fits."""
    try:
        return misfits(value, schema)
    except UndecidedError as error:
        return [str(error)]


def misfits(value: Any, schema: Any) -> list[str]:
    """Do the same.

    Raise `UndecidedError` where it takes too long to find out whether it does, or cannot be.
    """
    fit = is_valid(value, schema, schema, steps=Steps())
    if fit:
        return []
    from runner.recipe.checking import explain

    try:
        found = explain.of_value(value, schema)
    except UndecidedError:
        if fit is None:
            raise
        return ["the value does not fit the schema, and to find out where takes too long"]
    told = [_line(problem) for problem in found[:MOST_TOLD]]
    return [*told, "…"] if len(found) > MOST_TOLD else told


def schema_faults(schema: Any, marks: Any = None, *, at: Path = ()) -> list[Fault]:
    """List what is wrong with a user's JSON Schema itself; a file is never fetched for it."""
    found: list[Problem] = []
    if not is_valid(schema, PLAIN, PLAIN):
        from runner.recipe.checking import explain

        found = explain.of_schema(schema)
    found = found or list(_own_faults(schema))
    return _faults(found, at, schema if marks is None else marks)


def _own_faults(schema: Any) -> Iterator[Problem]:
    """Find references that lead nowhere, and patterns that cannot be used."""
    from runner.recipe.checking.patterns import fault
    from runner.recipe.checking.problem import Problem
    from runner.recipe.checking.words import described

    anchors = {f"#{value}" for _, key, value in _keywords(schema) if key in _ANCHORS}
    for path, key, value in _keywords(schema):
        if key in ("$ref", "$dynamicRef") and value not in anchors:
            yield from _reference(path, value, schema)
        patterns = [value] if key == "pattern" else value if key == "patternProperties" else ()
        for pattern in patterns:
            where = path if key == "pattern" else (*path, pattern)
            if why := fault(str(pattern)):
                told = f"expected a regular expression, got {described(pattern)} ({why})"
                yield Problem(where, told, key=key != "pattern")


def _reference(path: Path, value: str, schema: Any) -> Iterator[Problem]:
    from runner.recipe.checking.problem import Problem
    from runner.recipe.checking.words import described, shortened

    if not value.startswith("#"):
        message = f"expected a reference within the schema, got {described(value)}"
        yield Problem(path, message, "nothing is fetched: put it under $defs, as '#/$defs/NAME'")
        return
    try:
        resolve(value, schema)
    except UnknownKeywordError:
        yield Problem(path, f"nothing stands at {shortened(value)} in this schema")


def _keywords(schema: Any, path: Path = ()) -> Iterator[tuple[Path, str, Any]]:
    """Yield each keyword of a schema and of those within it, with its path."""
    if isinstance(schema, list):
        for place, item in enumerate(schema):
            yield from _keywords(item, (*path, place))
    if not isinstance(schema, Mapping):
        return
    for key, value in schema.items():
        yield (*path, key), key, value
        if key in NAMED and isinstance(value, Mapping):
            for name, item in value.items():
                yield from _keywords(item, (*path, key, name))
        elif key not in DATA:
            yield from _keywords(value, (*path, key))


def _faults(found: list[Problem], at: Path, marks: Any) -> list[Fault]:
    faults = [_fault(problem, (*at, *problem.path), marks) for problem in found]
    return sorted(faults, key=lambda fault: fault.mark or Mark("", 0, 0))


def _fault(problem: Problem, path: Path, marks: Any) -> Fault:
    """Point at the place; the path is told in full only where the place is not known."""
    mark = mark_of(marks, path, key=problem.key)
    shown = path[:-1] if problem.told else path
    known = mark is not None and mark != getattr(marks, "mark", None)
    return Fault(problem.message, mark, _last(shown) if known else dotted(shown), problem.hint)


def _line(problem: Problem) -> str:
    where = dotted(problem.path[:-1] if problem.told else problem.path)
    return f"{where}: {problem.message}" if where else problem.message


def dotted(path: Path) -> str:
    """Write a path as people do: `messages.0.user`."""
    return ".".join(str(step) if str(step).isprintable() else repr(step) for step in path)[-120:]


def _last(path: Path) -> str:
    """Return the last name of a path, with the places within its list."""
    start = max((place for place, step in enumerate(path) if isinstance(step, str)), default=0)
    return dotted(path[start:])
