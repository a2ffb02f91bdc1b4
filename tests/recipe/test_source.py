import copy
import json
import math
import pickle
from collections.abc import Sequence

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.errors import Fault, Mark, RecipeSyntaxError
from runner.recipe.source import Map, Seq, mark_of, merge, parse, parse_json

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


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_what_safe_dump_writes_is_read_again(tree):
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
    assert same(parse(text, "a.yaml"), tree)


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_json_is_read_by_both_readers(tree):
    text = json.dumps(tree, ensure_ascii=False)
    assert same(parse_json(text, "a.json"), tree)
    assert same(parse_json(json.dumps(tree), "a.json"), tree)
    assert same(parse(json.dumps(tree, ensure_ascii=False, indent=1), "a.yaml"), tree)


@settings(max_examples=60, deadline=None)
@given(st.text("ab:{}[]-#&*!|>'\"%@`,?\n\t 01\\\x00\ud800é\u2028", max_size=30))
def test_any_text_is_a_tree_or_faults_with_places(text):
    for pure in (False, True):
        found: Sequence[Fault] = []
        try:
            parse(text, "a.yaml", pure=pure)
        except RecipeSyntaxError as error:
            found = error.faults
        lines = text.count("\n") + 1
        assert all(1 <= fault.mark.line <= lines and fault.message for fault in found)


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


@BOTH
@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1, 1), "the key 'a' stands twice, first in line 1", "remove"),
        ("a: {b: 1, 'b': 2}\n", (1, 11, 3), "the key 'b' stands twice, first in line 1", "remove"),
        ("1: a\n'1': b\n", (2, 1, 3), "the key '1' stands twice, first in line 1", "remove"),
        ("<<: {a: 1}\n<<: {b: 1}\n", (2, 1, 2), "the key '<<' stands twice", "list of mappings"),
        ("<<: 3\n", (1, 5, 1), "expected a mapping after <<", ""),
        ("a: !x 1\n", (1, 4, 2), "the tag '!x' is not known", "!!str"),
        ("a: !!set {b}\n", (1, 4, 5), "the tag '!!set' is not known", "!!str"),
        ("!!python/object:os.system a\n", (1, 1, 25), "the tag '!!python/object:os.system'", ""),
        ("a: !!map [1]\n", (1, 4, 5), "the tag '!!map' is not known, or does not fit", ""),
        ("a: !!int x\n", (1, 4, 7), "'x' is not what its tag !!int says", "quotes"),
        ("a: !!bool 1\n", (1, 4, 8), "'1' is not what its tag !!bool says", "quotes"),
        ("!!int 1: a\n", (1, 1, 7), "a key is text and takes no tag", "leave"),
        ("a: .inf\n", (1, 4, 4), ".inf is no number that JSON can hold", "quotes"),
        ("a: -.Inf\n", (1, 4, 5), "-.Inf is no number", "quotes"),
        ("a: .nan\n", (1, 4, 4), ".nan is no number", "quotes"),
        ("a: 1e999\n", (1, 4, 5), "the number 1e999 is too large", "quotes"),
        (f"a: {'9' * 401}\n", (1, 4, 401), "a number of 401 digits is too long", "quotes"),
        ("a:\n\tb: 1\n", (2, 1, 1), "a tab stands where YAML wants spaces", "spaces"),
        ("a: |\n\tb\n", (2, 1, 1), "a tab stands where YAML wants spaces", "spaces"),
        ("a: b\n\tc\n", (2, 1, 1), "a tab stands where YAML wants spaces", "spaces"),
        ("a: *x\n", (1, 4, 2), "nothing above is named &x", "quotes"),
        ("a: &a [*a]\n", (1, 8, 2), "*a stands within &a", ""),
        ("? {a: 1}\n: b\n", (1, 3, 1), "expected text as a key, got a mapping", ""),
        ("? [a]\n: b\n", (1, 3, 1), "expected text as a key, got a list", ""),
        ("a: &x [1]\n*x : 1\n", (2, 1, 2), "expected text as a key, got an alias", ""),
        ("a: 1\n---\nb: 2\n", (2, 1, 3), "a second document begins here", "one document"),
        ("a: \x07b\n", (1, 4, 1), "the character U+0007 cannot stand in a file", "escape"),
        ("a: b\nc: \x00\n", (2, 4, 1), "the character U+0000", "escape"),
        ("a: \ud800\n", (1, 4, 1), "the character U+D800", "escape"),
        ("a: b: c\n", (1, 5, 1), "a second 'key: value' begins here", "quotes"),
        ("a: - b\n", (1, 4, 1), "a list item '- ' cannot begin here", "line of its own"),
        ("a: @b\n", (1, 4, 1), "a text cannot begin with this character", "quotes"),
        ("a: 'b\n", (1, 4, 1), "quoted text begins here and does not end", "close"),
        ("a: [1,\nb: c\n", (1, 4, 1), "the list that begins here is not closed", "]"),
        ("a: {b: 1\n", (1, 4, 1), "the mapping that begins here is not closed", "}"),
        ("a:\n  b: 1\n c: 2\n", (3, 2, 1), "this does not belong where it stands", "indent"),
        ("a: 'b' c\n", (1, 8, 1), "this does not belong where it stands", "closing quote"),
        ("a: }\n", (1, 4, 1), "a value was expected here", "quotes"),
        ("a: & b\n", (1, 5, 1), "a '*' or '&' that names no anchor", "quotes"),
        ("a: >x\n", (1, 5, 1), "text after '|' or '>'", "next line"),
        ("a: !e!x 1\n", (1, 4, 1), "a tag that YAML does not know", "quotes"),
        ("%YAML 2.0\n---\na: 1\n", (1, 1, 1), "a YAML version that is not supported", "%YAML"),
    ],
)
def test_a_fault_says_what_and_where(text, place, message, hint, pure):
    found = fault(text, pure)
    assert found.message.startswith(message)
    assert (found.mark.line, found.mark.column, found.mark.width) == place
    assert found.mark.file == "a.yaml"
    assert hint in found.hint
    written = text.split("\n")[place[0] - 1]
    assert found.source == written or found.message.startswith("the character")


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("escape", ["\\ud83d", "\\udc00 ", "\\ud83d\\ude00"])
def test_half_a_character_is_refused(escape, pure):
    found = fault(f'a: "{escape}"\n', pure)
    assert found.message == "a \\u escape that is no character"


