"""Values: which wins, in which order they render, what type they take."""

from __future__ import annotations

import pytest

from runner.errors import RecipeError
from runner.recipe import template, values
from runner.recipe.values import Given
from tests.recipe.trees import refused, told, tree


def resolved(text, context=None, **given):
    """The variables of a recipe: values and their sources."""
    own = tree(text)
    return values.resolve(own, given, context or {"env": {}}, template.render)


def literal(text):
    """What --var K=V gives."""
    return Given(text, "--var", text=True)


def test_variables_render_in_order():
    found = resolved('{a: 1, b: "{{ a + 1 }}", c: "{{ a }}{{ b }}", d: ["{{ b }}"]}')
    assert found.values == {"a": 1, "b": 2, "c": "12", "d": [2]}


def test_what_is_filled_in_is_not_rendered_again():
    found = resolved('{b: "{{ a }}"}', a=Given("{{ 1 + 1 }}", "--var"))
    assert found.values["b"] == "{{ 1 + 1 }}"


def test_a_variable_sees_those_above_alone():
    (fault,) = refused(lambda: resolved('{a: "{{ b }}", b: 1}'))
    assert fault.startswith("1:5 ")
    assert "'b'" in fault


def test_variables_see_the_environment():
    assert resolved('{a: "{{ env.HOME }}"}', {"env": {"HOME": "/h"}}).values == {"a": "/h"}


def test_given_values_win_and_are_seen_from_the_first():
    found = resolved('{a: "{{ other }}", b: far}', b=Given("near", "--var"), other=literal("x"))
    assert found.values == {"other": "x", "a": "x", "b": "near"}


def test_a_given_value_s_template_is_never_rendered():
    assert resolved('{a: "{{ nothing }}"}', a=literal("x")).values == {"a": "x"}


def test_each_value_has_a_source():
    found = resolved("a: 1\nb: 2\n", b=Given(3, "--var"), c=Given(4, "vars.yaml"))
    assert found.origins == {"a": "r.yaml:1", "b": "--var", "c": "vars.yaml"}


def test_what_the_context_has_stands_before_the_recipe():
    """A matrix's value beats the recipe's, and is none of its variables."""
    found = resolved('{a: 1, b: "{{ a }}"}', {"env": {}, "a": 2})
    assert found.values == {"b": 2}


@pytest.mark.parametrize("name", values.RESERVED)
def test_some_names_are_taken(name):
    (fault,) = refused(lambda: resolved(f"a: 1\n{name}: 2\n"))
    assert fault == f"2:1 vars.{name}: {name!r} is no variable name: the runner uses it"
    with pytest.raises(RecipeError, match="is no variable name"):
        resolved("{}", **{name: literal("x")})


@pytest.mark.parametrize(
    ("default", "text", "value"),
    [
        ("x", "5", "5"),
        ("null", "5", "5"),
        ("1", "2", 2),
        ("1", "2.5", 2.5),
        ("1.5", "2", 2),
        ("true", "false", False),
        ("[a]", '["b"]', ["b"]),
        ("{a: b}", '{"c": 1}', {"c": 1}),
        ('"{{ 1 }}"', "2", "2"),
        ("{file: a.txt}", "text", "text"),
        ("{include: '{{ x }}.md'}", "text", "text"),
    ],
)
def test_literal_text_takes_the_default_s_type(default, text, value):
    found = resolved(f"a: {default}", a=literal(text)).values["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("default", "text", "wanted"),
    [
        ("1", "two", "a number"),
        ("1", "true", "a number"),
        ("1", "NaN", "a number"),
        ("1", "1e999", "a number"),
        ("1", "-Infinity", "a number"),
        ("true", "yes", "true or false"),
        ("true", "1", "true or false"),
        ("[a]", "b", "a JSON list"),
        ("[a]", "[" * 100_000, "a JSON list"),
        ("[a]", "[NaN]", "a JSON list"),
        ("{a: b}", "[]", "a JSON mapping"),
    ],
)
def test_text_that_does_not_fit_is_an_error(default, text, wanted):
    with pytest.raises(RecipeError, match=f"expected {wanted}, got the text") as caught:
        resolved(f"a: {default}", a=literal(text))
    assert caught.value.hint == "write --var a:=JSON for any JSON value"
    assert len(str(caught.value)) < 400


