"""Paths."""

import pytest

from runner.errors import RecipeError
from runner.expect.paths import MISSING, absence, look, split

TREE = {"data": [{"id": "a"}, None], "gpt-4.1": {"b": 0}, "it's": 1, "0": "zero", "n": None}


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("a", ("a",)),
        ("data.0.id", ("data", "0", "id")),
        ("a.'gpt-4.1'.b", ("a", "gpt-4.1", "b")),
        ('a."gpt-4.1"', ("a", "gpt-4.1")),
        ("'it''s.x'", ("it's.x",)),
        ("it's", ("it's",)),
        ("a b.c-d", ("a b", "c-d")),
    ],
)
def test_a_path_is_split_at_dots_outside_quotes(path, keys):
    assert split(path) == keys


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "'a", "'a'b", "''", "a.''"])
def test_what_is_no_path_is_refused_with_the_way_out(path):
    with pytest.raises(RecipeError) as caught:
        split(path)
    assert "quotes" in caught.value.hint


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data.0.id", "a"),
        ("data.1", None),
        ("n", None),
        ("'gpt-4.1'.b", 0),
        ("it's", 1),
        ("0", "zero"),
        ("data.2", MISSING),
        ("data.-1", MISSING),
        ("data.00", MISSING),
        ("data.1.id", MISSING),
        ("gpt-4.1", MISSING),
        ("data.length", MISSING),
        ("0.0", MISSING),
        ("data.99999999999999999999", MISSING),
    ],
)
def test_a_path_leads_to_a_value_or_to_nothing(path, value):
    assert look(TREE, path) is value or look(TREE, path) == value


def test_absence_says_where_the_path_ends():
    assert absence(TREE, "data.5.id") == "there is no '5' in data, which is a list of 2"
    assert absence(TREE, "n.x") == "there is no 'x' in n, which is null"
    assert absence({"a": 1}, "b") == "there is no 'b' in it, which has the fields 'a'"
