"""Baselines: reports, read back."""

import json

import pytest

from runner.errors import SettingsError
from runner.report.baseline import LONGEST, read
from runner.report.encoding import unchanged
from runner.report.lines import JsonLines, JsonWhole
from runner.report.records import as_json
from tests.report.runs import RECIPE, answer, lines, repeat, run

RUNS = [
    run("a", answer=answer(fingerprint="fp_1")),
    run("b", "missed"),
    *(repeat(number, "missed" if number == 2 else "passed") for number in range(1, 6)),
]


def lines_of(report, runs):
    text = "".join([*(report.take(one, lines) for one in runs), *report.end()])
    return text.splitlines(keepends=True)


@pytest.mark.parametrize(
    "told",
    [
        lines_of(JsonLines(unchanged), RUNS),
        lines_of(JsonWhole(unchanged), RUNS),
        as_json(RUNS).splitlines(keepends=True),
        ["\n", as_json(RUNS).replace("\n", "")],
    ],
    ids=["jsonl", "json", "format json", "one line"],
)
def test_each_kind_of_json_gives_the_same_cases(told):
    found = read(told, "old")
    assert {case: one.state for (_, case), one in found.items()} == {
        "a": "passed",
        "b": "missed",
        "ask": "passed",
    }
    first = found[RECIPE, "a"]
    assert (first.models, first.fingerprints) == (("gpt-4.1-2025-04-14",), ("fp_1",))
    assert (first.cost, first.latency, first.text) == (0.01, 1.0, "Rome.")


def test_repeats_are_one_case_of_mean_cost_and_no_text():
    runs = [repeat(1, answer=answer(cost=0.1)), repeat(2, answer=answer(cost=0.3, latency=3.0))]
    (found,) = read(lines_of(JsonLines(unchanged), runs), "old").values()
    assert found.cost == pytest.approx(0.2)
    assert (found.latency, found.text, found.state) == (2.0, "", "passed")


def test_repeats_that_passed_too_seldom_are_missed():
    runs = [repeat(1, "missed"), repeat(2, "missed"), repeat(3)]
    (found,) = read(lines_of(JsonLines(unchanged), runs), "old").values()
    assert found.state == "missed"


def test_a_cost_that_is_not_known_whole_is_unknown():
    (found,) = read(lines_of(JsonLines(unchanged), [run(answer=answer(cost=None))]), "").values()
    assert found.cost is None


def test_of_a_long_text_the_beginning_and_the_length_are_kept():
    runs = [run(answer=answer(text="x" * 50_000))]
    (found,) = read(lines_of(JsonLines(unchanged), runs), "old").values()
    assert (len(found.text), found.length) == (LONGEST, 50_000)


def test_a_report_without_runs_is_a_baseline():
    assert read(lines_of(JsonWhole(unchanged), []), "old") == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "junk",
        "[]",
        "{}",
        "3",
        '{"schema_version": 1}',
        '{"schema_version": 1, "runs": [3]}',
        '{"schema_version": 1, "run_id": "a"}',
        '{"schema_version": 2, "runs": []}',
        "[" * 100_000,
        "".join(lines_of(JsonLines(unchanged), RUNS[:1])) + '{"schema_version": 1, "run',
    ],
)
def test_what_is_no_report_is_refused(text):
    with pytest.raises(SettingsError, match=r"--baseline old\.json: expected the JSON") as caught:
        read(text.splitlines(keepends=True), "old.json")
    assert len(str(caught.value)) < 600


def test_a_report_of_another_version_is_told():
    text = json.dumps({"schema_version": 2, "runs": []})
    with pytest.raises(SettingsError, match="schema version 2, not 1"):
        read([text], "old.json")
