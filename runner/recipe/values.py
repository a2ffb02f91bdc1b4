"""Values: the variables of a run, where each comes from, and what the templates may read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from math import isfinite
from typing import Any

from runner.errors import Fault, Mark, RecipeError, RecipeSchemaError
from runner.recipe import schema, template
from runner.recipe.depth import nests, text_nests
from runner.recipe.source import Map, is_reference
from runner.recipe.templates.bounds import BoundError, Meter, weigh
from runner.record import Record

RESERVED = ("row", "row_id", "steps", "env", "reply", "item", "loop", "run", "index")
WORDS_OF_TEMPLATES = frozenset(
    [
        *("and", "or", "not", "in", "is", "if", "else"),
        *("true", "false", "none", "True", "False", "None"),
    ]
)
Render = Callable[[Any, Mapping[str, Any]], Any]


class Given(Record):
    """A value from the command line. `text` is literal text that takes the variable's type.

    `shared` ones come from a file for many recipes: not each need be read.
    """

    value: Any
    origin: str
    text: bool = False
    shared: bool = False


class Values(Record):
    """The variables of a run, in order, the source of each in words, and which were given."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    given: frozenset[str] = frozenset()


def resolve(
    own: Map, given: Mapping[str, Given], context: Mapping[str, Any], render: Render
) -> Values:
    """Work out the variables: given ones win, the rest render in order and see those above.

    `own` are the merged `vars` (the project's first), `context` has `env`, matrix and row.
    """
    told = [misnamed(name, own.marks[name][0], f"vars.{name}") for name in own]
    told += [
        misnamed(name, None, "")
        for name, one in given.items()
        if not one.shared or name in RESERVED
    ]
    if faults := [fault for fault in told if fault is not None]:
        raise RecipeSchemaError.of(*faults)
    seen, meter = dict(context), Meter()
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, one in given.items():
        if name not in own:
            values[name] = seen[name] = one.value
            origins[name] = one.origin
    for name in _ordered(own):
        if name in given:
            values[name] = _given(name, given[name], own[name])
            origins[name] = given[name].origin
        elif name not in context:
            values[name] = render(_alone(own, name), seen)[name]
            mark = own.marks[name][0]
            within(values[name], meter, name, mark)
            origins[name] = f"{mark.file}:{mark.line}"
        else:
            continue
        seen[name] = values[name]
    return Values(values, origins, frozenset(given))


def within(value: Any, meter: Meter, name: str, mark: Mark | None) -> None:
    """Hold all variables together to what one rendering may take."""
    try:
        weigh(value, meter)
        message = "the value nests too deep" if nests(value) else ""
    except BoundError:
        message = "with this one, the variables take too much memory"
    if message:
        raise RecipeSchemaError.of(Fault(message, mark, f"vars.{name}"))


def _ordered(own: Map) -> list[str]:
    """Order the variables of several files: each after those above it in its own, which it reads.

    A name that a nearer file gives anew keeps its place otherwise, for those that read it there.
    """
    if len({marks[0].file for marks in own.marks.values()}) < 2:
        return sorted(own, key=lambda name: own.marks[name][0][1:3])
    done: dict[str, None] = {}
    under: set[str] = set()
    waiting = list(reversed(own))
    while waiting:
        name = waiting[-1]
        needed = () if name in done else _needed(own, name)
        ahead = [other for other in needed if other not in done and other not in under]
        if ahead:
            under.add(name)
            waiting += ahead
            continue
        done[name] = None
        under.discard(waiting.pop())
    return list(done)


def _needed(own: Map, name: str) -> list[str]:
    """List the variables above that one reads, the last of them first."""
    read = sorted(set(template.names(own[name])), reverse=True)
    return [other for other in read if other in own and _is_above(own, other, name)]


def _is_above(own: Map, other: str, name: str) -> bool:
    """Whether a variable stands above another, or in another file."""
    first, second = own.marks[other][0], own.marks[name][0]
    return first.file != second.file or (first.line, first.column) < (second.line, second.column)


def _alone(own: Map, name: str) -> Map:
    one = Map(own.mark)
    one.put(name, own[name], own.marks[name])
    return one


