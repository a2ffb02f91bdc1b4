import copy
import json
import math
import pickle
import re

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from runner.errors import Mark, RecipeSyntaxError
from runner.recipe.source import MAX_VALUES, Map, Seq, mark_of, merge, parse, parse_json

BOTH = pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "pure"])


KINDS = pytest.mark.parametrize("read", [parse, parse_json], ids=["yaml", "json"])


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def faults(text, pure=False, read=parse):
    with pytest.raises(RecipeSyntaxError) as caught:
        read(text, "a.yaml", pure=pure) if pure else read(text, "a.yaml")
    return caught.value.faults


def fault(text, pure=False, read=parse):
    (only,) = faults(text, pure, read)
    return only


def same(one, other):
    """Equal, and of equal types: 1, 1.0 and true are three values."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@BOTH
@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("nUll", "nUll"),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("Off", "Off"),
        ("y", "y"),
        ("1", 1),
        ("-0", 0),
        ("+12", 12),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("0xG", "0xG"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1.5E-1", 0.15),
        ("1.2.3", "1.2.3"),
        (".", "."),
        ("-", "-"),
        ("2024-01-02", "2024-01-02"),
        ("2024-01-02 10:00:00", "2024-01-02 10:00:00"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("''", ""),
        ('"\\x41\\u00e9\\U0001F600"', "Aé😀"),
        ("!!str 12", "12"),
        ("!!str", ""),
        ('!!int "12"', 12),
        ("!!float 1", 1.0),
        ('!!bool "true"', True),
        ("!!null ''", None),
        ("!!map {a: 1}", {"a": 1}),
        ("!!seq [1]", [1]),
        ("1" * 400, int("1" * 400)),
    ],
)
def test_scalars_are_those_of_yaml_1_2(word, value, pure):
    if word == "-":
        word = "'-'"
    assert same(parse(f"key: {word}\n", "a.yaml", pure=pure), {"key": value})


@BOTH
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("|\n  a\n  b\n", "a\nb\n"),
        ("|-\n  a\n", "a"),
        (">\n  a\n  b\n\n  c\n", "a b\nc\n"),
        ("a\n  b\n", "a b"),
        ("'it''s'", "it's"),
    ],
)
def test_text_of_many_lines(text, value, pure):
    assert parse(f"key: {text}", "a.yaml", pure=pure) == {"key": value}


@BOTH
@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "\ufeff", "null\n"])
def test_an_empty_document_is_none(text, pure):
    assert parse(text, "a.yaml", pure=pure) is None


@BOTH
@pytest.mark.parametrize("odd", ["\x85", "\u2028", "\u2029", "\ufeff"])
def test_what_is_no_line_end_to_an_editor_is_none_here(odd, pure):
    tree = parse(f"a: x{odd}y\nb: '{odd}\uf8ff'\n{odd}: 1\n", "a.yaml", pure=pure)
    assert tree == {"a": f"x{odd}y", "b": f"{odd}\uf8ff", odd: 1}
    assert mark_of(tree, ["b"]) == Mark("a.yaml", 2, 4, 4)


NEWER_NUMBER = re.compile(r"(?<![\w'\"])[-+]?(\d+[eE][-+]?\d+|0o[0-7]+)(?![\w'\"])")


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_what_safe_dump_writes_is_read_again(tree):
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
    assume(not NEWER_NUMBER.search(text))  # text to YAML 1.1, by which it is written
    assert same(parse(text, "a.yaml"), tree)


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_json_is_read_by_both_readers(tree):
    text = json.dumps(tree, ensure_ascii=False)
    assert same(parse_json(text, "a.json"), tree)
    assert same(parse_json(json.dumps(tree), "a.json"), tree)
    assert same(parse(json.dumps(tree, ensure_ascii=False, indent=1), "a.yaml"), tree)


@KINDS
def test_bytes_with_a_byte_order_mark(read):
    assert read('\ufeff{"ü": 1}'.encode(), "a") == {"ü": 1}


@BOTH
def test_marks_are_of_keys_and_values(pure):
    text = 'é: "üü"\nlist:\n  - a\n  - {b: [1, 2]}\nlong: |\n  text\nnone:\n'
    tree = parse(text, "dir/a.yaml", pure=pure)
    place = {
        (): (1, 1, 1),
        ("é",): (1, 4, 4),
        ("list",): (3, 3, 1),
        ("list", 0): (3, 5, 1),
        ("list", 1): (4, 5, 11),
        ("list", 1, "b"): (4, 9, 6),
        ("list", 1, "b", 1): (4, 13, 1),
        ("long",): (5, 7, 1),
        ("none",): (7, 6, 1),
    }
    for path, (line, column, width) in place.items():
        assert mark_of(tree, path) == Mark("dir/a.yaml", line, column, width), path
    assert mark_of(tree, ["list"], key=True) == Mark("dir/a.yaml", 2, 1, 4)
    assert mark_of(tree, ["list", 1, "b"], key=True) == Mark("dir/a.yaml", 4, 6, 1)


def test_marks_of_text_over_several_lines_are_its_first_line():
    tree = parse("a: 'one\n  two'\nb: one\n  two\n", "a.yaml")
    assert mark_of(tree, ["a"]) == Mark("a.yaml", 1, 4, 4)
    assert mark_of(tree, ["b"]) == Mark("a.yaml", 3, 4, 3)


def test_the_deepest_known_mark_stands_for_what_is_not_there():
    tree = parse("a:\n  b: [x]\n", "a.yaml")
    assert mark_of(tree, ["a", "b", 7]) == mark_of(tree, ["a", "b"])
    assert mark_of(tree, ["a", "b", 0, "c"]) == mark_of(tree, ["a", "b", 0])
    assert mark_of(tree, ["z"]) == Mark("a.yaml", 1, 1, 1)
    assert mark_of({"a": 1}, ["a"]) is None


@BOTH
def test_line_ends_of_windows_and_old_macs(pure):
    tree = parse("a: 1\r\nb: 2\rc: 3\n", "a.yaml", pure=pure)
    assert tree == {"a": 1, "b": 2, "c": 3}
    assert mark_of(tree, ["c"]) == Mark("a.yaml", 3, 4, 1)


@BOTH
def test_keys_become_their_text(pure):
    tree = parse("1: a\ntrue: b\n1.0: c\nnull: d\n'': e\n? f\n: g\n", "a.yaml", pure=pure)
    assert tree == {"1": "a", "true": "b", "1.0": "c", "null": "d", "": "e", "f": "g"}


@BOTH
def test_aliases_are_the_values_they_name(pure):
    tree = parse("a: &x {n: [1]}\nb: *x\n&k key: 1\nc: {*k : 2}\n", "a.yaml", pure=pure)
    assert tree == {"a": {"n": [1]}, "b": {"n": [1]}, "key": 1, "c": {"key": 2}}
    assert mark_of(tree, ["b"]) == Mark("a.yaml", 2, 4, 2)
    assert mark_of(tree, ["b", "n"]) == mark_of(tree, ["a", "n"])


@BOTH
def test_own_keys_win_over_merged_ones(pure):
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  c: 3\n  <<: [*x, *y]\nq: {<<: *x}\n"
    tree = parse(text, "a.yaml", pure=pure)
    assert tree["z"] == {"a": 1, "b": 1, "c": 3}
    assert tree["q"] == {"a": 1, "b": 1}
    assert mark_of(tree, ["z", "b"]) == mark_of(tree, ["x", "b"])
    assert mark_of(tree, ["z", "c"]) == Mark("a.yaml", 4, 6, 1)
    assert set(tree["z"].marks) == set(tree["z"])


def test_a_quoted_merge_key_is_a_key():
    assert parse("'<<': {a: 1}\n", "a.yaml") == {"<<": {"a": 1}}


def test_bearable_nesting_is_read():
    assert json.dumps(parse("[" * 64 + "]" * 64, "a")) == "[" * 64 + "]" * 64
    assert json.dumps(parse_json("[" * 64 + "]" * 64, "a")) == "[" * 64 + "]" * 64


@KINDS
@pytest.mark.parametrize("depth", [65, 5_000, 200_000])
def test_deep_json_is_refused(read, depth):
    assert fault("[" * depth + "]" * depth, read=read).message.startswith("values nest deeper")


@KINDS
def test_files_too_large_are_refused(read):
    assert (
        fault(b" " * (16 * 1024 * 1024 + 1), read=read).message == "the file is larger than 16 MiB"
    )


@pytest.mark.parametrize(
    ("item", "read"), [("1,", parse), ("[],", parse_json)], ids=["yaml", "json"]
)
def test_a_file_of_too_many_values_is_refused(item, read):
    with pytest.raises(RecipeSyntaxError, match="more than 500,000 values in one file"):
        read(f"[{item * MAX_VALUES}1]", "a.yaml")


@KINDS
def test_bytes_that_are_no_utf_8_are_refused(read):
    found = fault(b'{"a":\n "\xc3\xa9\xff"}', read=read)
    assert found.message == "expected UTF-8 text, got the byte 0xff"
    assert found.mark == Mark("a.yaml", 2, 4, 1)
    assert found.hint == "save the file as UTF-8"


def test_nodes_pickle_and_copy_with_their_marks():
    tree = parse("a: {b: [1, x]}\n", "a.yaml")
    for twin in (pickle.loads(pickle.dumps(tree)), copy.deepcopy(tree), copy.copy(tree)):
        assert same(twin, tree)
        assert mark_of(twin, ["a", "b", 1]) == mark_of(tree, ["a", "b", 1])
        assert type(twin) is Map
        assert type(twin["a"]["b"]) is Seq


def test_the_nearer_mapping_wins_and_marks_tell_the_file():
    base = parse("vars: {a: 1, b: {c: 1}}\nlist: [1, 2]\nkeep: x\n", "base.yaml")
    over = parse("vars: {b: {d: 2}}\nlist: [3]\n", "over.yaml")
    merged = merge(base, over)
    assert merged == {"vars": {"a": 1, "b": {"c": 1, "d": 2}}, "list": [3], "keep": "x"}
    assert mark_of(merged, ["vars", "b", "c"]) == mark_of(base, ["vars", "b", "c"])
    assert mark_of(merged, ["vars", "b", "d"]) == mark_of(over, ["vars", "b", "d"])
    assert mark_of(merged, ["list", 0]) == Mark("over.yaml", 2, 8)
    assert mark_of(merged, ["keep"], key=True) == Mark("base.yaml", 3, 1, 4)
    assert base["vars"] == {"a": 1, "b": {"c": 1}}
    assert over["vars"] == {"b": {"d": 2}}


@pytest.mark.parametrize(("below", "above"), [("{b: 1}", "[1]"), ("[1]", "{b: 1}"), ("1", "null")])
def test_what_is_no_mapping_is_replaced(below, above):
    merged = merge(parse(f"a: {below}\n", "base"), parse(f"a: {above}\n", "over"))
    assert merged == parse(f"a: {above}\n", "over")


def test_numbers_keep_their_kind():
    assert math.copysign(1, parse("a: -0.0\n", "a")["a"]) == -1
    assert type(parse("a: 1.0\n", "a")["a"]) is float
