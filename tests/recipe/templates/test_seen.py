"""What an expression read is told by the names that it spells."""

import pytest

from runner.recipe.templates.seen import seen

CONTEXT = {
    "usage": {"in": 3, "out": 5},
    "json": {"data": [{"id": "a"}], "a.b": 1},
    "text": "Hi",
    "run": 2,
}


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("{{ usage.out < 2 * usage.in }}", [("usage.out", 5), ("usage.in", 3)]),
        ("{{ json.data[0].id == 'b' }}", [("json.data.0.id", "a")]),
        ("{{ json['a.b'] > run }}", [("json.a.b", 1), ("run", 2)]),
        ("{{ text | length > 3 and text is string }}", [("text", "Hi")]),
        ("{{ json.data | length == 2 }}", [("json.data", [{"id": "a"}])]),
        ("{{ usage.none is defined }}", []),
        ("{{ text.upper() == 'HI' }}", []),
        ("{{ 1 > 2 }}", []),
    ],
)
def test_each_value_is_told_once_and_in_its_order(source, read):
    assert [*seen(source, CONTEXT)] == read
