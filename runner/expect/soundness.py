"""Soundness: what is wrong with expectations before anything is rendered or sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from typing import Any, TypeAlias

from runner.errors import Fault, Mark, RecipeError
from runner.expect.documents import is_schema
from runner.expect.events import is_naming
from runner.expect.media import FORMATS, named
from runner.expect.paths import split
from runner.expect.values import VALUES, is_number
from runner.expect.wording import bare, shown
from runner.recipe.checking.patterns import fault
from runner.recipe.source import mark_of
from runner.record import Record

Path: TypeAlias = tuple[str | int, ...]


Params: TypeAlias = Callable[[str], Mapping[str, Any] | None]


def faults(
    expectations: Sequence[Mapping[str, Any]], marks: Sequence[Mark | None], params: Params
) -> list[Fault]:
    """List the faults of expectations; the path is told in full where no place is known."""
    places = list(marks) or [None] * len(expectations)
    found = []
    for number, wanted in enumerate(expectations):
        told = [*findings(bare(wanted), (number,)), *_judge_params(wanted, (number,), params)]
        for path, message, hint in told:
            mark = mark_of(expectations, path)
            where = str(path[-1]) if mark else ".".join(map(str, ("expect", *path)))
            found.append(Fault(message, mark or places[number], where, hint))
    return found


class Finding(Record):
    """A fault, and the path of keys to it within the list of expectations."""

    path: Path
    message: str
    hint: str = ""


def findings(wanted: Any, path: Path) -> Iterator[Finding]:
    """Find the faults of one expectation; its shape is the recipe's schema's business."""
    if not _is_row(wanted):
        return
    name, expected = next(iter(wanted.items()))
    inspect = PARTS.get(name, _checks)
    yield from inspect(expected, (*path, name))


def _judge_params(wanted: Any, path: Path, params: Params) -> Iterator[Finding]:
    """Check what a judge is asked with, as any request."""
    name, expected = next(iter(wanted.items()), ("", None)) if _is_row(wanted) else ("", None)
    if name == "not":
        yield from _judge_params(expected, (*path, name), params)
    given = expected.get("params") if name == "judge" and isinstance(expected, Mapping) else None
    shape = params("chat.completions") if isinstance(given, Mapping) else None
    if shape is None:
        return
    from runner.recipe import schema

    for told in schema.check(given, shape, templates=True):
        keys = told.where.split(".") if told.where else []
        where = keys[:1] if keys[:1] and keys[0] in (given or ()) else []
        yield Finding((*path, name, "params", *where), told.message, told.hint)


def _is_row(wanted: Any) -> bool:
    return isinstance(wanted, Mapping) and len(wanted) == 1


def _document(expected: Any, path: Path) -> Iterator[Finding]:
    if not isinstance(expected, Mapping):
        return
    if is_schema(expected):
        yield from _no_check(expected["schema"], (*path, "schema"))
        yield from _schema(expected["schema"], (*path, "schema"))
        return
    for key, value in expected.items():
        yield from _path(str(key), (*path, key))
        yield from _checks(value, (*path, key))


def _no_check(schema: Any, path: Path) -> Iterator[Finding]:
    """A field named `schema` was meant, for as a schema this would hold for anything."""
    own = set(VALUES) - {"contains", "schema", "type"}
    if isinstance(schema, Mapping) and set(schema) & own and set(schema) <= set(VALUES):
        message = f"{shown(', '.join(map(str, schema)))} is a check, no JSON Schema"
        yield Finding(path, message, "for a field of that name write it in quotes: \"'schema'\"")


def _schema(schema: Any, path: Path) -> Iterator[Finding]:
    if not isinstance(schema, Mapping):
        return
    from runner.recipe.schema import schema_faults

    for told in schema_faults(schema):
        where = f"{told.where}: " if told.where else ""
        yield Finding(path, f"{where}{told.message}", told.hint)


def _path(key: str, path: Path) -> Iterator[Finding]:
    try:
        split(key)
    except RecipeError as error:
        yield Finding(path, str(error.args[0]), error.hint)


def _checks(expected: Any, path: Path) -> Iterator[Finding]:
    if not isinstance(expected, Mapping):
        return
    for name, value in expected.items():
        inspect = CHECKS.get(name)
        if inspect is not None and not _is_template(value):
            yield from inspect(value, (*path, name))
    for least, most in BOUNDS:
        low, high = expected.get(least, -inf), expected.get(most, inf)
        if is_number(low) and is_number(high) and not _is_between(low, high, least, most):
            message = f"nothing has both {least}: {low} and {most}: {high}"
            yield Finding((*path, most), message)


def _is_between(low: float, high: float, least: str, most: str) -> bool:
    """Whether anything is within two bounds; where one of them is out, they must lie apart."""
    return low < high if {least, most} & {"greater_than", "less_than"} else low <= high


def _pattern(value: Any, path: Path) -> Iterator[Finding]:
    why = fault(str(value)) if isinstance(value, str | int | float) else None
    if why:
        hint = "a text that is to be found as it stands goes into contains"
        message = f"{shown(value)} is no regular expression to search with: {why}"
        yield Finding(path, message, hint)


def _between(value: Any, path: Path) -> Iterator[Finding]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        yield Finding(path, f"expected two numbers, got {shown(value)}", "such as [1, 5]")
    elif all(map(is_number, value)) and value[0] > value[1]:
        hint = f"write [{value[1]}, {value[0]}]"
        message = f"expected the lower end first, got [{value[0]}, {value[1]}]"
        yield Finding(path, message, hint)


def _similar(value: Any, path: Path) -> Iterator[Finding]:
    if isinstance(value, Mapping):
        yield from _named(value, path, "model") if "model" in value else ()
        yield from _share(value, path)


def _judge(value: Any, path: Path) -> Iterator[Finding]:
    if isinstance(value, Mapping):
        for key in ("model", "rubric"):
            yield from _named(value, path, key)
        yield from _share(value, path)


def _named(value: Mapping[str, Any], path: Path, key: str) -> Iterator[Finding]:
    if not str(value.get(key) or "").strip():
        place = (*path, key) if key in value else path
        yield Finding(place, f"{path[-1]} needs a {key}", f"add {key}: …")


def _share(value: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    least = value.get("at_least", 1)
    if is_number(least) and not 0 <= least <= 1:
        yield Finding((*path, "at_least"), f"expected a number from 0 to 1, got {least}")


def _media(value: Any, path: Path) -> Iterator[Finding]:
    """Look into the checks of a picture or a sound."""
    for key, wanted in value.items() if isinstance(value, Mapping) else ():
        yield from _checks(wanted, (*path, key))
        if key == "format":
            yield from _format(wanted, (*path, key), FORMATS[str(path[-1])])


def _format(wanted: Any, path: Path, known: Sequence[str]) -> Iterator[Finding]:
    checks = wanted if isinstance(wanted, Mapping) else {}
    several = checks.get("one_of")
    forms = [(path, wanted), ((*path, "equals"), checks.get("equals"))]
    forms += [((*path, "one_of"), one) for one in several or () if isinstance(several, list)]
    for place, form in forms:
        if isinstance(form, str) and not _is_template(form) and named(form) not in known:
            message = f"no {path[-2]} has the format {form!r}"
            yield Finding(place, message, f"there are {', '.join(known)}")


def _events(expected: Any, path: Path) -> Iterator[Finding]:
    for number, wanted in enumerate(expected if isinstance(expected, list | tuple) else ()):
        look = _checks if is_naming(wanted) else _document
        yield from look(wanted, (*path, number))


def _tool_calls(expected: Any, path: Path) -> Iterator[Finding]:
    calls = expected if isinstance(expected, list | tuple) else []
    for number, call in enumerate(calls):
        if isinstance(call, Mapping):
            at = (*path, number)
            yield from _checks(call.get("name"), (*at, "name"))
            yield from _document(call.get("arguments"), (*at, "arguments"))
            yield from _checks(call.get("result"), (*at, "result"))


def _citations(expected: Any, path: Path) -> Iterator[Finding]:
    if not isinstance(expected, Mapping):
        return
    least, most = expected.get("min", 0), expected.get("max")
    if is_number(least) and is_number(most) and least > most:
        yield Finding((*path, "max"), f"expected at least the min of {least}, got {most}")
    for part in ("url", "title"):
        yield from _checks(expected.get(part), (*path, part))


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and ("{{" in value or "{%" in value)


Inspect: TypeAlias = Callable[[Any, Path], Iterator[Finding]]

PARTS: Mapping[str, Inspect] = {
    "not": findings,
    "json": _document,
    "parsed": _document,
    "headers": _document,
    "usage": _document,
    "tool_calls": _tool_calls,
    "citations": _citations,
    "image": _media,
    "audio": _media,
    "events": _events,
    "judge": _judge,
}
BOUNDS = (
    ("min_length", "max_length"),
    *((least, most) for least in ("at_least", "greater_than") for most in ("at_most", "less_than")),
)
"""Checks that leave nothing where the first is above the second."""
CHECKS: Mapping[str, Inspect] = {
    "matches": _pattern,
    "between": _between,
    "similar_to": _similar,
    "length": _checks,
    "schema": _schema,
}
