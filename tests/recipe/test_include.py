"""Includes: spliced, relative to their own file, rendered as if written there, and bounded."""

from __future__ import annotations

import pytest

from runner.errors import Fault, RecipeError
from runner.recipe.include import included, left_out
from runner.recipe.source import MAX_SIZE, MAX_VALUES, NOWHERE, Seq
from tests.recipe.trees import plain, reader, refused, tree


def taken(text, **files):
    """The tree with what it includes."""
    return plain(included(tree(text), reader(**files)))


def test_text_stands_for_a_value():
    assert taken("{system: {include: p.md}}", p_md="Be {{ kind }}.\n") == {
        "system": "Be {{ kind }}."
    }


def test_a_tree_stands_for_a_value():
    assert taken("{params: {include: p.yaml}}", p_yaml="{seed: 7, stop: [a]}") == {
        "params": {"seed": 7, "stop": ["a"]}
    }


def test_a_list_within_a_list_is_spliced():
    assert taken("[1, {include: l.yaml}, 4]", l_yaml="[2, 3]") == [1, 2, 3, 4]


def test_a_list_that_is_written_out_is_not():
    assert taken("[1, [2, {include: l.yaml}]]", l_yaml="[3]") == [1, [2, 3]]


def test_a_list_elsewhere_stays_a_list():
    assert taken("{stop: {include: l.yaml}}", l_yaml="[a, b]") == {"stop": ["a", "b"]}


def test_includes_include():
    files = {"a_yaml": "[1, {include: b.yaml}]", "b_yaml": "[2, {include: c.md}]", "c_md": "3"}
    assert taken("[0, {include: a.yaml}]", **files) == [0, 1, 2, "3"]


def test_a_path_belongs_to_the_file_that_names_it():
    asked = []

    def read(path, mark):
        asked.append((mark.file, path))
        return tree("{include: c.md}", "deep/b.yaml") if path == "deep/b.yaml" else "x"

    included(tree("[{include: deep/b.yaml}]", "a.yaml"), read)
    assert asked == [("a.yaml", "deep/b.yaml"), ("deep/b.yaml", "c.md")]


def test_spliced_items_keep_their_own_places():
    found = included(tree("[0, {include: l.yaml}]"), reader(l_yaml="- 1\n- {a: 2}\n"))
    assert [(mark.file, mark.line) for mark in found.marks] == [
        ("r.yaml", 1),
        ("l.yaml", 1),
        ("l.yaml", 2),
    ]


@pytest.mark.parametrize("text", ["{include: [a]}", "{include: a.md, other: 1}", "{include: 5}"])
def test_what_only_looks_like_an_include_stays(text):
    """The API has a field of this name too."""
    assert taken(text) == plain(tree(text))


def test_a_path_may_be_a_template():
    written = tree('{system: {include: "{{ lang }}.md"}}')
    read = reader(nl_md="Hallo")
    assert plain(included(written, read)) == plain(written)
    assert plain(included(written, read, lambda one: {"include": "nl.md"})) == {"system": "Hallo"}


def test_a_file_that_includes_itself_is_refused():
    assert refused(lambda: taken("{include: a.yaml}", a_yaml="[{include: a.yaml}]")) == [
        "1:12 include: a.yaml includes itself"
    ]


def test_includes_that_multiply_are_refused():
    rows = {i: f"{{include: f{i + 1}.yaml}}" for i in range(14)}
    files = {f"f{i}_yaml": f"[{row}, {row}, {row}]" for i, row in rows.items()}
    files["f14_yaml"] = "[x]"
    with pytest.raises(RecipeError, match="too much is included: at most 500 files"):
        taken("{include: f0.yaml}", **files)


def test_files_are_counted_however_little_they_hold():
    for count in (500, 501):
        written = tree("[" + "{include: t.md}, " * count + "]")
        if count == 500:
            assert included(written, lambda path, mark: "x") == ["x"] * count
        else:
            with pytest.raises(RecipeError, match="too much is included: at most 500 files"):
                included(written, lambda path, mark: "x")


def test_so_is_too_much_text():
    half = "x" * (MAX_SIZE // 2)
    assert (
        included(tree("[{include: t.md}, {include: t.md}]"), lambda path, mark: half) == [half] * 2
    )
    with pytest.raises(RecipeError, match="too much is included"):
        included(tree("[{include: t.md}, {include: t.md}]"), lambda path, mark: half + "x")


def test_and_too_many_values():
    half = Seq()
    half.extend([1] * (MAX_VALUES // 2))
    half.marks = [NOWHERE] * len(half)
    assert len(included(tree("[{include: l.yaml}]"), lambda path, mark: half)) == len(half)
    with pytest.raises(RecipeError, match="too much is included"):
        included(tree("[{include: l.yaml}, {include: l.yaml}]"), lambda path, mark: half)


def test_what_cannot_be_read_may_stay_and_be_left_out():
    found: list[Fault] = []
    text = "a: {include: no.md}\nb: [{include: no.yaml}, {include: t.md}]\nc: 1\n"

    def read(path, mark):
        if path.startswith("no"):
            raise RecipeError.of(Fault(f"no {path}", mark))
        return "text"

    made = included(tree(text), read, broken=found)
    assert [fault.message for fault in found] == ["no no.md", "no no.yaml"]
    assert plain(made)["b"] == [{"include": "no.yaml"}, "text"]
    assert plain(left_out(made)) == {"b": ["text"], "c": 1}
