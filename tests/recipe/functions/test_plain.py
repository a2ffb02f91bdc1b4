"""What Python functions give becomes JSON."""

from __future__ import annotations

import datetime
import decimal
import enum
import pathlib
import uuid
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import pytest

from runner.recipe.functions.plain import plain


class Color(enum.Enum):
    RED = "red"


class Size(str, enum.Enum):  # noqa: UP042  people write it so
    BIG = "big"


class Point(NamedTuple):
    x: int
    y: tuple[Color, ...]


@dataclass
class Place:
    name: str
    seen: datetime.date
    planet: ClassVar[str] = "Earth"


class Model:
    def model_dump(self, mode):
        return {"mode": mode}


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (None, None),
        ([1, (2.5, True)], [1, [2.5, True]]),
        (Color.RED, "red"),
        (Size.BIG, "big"),
        (Point(1, (Color.RED,)), {"x": 1, "y": ["red"]}),
        (Place("Bogotá", datetime.date(2026, 1, 2)), {"name": "Bogotá", "seen": "2026-01-02"}),
        ({Color.RED: {"b", "a"}, 7: frozenset([2])}, {"red": ["a", "b"], "7": [2]}),
        (datetime.datetime(2026, 1, 2, 3), "2026-01-02T03:00:00"),
        (datetime.time(3, 4), "03:04:00"),
        (pathlib.PurePosixPath("a/b"), "a/b"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("1.50"), "1.50"),
        (Model(), {"mode": "json"}),
    ],
)
def test_python_values_become_json(value, json):
    assert plain(value) == json


@pytest.mark.parametrize(
    ("value", "named"),
    [(object(), "object"), (b"x", "bytes"), (iter(()), "iterator"), ({(1,): 2}, "tuple")],
)
def test_what_json_cannot_tell_is_named(value, named):
    with pytest.raises(TypeError, match=named):
        plain(value)
