"""Which rows have their requests made before anything is sent."""

import pytest

from runner.engine.rows.dataset import Row
from runner.engine.rows.rehearsal import LONGEST, Rehearsal
from runner.engine.suite import Suite
from runner.engine.user.options import Options

HEAD = "endpoint: chat.completions\nmodel: gpt-4.1\ndataset: rows.jsonl\n"
WORDS = HEAD + 'messages: [{user: "Tell of {{ row.a }}."}]\n'


def rehearsal(tmp_path, recipe):
    (tmp_path / "r.recipe.yaml").write_text(recipe)
    (tmp_path / "rows.jsonl").write_text('{"a": "x", "b": "y"}\n')
    suite = Suite(Options(offline=True, out=tmp_path / "out"), print)
    (plan,) = suite.plans(str(tmp_path / "r.recipe.yaml"))
    return Rehearsal(plan, suite.world(plan))


@pytest.mark.parametrize(
    "recipe",
    [
        WORDS,
        WORDS.replace("{{ row.a }}.", "{{ row.a }}"),
        HEAD + 'messages: [{user: [{type: text, text: "{{ row_id }}: {{ row.a }}"}]}]\n',
        HEAD + 'messages: [{user: "{{ 1 + 1 }}"}]\nparams: {temperature: "{{ 0.5 * 2 }}"}\n',
        WORDS + 'collect: {file: a.jsonl, fields: {a: "{{ row.a }}", t: "{{ text | upper }}"}}\n',
    ],
)
def test_text_within_text_is_let_pass(tmp_path, recipe):
    assert not rehearsal(tmp_path, recipe).is_due(Row(2, "2", {"a": "z", "b": "y"}, 2))


@pytest.mark.parametrize("value", [None, 5, True, [], {}, "x" * (LONGEST + 1)])
def test_what_is_wholly_a_value_is_let_pass_as_text_alone(tmp_path, value):
    whole = rehearsal(tmp_path, WORDS.replace("Tell of {{ row.a }}.", "{{ row.a }}"))
    assert whole.is_due(Row(2, "2", {"a": value}, 2))


@pytest.mark.parametrize(("value", "is_due"), [(5, False), (0.5, False), (True, False), ([], True)])
def test_numbers_within_text_are_text(tmp_path, value, is_due):
    assert rehearsal(tmp_path, WORDS).is_due(Row(2, "2", {"a": value}, 2)) == is_due


@pytest.mark.parametrize(
    "more",
    [
        'params: {user: "{{ row.a }}"}\n',
        'headers: {X-A: "{{ row.a }}"}\n',
        'vars: {v: "{{ row.a }}"}\n',
        'if: "{{ row.a == row.b }}"\n',
        'expect: [{that: "{{ row.a > row.b }}"}]\n',
        "expect: [{text: {min_length: \"{{ row['a'] | length }}\"}}]\n",
        "collect: {file: a.jsonl, fields: {a: \"{{ row.a ~ '!' }}\"}}\n",
    ],
)
def test_what_stands_elsewhere_or_is_computed_is_made_for_every_row(tmp_path, more):
    recipe = WORDS + more
    if more.startswith("if"):
        step = "steps: [{name: s, endpoint: chat.completions, model: m, messages: [{user: a}], "
        recipe = "dataset: rows.jsonl\n" + step + more.strip() + "}]\n"
    assert rehearsal(tmp_path, recipe).is_due(Row(2, "2", {"a": "z", "b": "y"}, 2))
