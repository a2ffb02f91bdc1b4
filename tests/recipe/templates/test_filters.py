"""Our filters do what their names say."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import RecipeTemplateError
from runner.recipe import template
from runner.recipe.templates.filters import slug


def filled(source: str, **context: Any) -> Any:
    return template.render(source, context)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_text_and_bytes_are_encoded_alike(text):
    encoded = base64.b64encode(text.encode()).decode()
    assert filled("{{ v | b64encode }}", v=text) == encoded
    assert filled("{{ v | b64encode }}", v=text.encode()) == encoded
    assert filled("{{ v | sha256 }}", v=text) == hashlib.sha256(text.encode()).hexdigest()
    assert filled("{{ v | sha256 }}", v=text.encode()) == filled("{{ v | sha256 }}", v=text)


@pytest.mark.parametrize("name", ["b64encode", "sha256", "dedent", "from_json"])
@pytest.mark.parametrize("value", [7, None, ["a"], {}])
def test_they_take_no_other_kind(name, value):
    with pytest.raises(RecipeTemplateError, match="takes text, not a"):
        filled(f"{{{{ v | {name} }}}}", v=value)


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a": [1, null, true, 0.5]}', {"a": [1, None, True, 0.5]}), ("null", None), ('"é"', "é")],
)
def test_json_is_read(text, value):
    assert filled("{{ v | from_json }}", v=text) == value


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", "[Infinity]", "{'a': 1}", "[" * 100_000, "9" * 5000]
)
def test_what_is_no_json_is_refused(text):
    with pytest.raises(RecipeTemplateError):
        filled("{{ v | from_json }}", v=text)


def test_json_is_written_plain():
    value = {"b": "<é&'>", "a": [None, True]}
    assert filled("{{ v | tojson }}", v=value) == """{"b": "<é&'>", "a": [null, true]}"""
    assert filled("{{ v | tojson(2) }}", v=[1]) == "[\n  1\n]"
    assert filled("{{ 'x' | tojson }}") == '"x"'
    with pytest.raises(RecipeTemplateError):
        filled("{{ v | tojson }}", v=float("nan"))


def test_a_common_indentation_goes():
    assert filled("{{ v | dedent }}", v="  a\n    b\n") == "a\n  b\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hello, World!", "hello-world"),
        ("  Ünïcödé  ßtraße ", "unicode-sstrasse"),
        ("a/../b\\c", "a-b-c"),
        ("..", "x-"),
        ("", "x-"),
        ("日本語", "x-"),
        ("CON", "con-"),
        ("com1", "com1-"),
        ("com¹", "com1-"),
        ("lpt9", "lpt9-"),
        ("console", "console"),
        ("ﬁle №5", "file-no5"),
        (True, "true"),
        (3.5, "3-5"),
        ("a" * 200, "a" * 71 + "-"),
    ],
)
def test_any_text_becomes_a_file_name(text, name):
    assert filled("{{ v | slug }}", v=text).startswith(name)


@given(st.text())
def test_a_slug_is_safe(text):
    made = slug(text)
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", made)
    assert not re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", made)
    assert slug(made.rstrip("-")) == made or made.startswith("x-")


def test_texts_without_a_letter_of_ours_stay_apart():
    assert slug("日本") != slug("中国")
    assert slug("a" * 200) != slug("a" * 201)
    assert slug("a" * 5000) != slug("a" * 5001)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ ['b', 'a'] | sort }}", ["a", "b"]),
        ("{{ [3, 1] | max }}", 3),
        ("{{ 'a-b' | replace('-', '+') }}", "a+b"),
        ("{{ 'a' | center(5) }}", "  a  "),
        ("{{ 'a\nb' | indent(2, first=true) }}", "  a\n  b"),
        ("{{ 'a\nb' | indent('> ') }}", "a\n> b"),
        ("{{ [1, 2, 3] | batch(2, 0) }}", [[1, 2], [3, 0]]),
        ("{{ [1, 2, 3] | slice(2) }}", [[1, 2], [3]]),
        ("{{ 1.234 | round(1) }}", 1.2),
        ("{{ '12' | int + 1 }}", 13),
        ("{{ [1, 2] | sum }}", 3),
        ("{{ 'abc' | reverse }}", "cba"),
        ("{{ [1, 2] | reverse }}", [2, 1]),
        ("{{ 'abc def' | title }}", "Abc Def"),
        ("{{ ' a ' | trim }}", "a"),
        ("{{ 'xax' | trim('x') }}", "a"),
        ("{{ 'aaa bbb' | wordwrap(3) }}", "aaa\nbbb"),
        ("{{ '<b>a</b>' | striptags }}", "a"),
        ("{{ 'a b' | wordcount }}", 2),
        ("{{ 'a b' | urlencode }}", "a%20b"),
        ("{{ 'abcdefgh' | truncate(5, leeway=0) }}", "ab..."),
        ("{{ {'b': 1, 'a': 2} | dictsort }}", [["a", 2], ["b", 1]]),
        ("{{ [{'k': 1, 'v': 2}] | groupby('k') }}", [{"grouper": 1, "list": [{"k": 1, "v": 2}]}]),
        ("{{ [1, 1, 2] | unique }}", [1, 2]),
        ("{{ [1, 2] | select('odd') }}", [1]),
        ("{{ [{'a': 1}] | map(attribute='a') }}", [1]),
        ("{{ [{'a': 1}] | join(',', attribute='a') }}", "1"),
        ("{{ {'a': 1} | items }}", [["a", 1]]),
        ("{{ {'a': 1} | attr('a') }}", 1),
        ("{{ 1024 | filesizeformat }}", "1.0 kB"),
        ("{{ 'x' | default('y') }}{{ [1] | first }}{{ [1] | last }}{{ 'ab' | length }}", "x112"),
        ("{{ 3 is odd }}", True),
        ("{{ 3 is divisibleby(3) }}", True),
        ("{{ 3 is in([3]) }}", True),
        ("{{ 'A' is upper }}", True),
        ("{{ 'upper' is filter and 'upper' is test }}", True),
        ("{{ ['upper'] is filter or 'nope' is test }}", False),
    ],
)
def test_filters_and_tests_of_jinja_work(source, value):
    assert filled(source) == value
