"""Files of YAML: any text is a tree or a fault at its place, recipes and cassettes alike."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.cassette import form
from runner.errors import RecipeError
from runner.recipe import source
from tests.properties import bounded, told

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "recipes").glob("*.recipe.yaml"))
CASSETTES = sorted((ROOT / "recipes" / "cassettes").glob("*.yaml"))
BITS = st.sampled_from(
    ["{", "}", "[", "]", ":", ": ", "- ", "|", ">", "&a ", "*a", "<<: *a\n", "!!python/object:os ",
     "!!binary ", "'", '"', "\t", "\n", "\r", "%", "@", "`", "#", "? ", "---\n", "...\n", "\0",
     "\ud7ff", "\ufeff", "\x85", "\u2028", "1e999", "0x", "null", "~", "9" * 400, "\\ud800"]
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, files: list[Path]) -> bytes:
    """Take a file of ours and damage it in a few places."""
    text = draw(st.sampled_from(files)).read_text(encoding="utf-8")
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 12))
        text = text[:start] + draw(BITS | st.text(max_size=4)) + text[start + gone :]
    raw = text.encode("utf-8", "surrogatepass")
    return raw if draw(st.integers(0, 9)) else raw[: draw(st.integers(0, len(raw)))] + b"\xff"


def held(error: RecipeError, name: str) -> None:
    """Each fault says where it is, in few words."""
    told(error)
    assert all(fault.mark and fault.mark.file == name for fault in error.faults)


@pytest.mark.parametrize("pure", [False, True])
@bounded
@given(raw=damaged(RECIPES) | st.binary(max_size=60))
def test_any_text_is_a_tree_or_a_fault_at_its_place(pure, raw):
    try:
        source.parse(raw, "r.recipe.yaml", pure=pure)
    except RecipeError as error:
        held(error, "r.recipe.yaml")


@bounded
@given(damaged(CASSETTES) | st.binary(max_size=60).map(lambda raw: b"recordings:\n  - " + raw))
def test_any_cassette_is_recordings_or_a_fault_at_its_place(raw):
    try:
        found = form.read(raw, "c.yaml")
    except RecipeError as error:
        held(error, "c.yaml")
        return
    assert all(isinstance(one.request, dict) and isinstance(one.reply, dict) for one in found)
