"""Hints: what a text offers."""

from __future__ import annotations

import pytest

from runner.protocol.simulated import hints


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the weather in Paris?", ["Paris"]),
        ("Weather in Paris and in New York", ["Paris", "New York"]),
        ("Weather in Paris, London and Rome", ["Paris", "London", "Rome"]),
        ("Weather in Paris, London, or Rome", ["Paris", "London", "Rome"]),
        ("Weather in Bogotá, Colombia", ["Bogotá, Colombia"]),
        ("The weather in Paris on Monday for Ada", ["Paris"]),
        ("Paris, in Paris and in Paris", ["Paris"]),
        ("A flight from Oslo to Rome", ["Rome"]),
        ("nothing here", []),
    ],
)
def test_places(text, expected):
    assert hints.places(text) == expected


def test_numbers_quotes_and_names():
    found = hints.find("Tell Ada that \"it's 3.5\" and -2, not v7 or 8th; Piet's too")
    assert found.numbers == [3.5, -2.0]
    assert found.names == ["Ada", "Piet's"]


@pytest.mark.parametrize("text", ["“blue cats”", '"blue cats"', "'blue cats'"])
def test_quoted_text(text):
    assert hints.find(f"Find {text} now").quoted == ["blue cats"]


def test_an_apostrophe_opens_no_quote():
    assert hints.find("the dog's and the cat's food").quoted == []


def test_a_huge_text_is_read_in_part():
    assert len(hints.find("7 " * 10**6).numbers) <= hints.SEARCHED
