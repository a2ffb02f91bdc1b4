"""Results as JSON."""

import json

from runner.errors import ApiStatusError, Fault, Mark, RecipeError
from runner.exchange import Spool
from runner.model import Answer, Artifact, Citation, Conversation, ToolCall, ToolResult
from runner.report.records import as_json, result_record
from runner.results import Check, RunResult, StepResult, Written

ANSWER = Answer(
    status=200,
    headers={"x-request-id": "req_1", "set-cookie": "session=1"},
    json={"id": "x", "odd": float("inf")},
    body=b"\x89PNG",
    text="Amsterdam.",
    texts=("Amsterdam.",),
    usage={"input_tokens": 15, "output_tokens": 96},
    tool_calls=(
        ToolResult(ToolCall("c1", "get_time", '{"zone": "CET"}'), {"zone": "CET"}, "12:00"),
        ToolResult(ToolCall("c2", "get_time", "{"), None, None, True),
    ),
    citations=(Citation("https://a.org", "A", 0, 4),),
    artifacts=(
        Artifact("image", "image/png", b"\x89PNG"),
        Artifact("audio", "audio/mpeg", Spool("out/.runner/1", 500, "ab")),
    ),
    cost=0.25,
    latency=0.5,
    conversation=Conversation("chat", ({"role": "user"},), ()),
)
STEP = StepResult(
    "a",
    "",
    "passed",
    ANSWER,
    (Check("text contains", True, "", Mark("a.yaml", 3, 5)),),
    (Written("out/a.md", "text", "00", 10),),
    None,
    2,
)
RUN = RunResult("a.recipe.yaml", "a", (STEP,), 0)


def test_a_record_holds_the_run_its_steps_checks_and_files():
    record = result_record(RUN)
    assert record["schema_version"] == 1
    assert (record["recipe"], record["run_id"]) == ("a.recipe.yaml", "a")
    assert (record["state"], record["passed"], record["exit_code"]) == ("passed", True, 0)
    (step,) = record["steps"]
    assert (step["state"], step["requests"], step["error"]) == ("passed", 2, None)
    assert step["checks"] == [
        {
            "name": "text contains",
            "passed": True,
            "message": "",
            "mark": {"file": "a.yaml", "line": 3, "column": 5, "width": 1},
            "note": "",
        }
    ]
    assert step["files"] == [{"path": "out/a.md", "part": "text", "sha256": "00", "size": 10}]


def test_a_record_says_which_of_many_runs_it_is():
    run = RUN._replace(
        run_id="a[model=gpt-4.1]#2",
        cell={"model": "gpt-4.1", "odd": float("nan")},
        row_id="7",
        repeat=2,
        repeats=5,
        passes=4,
        tags=("smoke",),
        began=1.5,
        took=2.5,
    )
    record = result_record(run)
    assert (record["case"], record["row_id"]) == ("a[model=gpt-4.1]", "7")
    assert record["cell"] == {"model": "gpt-4.1", "odd": None}
    assert (record["repeat"], record["repeats"], record["passes"]) == (2, 5, 4)
    assert (record["tags"], record["began"], record["took"]) == (["smoke"], 1.5, 2.5)


def test_an_answer_is_told_without_binary_bodies_cookies_and_history():
    answer = result_record(RUN)["steps"][0]["answer"]
    assert set(answer) == {*Answer._fields, "size"} - {"body", "conversation"}
    assert answer["size"] == 4
    assert answer["headers"] == {"x-request-id": "req_1"}
    assert answer["json"] == {"id": "x", "odd": None}
    assert answer["artifacts"] == [
        {"part": "image", "media_type": "image/png", "size": 4},
        {"part": "audio", "media_type": "audio/mpeg", "size": 500},
    ]
    assert answer["citations"] == [{"url": "https://a.org", "title": "A", "start": 0, "end": 4}]


def test_a_tool_call_keeps_the_text_of_arguments_that_are_no_json():
    calls = result_record(RUN)["steps"][0]["answer"]["tool_calls"]
    assert [call["arguments"] for call in calls] == [{"zone": "CET"}, "{"]
    assert [call["result"] for call in calls] == ["12:00", None]
    assert [call["failed"] for call in calls] == [False, True]


def test_an_error_is_told_with_its_way_out():
    error = ApiStatusError("broken", hint="wait", status=429, code="rate", kind="limit")
    step = StepResult("a", "", "failed", error=error, sent=3)
    told = result_record(RUN._replace(steps=(step,), exit_code=3))
    assert (told["state"], told["passed"]) == ("failed", False)
    assert told["steps"][0]["answer"] is None
    assert told["steps"][0]["error"] == {
        "type": "ApiStatusError",
        "message": "broken",
        "hint": "wait",
        "exit_code": 3,
        "status": 429,
        "code": "rate",
        "kind": "limit",
    }


def test_a_fault_of_a_recipe_and_one_of_ours_are_told():
    steps = (
        StepResult("a", "", "failed", error=RecipeError.of(Fault("bad", Mark("a", 1, 2)))),
        StepResult("a", "", "failed", error=KeyError("x")),
    )
    first, second = result_record(RUN._replace(steps=steps))["steps"]
    assert first["error"]["faults"][0]["column"] == 2
    assert (second["error"]["type"], second["error"]["exit_code"]) == ("KeyError", 70)


def test_the_whole_is_json_with_totals():
    value = json.loads(as_json([RUN, RUN]))
    assert value["schema_version"] == 1
    assert [run["run_id"] for run in value["runs"]] == ["a", "a"]
    assert value["totals"]["requests"] == 4
    assert value["totals"]["cost"] == 0.5
    unpriced = RUN._replace(steps=(STEP._replace(answer=ANSWER._replace(cost=None)),))
    assert json.loads(as_json([RUN, unpriced]))["totals"]["cost"] is None


def test_the_whole_is_ascii_and_hides_secrets_before_they_are_escaped():
    secret = 'se"cr\\é\nt'
    answer = ANSWER._replace(text=f"\x1b\x9b\u202e {secret}", json={secret: [secret]})
    result = RUN._replace(steps=(STEP._replace(answer=answer),))
    told = as_json([result], lambda text: text.replace(secret, "***"))
    assert told.isascii()
    assert "\x1b" not in told
    value = json.loads(told)["runs"][0]["steps"][0]["answer"]
    assert (value["text"], value["json"]) == ("\x1b\x9b\u202e ***", {"***": ["***"]})
