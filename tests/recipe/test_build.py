"""Building: what a recipe extends is merged in, its shape checked, its steps put in order."""

from __future__ import annotations

import pytest

from runner.errors import RecipeError
from runner.recipe import build
from tests.recipe.trees import plain, reader, refused, told, tree
from tests.schemas import load


def keys(text, **files):
    """A recipe's top-level keys."""
    return build.keys_of("r.yaml", tree(text), reader(**files))


def steps(text):
    """The steps of a recipe: name and keys of each."""
    recipe = build.build("r.yaml", keys(text))
    return [(step.name, plain(step.keys)) for step in recipe.steps]


def faults(text, params=lambda name: None):
    """What is wrong with a recipe's shape."""
    return told(build.faults(keys(text), load("recipe.json"), params))


CHAT = "endpoint: chat.completions\nmodel: m\nmessages: [{user: Hi}]\n"


@pytest.mark.parametrize("text", ["", "[1]", "text", "5"])
def test_a_recipe_is_a_mapping(text):
    (fault,) = refused(lambda: keys(text))
    assert fault.startswith("1:1 ")


def test_keys_of_ones_own_are_ignored():
    assert plain(keys("x-note: [1]\n$schema: s.json\nmodel: m\n")) == {"model": "m"}


def test_anchors_may_stand_under_them():
    text = "x-shared: &p {seed: 7}\nparams: {<<: *p, n: 2}\n"
    assert plain(keys(text)) == {"params": {"seed": 7, "n": 2}}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a/b/ask.recipe.yaml", "ask"),
        ("chat.stream.recipe.yml", "chat.stream"),
        ("x.yaml", "x"),
        ("a\\b.yml", "b"),
        ("-", "-"),
        (".yaml", "recipe"),
    ],
)
def test_a_recipe_is_named_after_its_file(file, name):
    assert build.name_of(file) == name


def test_what_is_extended_lies_below():
    text = "extends: base.yaml\nmodel: near\nparams: {n: 2, stop: [b]}\n"
    base = "model: far\nendpoint: models\nparams: {n: 1, seed: 7, stop: [a, c]}\n"
    assert plain(keys(text, base_yaml=base)) == {
        "model": "near",
        "endpoint": "models",
        "params": {"n": 2, "seed": 7, "stop": ["b"]},
    }


def test_a_list_of_them_is_merged_in_its_order():
    text = "extends: [a.yaml, b.yaml]\nvars: {z: 3}\n"
    files = {"a_yaml": "vars: {x: 1, y: 1}\nmodel: a\n", "b_yaml": "vars: {y: 2}\nmodel: b\n"}
    assert plain(keys(text, **files)) == {"vars": {"x": 1, "y": 2, "z": 3}, "model": "b"}


def test_they_extend_others():
    files = {"a_yaml": "extends: b.yaml\nmodel: a\n", "b_yaml": "model: b\nid: x\n"}
    assert plain(keys("extends: a.yaml\n", **files)) == {"model": "a", "id": "x"}


def test_expectations_join():
    text = "extends: [a.yaml, b.yaml]\nexpect: [{status: 3}]\n"
    files = {"a_yaml": "expect: [{status: 1}]\n", "b_yaml": "expect: [{status: 2}]\n"}
    made = keys(text, **files)
    assert plain(made["expect"]) == [{"status": 1}, {"status": 2}, {"status": 3}]
    assert [mark.file for mark in made["expect"].marks] == ["a.yaml", "b.yaml", "r.yaml"]


def test_other_lists_are_replaced():
    text = "extends: a.yaml\ntags: [b]\nmessages: [{user: b}]\n"
    made = keys(text, a_yaml="tags: [a]\nmessages: [{user: a}]\n")
    assert plain(made) == {"tags": ["b"], "messages": [{"user": "b"}]}