def test_json_needs_no_type():
    assert resolved("a: 1", a=Given(["x"], "--var")).values == {"a": ["x"]}


@pytest.mark.parametrize(
    ("shape", "text", "value"),
    [
        ({"type": "integer"}, "5", 5),
        ({"type": "number"}, "5.5", 5.5),
        ({"type": "boolean"}, "true", True),
        ({"type": "array"}, "[1]", [1]),
        ({"type": "object"}, "{}", {}),
        ({"type": "null"}, "null", None),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": ["integer", "null"]}, "7", 7),
        ({"type": ["integer", "string"]}, "7", "7"),
        ({"type": "string"}, "7", "7"),
        ({"enum": ["a"]}, "7", "7"),
        (True, "7", "7"),
        (None, "7", "7"),
    ],
)
def test_a_schema_types_literal_text(shape, text, value):
    schema = {"properties": {} if shape is None else {"a": shape}}
    found = values.coerced({"a": literal(text)}, schema)["a"].value
    assert (found, type(found)) == (value, type(value))


def test_a_schema_beats_the_default_s_type():
    given = values.coerced({"a": literal("7")}, {"properties": {"a": {"type": "string"}}})
    assert resolved("a: 1", **given).values == {"a": "7"}


def test_a_schema_refuses_what_does_not_fit():
    schema = {"properties": {"a": {"type": ["integer", "boolean"]}}}
    with pytest.raises(RecipeError, match="--var a=x: expected a whole number or true or false"):
        values.coerced({"a": literal("x")}, schema)


def test_json_is_not_coerced():
    schema = {"properties": {"a": {"type": "integer"}}}
    assert values.coerced({"a": Given("7", "--var")}, schema)["a"].value == "7"
    assert values.coerced({"a": literal("7")}, None)["a"].value == "7"


SHAPE = {
    "type": "object",
    "required": ["city", "n"],
    "properties": {"city": {"enum": ["Paris", "Rome"]}, "n": {"type": "integer", "default": 3}},
}


def faults(text, shape=SHAPE, given=None, *, whole=True):
    """What is wrong with variables, by a schema."""
    own = tree(text)
    found = values.resolve(own, given or {}, {}, lambda one, _: one)
    return values.shape_faults(found, shape, own, own.mark, whole=whole)


def test_variables_that_fit_are_right():
    assert faults("{city: Rome, n: 1, more: x}") == []
    assert faults("{city: 5}", None) == []


def test_a_required_variable_has_a_value_and_a_default_is_none():
    (fault,) = faults("{city: Rome}")
    assert told([fault]) == ["1:1 vars.n: the variable 'n' is required and has no value"]
    assert fault.hint == "give it with --var n=VALUE"


def test_required_variables_that_come_later_may_lack_and_the_others_are_judged():
    assert faults("{city: Rome}", whole=False) == []
    (told_of,) = faults("{city: has no value}", whole=False)
    assert "has no value" in told_of.message


def test_each_fault_points_at_its_variable():
    found = told(faults("city: Oslo\nn: 1.5\n"))
    assert [fault.partition(" ")[0] for fault in found] == ["1:7", "2:4"]
    assert "Oslo" in found[0]


def test_a_value_from_elsewhere_points_at_the_recipe():
    own = tree("x: 1\n")
    (fault,) = values.shape_faults(
        values.Values({"city": "Oslo", "n": 1}, {}), SHAPE, own, own.mark
    )
    assert fault.mark == own.mark


def test_a_value_that_was_given_is_told_with_its_source_and_not_at_the_recipe_s_own():
    (fault,) = faults("city: Rome\nn: 2\n", given={"n": Given(1.5, "--var n")})
    assert fault.message.endswith("(from --var n)")
    assert fault.mark == tree("city: Rome\nn: 2\n").mark
