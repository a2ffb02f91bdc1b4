"""Shapes: a type hint becomes a JSON Schema, and what reads a value that fits it; and back."""

from __future__ import annotations

import types
from collections import abc
from collections.abc import Callable, Mapping
from enum import Enum
from typing import (
    Annotated,
    Any,
    Literal,
    NewType,
    Union,
    get_args,
    get_origin,
)

from runner.exchange import Json
from runner.recipe.functions.fields import NOTHING, Field, fields_of, unknown, worded
from runner.recipe.functions.plain import plain
from runner.record import Record

NAMES: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}
SERIES: Mapping[Any, Callable[[Any], Any]] = {
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    abc.Sequence: list,
    abc.MutableSequence: list,
    abc.Collection: list,
    abc.Iterable: list,
    abc.Set: set,
    abc.MutableSet: set,
}
MAPPINGS = (dict, abc.Mapping, abc.MutableMapping)
TEXTS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("datetime", "date"): ("date", "fromisoformat"),
    ("datetime", "time"): ("time", "fromisoformat"),
    ("datetime", "datetime"): ("date-time", "fromisoformat"),
    ("uuid", "UUID"): ("uuid", ""),
    ("pathlib", "Path"): ("", ""),
    ("pathlib", "PurePath"): ("", ""),
}
"""Types told as text, by their module's and their own name, so that none is imported for it:
the format of the text, and the constructor ("": the type itself)."""
WRAPPERS = frozenset(("Required", "NotRequired", "ReadOnly", "Final"))


class Shape(Record):
    """The JSON Schema of a type; `read` makes a Python value of JSON that fits the schema.

    `read` raises ValueError or TypeError where the value fits the schema, but not the type.
    """

    schema: dict[str, Json]
    read: Callable[[Any], Any]


class Shapes:
    """Makes shapes. `definitions` gathers the `$defs` that their schemas refer to."""

    def __init__(self) -> None:
        self.definitions: dict[str, Json] = {}
        self._open: list[Any] = []

    def of(self, hint: Any) -> Shape:
        """Make the shape of a type hint; TypeError where no JSON could stand for it."""
        hint = _named(hint)
        origin, inner = get_origin(hint), get_args(hint)
        if origin is None:
            return self._plain(hint)
        if origin is Annotated:
            return _noted(self.of(inner[0]), *inner[1:])
        if origin is Literal:
            return _choices(inner)
        if origin in (Union, types.UnionType):
            return self._either(inner)
        if getattr(origin, "_name", "") in WRAPPERS:
            return self.of(inner[0])
        return self._generic(hint, origin, inner)

    def record(self, fields: Mapping[str, Field], rest: Shape | None = None) -> Shape:
        """Make the shape of an object; `rest` is that of the names it does not know."""
        shapes = {name: self._field(name, field) for name, field in fields.items()}
        schema: dict[str, Json] = {"type": "object"}
        schema["properties"] = {name: shape.schema for name, shape in shapes.items()}
        needed = [name for name, field in fields.items() if field.needed]
        if needed:
            schema["required"] = needed
        schema["additionalProperties"] = (rest.schema or True) if rest else False

        def read(value: Mapping[str, Json]) -> dict[str, Any]:
            unknown = [name for name in value if name not in shapes]
            if unknown and rest is None:
                msg = f"there is no argument {unknown[0]!r}"
                raise ValueError(msg)
            return {name: _read(name, shapes.get(name, rest), item) for name, item in value.items()}

        return Shape(schema, read)

    def _field(self, name: str, field: Field) -> Shape:
        try:
            shape = self.of(field.hint)
        except TypeError as error:
            msg = f"{name}: {error}"
            raise TypeError(msg) from error
        if field.default is None and not _takes_null(shape.schema):
            shape = _or_null(shape)
        schema = shape.schema
        if field.note and "description" not in schema:
            schema = {**schema, "description": field.note}
        if field.default is not NOTHING:
            schema = {**schema, **_default(field.default)}
        return shape._replace(schema=schema)

    def _plain(self, hint: Any) -> Shape:
        if hint in (Any, object):
            return Shape({}, _same)
        if hint is None or hint in NAMES:
            kind = type(None) if hint is None else hint
            return Shape({"type": NAMES[kind]}, kind if kind in (int, float) else _same)
        if not isinstance(hint, type):
            raise unknown(hint)
        if hint in SERIES or hint in MAPPINGS:
            return self._generic(hint, hint, ())
        return self._text(hint) or self._class(hint)

    def _text(self, hint: type) -> Shape | None:
        known = TEXTS.get((hint.__module__.partition(".")[0], hint.__qualname__))
        if known is None:
            return None
        form, maker = known
        schema = {"type": "string", "format": form} if form else {"type": "string"}
        return Shape(schema, getattr(hint, maker) if maker else hint)

    def _class(self, hint: Any) -> Shape:
        if issubclass(hint, Enum):
            return _choices(tuple(hint))
        if hasattr(hint, "model_json_schema"):
            return self._model(hint)
        if hint in self._open:
            msg = f"{hint.__name__} contains itself"
            raise TypeError(msg)
        self._open.append(hint)
        fields = fields_of(hint)
        shape = self.record(fields)
        self._open.pop()
        return Shape(shape.schema, lambda value: hint(**shape.read(value)))

    def _model(self, hint: Any) -> Shape:
        """Take the schema of a pydantic model, or of what has the same face."""
        schema = dict(hint.model_json_schema())
        for name, definition in schema.pop("$defs", {}).items():
            if self.definitions.setdefault(name, definition) != definition:
                msg = f"two models have the name {name}"
                raise TypeError(msg)
        return Shape(schema, hint.model_validate)

    def _generic(self, hint: Any, origin: Any, inner: tuple[Any, ...]) -> Shape:
        if origin is tuple and inner and inner[-1] is not Ellipsis:
            return self._fixed(inner)
        if origin in SERIES:
            return self._series(SERIES[origin], inner)
        if origin not in MAPPINGS:
            raise unknown(hint)
        if inner and inner[0] not in (str, Any):
            msg = f"the keys of a JSON object are text, not {worded(inner[0])}"
            raise TypeError(msg)
        if not inner:
            return Shape({"type": "object"}, dict)
        each = self.of(inner[1])
        schema = {"type": "object", "additionalProperties": each.schema or True}
        return Shape(schema, lambda value: {key: each.read(item) for key, item in value.items()})

    def _series(self, make: Callable[[Any], Any], inner: tuple[Any, ...]) -> Shape:
        if not inner:
            return Shape({"type": "array"}, make)
        each = self.of(inner[0])
        schema = {"type": "array", "items": each.schema}
        return Shape(schema, lambda value: make(each.read(item) for item in value))

    def _fixed(self, inner: tuple[Any, ...]) -> Shape:
        parts = [self.of(hint) for hint in inner]
        size = len(parts)
        schema = {"type": "array", "prefixItems": [part.schema for part in parts]}
        return Shape(
            {**schema, "minItems": size, "maxItems": size},
            lambda value: tuple(p.read(item) for p, item in zip(parts, value, strict=True)),
        )

    def _either(self, members: tuple[Any, ...]) -> Shape:
        shapes = [self.of(member) for member in members if member is not type(None)]
        shape = shapes[0] if len(shapes) == 1 else self._first_fitting(shapes)
        return _or_null(shape) if type(None) in members else shape

    def _first_fitting(self, shapes: list[Shape]) -> Shape:
        def read(value: Json) -> Any:
            from runner.recipe.schema import problems

            for shape in shapes:
                if not problems(value, {**shape.schema, "$defs": self.definitions}):
                    try:
                        return shape.read(value)
                    except (ValueError, TypeError):
                        continue
            msg = f"{value!r} is none of what it may be"
            raise ValueError(msg)

        simple = all(set(shape.schema) == {"type"} for shape in shapes)
        kinds = [shape.schema.get("type") for shape in shapes]
        return Shape({"type": kinds} if simple else {"anyOf": [s.schema for s in shapes]}, read)