def test_values_know_the_file_that_they_came_from():
    made = keys("extends: a.yaml\nmodel: m\n", a_yaml="attachments: [x.png]\n")
    assert made["attachments"].marks[0].file == "a.yaml"
    assert made.marks["model"][1].file == "r.yaml"


@pytest.mark.parametrize(
    "near", ["{file: s.json}", "{file: s.json, name: n, strict: false}", "{include: '{{ x }}'}"]
)
def test_a_file_s_content_replaces_what_it_stands_for(near):
    text = f"extends: a.yaml\nresponse_schema: {near}\n"
    base = "response_schema: {type: object, title: old}\n"
    made = plain(keys(text, a_yaml=base))
    assert made == plain(tree(f"response_schema: {near}"))
    back = keys(f"extends: a.yaml\n{base}", a_yaml=f"response_schema: {near}\n")
    assert plain(back) == plain(tree(base))


def test_a_collection_s_file_is_a_field_like_others():
    text = "extends: a.yaml\ncollect: {file: b.csv}\n"
    made = plain(keys(text, a_yaml="collect: {file: a.csv, fields: {a: 1}}\n"))
    assert made == {"collect": {"file": "b.csv", "fields": {"a": 1}}}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("extends: a.yaml", ""),
        ("extends: b.yaml", "extends: a.yaml"),
        ("extends: [b.yaml, a.yaml]", ""),
    ],
)
def test_a_circle_is_refused(a, b):
    files = {"a_yaml": f"model: a\n{a}\n", "b_yaml": f"model: b\n{b}\n"}
    (fault,) = refused(lambda: keys("extends: a.yaml\n", **files))
    assert fault in ("2:10 extends: a.yaml extends itself", "2:10 extends: b.yaml extends itself")


def test_the_same_file_may_be_extended_by_two():
    files = {
        "a_yaml": "extends: c.yaml\n",
        "b_yaml": "extends: c.yaml\n",
        "c_yaml": "model: c\n",
    }
    assert plain(keys("extends: [a.yaml, b.yaml]\n", **files)) == {"model": "c"}


def test_extensions_that_multiply_are_refused():
    files = {f"f{i}_yaml": f"extends: [{', '.join([f'f{i + 1}.yaml'] * 3)}]\n" for i in range(9)}
    files["f9_yaml"] = "model: m\n"
    with pytest.raises(RecipeError, match="more than 100 files are extended"):
        keys("extends: f0.yaml\n", **files)


@pytest.mark.parametrize("value", ["5", "null", "{a: b}", "[]", "[a.yaml, 5]", "''", "true"])
def test_extends_names_files(value):
    (fault,) = refused(lambda: keys(f"extends: {value}\n", a_yaml="model: m"))
    assert fault.startswith("1:10 extends: expected the path of a recipe, or a list of paths")


@pytest.mark.parametrize("content", ["[1]", "text"])
def test_what_is_extended_is_a_mapping(content):
    (fault,) = refused(lambda: keys("extends: a.yaml\n", a_yaml=content))
    assert fault == "1:10 extends: expected a file of keys such as vars and model, got a.yaml"


@pytest.mark.parametrize("key", ["vars", "tags", "env", "steps", "messages", "expect", "params"])
def test_any_key_may_be_included(key):
    made = keys(f"{key}: {{include: a.yaml}}\n", a_yaml="[{a: 1}]\n")
    assert plain(made) == {key: [{"a": 1}]}


def test_steps_are_spliced_in():
    made = keys("steps:\n  - {name: a}\n  - include: s.yaml\n", s_yaml="[{name: b}, {name: c}]")
    assert [step.name for step in build.build("r.yaml", made).steps] == ["a", "b", "c"]


def test_the_short_form_is_one_step():
    assert steps(
        "description: d\ntags: [a]\nvars: {x: 1}\nendpoint: models\nheaders: {A: b}\n"
    ) == [("", {"endpoint": "models", "headers": {"A": "b"}})]


def test_steps_have_names():
    assert steps("steps: [{name: a, endpoint: models}, {endpoint: models}]") == [
        ("a", {"endpoint": "models"}),
        ("step2", {"endpoint": "models"}),
    ]