def misnamed(name: str, mark: Mark | None, where: str) -> Fault | None:
    """Find that a name is none of a variable."""
    if name in RESERVED:
        message = f"{name!r} is no variable name: the runner uses it"
        return Fault(message, mark, where, "choose another name")
    if name.isidentifier() and name not in WORDS_OF_TEMPLATES:
        return None
    message = f"{name!r} is no variable name: no template can read it"
    return Fault(message, mark, where, _renamed(name))


def _renamed(name: str) -> str:
    near = re.sub(r"\W+", "_", name).strip("_")
    if near.isidentifier() and near not in (name, *RESERVED):
        return f"write {near}"
    return "a name has letters, digits and _, and no digit first"


def as_read(names: Collection[str]) -> frozenset[str]:
    """Return what templates read by these names: by `first-name` both `first` and `name`."""
    parts = (re.split(r"\W+", name) for name in names if not name.isidentifier())
    return frozenset(names).union(*parts)


def _given(name: str, one: Given, default: Any) -> Any:
    """Give literal text the type that the recipe's default has."""
    is_file = isinstance(default, Map) and is_reference(default)
    if not one.text or isinstance(default, str) or default is None or is_file:
        return one.value
    return typed(name, str(one.value), (_kind(default),))


KINDS: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
WORDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a JSON list",
    "object": "a JSON mapping",
    "null": "null",
}


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def typed(name: str, text: str, kinds: Sequence[str]) -> Any:
    """Read text as JSON of one of these kinds; a RecipeError where it does not fit."""
    try:
        value = text if text_nests(text) else json.loads(text, parse_constant=_no_number)
    except ValueError:
        value = text
    types = tuple(kind for word in kinds for kind in KINDS[word])
    endless = isinstance(value, float) and not isfinite(value)
    if isinstance(value, types) and (bool in types or not isinstance(value, bool)) and not endless:
        return value
    words = " or ".join(WORDS[kind] for kind in kinds)
    message = f"--var {name}={text[:60]}: expected {words}, got the text {text[:60]!r}"
    raise RecipeError(message, hint=f"write --var {name}:=JSON for any JSON value")


def _no_number(text: str) -> None:
    message = f"{text} is no JSON"
    raise ValueError(message)


def coerced(given: Mapping[str, Given], shape: Mapping[str, Any] | None) -> dict[str, Given]:
    """Give literal text the types that `vars_schema` names."""
    properties = (shape or {}).get("properties", {})
    return {name: _coerced(name, one, properties.get(name)) for name, one in given.items()}


def _coerced(name: str, one: Given, shape: Any) -> Given:
    kinds = shape.get("type") if one.text and isinstance(shape, Mapping) else None
    if kinds is None:
        return one
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "string" in kinds:
        return one._replace(text=False)
    return Given(typed(name, str(one.value), kinds), one.origin)


def shape_faults(
    found: Values,
    shape: Mapping[str, Any] | None,
    own: Map,
    at: Mark | None,
    *,
    whole: bool = True,
) -> list[Fault]:
    """Check the variables against `vars_schema`; required ones may lack where not `whole`.

    What is wrong with a value that was `given` is told with its source, at the schema.
    """
    if shape is None:
        return []
    needed = [name for name in shape.get("required", ()) if whole and name not in found.values]
    missing = [_missing(name, at) for name in needed]
    rest = {k: v for k, v in shape.items() if k != "required"}
    told = schema.problems(dict(found.values), {"type": "object", **rest})
    return missing + [_unfit(message, found, own, at) for message in told]


def _missing(name: str, at: Mark | None) -> Fault:
    message = f"the variable {name!r} is required and has no value"
    return Fault(message, at, f"vars.{name}", f"give it with --var {name}=VALUE")


def _unfit(message: str, found: Values, own: Map, at: Mark | None) -> Fault:
    name = message.partition(":")[0].partition(".")[0]
    if name in found.given:
        return Fault(f"{message} (from {found.origins[name]})", at, "vars")
    return Fault(message, own.marks[name][1] if name in own else at, "vars")
