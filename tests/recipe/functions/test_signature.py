"""A function becomes a tool, and the model's arguments its own."""

from __future__ import annotations

import datetime
import enum
import functools
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest

from runner.errors import HookError
from runner.recipe.functions.signature import bind, describe, place_of


class Unit(enum.Enum):
    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


def get_weather(location: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> dict:
    """Current temperature for
    a place.

    It is a guess.

    Args:
        location: City and country, e.g. Bogotá, Colombia.
    """
    return {}


def test_the_example_of_the_contract_becomes_a_tool():
    tool = describe(get_weather)
    assert tool.name == "get_weather"
    assert tool.description == "Current temperature for a place."
    assert tool.runs
    assert tool.schema == {
        "type": "object",
        "properties": {
            "location": {
                "type": "string",
                "description": "City and country, e.g. Bogotá, Colombia.",
            },
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
        },
        "required": ["location"],
        "additionalProperties": False,
    }


def test_a_name_and_a_description_may_be_given():
    tool = describe(get_weather, name="weather", description="How warm it is.")
    assert (tool.name, tool.description) == ("weather", "How warm it is.")


def test_a_function_without_parameters_takes_an_empty_object():
    def now():
        pass

    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    assert describe(now).schema == schema
    assert bind(now, {}) == {}


def properties(function):
    return describe(function).schema["properties"]


def test_defaults_are_told_where_json_can():
    def find(
        unit: Unit = Unit.CELSIUS,
        day: datetime.date = datetime.date(2026, 1, 2),
        name: str = None,  # type: ignore[assignment]  # noqa: RUF013  people write it so
        extra: Any = print,
        size=float("inf"),
    ):
        pass

    assert properties(find) == {
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
        "day": {"type": "string", "format": "date", "default": "2026-01-02"},
        "name": {"type": ["string", "null"], "default": None},
        "extra": {},
        "size": {},
    }
    assert "required" not in describe(find).schema


def test_without_a_type_an_argument_is_any_json():
    def find(a, b: object, c: Any, d: set):
        pass

    assert properties(find) == {"a": {}, "b": {}, "c": {}, "d": {"type": "array"}}
    given = {"a": [1], "b": None, "c": {"x": 2}, "d": ["y", "y"]}
    assert bind(find, given) == {**given, "d": {"y"}}


def test_a_note_beside_the_type_beats_the_docstring():
    def find(a: Annotated[int, "Near."], b: int):
        """Find.

        Args:
            a: Far.
            b: Far.
        """

    assert [shape["description"] for shape in properties(find).values()] == ["Near.", "Far."]


def test_keyword_only_and_free_names_are_parameters():
    def find(*, a: int, **rest: datetime.date):
        pass

    schema = describe(find).schema
    assert schema["required"] == ["a"]
    assert schema["additionalProperties"] == {"type": "string", "format": "date"}
    day = datetime.date(2026, 1, 2)
    assert bind(find, {"a": 1, "b": "2026-01-02"}) == {"a": 1, "b": day}


def test_free_names_without_a_type_take_anything():
    def find(**rest):
        pass

    assert describe(find).schema["additionalProperties"] is True
    assert bind(find, {"b": [1]}) == {"b": [1]}


def test_a_wrapped_function_keeps_its_signature():
    @functools.wraps(get_weather)
    def wrapper(*args, **kwargs):
        pass

    assert describe(wrapper) == describe(get_weather)
    assert place_of(wrapper) == place_of(get_weather)


def test_definitions_of_models_stand_at_the_root():
    class Model:
        @classmethod
        def model_json_schema(cls):
            return {"$ref": "#/$defs/A", "$defs": {"A": {"type": "object"}}}

        @staticmethod
        def model_validate(value):
            return value

    def find(a: Model):
        pass

    find.__annotations__["a"] = Model
    schema = describe(find).schema
    assert schema["properties"] == {"a": {"$ref": "#/$defs/A"}}
    assert schema["$defs"] == {"A": {"type": "object"}}


def test_arguments_become_what_the_hints_name():
    def find(unit: Unit, days: list[datetime.date], limit: int | None = None):
        pass

    bound = bind(find, {"unit": "celsius", "days": ["2026-01-02"], "limit": None})
    assert bound == {"unit": Unit.CELSIUS, "days": [datetime.date(2026, 1, 2)], "limit": None}
    assert bind(find, {"unit": "celsius", "days": []}) == {"unit": Unit.CELSIUS, "days": []}


def test_an_argument_that_is_none_is_named():
    def find(day: datetime.date):
        pass

    with pytest.raises(ValueError, match=r"^day: .*month"):
        bind(find, {"day": "2026-02-31"})
    with pytest.raises(ValueError, match="no argument 'night'"):
        bind(find, {"night": 1})


def positional(a, /):
    pass


def starred(*names):
    pass


def raw(body: dict[str, bytes]):
    pass


def unresolved(a: Nowhere):  # type: ignore[name-defined]  # noqa: F821
    pass


def generator() -> Iterator[int]:
    yield 1


async def flowing():
    yield 1


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (positional, "(a, /) cannot be called by name"),
        (starred, "(*names) cannot be called by name"),
        (raw, "body: JSON has nothing for the type bytes"),
        (unresolved, "name 'Nowhere' is not defined"),
        (generator, "a generator cannot answer a call"),
        (flowing, "a generator cannot answer a call"),
    ],
)
def test_what_a_model_could_not_call_is_refused_with_its_place(function, message):
    with pytest.raises(HookError) as caught:
        describe(function)
    line = function.__code__.co_firstlineno
    assert str(caught.value).startswith(
        f"{__file__}:{line}: the hook {function.__name__}: {message}\n  hint: "
    )


def test_a_name_that_the_service_refuses_is_refused():
    with pytest.raises(HookError, match="'<lambda>' is no tool name"):
        describe(lambda: 1)
    with pytest.raises(HookError, match="'größe' is no tool name"):
        describe(get_weather, name="größe")
