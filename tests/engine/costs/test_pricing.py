"""Pricing: what an answer cost, in digits that people can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner import run
from runner.engine.costs.pricing import cost
from runner.model import Answer, Ask
from runner.protocol.tariff import FREE
from tests.engine.playing import HELLO, planned, play, reply, written

USED = {"input_tokens": 10, "output_tokens": 10}


def test_a_cost_has_no_digits_of_binary_fractions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = "prices: {gpt-4.1: {input: 0.1, output: 0.7}}\n"
    text = HELLO + "output: {text: a.md}\n"
    written(tmp_path, {"a.recipe.yaml": text, "runner.yaml": project})
    result = run("a.recipe.yaml", offline=True)
    answer = result.steps[0].answer
    assert answer is not None
    paid = answer.cost
    assert paid is not None
    assert len(str(paid).partition("e")[0]) < 12
    told = json.loads(Path("out/a.md.run.json").read_text())
    assert told["cost"] == paid > 0


def priced(tmp_path, ask, **fields):
    return cost(planned(tmp_path, HELLO), ask, Answer(status=200, **fields))


@pytest.mark.parametrize("name", sorted(FREE))
def test_what_is_free_costs_nothing_whatever_it_tells_of_usage(tmp_path, name):
    assert priced(tmp_path, Ask(name)) == 0
    assert priced(tmp_path, Ask(name, model="gpt-4.1"), rounds=(USED,)) == 0


@pytest.mark.parametrize(
    ("request_", "free"),
    [
        ({"path": "models"}, True),
        ({"path": "files/a", "method": "delete"}, True),
        ({"path": "new", "body": {}}, False),
        ({"path": "new", "method": "POST"}, False),
    ],
)
def test_a_raw_call_that_only_reads_costs_nothing(tmp_path, request_, free):
    assert priced(tmp_path, Ask("raw", request=request_)) == (0 if free else None)


@pytest.mark.parametrize("name", ["batches", "fine_tuning.jobs", "chat.completions"])
def test_of_what_is_paid_for_the_cost_is_unknown_without_usage(tmp_path, name):
    assert priced(tmp_path, Ask(name)) is None


def test_an_expectation_on_the_cost_of_what_is_free_holds(tmp_path):
    text = "endpoint: models\nexpect: [{cost: {at_most: 0.01}}, {cost: 0}]\n"
    assert play(tmp_path, text, reply({"data": [{"id": "a"}]})).result.exit_code == 0
