"""Type hints become schemas, and values that fit become what the hints name."""

from __future__ import annotations

import datetime
import enum
import pathlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    Required,
    TypedDict,
    Union,
)

import pytest

from runner.recipe.functions.shapes import Shapes

UserId = NewType("UserId", int)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Place:
    """A place.

    Attributes:
        name: What it is called.
    """

    name: str
    colors: list[Color] = field(default_factory=list)
    height: int | None = None
    secret: str = field(default="x", init=False)


class Trip(TypedDict, total=False):
    start: Required[Place]
    note: str


class Stop(TypedDict):
    when: datetime.date
    why: NotRequired[str]


class Point(NamedTuple):
    x: float
    y: float = 0.5


@dataclass
class Node:
    children: list[Node]


class Model:
    def __init__(self, value):
        self.value = value

    @classmethod
    def model_json_schema(cls):
        return {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {}}}

    @classmethod
    def model_validate(cls, value):
        return cls(value)


PLACE = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "What it is called."},
        "colors": {"type": "array", "items": {"type": "string", "enum": ["red", "blue"]}},
        "height": {"type": ["integer", "null"], "default": None},
    },
    "required": ["name"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (None, {"type": "null"}),
        (Any, {}),
        (object, {}),
        (UserId, {"type": "integer"}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a", 1, None], {"type": ["string", "integer", "null"], "enum": ["a", 1, None]}),
        (Color, {"type": "string", "enum": ["red", "blue"]}),
        (Level, {"type": "integer", "enum": [1, 2]}),
        (Optional[str], {"type": ["string", "null"]}),  # noqa: UP045
        (Literal["a"] | None, {"type": ["string", "null"], "enum": ["a", None]}),
        (Color | None, {"type": ["string", "null"], "enum": ["red", "blue", None]}),
        (Union[int, str], {"type": ["integer", "string"]}),  # noqa: UP007
        (int | str | None, {"type": ["integer", "string", "null"]}),
        (list, {"type": "array"}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (Sequence[str], {"type": "array", "items": {"type": "string"}}),
        (Iterable[str], {"type": "array", "items": {"type": "string"}}),
        (set[str], {"type": "array", "items": {"type": "string"}}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (
            tuple[int, str],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (dict, {"type": "object"}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Mapping[str, Any], {"type": "object", "additionalProperties": True}),
        (datetime.date, {"type": "string", "format": "date"}),
        (datetime.datetime | None, {"type": ["string", "null"], "format": "date-time"}),
        (pathlib.Path, {"type": "string"}),
        (uuid.UUID, {"type": "string", "format": "uuid"}),
        (Annotated[int, "How many."], {"type": "integer", "description": "How many."}),
        (Annotated[int, 3], {"type": "integer"}),
        (Place, PLACE),
        (Place | None, {"anyOf": [PLACE, {"type": "null"}]}),
        (
            Trip,
            {
                "type": "object",
                "properties": {"start": PLACE, "note": {"type": "string"}},
                "required": ["start"],
                "additionalProperties": False,
            },
        ),
        (
            Stop,
            {
                "type": "object",
                "properties": {
                    "when": {"type": "string", "format": "date"},
                    "why": {"type": "string"},
                },
                "required": ["when"],
                "additionalProperties": False,
            },
        ),
        (
            Point,
            {
                "type": "object",
                "properties": {"x": {"type": "number"}, "y": {"type": "number", "default": 0.5}},
                "required": ["x"],
                "additionalProperties": False,
            },
        ),
    ],
    ids=str,
)
def test_a_hint_becomes_a_schema(hint, schema):
    assert Shapes().of(hint).schema == schema


@pytest.mark.parametrize(
    ("hint", "json", "value"),
    [
        (int, 5.0, 5),
        (float, 5, 5.0),
        (Color, "blue", Color.BLUE),
        (Level, 2, Level.HIGH),
        (Literal[True, 1], 1, 1),
        (Literal[1, True], True, True),
        (Literal[Color.RED], "red", Color.RED),
        (Color | None, None, None),
        (Color | None, "red", Color.RED),
        (set[Color], ["red", "red"], {Color.RED}),
        (tuple[int, ...], [1, 2], (1, 2)),
        (
            tuple[Color, datetime.date],
            ["red", "2026-01-02"],
            (Color.RED, datetime.date(2026, 1, 2)),
        ),
        (dict[str, list[Color]], {"a": ["red"]}, {"a": [Color.RED]}),
        (datetime.datetime, "2026-01-02T03:04:05", datetime.datetime(2026, 1, 2, 3, 4, 5)),
        (pathlib.Path, "a/b", pathlib.Path("a/b")),
        (uuid.UUID, str(uuid.UUID(int=7)), uuid.UUID(int=7)),
        (Place, {"name": "A", "colors": ["red"]}, Place("A", [Color.RED])),
        (Trip, {"start": {"name": "A"}}, {"start": Place("A")}),
        (Point, {"x": 1}, Point(1.0, 0.5)),
    ],
    ids=str,
)
def test_a_value_becomes_what_its_hint_names(hint, json, value):
    found = Shapes().of(hint).read(json)
    assert found == value
    assert type(found) is type(value)


def test_of_a_union_the_first_member_that_fits_is_made():
    pytest.importorskip("runner.recipe.schema")
    shape = Shapes().of(Place | Stop | datetime.date | str)
    assert shape.read({"name": "A"}) == Place("A")
    assert shape.read({"when": "2026-01-02"}) == {"when": datetime.date(2026, 1, 2)}
    assert shape.read("2026-01-02") == datetime.date(2026, 1, 2)
    assert shape.read("soon") == "soon"


def test_models_bring_their_schema_and_its_definitions():
    shapes = Shapes()
    shape = shapes.of(list[Model])
    assert shape.schema["items"] == {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}
    assert shapes.definitions == {"A": {}}
    assert shape.read([{"a": 1}])[0].value == {"a": 1}


@pytest.mark.parametrize(
    ("hint", "message"),
    [
        (bytes, "nothing for the type bytes"),
        (complex, "nothing for the type complex"),
        (type[int], "nothing for the type type"),
        (dict[int, str], "keys of a JSON object are text, not int"),
        (list[dict[str, bytes]], "nothing for the type bytes"),
        (Literal[b"x"], "type bytes"),
        (Node, "children: Node contains itself"),
        (pytest.MonkeyPatch, "nothing for the type MonkeyPatch"),
    ],
)
def test_what_json_cannot_tell_is_refused(hint, message):
    with pytest.raises(TypeError, match=message.replace("[", r"\[")):
        Shapes().of(hint)


@pytest.mark.parametrize(
    ("hint", "json"),
    [(datetime.date, "2026-02-31"), (uuid.UUID, "seven"), (Color, "green"), (Place, {"size": 1})],
)
def test_a_value_that_its_type_refuses_is_an_error(hint, json):
    with pytest.raises(ValueError, match=r"."):
        Shapes().of(hint).read(json)
