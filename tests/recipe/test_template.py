"""Templates keep types, render once, and say what is wrong with every text of a tree."""

from __future__ import annotations

import subprocess
import sys

import pytest

from runner.errors import Mark, RecipeTemplateError
from runner.model import Ref
from runner.recipe import template
from runner.recipe.source import Map, Seq
from tests.recipe.filled import CONTEXT, fault, faults, render


def test_a_tree_becomes_plain_and_keys_stay_as_they_are():
    tree = Map()
    mark = Mark("a.yaml", 1, 1)
    tree.put("{{ n }}", Seq(), (mark, mark))
    tree["{{ n }}"].add("{{ n }}", mark)
    tree.put("t", ("{{ yes }}", 5, None, "{ no }"), (mark, mark))
    made = render(tree)
    assert made == {"{{ n }}": [3], "t": [True, 5, None, "{ no }"]}
    assert type(made) is dict
    assert type(made["{{ n }}"]) is list
    assert type(template.render(Map(), {})) is dict


def test_what_is_constant_is_shared_but_for_the_outermost():
    compiled = template.compile({"a": {"b": [1]}, "c": "{{ n }}"})
    first, second = compiled({"n": 1}), compiled({"n": 2})
    assert first == {"a": {"b": [1]}, "c": 1}
    assert second["c"] == 2
    assert first["a"] is second["a"]
    constant = template.compile({"a": 1})
    constant({})["b"] = 2
    assert constant({}) == {"a": 1}


def test_a_ref_keeps_its_kind_and_its_path_becomes_text():
    mark = Mark("a.yaml", 3, 4)
    made = render([Ref("image", "{{ n }}", mark, {"detail": "{{ text }}"})])
    assert made == [Ref("image", "3", mark, {"detail": "wörd"})]
    assert isinstance(made[0], Ref)
    wrong = fault([Ref("image", "{{ nothing }}", mark)])
    assert (wrong.message, wrong.mark) == ("expected text, got null", mark)


def test_data_never_becomes_a_ref():
    made = render({"image": "{{ row.deep }}"}, row={"deep": {"image": "/etc/passwd"}})
    assert type(made["image"]) is dict


def test_every_fault_of_a_tree_is_told_with_its_place():
    tree = Map(Mark("a.yaml", 1, 1))
    tree.put("one", "{{ zzz }}", (Mark("a.yaml", 1, 1), Mark("a.yaml", 1, 6)))
    tree.put("two", ["{{ n }}", "{{ yyy }}"], (Mark("a.yaml", 2, 1), Mark("a.yaml", 2, 6)))
    told = faults(tree)
    assert [(f.where, f.mark.line, f.mark.column) for f in told] == [("one", 1, 6), ("two.1", 2, 6)]
    with pytest.raises(RecipeTemplateError, match=r"^a\.yaml:1:6: steps\.0\.one: 'zzz' is und"):
        template.render(tree, {}, at=("steps", 0))


def test_a_fault_within_a_long_text_names_the_line():
    assert fault("a\nb\n{{ row.ids }}\n").message == "row.ids: no such field (line 3 of the text)"
    assert "(line 2 of the text)" in fault("a\n{{ n +* }}\n").message
    assert "line" not in fault("{{ zzz }}\n").message


def test_at_most_twenty_faults_are_told():
    assert len(faults([f"{{{{ zzz{i} }}}}" for i in range(50)])) == 20


def test_texts_that_do_not_compile_are_found_without_rendering():
    tree = {"a": "{{ n +* }}", "b": "{{ zzz }}", "c": ["{% endif %}"], "d": "{{ n | nope }}"}
    assert [f.where for f in template.compile_faults(tree)] == ["a", "c.0", "d"]
    with pytest.raises(RecipeTemplateError) as caught:
        template.compile(tree)
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (1, "1"), (0.5, "0.5"), (True, "true"), (False, "false"), ("", "")],
)
def test_numbers_and_booleans_become_text(value, text):
    assert template.as_text(value) == text