@BOTH
@pytest.mark.parametrize(
    ("text", "form", "place"),
    [
        ("a: {{ x }}\n", '"{{ x }}"', (1, 4, 7)),
        ("{{ x }}\n", '"{{ x }}"', (1, 1, 7)),
        ("a: {{ x }}  # why\n", '"{{ x }}"', (1, 4, 7)),
        ("a: {{ x }} text\nb: 1\n", '"{{ x }} text"', (1, 4, 12)),
        ("a: {{ x }}/v{{ y }}\n", '"{{ x }}/v{{ y }}"', (1, 4, 16)),
        ("- {{ x }}, {{ y }}\n", '"{{ x }}, {{ y }}"', (1, 3, 16)),
        ('a: {{ x | f("b") }}\n', "'{{ x | f(\"b\") }}'", (1, 4, 16)),
        ("a: {{ x | f(\"b\", 'c') }}\n", '"{{ x | f(\\"b\\", \'c\') }}"', (1, 4, 21)),
        ("a: [{{ x }}]\n", '"{{ x }}"', (1, 5, 7)),
        ("a: {b: {{ x }}, c: 1}\n", '"{{ x }}"', (1, 8, 7)),
        ("a: {b: {{ x }}/c}\n", '"{{ x }}/c"', (1, 8, 9)),
        ("a: [Hello {{ x }}]\n", '"Hello {{ x }}"', (1, 5, 13)),
        ("a: {b: https://{{ x }}/c}\n", '"https://{{ x }}/c"', (1, 8, 17)),
        ("a: {% if x %}b{% endif %}\n", '"{% if x %}b{% endif %}"', (1, 4, 22)),
        ("a: [{%x%}]\n", '"{%x%}"', (1, 5, 5)),
    ],
)
def test_a_template_without_quotes_is_recognised(text, form, place, pure):
    found = fault(text, pure)
    assert found.message == "a template without quotes, which YAML reads as a mapping"
    assert found.hint == f"quote it: {form}"
    assert (found.mark.line, found.mark.column, found.mark.width) == place


def test_the_form_that_the_hint_shows_is_read():
    for text in ("{{ x | f(\"b\", 'c') }}", "{{ x }}\\n", '{{ "a" }}'):
        form = fault(f"a: {text}\n").hint.removeprefix("quote it: ")
        assert parse(f"a: {form}\n", "a.yaml") == {"a": text}


@BOTH
def test_a_template_as_a_key_is_no_key(pure):
    assert fault("{{ x }}: 1\n", pure).message == "a template cannot be a key"
    comma = fault("a: {user: Hi, {{ x }}}\n", pure)
    assert comma.message == "a template cannot be a key"
    assert "text with ', ' in it needs quotes" in comma.hint
    assert faults("? " * 500, pure)[0].message == "expected text as a key, got a mapping"


