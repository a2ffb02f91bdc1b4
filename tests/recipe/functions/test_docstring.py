"""Docstrings in the three common styles say the same."""

from __future__ import annotations

import pytest

from runner.recipe.functions.docstring import read

GOOGLE = """Current temperature
for a place.

It is a guess.

Args:
    location (str): City and country,
        e.g. Bogotá, Colombia.
    unit (Optional[Literal["c", "f"]]): The scale: c or f.
    **rest: More.

Returns:
    number: The temperature.
"""
NUMPY = """Current temperature
for a place.

Parameters
----------
location : str
    City and country,
    e.g. Bogotá, Colombia.
unit : {"c", "f"}, optional
    The scale: c or f.
**rest
    More.

Returns
-------
number
    The temperature.
"""
SPHINX = """Current temperature
for a place.

:param str location: City and country,
    e.g. Bogotá, Colombia.
:param unit: The scale: c or f.
:type unit: str
:param rest: More.
:returns: The temperature.
"""


@pytest.mark.parametrize("doc", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_the_styles_say_the_same(doc):
    found = read(doc)
    assert found.summary == "Current temperature for a place."
    assert found.arguments == {
        "location": "City and country, e.g. Bogotá, Colombia.",
        "unit": "The scale: c or f.",
        "rest": "More.",
    }


@pytest.mark.parametrize(
    "doc",
    ["", "Args:\n    a: One.", ":param a: One.", "Parameters\n----------\na : int\n    One."],
)
def test_a_docstring_may_have_no_summary(doc):
    assert read(doc).summary == ""
    assert read(doc).arguments == ({"a": "One."} if doc else {})


def test_names_that_numpy_style_shares_a_line_have_one_text():
    doc = "Add.\n\nParameters\n----------\na, b : int\n    A number.\n"
    assert read(doc).arguments == {"a": "A number.", "b": "A number."}


def test_prose_that_has_a_colon_is_no_argument():
    assert read("Add numbers.\n\nNote: they are small.\n\nExample:\n    x: y").arguments == {}


def test_a_text_may_begin_on_the_next_line_and_span_blank_ones():
    doc = "Do.\n\nArgs:\n    a:\n        First.\n\n        Second.\n    b: Third.\n"
    assert read(doc).arguments == {"a": "First. Second.", "b": "Third."}
