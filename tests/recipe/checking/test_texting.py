"""Texting: numbers and booleans of templates become text where a schema takes text alone."""

from __future__ import annotations

from typing import Any

import pytest

from runner.recipe.checking.texting import texted

SCHEMA: dict[str, Any] = {
    "properties": {
        "user": {"type": "string"},
        "maybe": {"type": ["string", "null"]},
        "kind": {"enum": ["1", "2", None]},
        "both": {"type": ["string", "integer"]},
        "either": {"anyOf": [{"type": "string"}, {"type": "number"}]},
        "stop": {"type": ["string", "array"], "items": {"type": "string"}},
        "metadata": {"$ref": "#/$defs/pairs"},
        "tool": {"if": {"type": "object"}, "then": {"properties": {"id": {"type": "string"}}}},
        "seed": {"type": "integer"},
        "free": {"type": "object"},
    },
    "$defs": {"pairs": {"type": "object", "additionalProperties": {"type": "string"}}},
}


@pytest.mark.parametrize(
    ("name", "value", "made"),
    [
        ("user", 5, "5"),
        ("user", True, "true"),
        ("user", 1.5, "1.5"),
        ("user", None, None),
        ("maybe", 5, "5"),
        ("kind", 1, "1"),
        ("both", 5, 5),
        ("either", 5, 5),
        ("stop", 5, "5"),
        ("stop", [1, "b"], ["1", "b"]),
        ("metadata", {"a": 1, "b": "c"}, {"a": "1", "b": "c"}),
        ("tool", {"id": 7}, {"id": "7"}),
        ("seed", 5, 5),
        ("free", {"a": 5}, {"a": 5}),
        ("unknown", 5, 5),
    ],
)
def test_what_a_template_gave_becomes_text(name, value, made):
    assert texted({name: value}, {name: "{{ x }}"}, SCHEMA) == {name: made}
    assert texted({name: value}, "{{ x }}", SCHEMA) == {name: made}


def test_what_the_recipe_itself_says_stays():
    said: dict[str, Any] = {"user": 5, "metadata": {"a": 1, "b": 2}, "stop": [3, 4]}
    assert texted(said, said, SCHEMA) == said
    mixed = {"user": 5, "metadata": {"a": 1, "b": "{{ x }}"}, "stop": [3, "{{ x }}"]}
    assert texted(said, mixed, SCHEMA) == {
        "user": 5,
        "metadata": {"a": 1, "b": "2"},
        "stop": [3, "4"],
    }
