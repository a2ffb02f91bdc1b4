"""Lint: what is wrong with a recipe's templates, told before anything runs."""

from __future__ import annotations

import pytest

from runner.recipe import build, lint, normal
from tests.recipe.trees import reader, told, tree


def written(text, values=(), unset=(), given=()):
    """What lint reads of a recipe."""
    recipe = build.build("r.yaml", build.keys_of("r.yaml", tree(text), reader()))
    named = [*recipe.key("vars", ()), *values]
    return lint.Written(
        tuple(normal.normal(step.keys) for step in recipe.steps),
        tuple(normal.normal(step.keys) for step in recipe.finals),
        tuple(step.name for step in (*recipe.steps, *recipe.finals)),
        recipe.keys,
        frozenset(named),
        frozenset(unset),
        frozenset(given),
    )


def faults(text, **more):
    """What is wrong with a recipe's templates."""
    return lint.faults(written(text, **more))


@pytest.mark.parametrize(
    "text",
    [
        "vars: {city: x}\nmessages: [{user: '{{ city }}'}]",
        "env: [A]\nmessages: [{user: '{{ env.A }}'}]",
        "messages: [{user: '{{ x | default(1) }}{{ 1 if y is defined }}'}]",
        "expect: [{text: '{{ text }}{{ reply.json.a }}'}]",
        "output: {text: '{{ model }}-{{ index }}.md'}",
        "tools: [{name: a, parameters: {}, returns: '{{ arguments.x }}'}]",
        "poll: {until: '{{ json.done }}'}",
        "response_schema: {const: '{{ no template }}'}",
        "expect: [{json: {schema: {const: '{{ none }}'}}}]",
        "steps: [{name: a, vars: {x: 1}, messages: [{user: '{{ x }}'}]}]",
        "steps: [{name: a, for_each: '{{ [1] }}', id: '{{ item }}{{ loop.index }}'}]",
        "dataset: a.csv\nmessages: [{user: '{{ row.a }}{{ row_id }}'}]",
    ],
)
def test_what_is_given_may_be_read(text):
    assert faults(text) == []


def test_a_name_that_nothing_gives_is_told_in_place():
    (fault,) = faults("model: m\nmessages:\n  - user: Hi {{ nmae }}\n")
    assert told([fault]) == ["3:11 messages: the template reads 'nmae', which nothing gives"]
    assert fault.hint == "give it under vars, or with --var nmae=VALUE"


def test_the_nearest_name_is_suggested():
    (fault,) = faults("vars: {name: x}\nmodel: '{{ nmae }}'\n")
    assert fault.hint == "did you mean 'name'?"


@pytest.mark.parametrize("name", ["text", "json", "usage", "reply"])
def test_a_reply_is_there_only_afterwards(name):
    (fault,) = faults(f"messages: [{{user: '{{{{ {name} }}}}'}}]\n")
    assert f"reads {name!r}" in fault.message
    assert fault.hint == "a reply is there only in expect, output, collect and poll"


def test_rows_need_a_dataset_and_items_a_loop():
    assert len(faults("messages: [{user: '{{ row.a }}'}, {user: '{{ item }}'}]")) == 2


def test_variables_without_a_value_yet_let_pass():
    assert faults("model: '{{ m }}'", unset=["m"]) == []


@pytest.mark.parametrize(
    "text",
    ["model: '{{ a'", "expect: [{that: '{{ a b }}'}]", "messages: [{user: '{% if %}'}]"],
)
def test_templates_that_do_not_compile_hide_no_other(text):
    first, second = faults(f"{text}\nid: '{{{{ nothing }}}}'\n")
    assert [one.mark.line for one in (first, second) if one.mark] == [1, 2]
    assert ["nothing" in one.message for one in (first, second)] == [False, True]


def test_every_place_is_told():
    text = "model: '{{ a }}'\nid: '{{ b }}'\nparams: {seed: '{{ c }}'}\n"
    assert [fault.mark.line for fault in faults(text) if fault.mark] == [1, 2, 3]


TWO = """
steps:
  - {name: one, model: m}
  - {name: two, model: m}
"""


def test_earlier_steps_may_be_read():
    assert faults("steps: [{name: a}, {name: b, model: '{{ steps.a.text }}'}]") == []
    text = "steps: [{name: a}]\nfinally: [{name: z, id: '{{ steps.a.json.id }}'}]\n"
    assert faults(text) == []


def test_a_step_that_does_not_exist_is_told():
    (fault,) = faults("steps:\n  - {name: upload}\n  - {name: b, id: '{{ steps.uplaod.text }}'}\n")
    assert told([fault]) == ["3:19 steps: no step is named 'uplaod'"]
    assert fault.hint == "did you mean 'upload'?"
    (fault,) = faults("id: '{{ steps.a.text }}'\n")
    assert (fault.message, fault.hint) == ("no step is named 'a'", "")


