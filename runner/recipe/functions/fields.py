"""Fields: what a dataclass, a TypedDict or a NamedTuple is made of, and what is said of each."""

from __future__ import annotations

from typing import Any, get_origin, get_type_hints

from runner.recipe.functions import docstring
from runner.record import Record

NOTHING: Any = object()
"""The default of a field that has none: None is a default like any other."""


class Field(Record):
    """A named value of a record, or a parameter of a function."""

    hint: Any
    note: str = ""
    default: Any = NOTHING
    needed: bool = True


def fields_of(kind: Any) -> dict[str, Field]:
    """List the fields of a dataclass, TypedDict or NamedTuple; TypeError where it is none."""
    if hasattr(kind, "__dataclass_fields__"):
        return _dataclass_fields(kind)
    named = issubclass(kind, tuple) and hasattr(kind, "_fields")
    if not named and not hasattr(kind, "__required_keys__"):
        raise unknown(kind)
    hints = get_type_hints(kind, include_extras=True)
    notes = docstring.read(_doc(kind)).arguments
    if named:
        given = kind._field_defaults
        names = kind._fields
    else:
        given, names = {}, tuple(hints)
    return {
        name: Field(
            hints.get(name, Any),
            notes.get(name, ""),
            given.get(name, NOTHING),
            name not in given if named else _is_required(kind, name, hints[name]),
        )
        for name in names
    }


def _dataclass_fields(kind: Any) -> dict[str, Field]:
    from dataclasses import MISSING, fields

    hints = get_type_hints(kind, include_extras=True)
    notes = docstring.read(_doc(kind)).arguments
    return {
        field.name: Field(
            hints[field.name],
            str(field.metadata.get("description", "")) or notes.get(field.name, ""),
            NOTHING if field.default is MISSING else field.default,
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in fields(kind)
        if field.init
    }


def _doc(kind: Any) -> str:
    from inspect import cleandoc

    return cleandoc(kind.__doc__ or "")


def _is_required(kind: Any, name: str, hint: Any) -> bool:
    # `__required_keys__` does not see through annotations that are text (PEP 563).
    wrapper = getattr(get_origin(hint), "_name", "")
    if wrapper in ("Required", "NotRequired"):
        return bool(wrapper == "Required")
    return name in kind.__required_keys__


def worded(hint: Any) -> str:
    """Name a type as its author writes it."""
    return hint.__qualname__ if isinstance(hint, type) else str(hint).replace("typing.", "")


def unknown(hint: Any) -> TypeError:
    """Make the error of a type that JSON cannot tell."""
    return TypeError(f"JSON has nothing for the type {worded(hint)}")
