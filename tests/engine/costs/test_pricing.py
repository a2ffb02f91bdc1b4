"""Pricing: what an answer cost, in digits that people can read."""

from __future__ import annotations

import json
from pathlib import Path

from runner import run
from tests.engine.playing import HELLO, written


def test_a_cost_has_no_digits_of_binary_fractions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = "prices: {gpt-4.1: {input: 0.1, output: 0.7}}\n"
    text = HELLO + "output: {text: a.md}\n"
    written(tmp_path, {"a.recipe.yaml": text, "runner.yaml": project})
    result = run("a.recipe.yaml", offline=True)
    answer = result.steps[0].answer
    assert answer is not None
    cost = answer.cost
    assert cost is not None
    assert len(str(cost).partition("e")[0]) < 12
    told = json.loads(Path("out/a.md.run.json").read_text())
    assert told["cost"] == cost > 0
