"""Depth is told of text before it is decoded, whatever the text hides its brackets behind."""

import gc
import json
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.context import parsed
from runner.errors import RecipeError
from runner.protocol import lines
from runner.protocol.charged import used_in
from runner.protocol.json_text import parse
from runner.protocol.streams.values import Values
from runner.recipe.depth import nests, text_nests
from runner.recipe.reading import json_source
from runner.recipe.templates.filters import from_json
from runner.recipe.values import typed

LEAVES = st.text('"\\[]{}a', max_size=4) | st.integers(0, 9) | st.none()
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('"\\[]{', max_size=3), inner, max_size=3)
    ),
)
DEEP = '{"a":' * 100_000


@given(VALUES, st.integers(1, 6))
def test_text_nests_as_its_value_does(value, most):
    assert text_nests(json.dumps(value), most) == nests(value, most)


def _deepest(text: str) -> int:
    open_, most, quoted, skip = 0, 0, False, False
    for sign in text:
        if skip or (quoted and sign == "\\"):
            skip = not skip
        elif sign == '"':
            quoted = not quoted
        elif not quoted:
            open_ += (sign in "[{") - (sign in "]}")
            most = max(most, open_)
    return most


@given(VALUES, st.integers(0, 60), st.text('"\\[]{}a', max_size=20), st.integers(1, 4))
def test_a_text_that_breaks_off_is_never_taken_for_flatter_than_it_is(value, cut, tail, most):
    begun = json.dumps(value)[:cut]
    assert text_nests(begun + tail, most) or _deepest(begun) <= most


@pytest.mark.parametrize(
    ("text", "deep"),
    [
        ("[" * 200 + "]" * 200, False),
        ("[" * 201 + "]" * 201, True),
        ("[" * 201, True),
        ('{"]":' * 201, True),
        ('{"\\"]":' * 201, True),
        ('{"\\\\":[' * 101, True),
        ('["' + "[" * 500 + '"]', False),
        ('["\\"' + "[" * 500 + '"]', False),
        ('["\\\\"' + ",[" * 500, True),
        ("[" + "[]," * 5_000 + "0]", False),
        ('["é", "",' + "[" * 300, True),
    ],
)
def test_brackets_count_where_they_are_no_text(text, deep):
    assert text_nests(text) == deep


READERS: dict[str, Callable[[str], object]] = {
    "a reply": parse,
    "a filter": from_json,
    "a variable": lambda text: typed("name", text, ("object",)),
    "a file": lambda text: json_source.read(text, "a.json"),
    "a line": lambda text: lines.faults([text.encode()], "a.jsonl", lambda _: iter(())),
    "a stream": lambda text: Values().feed(f"data: {text}\n\n".encode()),
    "a usage": lambda text: used_in(b'{"usage": ' + text.encode()),
    "an answer": lambda text: parsed(f"See: {text}"),
}


def _collected(phase: str, info: dict[str, int], depth: int = 30) -> None:
    if depth:
        _collected(phase, info, depth - 1)


@pytest.mark.parametrize("reader", READERS)
def test_what_is_called_meanwhile_finds_room(reader, monkeypatch):
    failed: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", failed.append)
    often = gc.get_threshold()
    gc.callbacks.append(_collected)
    gc.set_threshold(10)
    try:
        with suppress(ValueError, RecipeError):
            READERS[reader](DEEP)
    finally:
        gc.set_threshold(*often)
        gc.callbacks.remove(_collected)
    assert failed == []
