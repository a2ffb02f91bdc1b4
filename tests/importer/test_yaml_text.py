"""YAML that people can read, and that our own reader reads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runner.importer.yaml_text import written
from runner.recipe import source

TEXT = some.text(some.characters(codec="utf-8"))
JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(10**20), 10**20)
    | some.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | some.sampled_from(
        ["0o17", "0x1F", "yes", "1e5", "=", "<<", "~", "- a", "a: b", "a #b", "{{ x }}", "\t", " a"]
    ),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(some.dictionaries(some.sampled_from(["vars", "endpoint", "output", "params"]), JSON))
def test_a_tree_comes_back(tree):
    assert (source.parse(written(tree), "f") or {}) == tree


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain words", "a: plain words\n"),
        ("0o17", 'a: "0o17"\n'),
        ("{{ x }}", 'a: "{{ x }}"\n'),
        ("Say {{ x }}.", "a: Say {{ x }}.\n"),
        ("two\nlines", "a: |-\n  two\n  lines\n"),
        (["b", 1, None], "a: [b, 1, null]\n"),
        ([{"role": "user"}], "a:\n  - role: user\n"),
        ({"b": {"c": 1, "d": "e"}}, "a:\n  b: {c: 1, d: e}\n"),
        ({}, "a: {}\n"),
    ],
)
def test_it_reads_well(value, text):
    assert written({"a": value}) == text


def test_groups_stand_apart_below_the_comments():
    tree = {"vars": {"x": 1}, "endpoint": "raw", "output": {"body": "a"}}
    assert written(tree, ("one\ntwo",)) == (
        "# one\n# two\nvars:\n  x: 1\n\nendpoint: raw\n\noutput:\n  body: a\n"
    )