@pytest.mark.parametrize("name", ["a", "b", "z"])
def test_a_step_is_read_after_its_turn(name):
    text = f"""
steps:
  - {{name: a, id: "{{{{ steps.{name}.text }}}}"}}
  - {{name: b}}
finally: [{{name: z}}]
"""
    (fault,) = faults(text)
    assert told([fault]) == [f"3:19 steps: the step {name!r} has not run yet"]


def test_asking_whether_it_ran_is_fine():
    assert faults("steps: [{name: a, if: '{{ steps.b is defined }}'}, {name: b}]") == []


def test_expectations_beside_steps_are_read_too():
    steps = "steps: [{name: a}]\n"
    assert faults(f"{steps}expect: [{{text: '{{{{ steps.a.text }}}}{{{{ usage }}}}'}}]") == []
    (fault,) = faults(f"{steps}expect: [{{text: '{{{{ nothing }}}}'}}]")
    assert told([fault]) == ["2:17 expect: the template reads 'nothing', which nothing gives"]
    (fault,) = faults(f"{steps}expect: [{{that: '{{{{ steps.b.text }}}}'}}]")
    assert fault.message == "no step is named 'b'"
    (fault,) = faults(f"{steps}expect: [{{that: '{{{{ 1 +'}}]")
    assert fault.mark is not None


@pytest.mark.parametrize("name", ["item", "row", "env"])
def test_a_step_s_variables_have_names_of_their_own(name):
    (fault,) = faults(f"steps:\n  - name: a\n    vars: {{{name}: 1}}\n")
    assert told([fault]) == [f"3:12 vars.{name}: {name!r} is no variable name: the runner uses it"]


def test_given_values_are_read_somewhere():
    text = """
    vars: {a: 1, b: "{{ c }}"}
    description: "{{ no }}"
    messages: [{user: "{{ a }}"}, {include: "{{ d }}.md"}]
    expect: [{that: "{{ e }}"}, {json: {schema: {const: "{{ f }}"}}}]
    """
    given = ["a", "b", "c", "d", "e", "z"]
    assert lint.unread(written(text, given=given)) == {"b", "z"}
    assert lint.unread(written(text)) == frozenset()


def test_what_nothing_reads_is_worded():
    fault = lint.no_reader("ctiy", ["city", "ctiy"])
    assert fault.message == "nothing reads the variable 'ctiy'"
    assert fault.hint == "did you mean 'city'?"
    assert "did you mean" not in lint.no_reader("x", []).hint


def test_the_environment_is_declared_and_set():
    keys = normal.normal(tree("model: '{{ env.A }}'\nid: '{{ env.B }}{{ env.C }}'\n"))
    found = lint.env_faults(keys, ["C"], {"B": "env", "C": "env"})
    assert told(found) == [
        "1:8 env: the environment variable A is not declared",
        "2:5 env: the environment variable B is not set",
    ]
    assert [fault.hint for fault in found] == [
        "name it under env: `env: [A]`",
        "set it, or give it a default: `env: [{B: value}]`",
    ]


def test_an_unset_secret_is_never_asked_to_stand_in_the_recipe():
    keys = normal.normal(tree("model: '{{ env.TOKEN }}'\n"))
    [fault] = lint.env_faults(keys, [], {"TOKEN": "secrets"})
    assert fault.message == "the secret TOKEN is not set"
    assert "--offline" in fault.hint
    assert "value" not in fault.hint


def test_a_default_lets_it_be_unset():
    keys = normal.normal(tree("model: \"{{ env.A | default('m') }}\"\n"))
    assert lint.env_faults(keys, [], {}) == []


def test_expressions_are_put_back_and_schemas_stay_closed():
    step = normal.normal(tree("if: '{{ a }}'\nresponse_schema: {const: '{{ b }}'}\ntools: [a]"))
    assert lint.opened(step) == {"if": None, "response_schema": None, "tools": ["a"]}
    assert lint.opened(step, expressions=True)["if"] == "{{ a }}"
    assert lint.opened(step, expressions=True)["response_schema"] is None


@pytest.mark.parametrize(
    "written",
    [
        "if: '{{ a }} and more'",
        "expect: [{that: '{{ a }} {{ a }}'}]",
        "expect: [{not: {that: 'no {{ a }}'}}]",
        "poll: {until: 'not {{ a }}'}",
    ],
)
def test_an_expression_has_nothing_beside_it(written):
    (fault,) = faults(f"{written}\nvars: {{a: true}}\n")
    assert "nothing beside it" in str(fault)


def test_a_field_that_is_named_like_an_expression_is_text():
    assert not faults("expect: [{json: {that: 'so {{ a }}'}}]\nvars: {a: 1}\n")
