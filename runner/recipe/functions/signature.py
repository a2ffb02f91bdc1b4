"""Signature: a Python function becomes a tool, and the model's arguments its own.

The schema comes from the signature, its type hints and the docstring; `bind` reads arguments by
the same hints, so what the schema promises is what the function gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_type_hints

from runner.errors import HookError
from runner.exchange import Json
from runner.model import Tool
from runner.recipe.functions import docstring
from runner.recipe.functions.fields import NOTHING, Field
from runner.recipe.functions.shapes import Shape, Shapes
from runner.recipe.tools import NAME

Function = Callable[..., Any]
PLAIN_TYPES = (
    "use str, int, float, bool, Literal, an Enum, list, dict, a dataclass or a TypedDict, or leave"
    " the type out"
)


def describe(function: Function, *, name: str = "", description: str = "") -> Tool:
    """Make the tool that a function answers; HookError where a model could not call it.

    `name` and `description` stand in for the function's own name and its docstring's first
    paragraph.
    """
    called = name or getattr(function, "__name__", "")
    if not NAME.fullmatch(called):
        msg = f"{place_of(function)}: {called!r} is no tool name"
        raise HookError(msg, hint="letters, digits, _ and -, at most 64; or @hook(name=...)")
    shape = _shape(function)
    summary = description or _doc(function).summary
    return Tool(called, summary, shape.schema, runs=True)


def bind(function: Function, arguments: Mapping[str, Json]) -> dict[str, Any]:
    """Turn arguments that fit the function's schema into what its hints name.

    Raises ValueError where a value fits the schema but is none, as a date of the 31st of April.
    """
    bound: dict[str, Any] = _shape(function).read(arguments)
    return bound


def place_of(function: Function) -> str:
    """Say where a function is written: `hooks.py:12`."""
    code = getattr(_unwrapped(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(function)


def _unwrapped(function: Function) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


@cache
def _doc(function: Function) -> docstring.Doc:
    from inspect import getdoc

    return docstring.read(getdoc(function) or "")


@cache
def _shape(function: Function) -> Shape:
    """Make the shape of the object that holds a function's arguments."""
    import inspect

    inner = _unwrapped(function)
    if inspect.isgeneratorfunction(inner) or inspect.isasyncgenfunction(inner):
        raise _refused(function, "a generator cannot answer a call", "return a list")
    shapes = Shapes()
    try:
        parameters = inspect.signature(function).parameters
        hints = get_type_hints(function, include_extras=True)
        rest = [
            shapes.of(hints.get(p.name, Any))
            for p in parameters.values()
            if p.kind is p.VAR_KEYWORD
        ]
        shape = shapes.record(_fields(function, parameters, hints), *rest)
    except (TypeError, ValueError, NameError) as error:
        raise _refused(function, str(error), PLAIN_TYPES) from error
    if shapes.definitions:
        shape.schema["$defs"] = shapes.definitions
    return shape


def _fields(
    function: Function, parameters: Mapping[str, Any], hints: Mapping[str, Any]
) -> dict[str, Field]:
    notes = _doc(function).arguments
    fields: dict[str, Field] = {}
    for name, one in parameters.items():
        if one.kind in (one.POSITIONAL_ONLY, one.VAR_POSITIONAL):
            told = f"*{name}" if one.kind is one.VAR_POSITIONAL else f"{name}, /"
            raise _refused(function, f"({told}) cannot be called by name", "use plain parameters")
        if one.kind is not one.VAR_KEYWORD:
            default = NOTHING if one.default is one.empty else one.default
            hint = hints.get(name, Any)
            fields[name] = Field(hint, notes.get(name, ""), default, default is NOTHING)
    return fields


def _refused(function: Function, message: str, hint: str) -> HookError:
    name = getattr(function, "__name__", repr(function))
    return HookError(f"{place_of(function)}: the hook {name}: {message}", hint=hint)