def test_some_keys_are_defaults_for_steps():
    made = build.build(
        "r.yaml",
        keys("provider: p\nmodel: m\nretries: 1\nsteps: [{name: a, model: own}, {name: b}]\n"),
    )
    first, second = made.steps
    assert plain(first.keys) == {"provider": "p", "retries": 1, "model": "own"}
    assert first.defaults == {"provider", "retries"}
    assert plain(second.keys) == {"provider": "p", "model": "m", "retries": 1}
    assert second.defaults == {"provider", "model", "retries"}


def test_headers_of_a_step_join_those_of_all():
    text = "headers: {A: '1', B: '1'}\nsteps: [{name: a, headers: {B: '2', C: '2'}}]\n"
    assert steps(text) == [("a", {"headers": {"A": "1", "B": "2", "C": "2"}})]


def test_last_steps_stand_apart():
    made = build.build("r.yaml", keys(f"{CHAT}finally: [{{name: tidy, endpoint: models}}]\n"))
    assert [step.name for step in made.steps] == [""]
    assert [step.name for step in made.finals] == ["tidy"]
    assert made.key("finally") is not None
    assert made.key("nothing", 5) == 5


@pytest.mark.parametrize("key", ["messages: [{user: a}]", "params: {n: 1}", "output: {text: a}"])
def test_request_keys_belong_to_a_step(key):
    (fault,) = faults(f"steps: [{{name: a, endpoint: models}}]\n{key}\n")
    assert fault.startswith("2:1 ")
    assert key.partition(":")[0] in fault
    assert "belongs to a step" in fault


@pytest.mark.parametrize(
    "key", ["provider: p", "model: m", "headers: {A: b}", "tools: [a]", "timeout: 5", "retries: 1"]
)
def test_defaults_and_expectations_may_stand_beside_steps(key):
    steps = "steps: [{name: a, endpoint: models}]\nexpect: [{status: 200}]\n"
    assert faults(f"{steps}{key}\n") == []


def test_a_recipe_asks_something():
    (fault,) = faults("model: m\n")
    assert "needs an endpoint, or steps" in fault


def test_params_are_checked_where_they_stand():
    text = "steps:\n  - {name: a, endpoint: chat.completions, params: {seed: seven}}\n"
    shapes = {"chat.completions": load("endpoints/chat.completions.json")}
    (fault,) = faults(text, shapes.get)
    assert fault.startswith("2:58 seed: expected a whole number")


def test_a_field_of_the_body_is_sent_to_params():
    shapes = {"chat.completions": load("endpoints/chat.completions.json")}
    (fault,) = build.faults(keys(f"{CHAT}temperature: 0\n"), load("recipe.json"), shapes.get)
    assert fault.hint == "temperature is a field of the body: write it under params"


def test_a_fault_without_a_field_keeps_its_hint():
    (fault,) = build.faults(
        keys(f"{CHAT}modle: x\n"),
        load("recipe.json"),
        {"chat.completions": load("endpoints/chat.completions.json")}.get,
    )
    assert "model" in fault.hint


@pytest.mark.parametrize(
    ("keys_", "place"),
    [
        ("input: b", "4:1"),
        ("response_schema: {type: object}\nparams: {response_format: {type: text}}", "5:10"),
        ("response_schema: {type: object}\nparams: {text: {format: {type: text}}}", "5:17"),
    ],
)
def test_nothing_is_said_twice(keys_, place):
    (fault,) = faults(f"{CHAT}{keys_}\n")
    assert fault.startswith(f"{place} ")
    assert "would say the same" in fault


def test_what_only_stands_beside_it_is_fine():
    keys_ = "response_schema: {type: object}\nparams: {text: {verbosity: low}}\n"
    assert faults(f"endpoint: responses\nmodel: m\nmessages: [{{user: a}}]\n{keys_}") == []
