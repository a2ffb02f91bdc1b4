from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.errors import Fault, RecipeSyntaxError
from runner.recipe.source import parse
from tests.recipe.test_source import BOTH, fault, faults


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
        assert all(
            fault.mark and 1 <= fault.mark.line <= lines and fault.message for fault in found
        )


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


def test_a_message_stays_short_whatever_the_file_holds():
    for text in ("{" * 100_000, "!" * 100_000, "a: {{ " + "x" * 100_000 + " }}", "'" * 99_999):
        with pytest.raises(RecipeSyntaxError) as caught:
            parse(text, "a.yaml")
        assert len(str(caught.value.faults[0])) < 500