def _named(hint: Any) -> Any:
    """Look behind the name of a NewType or a type alias."""
    while isinstance(hint, NewType) or type(hint).__name__ == "TypeAliasType":
        hint = hint.__supertype__ if isinstance(hint, NewType) else hint.__value__
    return hint


def _noted(shape: Shape, *notes: Any) -> Shape:
    for note in notes:
        text = note if isinstance(note, str) else getattr(note, "description", None)
        if isinstance(text, str):
            return shape._replace(schema={**shape.schema, "description": text})
    return shape


def _choices(members: tuple[Any, ...]) -> Shape:
    rows = [(plain(member), member) for member in members]
    unfit = [value for value, _ in rows if type(value) not in NAMES]
    if unfit or not rows:
        msg = f"a choice is text, a number, a boolean or None, not {unfit[0] if unfit else 'none'}"
        raise TypeError(msg)
    kinds = list(dict.fromkeys(NAMES[type(value)] for value, _ in rows))
    schema = {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": [value for value, _ in rows]}

    def read(value: Json) -> Any:
        for known, member in rows:
            # True equals 1, and both may be choices.
            if known == value and isinstance(known, bool) == isinstance(value, bool):
                return member
        msg = f"{value!r} is no choice"
        raise ValueError(msg)

    return Shape(schema, read)


def _or_null(shape: Shape) -> Shape:
    if _takes_null(shape.schema):
        return shape
    schema = dict(shape.schema)
    if set(schema) <= {"type", "format", "enum", "description"}:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = [*kinds, "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    else:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return Shape(schema, lambda value: None if value is None else shape.read(value))


def _takes_null(schema: Mapping[str, Json]) -> bool:
    kinds = schema.get("type")
    if kinds is None:
        return not schema or any(_takes_null(each) for each in schema.get("anyOf", ()))
    return "null" in kinds if isinstance(kinds, list) else kinds == "null"


def _default(value: Any) -> dict[str, Json]:
    """Tell a default, where JSON can."""
    from json import dumps

    try:
        told = plain(value)
        dumps(told, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return {}
    return {"default": told}


def _read(name: str, shape: Shape | None, value: Json) -> Any:
    try:
        return value if shape is None else shape.read(value)
    except (TypeError, ValueError) as error:
        msg = f"{name}: {error}"
        raise ValueError(msg) from error


def _same(value: Any) -> Any:
    return value
