"""What runs would come to is known before anything is sent, as far as it can be."""

import pytest

from runner.engine.costs.forecast import forecast, left
from runner.engine.suite import Suite
from runner.engine.user.options import Options
from tests.engine.playing import written

CHAT = "endpoint: chat.completions\nmodel: gpt-4.1\nmessages: [{user: Hi}]\n"
SHORT = CHAT + "params: {max_completion_tokens: 100}\n"
TOOL = "tools: [{name: now, description: Tells., parameters: {}, returns: noon}]\n"
STEPS = """
steps:
- {name: first, endpoint: models}
- name: second
  KEYS
  endpoint: chat.completions
  model: gpt-4.1
  messages: [{user: "SAID"}]
  params: {max_completion_tokens: 100}
"""


def foreseen(tmp_path, monkeypatch, text, **files):
    """The forecasts of a recipe's runs."""
    written(tmp_path, {"a.recipe.yaml": text, **files})
    monkeypatch.chdir(tmp_path)
    suite = Suite(Options(offline=True), lambda text: None)
    return [forecast(plan, suite.world(plan)) for plan in suite.plans("a.recipe.yaml")]


@pytest.mark.parametrize(
    ("text", "requests", "more", "why"),
    [
        (SHORT, 1, False, ""),
        (CHAT.replace("gpt-4.1", "nobodys"), 1, False, "the price of nobodys is not known"),
        (SHORT + TOOL, 1, True, "a may ask again with what its tools give"),
        (SHORT + TOOL + "max_tool_rounds: 0\n", 1, False, ""),
        (
            SHORT + "expect: [{judge: {model: gpt-4.1, rubric: Good}}, {not: {text: {similar_to: "
            "{text: Ho, at_least: 0.9, model: text-embedding-3-small}}}}]\n",
            3,
            False,
            "an expectation asks a model of the reply",
        ),
        ("endpoint: models\n", 1, False, ""),
        ("endpoint: files.list\n", 1, True, ""),
        (STEPS.replace("SAID", "Hi").replace("KEYS", "retries: 0"), 2, False, ""),
        (STEPS.replace("SAID", "Hi").replace("KEYS", 'for_each: "{{ [1, 2] }}"'), 3, False, ""),
        (STEPS.replace("SAID", "Hi").replace("KEYS", 'if: "{{ 1 > 2 }}"'), 1, False, ""),
        (
            STEPS.replace("SAID", "Hi").replace("KEYS", 'if: "{{ steps.first.status == 1 }}"'),
            1,
            True,
            "",
        ),
        (
            STEPS.replace("SAID", "Hi").replace("KEYS", 'for_each: "{{ steps.first.texts }}"'),
            1,
            True,
            "how often second asks depends on replies",
        ),
        (
            STEPS.replace("SAID", "{{ steps.first.text }}").replace("KEYS", "retries: 0"),
            2,
            False,
            "what second asks is not known yet",
        ),
    ],
)
def test_requests_are_counted_and_costs_bounded(tmp_path, monkeypatch, text, requests, more, why):
    ((runs, found),) = foreseen(tmp_path, monkeypatch, text)
    assert (runs, found.requests, found.more, found.why) == (1, requests, more, why)
    assert (found.cost is None) == bool(why)


def test_a_bound_is_that_of_the_longest_answer(tmp_path, monkeypatch):
    ((_, found),) = foreseen(tmp_path, monkeypatch, SHORT)
    assert found.cost is not None
    assert 100 * 8e-6 < found.cost < 300 * 8e-6
    assert 5 < found.about < found.tokens_in < 300
    assert found.tokens_out == 100


def test_every_row_of_a_dataset_counts(tmp_path, monkeypatch):
    text = SHORT.replace("Hi", '"{{ row.word }}"') + "dataset: rows.csv\n"
    ((runs, found),) = foreseen(tmp_path, monkeypatch, text, **{"rows.csv": "word\na\nb\nc\n"})
    assert (runs, found.requests, found.cost is None) == (3, 3, False)


def test_of_many_rows_each_tells(tmp_path, monkeypatch):
    text = SHORT.replace("Hi", '"{{ row.word }}"') + "dataset: rows.csv\n"
    rows = "word\n" + "a\n" * 1001 + "a" * 40_000 + "\n"
    ((runs, found),) = foreseen(tmp_path, monkeypatch, text, **{"rows.csv": rows})
    assert (runs, found.requests, found.why) == (1002, 1002, "")
    assert found.about == 1001 * 8 + 10_007
    assert found.likely == pytest.approx(found.about * 2e-6)
    assert found.cost == pytest.approx(found.tokens_in * 2e-6 + 1002 * 100 * 8e-6)


def test_what_a_run_before_did_is_left_out_and_nothing_is_written(tmp_path, monkeypatch):
    text = SHORT.replace("Hi", '"{{ row.word }}"') + "dataset: rows.csv\ncollect: {file: c.csv}\n"
    written(tmp_path, {"a.recipe.yaml": text, "rows.csv": "word\na\nb\nc\n"})
    monkeypatch.chdir(tmp_path)
    begun = Suite(Options(offline=True, max_requests=2), lambda text: None)
    assert len([*begun.runs(begun.all_checked(["a.recipe.yaml"]))]) == 3
    begun.close()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    suite = Suite(Options(offline=True, resume=True), lambda text: None)
    ((runs, found, first),) = left(suite, suite.plans("a.recipe.yaml"))
    assert (runs, found.requests) == (1, 1)
    assert first is not None
    assert first.context["row"] == {"word": "c"}
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_where_nothing_ran_before_all_is_left(tmp_path, monkeypatch):
    text = SHORT.replace("Hi", '"{{ row.word }}"') + "dataset: rows.csv\n"
    written(tmp_path, {"a.recipe.yaml": text, "rows.csv": "word\na\nb\n"})
    monkeypatch.chdir(tmp_path)
    suite = Suite(Options(offline=True, resume=True), lambda text: None)
    ((runs, _, _),) = left(suite, suite.plans("a.recipe.yaml"))
    assert runs == 2
    assert not (tmp_path / "out").exists()
