"""A reply is judged by what its recipe expects, and by the schema that it must fit."""

import json

import pytest

from runner.errors import ApiStatusError, RecipeError
from tests.engine.playing import HELLO, chat, play, refused, reply

SCHEMA = (
    "response_schema: {type: object, properties: {a: {type: integer}}, required: [a],"
    " additionalProperties: false}\n"
)


def told(played):
    return [(check.name, check.passed, check.message) for check in played.result.steps[0].checks]


def test_expectations_are_judged_in_order_each_with_its_place(tmp_path):
    text = HELLO + (
        "vars: {want: Hi}\n"
        "expect:\n"
        '  - text: "{{ want }}"\n'
        "  - usage: {total_tokens: {at_most: 4}}\n"
        '  - that: "{{ text == want and reply.status == 200 and usage.total_tokens == 5 }}"\n'
        "  - not: {text: {contains: Hi}}\n"
    )
    checks = play(tmp_path, text, chat()).result.steps[0].checks
    assert [check.passed for check in checks] == [True, False, True, False]
    assert [check.mark.line for check in checks if check.mark] == [6, 7, 8, 9]
    assert "5" in checks[1].message


def test_what_an_expectation_reads_of_the_reply_is_data(tmp_path):
    text = HELLO + 'expect: [{text: {contains: "{{ json.choices[0].message.content }}"}}]\n'
    assert play(tmp_path, text, chat("{{ 1 + 1 }}")).result.exit_code == 0


def test_expectations_on_tool_calls(tmp_path):
    text = HELLO + (
        "tools: [{name: w, parameters: {x: {type: string}}, returns: 'seen {{ arguments.x }}'}]\n"
        "expect:\n"
        "  - tool_calls: [{name: w, arguments: {x: {contains: b}}}]\n"
        "  - that: \"{{ tool_calls[0].result == 'seen abc' }}\"\n"
    )
    call = {"name": "w", "arguments": '{"x": "abc"}'}
    asked = chat(None, "tool_calls", tool_calls=[{"id": "1", "type": "function", "function": call}])
    played = play(tmp_path, text, asked, chat("done"))
    assert played.result.exit_code == 0
    assert played.script.bodies[1]["messages"][-1] == {
        "role": "tool",
        "tool_call_id": "1",
        "content": "seen abc",
    }
    assert played.answer.usage["total_tokens"] == 10
    assert played.answer.latency == 1.0


def test_an_expectation_that_cannot_be_read_is_a_failure(tmp_path):
    played = play(tmp_path, HELLO + 'expect: [{that: "{{ json.nothing == 1 }}"}]\n', chat())
    assert played.states == [("", "failed")]
    assert played.result.exit_code == 3


BROKEN = (
    "expect:\n"
    "  - text: Hi\n"
    '  - that: "{{ usage.nope > 3 }}"\n'
    "  - text: {contains: zebra}\n"
    '  - text: {contains: "{{ json.nope.x }}"}\n'
    "  - status: 200\n"
)


def test_what_cannot_be_judged_is_told_by_its_place_and_the_rest_is_judged(tmp_path):
    played = play(tmp_path, f"{HELLO}{BROKEN}output: {{text: a.md}}\n", chat())
    (step,) = played.result.steps
    assert (played.result.exit_code, step.state) == (3, "failed")
    assert [(check.name, check.passed) for check in step.checks] == [
        ("text equals", True),
        ("text contains", False),
        ("status equals", True),
    ]
    assert isinstance(step.error, RecipeError)
    told = [(fault.mark.line, fault.where) for fault in step.error.faults if fault.mark]
    assert told == [(6, "that"), (8, "expect.3.text.contains")]
    assert (tmp_path / "out/a.md").read_text() == "Hi"
    assert json.loads((tmp_path / "out/a.md.run.json").read_text())["passed"] is False


def test_a_judge_that_fails_is_told_by_its_place(tmp_path):
    asked = "expect:\n  - judge: {model: gpt-4.1, rubric: Kind?}\n  - text: Hi\n"
    played = play(tmp_path, HELLO + asked, chat(), refused(400))
    (step,) = played.result.steps
    assert isinstance(step.error, ApiStatusError)
    assert step.error.mark is not None
    assert step.error.mark.line == 5
    assert [check.passed for check in step.checks] == [True]
    assert (played.result.exit_code, step.sent) == (3, 2)


