"""What has a wrong shape is laid aside; what hangs on it is not guessed at."""

import json
from pathlib import Path

import pytest

from runner.errors import Fault, RecipeSchemaError
from runner.recipe import gaps, source
from runner.recipe.include import Gap, has_gaps

SHAPE = Path(__file__).parents[2] / "schemas" / "recipe.json"
PARAMS = {"properties": {"n": {"type": "integer"}, "size": {"type": "string"}}, "required": ["n"]}
TOLD = [Fault("it is wrong")]


def spared(text):
    shape = json.loads(SHAPE.read_text(encoding="utf-8"))
    return gaps.spared(source.parse(text, "r.yaml"), shape, lambda _: PARAMS, TOLD)


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("{endpoint: models, messages: 3, tools: [b]}", "messages"),
        ("{endpoint: models, mesages: [{user: Hi}], tools: [b]}", "mesages"),
        ("{endpoint: models, output: '{{ b }}', tools: [b]}", "output"),
    ],
)
def test_a_key_is_laid_aside(text, gap):
    found = spared(text)
    assert [key for key in found if isinstance(found[key], Gap)] == [gap]
    assert found["tools"] == ["b"]


def test_params_are_laid_aside_one_by_one():
    found = spared("{endpoint: models, params: {n: many, size: big}}")["params"]
    assert isinstance(found["n"], Gap)
    assert found["size"] == "big"


def test_a_param_that_is_missing_leaves_none():
    assert isinstance(spared("{endpoint: models, params: {size: big}}")["params"], Gap)


def test_expectations_that_are_right_stay():
    found = spared("{endpoint: models, expect: [{contains: b}, {text: c}, 3]}")
    assert found["expect"] == [{"text": "c"}]
    assert not has_gaps(found)


def test_steps_are_looked_at_one_by_one():
    found = spared("steps: [{name: a, endpoint: models, stream: 3}, {name: c, endpoint: models}]")
    assert [has_gaps(step) for step in found["steps"]] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "{endpoint: 3.5, vars: [a]}",
        "{endpoint: models, secrets: b}",
        "{endpoint: models, dataset: [b]}",
        "{steps: {name: a}}",
        "{steps: [3]}",
        "{steps: [{name: a, endpoint: models, for_each: 3}]}",
        "{endpoint: models, messages: [{user: b}], input: c}",
    ],
)
def test_what_others_hang_on_is_told_alone(text):
    with pytest.raises(RecipeSchemaError, match="it is wrong"):
        spared(text)
