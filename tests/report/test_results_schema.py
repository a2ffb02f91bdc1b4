"""What reports say is what `schemas/results.json` tells."""

import json

import pytest

from runner.errors import ApiStatusError, Fault, Mark, RecipeError
from runner.model import Answer, Artifact, Citation, ToolCall, ToolResult
from runner.report.baseline import read
from runner.report.changes import DRIFTS, VERDICTS, Comparison
from runner.report.encoding import unchanged
from runner.report.lines import JsonLines, JsonWhole
from runner.report.records import as_json
from runner.results import Check, RunResult, StepResult, Written
from tests.report.runs import USAGE, answer, lines, repeat, run
from tests.schemas import load, places

ANSWER = answer(
    tool_calls=(ToolResult(ToolCall("c", "look", "{"), None, None, True),),
    citations=(Citation("https://a.org", "A", 0, 4),),
    artifacts=(Artifact("image", "image/png", b"\x89PNG"),),
    headers={"x-request-id": "req_1"},
    rounds=(USAGE,),
)
FAULT = RecipeError.of(Fault("bad", Mark("a", 1, 2)), Fault("worse"))
RUNS = [
    run(answer=ANSWER, files=(Written("out/a.md", "text", "00", 10),)),
    run("b", "missed"),
    run("c", "failed", error=ApiStatusError("broken", status=429)),
    run("d", "failed", error=FAULT, answer=Answer()),
    RunResult("e", "e", (StepResult("e", "", "failed", spent=ANSWER, judging=ANSWER),), 3),
    repeat(1, cell={"model": "gpt-4.1"}, row_id="7", tags=("smoke",)),
]


def written(report, changes=None):
    return "".join([*(report.take(one, lines) for one in RUNS), *report.end(changes)])


def changes():
    before = [run(answer=answer(model="other", text="Oslo", cost=1.0)), run("gone")]
    report = JsonLines(unchanged)
    comparison = Comparison(read([report.take(one, lines) for one in before], ""), "", unchanged)
    for one in RUNS:
        comparison.take(one)
    return comparison.end()


@pytest.mark.parametrize("row", written(JsonLines(unchanged)).splitlines())
def test_a_line_is_a_run(row):
    assert places("results.json", json.loads(row)) == []


def test_the_whole_is_a_report():
    value = json.loads(written(JsonWhole(unchanged), changes()))
    assert {change["kind"] for change in value["baseline"]["changes"]} >= {"new", "gone", "text"}
    assert places("results.json", value) == []
    assert places("results.json", json.loads(as_json(RUNS, changes=changes()))) == []


@pytest.mark.parametrize("place", ["runs", "totals", "schema_version"])
def test_a_report_that_lacks_something_is_none(place):
    value = json.loads(written(JsonWhole(unchanged)))
    del value[place]
    assert places("results.json", value) == [""]


def test_a_field_that_is_not_told_is_found():
    value = json.loads(written(JsonLines(unchanged)).splitlines()[0])
    value["steps"][0]["checks"] = [{**Check("a", True)._asdict(), "more": 1}]
    assert places("results.json", value) == ["steps.0.checks.0"]


def test_every_part_of_an_answer_is_told():
    told = set(load("results.json")["$defs"]["answer"]["properties"])
    assert told == {*Answer._fields, "size"} - {"body", "conversation"}


def test_every_kind_of_change_is_told():
    told = load("results.json")["$defs"]["change"]["properties"]["kind"]["enum"]
    assert told == [*VERDICTS, *DRIFTS]