@pytest.mark.parametrize(
    ("came", "passed", "why"),
    [
        (chat('{"a": 1}'), True, ""),
        (chat('{"a": "x"}'), False, "a: expected"),
        (chat('{"b": 1}'), False, "a"),
        (chat("no JSON"), False, "expected JSON, got 'no JSON'"),
        (chat(None), False, "expected JSON, got ''"),
        (chat('{"a": 1', "length"), False, "cut at its token limit"),
        (chat('{"a": 1', "content_filter"), False, "cut by a content filter"),
        (chat(None, refusal="I will not"), False, "the model refused: I will not"),
    ],
)
def test_the_schema_of_the_answer_is_an_expectation(tmp_path, came, passed, why):
    played = play(tmp_path, HELLO + SCHEMA, came)
    ((name, found, message),) = told(played)
    assert (name, found) == ("response_schema", passed)
    assert why in message
    assert played.result.exit_code == (0 if passed else 1)
    assert [check.mark.line for check in played.result.steps[0].checks if check.mark] == [4]
    form = played.script.bodies[0]["response_format"]["json_schema"]
    assert (form["name"], form["strict"]) == ("reply", True)


def test_a_call_that_nothing_runs_is_no_broken_answer(tmp_path):
    text = HELLO + SCHEMA + "tools: [{name: w, parameters: {}}]\n"
    call = {"id": "1", "type": "function", "function": {"name": "w", "arguments": "{}"}}
    played = play(tmp_path, text, chat(None, "tool_calls", tool_calls=[call]))
    assert [passed for _, passed, _ in told(played)] == [True]


@pytest.mark.parametrize("status", [304, 404])
def test_a_status_that_is_expected_has_no_schema(tmp_path, status):
    played = play(tmp_path, HELLO + SCHEMA + f"expect: [{{status: {status}}}]\n", refused(status))
    assert [name for name, _, _ in told(played)] == ["status equals"]
    assert played.result.exit_code == 0
    assert played.answer.json == {"error": {"message": "no"}}


@pytest.mark.parametrize(
    ("expected", "accepts"),
    [
        ("404", {404}),
        ("{between: [400, 403]}", {400, 401, 402, 403}),
        ('"{{ want }}"', {409}),
        ("{at_most: 399}", set()),
        ("304", {304}),
        ('"{{ json.code }}"', set()),
    ],
)
def test_the_statuses_that_are_accepted_are_sent_with_the_request(tmp_path, expected, accepts):
    text = HELLO + f"vars: {{want: 409}}\nexpect: [{{status: {expected}}}, {{model: m}}]\n"
    played = play(tmp_path, text, refused(404))
    assert set(played.script.sent[0].accepts) == accepts


def test_a_schema_may_lie_in_a_file(tmp_path):
    (tmp_path / "s.json").write_text('{"title": "Two words", "type": "object"}')
    text = HELLO + "response_schema: {file: s.json, strict: false}\n"
    played = play(tmp_path, text, chat("{}"))
    form = played.script.bodies[0]["response_format"]["json_schema"]
    assert form == {
        "name": "Two_words",
        "schema": {"title": "Two words", "type": "object"},
        "strict": False,
    }


def test_a_price_of_the_project_counts(tmp_path):
    (tmp_path / "runner.yaml").write_text("prices: {mine: {input: 1, output: 10}}")
    body = {"model": "mine", "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    text = HELLO.replace("gpt-4.1", "mine") + "expect: [{cost: 23}]\n"
    assert play(tmp_path, text, reply({**body, "usage": usage})).result.exit_code == 0
    unknown = HELLO.replace("gpt-4.1", "other") + "expect: [{cost: null}]\n"
    body["model"] = "other"
    assert play(tmp_path, unknown, reply({**body, "usage": usage})).result.exit_code == 0
    assert play(tmp_path, unknown, reply(body)).answer.cost is None


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ('that: "{{ usage.total_tokens > 9 }}"', "got false; usage.total_tokens is 5"),
        ('that: "{{ json.choices | length > 1 }}"', "; json.choices is a list of 1"),
        ("not: {that: \"{{ text == 'Hi' }}\"}", "; text is 'Hi'"),
        ('that: "{{ 1 > 2 }}"', "got false"),
    ],
)
def test_an_expression_that_does_not_hold_tells_what_it_read(tmp_path, wanted, why):
    played = play(tmp_path, HELLO + f"expect: [{{{wanted}}}]\n", chat())
    ((_, passed, message),) = told(played)
    assert not passed
    assert message.endswith(why)