@pytest.mark.parametrize(("value", "kind"), [(None, "null"), ({}, "a mapping"), ([], "a list")])
def test_what_is_no_text_is_refused_where_text_is_wanted(value, kind):
    with pytest.raises(RecipeTemplateError, match=f"messages: expected text, got {kind}"):
        template.as_text(value, where="messages")


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ n == 3 }}", True),
        ("{{ n > 5 }}", False),
        (" {{ yes }} ", True),
        ("{{ not yes }}", False),
    ],
)
def test_a_truth_is_one_expression(source, value):
    assert template.truth(source, CONTEXT) is value


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("n == 3", "expected one {{ expression }}, got the text 'n == 3'"),
        (True, "expected one {{ expression }}, got true"),
        (None, "expected one {{ expression }}, got null"),
        ("{{ yes }}!", "nothing beside it"),
        ("not {{ yes }}", "nothing beside it"),
        ("{{ yes }}{{ yes }}", "nothing beside it"),
        ("{% if yes %}true{% endif %}", "nothing beside it"),
        ("{{ n }}", "expected true or false, got 3"),
        ("{{ n and 1 }}", "expected true or false, got 1"),
        ("{{ text }}", "expected true or false, got the text 'wörd'"),
        ("{{ 'true' }}", "expected true or false, got the text 'true'"),
        ("{{ items }}", "expected true or false, got a list"),
        ("{{ nothing }}", "expected true or false, got null"),
        ("{{ zzz }}", "'zzz' is undefined"),
        ("{{ yes if no }}", "no else"),
        ("{{ yes", "{{ is not closed"),
    ],
)
def test_anything_else_is_no_truth(source, message):
    mark = Mark("a.yaml", 4, 2)
    with pytest.raises(RecipeTemplateError) as caught:
        template.truth(source, CONTEXT, "steps.0.if", mark)
    (only,) = caught.value.faults
    assert message in only.message
    assert (only.where, only.mark) == ("steps.0.if", mark)


@pytest.mark.parametrize("source", ["n == 3", "{{ yes }}!", "{{ yes"])
def test_what_is_no_expression_is_known_before_it_is_judged(source):
    with pytest.raises(RecipeTemplateError):
        template.expression(source)


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("a/{{ v }}.md", "a/x y.md"),
        ("{{ v }}", "x y"),
        ("{{ v | upper }}/b", "X Y/b"),
        ("{{ 7 }}", "7"),
    ],
)
def test_a_path_may_be_filled_in(source, made):
    assert template.path(source, {"v": "x y"}) == made


@pytest.mark.parametrize("value", ["a/b", "a\\b", "..", "a\n", "\x00", "a..b", "\x9b"])
@pytest.mark.parametrize(
    "source", ["{{ v }}", "a/{{ v }}.md", "{{ v | trim('') }}", "a/{{ v ~ '' }}"]
)
def test_a_value_in_a_path_holds_no_separator(value, source):
    with pytest.raises(RecipeTemplateError, match="filled into a path"):
        template.path(source, {"v": value})


def test_names_have_the_place_where_they_are_read_first():
    tree = Map()
    for line, (key, text) in enumerate(
        {
            "a": "{{ x }}",
            "b": "{{ x }}{{ y | default(z) }}",
            "c": "no",
            "{{ k }}": "{{ +* }}",
        }.items()
    ):
        tree.put(key, text, (Mark("f", line, 1), Mark("f", line, 5)))
    assert {name: mark.line for name, mark in template.names(tree).items() if mark} == {
        "x": 0,
        "y": 1,
        "z": 1,
    }
    assert template.sure_names(tree) == {"x": Mark("f", 0, 5)}


def test_names_of_a_ref_count():
    ref = Ref("image", "{{ a }}.png", Mark("f", 2, 3), {"detail": "{{ b }}"})
    assert template.names([ref]) == {"a": Mark("f", 2, 3), "b": Mark("f", 2, 3)}


def test_the_fields_of_a_name_are_found_through_a_tree():
    tree = {"a": "{{ row.a }}", "b": ["{{ row['b'] | default(1) }} {{ env.HOME }}"]}
    assert template.paths_read(tree, "row") == {"a", "b"}
    assert template.paths_read(tree, "row", sure=True) == {"a"}
    assert template.paths_read(tree, "env") == {"HOME"}


PROGRAM = """
import sys
from runner.recipe import template
tree = {"a": "{{ x }} and {{ y.z }}", "b": "no braces", "c": "{{ y.z }}"}
assert template.render(tree, {"x": 1, "y": {"z": True}}) == \\
    {"a": "1 and true", "b": "no braces", "c": True}
assert set(template.names(tree)) == {"x", "y"} == set(template.sure_names(tree))
assert template.paths_read(tree, "y") == {"z"}
assert template.compile_faults(tree) == []
assert "jinja2" not in sys.modules, "jinja2"
"""


def test_plain_names_load_no_jinja():
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)
