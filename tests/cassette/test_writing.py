"""What is written reads back as it was, by both parsers of YAML."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.cassette.writing import written
from runner.recipe import source

TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.text("ab \n\t:#-|>'\"{}[],&*!%@`\u2028\ufeff\x85\x7f\r", max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b c", "null", "", "x: y"]), TREES, min_size=1))
def test_a_tree_reads_back_as_it_was(tree):
    text = written(tree)
    assert source.parse(text, "c.yaml", pure=True) == tree
    assert source.parse(text, "c.yaml") == tree


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("/chat/completions", "a: /chat/completions\n"),
        ("true", 'a: "true"\n'),
        ("12", 'a: "12"\n'),
        ("What now?", 'a: "What now?"\n'),
        ("data: x\n\n", "a: |+\n  data: x\n\n"),
        ("one\ntwo", "a: |-\n  one\n  two\n"),
        (["x", 1, None], "a: [x, 1, null]\n"),
        ([{"b": 1, "c": []}], "a:\n  - b: 1\n    c: []\n"),
        ({"b": {"c": "d"}}, "a:\n  b:\n    c: d\n"),
    ],
)
def test_it_is_written_as_people_write(value, text):
    assert written({"a": value}) == text


@pytest.mark.parametrize("value", [1.0, 1, 1e-7, 1e16, -0.0, True, False])
def test_a_number_keeps_its_kind(value):
    read = source.parse(written({"a": value}), "c.yaml")["a"]
    assert (type(read), repr(read)) == (type(value), repr(value))
