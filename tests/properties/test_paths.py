"""Paths: whatever a recipe names, nothing outside its project is found, nor outside `--out`."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.reading.files import Files
from runner.engine.writing import outputs
from runner.errors import Mark, OutputError, RecipeError
from tests.properties import bounded, told

NAMES = st.sampled_from(
    ["..", ".", "", "a", "deep", "x.md", "out", "link", "round", "near", ".env", "...", " ", "~",
     "..\\", "a\\..", "C:", "con", "%2e%2e", "a\n", "a\0b", "\u202e", "é", "e\u0301", "secret.txt",
     "ABOVE", "$HOME", "a" * 300]
)  # fmt: skip
PATHS = st.lists(NAMES, min_size=1, max_size=6).map("/".join) | st.text(max_size=12)


@pytest.fixture(scope="module")
def above(tmp_path_factory):
    """A project with folders, and links that lead out of it, within it, and round."""
    folder = tmp_path_factory.mktemp("above")
    (folder / "secret.txt").write_text("secret")
    home = folder / "project"
    (home / "deep" / "a").mkdir(parents=True)
    (home / "out" / "deep").mkdir(parents=True)
    for place in (home, home / "deep", home / "out"):
        (place / "x.md").write_text("fine")
        (place / "link").symlink_to(folder)
        (place / "near").symlink_to(home / "deep")
        (place / "round").symlink_to(place / "round")
    (home / ".env").write_text("KEY=1")
    return folder


def within(place: Path, folder: Path) -> bool:
    """Tell, by the system's own word, whether a path leads into a folder."""
    try:
        real = Path(os.path.realpath(place, strict=False))
    except (OSError, ValueError):
        return True
    return real == folder or folder in real.parents


@bounded
@given(PATHS)
def test_what_a_recipe_names_lies_in_its_project(above, path):
    home = above / "project"
    try:
        place = Files(home).place(
            path.replace("ABOVE", str(above)), Mark(str(home / "r.yaml"), 1, 1)
        )
    except RecipeError as error:
        told(error)
        return
    assert within(place, home.resolve())
    assert ".env" not in Path(os.path.realpath(place)).parts


@bounded
@given(PATHS)
def test_what_a_recipe_writes_lies_in_its_outputs(above, path):
    out = above / "project" / "out"
    try:
        place = outputs.place(out, path.replace("ABOVE", str(above)))
    except OutputError:
        return
    assert within(place, out.resolve())
    assert not any(name.startswith(".") for name in place.relative_to(out).parts)
