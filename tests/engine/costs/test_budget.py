"""A command spends and sends no more than it may, and is told before what it cannot bound."""

import pytest

from runner.engine.costs.budget import Purse, limit_of, names
from runner.engine.suite import Suite
from runner.engine.user import settings
from runner.engine.user.options import Options
from runner.errors import BudgetError, RecipeError
from runner.protocol.providers import Provider
from tests.engine.playing import CHAT, written

HELLO = f"{CHAT}messages: [{{user: Hello}}]\nparams: {{max_completion_tokens: 50}}\n"
FOUR = """\
    steps:
      - name: ask
        endpoint: chat.completions
        model: gpt-4.1
        for_each: [1, 2, 3, 4]
        messages: [{user: "Hello {{ item }}"}]
        params: {max_completion_tokens: 50}
    finally:
      - {name: list, endpoint: models}
"""
LOOP = """\
    endpoint: chat.completions
    model: gpt-4.1
    messages: [{user: Hello}]
    tools: [{name: f, description: x, parameters: {a: {type: string}}, returns: "1"}]
    tool_choice: required
    params: {max_completion_tokens: 50}
"""


def one(folder, text, **options):
    """The result of a recipe, offline."""
    written(folder, {"a.recipe.yaml": text})
    options = {"offline": True, "out": folder / "out", **options}
    suite = Suite(Options(**options), lambda _: None)
    try:
        ready = suite.all_checked([str(folder / "a.recipe.yaml")])
        ((_, result),) = suite.runs(ready)
        return result
    finally:
        suite.close()


def test_a_run_stops_before_one_request_too_many(tmp_path):
    result = one(tmp_path, FOUR, max_requests=2)
    states = [(step.run_id, step.state, step.sent) for step in result.steps]
    assert result.exit_code == 5
    assert states[:3] == [
        ("a::ask[1]", "passed", 1),
        ("a::ask[2]", "passed", 1),
        ("a::ask[3]", "failed", 0),
    ]
    assert isinstance(result.steps[2].error, BudgetError)


def test_finally_steps_are_tried_after_a_stop(tmp_path):
    result = one(tmp_path, FOUR, max_cost=0.001)
    assert result.exit_code == 5
    assert (result.steps[-1].step, result.steps[-1].state) == ("list", "passed")


def test_what_was_spent_is_known_by_usage_and_not_by_its_bound(tmp_path):
    result = one(tmp_path, FOUR, max_cost=0.0015)
    spent = sum(step.answer.cost for step in result.steps if step.answer and step.answer.cost)
    assert result.exit_code == 0
    assert spent < 0.0015 < 4 * 50 * 8e-6


def test_tool_rounds_count(tmp_path):
    result = one(tmp_path, LOOP, max_requests=1)
    assert result.exit_code == 5
    assert result.steps[0].sent == 1


def test_a_judge_counts(tmp_path):
    judged = "expect: [{judge: {model: gpt-4.1, rubric: Is it kind?, at_least: 0.1}}]\n"
    result = one(tmp_path, HELLO + judged, max_requests=1)
    assert result.exit_code == 5
    assert result.steps[0].sent == 1


def test_sessions_count_by_their_responses(tmp_path):
    text = """\
        steps:
          - {name: one, endpoint: realtime, model: gpt-realtime-2.1, messages: [{user: Hello}]}
          - {name: two, endpoint: realtime, model: gpt-realtime-2.1, messages: [{user: Hello}]}
    """
    result = one(tmp_path, text, max_requests=1)
    assert [step.state for step in result.steps] == ["passed", "failed"]
    assert result.exit_code == 5


def test_no_other_recipe_begins_after_a_stop(tmp_path):
    written(tmp_path, {f"{name}.recipe.yaml": HELLO for name in "abcd"})
    suite = Suite(Options(offline=True, max_requests=2), lambda _: None)
    files = [str(tmp_path / f"{name}.recipe.yaml") for name in "abcd"]
    codes = [result.exit_code for _, result in suite.runs(suite.all_checked(files))]
    suite.close()
    assert codes == [0, 0, 5]


def test_runs_at_once_share_the_limit(tmp_path):
    matrix = "matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8]}\n" + HELLO.replace("Hello", '"{{ n }}"')
    written(tmp_path, {"a.recipe.yaml": matrix})
    suite = Suite(Options(offline=True, max_requests=3, jobs=4), lambda _: None)
    ready = suite.all_checked([str(tmp_path / "a.recipe.yaml")])
    results = [result for _, result in suite.runs(ready)]
    suite.close()
    assert sum(step.sent for result in results for step in result.steps) == 3


@pytest.mark.parametrize(
    "text",
    [
        HELLO.replace("gpt-4.1", "llama3"),
        FOUR.replace("gpt-4.1", "llama3"),
        HELLO + "extra: {model: llama3}\n",
        "endpoint: realtime\nmodel: llama3\nmessages: [{user: Hello}]\n",
    ],
)
def test_a_request_without_a_price_is_refused_before_anything_is_sent(tmp_path, text):
    with pytest.raises(RecipeError, match="--max-cost cannot be held: the price of llama3"):
        one(tmp_path, text, max_cost=5.0)
    assert one(tmp_path, text, max_requests=5).exit_code == 0


def test_the_project_gives_prices_and_a_limit(tmp_path):
    project = "prices: {llama3: {input: 1.0, output: 1.0}}\ndefaults: {max_cost: 7}\n"
    written(tmp_path, {"runner.yaml": project})
    found = settings.load(tmp_path, {}, settings.table("project.json"))
    assert limit_of(Options(), found) == 7
    assert limit_of(Options(max_cost=2.0), found) == 2
    assert limit_of(Options(offline=True), found) is None
    result = one(tmp_path, HELLO.replace("gpt-4.1", "llama3"), max_cost=7.0)
    assert result.exit_code == 5


def test_nothing_is_limited_where_nothing_says_so(tmp_path):
    found = settings.load(tmp_path, {}, settings.table("project.json"))
    assert Purse(Options()).of(found) is None


def test_a_model_is_priced_by_each_of_its_names():
    provider = Provider("a", "azure", models={"gpt-4.1": "mine"})
    assert names(provider, "mine") == ("gpt-4.1", "mine", "azure/gpt-4.1", "azure/mine")
    assert names(Provider("o", "openai"), "gpt-4.1") == ("gpt-4.1",)