def test_templates_in_longer_text_need_no_quotes():
    assert parse("a: Hi {{ x }}\nb: |\n  {{ y }}\n", "a.yaml") == {
        "a": "Hi {{ x }}",
        "b": "{{ y }}\n",
    }


@BOTH
def test_faults_are_told_together(pure):
    text = "a: 1\na: 2\nb: !x 1\nc: {{ y }}\nd: .nan\ne: [1\n"
    assert [found.mark.line for found in faults(text, pure)] == [2, 3, 4, 5, 6]


def test_a_file_of_faults_tells_but_the_first():
    assert len(faults("".join(f"a: !x {n}\n" for n in range(500)))) == 12
    assert len(faults("".join(f"a{n}: !x 1\n" for n in range(11)) + "b: [")) == 12


@BOTH
def test_alias_bombs_are_refused(pure):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 40)
    )
    assert fault(bomb, pure).message == "aliases add more than 100,000 values to the file"
    long = f"a: &a {'x' * 1_000_000}\nb: [{'*a, ' * 30}]\n"
    assert fault(long, pure).message == "aliases add more than 100,000 values to the file"


@BOTH
def test_merge_bombs_are_refused(pure):
    bomb = "a0: &a0 {x: 1, y: 2}\n" + "".join(
        f"a{n}: &a{n} {{b: *a{n - 1}, c: *a{n - 1}, <<: *a{n - 1}}}\n" for n in range(1, 40)
    )
    assert fault(bomb, pure).message.startswith("aliases add more than")


def test_many_aliases_of_small_values_are_fine():
    text = "a: &a {b: 1}\nc: [" + "*a, " * 20_000 + "]\n"
    assert len(parse(text, "a.yaml")["c"]) == 20_000


@BOTH
@pytest.mark.parametrize("bracket", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused(bracket, pure):
    assert fault(bracket * 500, pure).message == "values nest deeper than 64 levels"


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


@KINDS
def test_bytes_that_are_no_utf_8_are_refused(read):
    found = fault(b'{"a":\n "\xc3\xa9\xff"}', read=read)
    assert found.message == "expected UTF-8 text, got the byte 0xff"
    assert found.mark == Mark("a.yaml", 2, 4, 1)
    assert found.hint == "save the file as UTF-8"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('{"a": 1,\n "a": 2}', (2, 2, 3), "the key 'a' stands twice, first in line 1"),
        ('[{"a": 1}, {"a": 1, "a": 2}]', (1, 21, 3), "the key 'a' stands twice"),
        ('{"\\ud83d\\ude00": 1, "\\ud83d\\ude00": 2}', (1, 1, 1), "the key '😀' stands twice"),
        ('["NaN",\n NaN]', (2, 2, 3), "NaN is no number that JSON can hold"),
        ("[-Infinity]", (1, 2, 9), "-Infinity is no number that JSON can hold"),
        ("[1e999]", (1, 2, 5), "the number 1e999 is too large"),
        (f"[{'9' * 5000}]", (1, 2, 5000), "a number of 5,000 digits is too long"),
        ('{"a": 1', (1, 7, 1), "this is no JSON: "),
        ('{"a":\n x}', (2, 2, 1), "this is no JSON: expecting value"),
        ("", (1, 1, 1), "this is no JSON: expecting value"),
        ('["\\ud800"]', (1, 1, 1), "a \\u escape that is half a character"),
        ('["\\udc00\\ud800"]', (1, 1, 1), "a \\u escape that is half a character"),
    ],
)
def test_a_fault_in_json_says_what_and_where(text, place, message):
    found = fault(text, read=parse_json)
    assert found.message.startswith(message)
    assert (found.mark.line, found.mark.column, found.mark.width) == place


def test_json_nodes_bear_the_mark_of_the_file():
    tree = parse_json('{"a": [{"b": 1}]}', "a.json")
    assert isinstance(tree["a"], Seq)
    assert isinstance(tree["a"][0], Map)
    assert mark_of(tree, ["a", 0, "b"]) == Mark("a.json", 1, 1)
    assert len(tree["a"].marks) == 1


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


def test_a_message_stays_short_whatever_the_file_holds():
    for text in ("{" * 100_000, "!" * 100_000, "a: {{ " + "x" * 100_000 + " }}", "'" * 99_999):
        with pytest.raises(RecipeSyntaxError) as caught:
            parse(text, "a.yaml")
        assert len(str(caught.value.faults[0])) < 500


def test_numbers_keep_their_kind():
    assert math.copysign(1, parse("a: -0.0\n", "a")["a"]) == -1
    assert type(parse("a: 1.0\n", "a")["a"]) is float
