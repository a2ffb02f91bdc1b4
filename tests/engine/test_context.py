"""The parts of a reply, by the names of the language."""

import pytest

from runner.engine.context import parsed, parts, tool_call, with_reply
from runner.model import Answer, Citation, ToolCall, ToolResult
from runner.results import Written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        (" [1, 2] ", [1, 2]),
        ("42", 42),
        ("null", None),
        ('Here it is: {"a": {"b": [1]}} - well?', {"a": {"b": [1]}}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('First {"no": 1}, then\n```json\n{"a": 1}\n```', {"a": 1}),
        ('I {think} [so]: {"a": 1}', {"a": 1}),
        ('```json\nnothing\n```\n{"a": 1}', {"a": 1}),
        ("no JSON", None),
        ("", None),
        (None, None),
        ("NaN", None),
        ('{"a": NaN} [1]', [1]),
        ("{" * 100_000, None),
        ("[" * 100_000, None),
        ('{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_the_json_in_a_text(text, value):
    assert parsed(text) == value


@pytest.mark.parametrize(
    ("output", "result"),
    [
        ('{"a": 1}', {"a": 1}),
        (" [1]", [1]),
        ("12", "12"),
        ("{odd", "{odd"),
        ("[" * 100_000, "[" * 100_000),
        (None, None),
    ],
)
def test_what_a_tool_gave(output, result):
    call = ToolResult(ToolCall("1", "look", "{}"), {"x": 1}, output)
    assert tool_call(call) == {"name": "look", "arguments": {"x": 1}, "result": result}


def test_every_part_has_its_name():
    answer = Answer(
        status=200,
        headers={"x": "y"},
        json={"a": 1},
        text="Hi",
        texts=("Hi", "Ho"),
        usage={"total_tokens": 5},
        citations=(Citation("u", "t", 1, 2),),
        finish_reason="stop",
        latency=1.5,
        ttft=0.5,
        cost=0.1,
        model="m",
        request_id="r",
        attempts=2,
    )
    found = parts(answer, (Written("out/a.md", "text", "", 2),))
    assert found["texts"] == ["Hi", "Ho"]
    assert found["citations"] == [{"url": "u", "title": "t", "start": 1, "end": 2}]
    assert found["files"] == ["out/a.md"]
    assert (found["text"], found["parsed"], found["json"]) == ("Hi", None, {"a": 1})
    assert (found["status"], found["headers"], found["usage"]) == (
        200,
        {"x": "y"},
        {"total_tokens": 5},
    )
    assert (found["latency"], found["ttft"], found["cost"], found["attempts"]) == (1.5, 0.5, 0.1, 2)
    assert (found["model"], found["request_id"], found["finish_reason"]) == ("m", "r", "stop")


def test_a_variable_stands_before_a_part_of_the_reply_which_keeps_its_other_name():
    scope = with_reply({"text": "mine"}, {"text": "said", "status": 200})
    assert scope == {
        "text": "mine",
        "status": 200,
        "reply": {"text": "said", "status": 200},
    }
