"""Values: the variables of a run, where each comes from, and what the templates may read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from runner.errors import Fault, Mark, RecipeError, RecipeSchemaError
from runner.recipe import schema
from runner.recipe.source import Map

RESERVED = ("row", "row_id", "steps", "env", "reply", "item", "loop", "run", "index")
Render = Callable[[Any, Mapping[str, Any]], Any]


class Given(NamedTuple):
    """A value from the command line. `text` is literal text that takes the variable's type."""

    value: Any
    origin: str
    text: bool = False


class Values(NamedTuple):
    """The variables of a run, in order, and the source of each in words."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]


def resolve(
    own: Map, given: Mapping[str, Given], context: Mapping[str, Any], render: Render
) -> Values:
    """Work out the variables: given ones win, the rest render in order and see those above.

    `own` are the merged `vars` (the project's first), `context` has `env`, matrix and row.
    """
    faults = [_reserved(name, own) for name in own if name in RESERVED]
    faults += [
        Fault(f"{name} is no variable name: the runner uses it")
        for name in given
        if name in RESERVED
    ]
    if faults:
        raise RecipeSchemaError.of(*faults)
    seen = dict(context)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, one in given.items():
        if name not in own:
            values[name] = seen[name] = one.value
            origins[name] = one.origin
    for name, template in own.items():
        if name in given:
            values[name] = _given(name, given[name], template)
            origins[name] = given[name].origin
        elif name not in context:
            values[name] = render(_alone(own, name), seen)[name]
            mark = own.marks[name][0]
            origins[name] = f"{mark.file}:{mark.line}"
        else:
            continue
        seen[name] = values[name]
    return Values(values, origins)


def _alone(own: Map, name: str) -> Map:
    one = Map(own.mark)
    one.put(name, own[name], own.marks[name])
    return one


def _reserved(name: str, own: Map) -> Fault:
    message = f"{name!r} is no variable name: the runner uses it"
    return Fault(message, own.marks[name][0], f"vars.{name}", "choose another name")


def _given(name: str, one: Given, default: Any) -> Any:
    """Give literal text the type that the recipe's default has."""
    if not one.text or isinstance(default, str) or default is None:
        return one.value
    return typed(name, str(one.value), KINDS[_kind(default)])


KINDS: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def typed(name: str, text: str, kinds: tuple[type, ...]) -> Any:
    """Read text as JSON of one of these types; a RecipeError where it does not fit."""
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if isinstance(value, bool) and bool not in kinds:
        value = text
    if isinstance(value, kinds):
        return value
    message = f"--var {name}={text}: expected {_WORDS[kinds[-1]]}, got the text {text[:60]!r}"
    raise RecipeError(message, hint=f"write --var {name}:=JSON for any JSON value")


_WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a JSON list",
    dict: "a JSON mapping",
}


def coerced(given: Mapping[str, Given], shape: Mapping[str, Any] | None) -> dict[str, Given]:
    """Give literal text the types that `vars_schema` names."""
    properties = (shape or {}).get("properties", {})
    done = dict(given)
    for name, one in given.items():
        kind = properties.get(name, {}).get("type") if one.text else None
        if isinstance(kind, str) and kind in KINDS:
            done[name] = Given(typed(name, str(one.value), KINDS[kind]), one.origin)
        elif kind == "string":
            done[name] = one._replace(text=False)
    return done


def shape_faults(
    values: Mapping[str, Any], shape: Mapping[str, Any] | None, own: Map, at: Mark | None
) -> list[Fault]:
    """Check the variables against `vars_schema`."""
    if shape is None:
        return []
    needed = [name for name in shape.get("required", ()) if name not in values]
    missing = [_missing(name, at) for name in needed]
    rest = {k: v for k, v in shape.items() if k != "required"}
    told = schema.problems(dict(values), {"type": "object", **rest})
    return missing + [Fault(message, _mark(own, message, at), "vars") for message in told]


def _missing(name: str, at: Mark | None) -> Fault:
    message = f"the variable {name!r} is required and has no value"
    return Fault(message, at, f"vars.{name}", f"give it with --var {name}=VALUE")


def _mark(own: Map, message: str, at: Mark | None) -> Mark | None:
    name = message.partition(":")[0].partition(".")[0]
    return own.marks[name][1] if name in own else at
