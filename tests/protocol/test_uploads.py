"""What the lines of a training file, and of a batch, must be."""

import json

import pytest

from runner.errors import Mark
from runner.protocol import training, uploads
from runner.protocol.uploads import Upload
from tests.schemas import load

HERE = Mark("r.yaml", 3, 1)
USER = {"role": "user", "content": "Hi"}
SAID = {"role": "assistant", "content": "Hello"}
PAIR = {"prompt": "a", "completion": "b"}
CHOICE = {
    "input": {"messages": [USER]},
    "preferred_output": [SAID],
    "non_preferred_output": [SAID],
}


def chat(*messages, **more):
    return {"messages": list(messages) or [USER, SAID], **more}


def check(rows, purpose="fine-tune", file="data/a.jsonl", size=10):
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    return uploads.faults(purpose, Upload(file, HERE, size, lines))


def seventh(row):
    """Check a training file of ten lines whose seventh is this."""
    return check([chat()] * 6 + [row] + [chat()] * 3)


@pytest.mark.parametrize("row", [chat(), CHOICE, PAIR])
def test_ten_lines_of_one_form_are_a_training_file(row):
    assert check([row] * 10) == []


@pytest.mark.parametrize("row", [chat(), CHOICE])
def test_fewer_than_ten_are_none(row):
    [fault] = check([row] * 9)
    assert fault.message == "expected at least 10 lines to train on, found 9"
    assert fault.mark[:2] == ("data/a.jsonl", 9)


def test_prompts_with_completions_may_be_few_but_some():
    assert check([PAIR] * 3) == []
    assert "found 0" in check([])[0].message


CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    "row",
    [
        chat({"role": "developer", "content": "x"}, USER, SAID),
        chat(USER, SAID | {"weight": 0}, USER, SAID | {"weight": 1}),
        chat(
            USER,
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "1", "content": "x"},
            SAID,
            tools=[{}],
        ),
        chat({"role": "user", "content": [{"type": "text", "text": "x"}]}, SAID),
        chat(USER, {"role": "assistant", "refusal": "No."}),
        chat(USER, reference_answer="x"),
    ],
)
def test_a_conversation_is_as_the_service_takes_it(row):
    assert seventh(row) == []


@pytest.mark.parametrize(
    ("row", "where", "message", "cure"),
    [
        (chat(USER, SAID | {"role": "asistant"}), "messages.1.role", "a role", "'assistant'"),
        (chat(USER, {"content": "x"}), "messages.1.role", "a role, got none", "there are"),
        (chat(USER), "messages", "a turn of the assistant", "add a message"),
        (chat(USER, tools=[]), "messages", "a turn of the assistant", "add a message"),
        ({"messages": []}, "messages", "a list of messages, got an empty list", ""),
        ({"messages": "Hi"}, "messages", "a list of messages, got the text 'Hi'", ""),
        (chat("Hi", SAID), "messages.0", "a message, got the text", ""),
        (chat({"role": "user"}, SAID), "messages.0.content", "content", ""),
        (chat({"role": "user", "content": None}, SAID), "messages.0.content", "got nothing", ""),
        (chat(USER, {"role": "assistant", "content": 3}), "messages.1.content", "got 3", ""),
        (chat({"role": "user", "content": ["x"]}, SAID), "messages.0.content", "parts", ""),
        (chat(USER, SAID | {"weight": 2}), "messages.1.weight", "0 or 1", ""),
        (chat(USER | {"weight": 1}, SAID), "messages.0.weight", "assistant's turn", ""),
        (chat(USER, SAID, USER), "messages.2.role", "the assistant's turn at the end", "add"),
        (chat(USER, SAID, USER, tools=[]), "messages.2.role", "got the text 'user'", "add"),
        (chat(USER, SAID | {"wieght": 1}), "messages.1.wieght", "a key 'wieght'", "'weight'"),
        (chat(USER | {"id": 3}, SAID), "messages.0.id", "a key 'id'", "leave it out"),
        (chat(USER, SAID, tolls=[]), "tolls", "nothing is known of a key 'tolls'", "'tools'"),
        (chat(USER, SAID, topic="x"), "topic", "a key 'topic'", "there are messages, tools"),
        (chat(USER, SAID, prompt="x"), "prompt", "a key 'prompt'", "leave it out"),
        (PAIR, "", "expected messages as in the lines above, got prompt and", "upload two"),
        ({"mesages": []}, "", "expected messages, or prompt and completion", "'messages'"),
        ({}, "", "got no keys", "such as"),
        ({"custom_id": "a", "body": {}}, "", "got 'custom_id', 'body'", "purpose: batch"),
    ],
)
def test_the_faulty_line_is_named(row, where, message, cure):
    [fault] = seventh(row)
    assert fault.mark[:2] == ("data/a.jsonl", 7)
    assert fault.where == where
    assert message in fault.message
    assert cure in fault.hint


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ({"prompt": "a"}, ""),
        ({"completion": "a"}, ""),
        (PAIR | {"completion": 3}, "completion"),
        (PAIR | {"prompt": None}, "prompt"),
        (PAIR | {"topic": "x"}, "topic"),
    ],
)
def test_a_pair_has_two_texts(row, where):
    [fault] = check([PAIR, row])
    assert (fault.mark.line, fault.where) == (2, where)


@pytest.mark.parametrize(
    ("row", "where"),
    [
        (CHOICE | {"input": {}}, "input"),
        (CHOICE | {"input": {"messages": ["x"]}}, "input.messages.0"),
        (CHOICE | {"preferred_output": []}, "preferred_output"),
        (CHOICE | {"topic": "x"}, "topic"),
        (CHOICE | {"non_preferred_output": [USER | {"role": "x"}]}, "non_preferred_output.0.role"),
    ],
)
def test_a_preference_has_an_input_and_two_outputs(row, where):
    [fault] = check([CHOICE] * 9 + [row])
    assert (fault.mark.line, fault.where) == (10, where)


FAMILIES = load("models.json")


@pytest.mark.parametrize(
    ("row", "form"), [(chat(), "messages"), (PAIR, "prompt and completion"), ({"a": 1}, "")]
)
def test_the_first_line_tells_the_form(row, form):
    assert training.form_of([b"\xef\xbb\xbf" + json.dumps(row).encode(), b"oops"]) == form


@pytest.mark.parametrize("rows", [[], [b"\n"], [b"oops"], [b"[1]"]])
def test_what_is_no_line_has_no_form(rows):
    assert training.form_of(rows) == ""


@pytest.mark.parametrize(
    ("form", "model", "method", "told"),
    [
        (
            training.PAIRS,
            "gpt-4.1-mini",
            "supervised",
            "gpt-4.1-mini is trained on messages, got prompt and completion",
        ),
        (
            training.CHAT,
            "davinci-002",
            "supervised",
            "davinci-002 is trained on prompt and completion, got messages",
        ),
        (
            training.CHAT,
            "gpt-4.1",
            "dpo",
            "gpt-4.1 is trained by dpo on input and two outputs, got messages",
        ),
        (training.CHAT, "ft:gpt-4.1-mini:acme::a1", "supervised", ""),
        (training.CHAT, "o4-mini", "reinforcement", ""),
        (training.CHOICES, "gpt-4.1", "dpo", ""),
        (training.PAIRS, "babbage-002", "supervised", ""),
        (training.PAIRS, "llama3.3", "supervised", ""),
        (training.PAIRS, "gpt-4.1", "tomorrow", ""),
        ("", "gpt-4.1", "supervised", ""),
    ],
)
def test_a_family_is_trained_on_one_form(form, model, method, told):
    assert training.unfit(form, model, method, FAMILIES) == told
    assert training.unfit(form, model, method, {}) == ""


def asked(name="a", **more):
    body = {"model": "m", "messages": [USER]}
    return {"custom_id": name, "method": "POST", "url": "/v1/embeddings", "body": body} | more


def test_requests_with_ids_of_their_own_are_a_batch():
    assert check([asked("a"), asked("b")], "batch") == []


@pytest.mark.parametrize(
    ("row", "where", "message", "cure"),
    [
        (asked("a"), "custom_id", "the custom_id 'a' stands twice", "any order"),
        (asked(3), "custom_id", "got 3", ""),
        (asked(""), "custom_id", "got empty text", ""),
        (asked("b", method="GET"), "method", "POST, got the text 'GET'", '"method": "POST"'),
        (asked("b", url="embeddings"), "url", "the path of an endpoint", "such as"),
        (asked("b", url="/v1/responses"), "url", "/v1/embeddings as in the lines above", "two"),
        (asked("b", body={}), "body", "got an empty mapping", ""),
        (asked("b", body="x"), "body", "got the text 'x'", ""),
        (asked("b", body={"stream": True}), "body.stream", "cannot stream", "leave"),
        (asked("b", body={"model": "n"}), "body.model", "the model 'm' as in the lines", "two"),
        (asked("b", body={"input": "x"}), "body.model", "in the lines above, got none", "two"),
        (asked("b", url="/v1/chat/completion"), "url", "answered in batches", "'/v1/chat/compl"),
        (asked("b", url="/v1/audio/speech"), "url", "answered in batches, got /v1/audio", "there"),
    ],
)
def test_the_faulty_request_is_named(row, where, message, cure):
    [fault] = check([asked("a"), row], "batch")
    assert (fault.mark.line, fault.where) == (2, where)
    assert message in fault.message
    assert cure in fault.hint


def test_what_other_servers_answer_in_batches_is_not_known():
    rows = [
        asked(name, url="/v1/audio/speech", body={"model": name, "input": "x"}) for name in "ab"
    ]
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    assert uploads.faults("batch", Upload("a.jsonl", HERE, 9, lines, strict=False)) == []


def test_a_path_may_lack_its_version_as_on_azure():
    assert check([asked("a", url="/chat/completions")], "batch") == []


def test_a_training_line_in_a_batch_is_told_to_be_one():
    assert "purpose: fine-tune" in check([chat()], "batch")[0].hint


def test_a_batch_has_some_requests_and_not_too_many(monkeypatch):
    assert "found none" in check([], "batch")[0].message
    monkeypatch.setattr(uploads, "MOST_REQUESTS", 3)
    rows = [asked(str(number)) for number in range(4)]
    assert check(rows[:3], "batch") == []
    [fault] = check(rows, "batch")
    assert (fault.mark.line, fault.message) == (4, "a batch takes 3 requests at most")


def test_a_batch_that_is_too_large_is_not_even_read():
    [fault] = check([asked()], "batch", size=200_000_001)
    assert "200 MB" in fault.message
    assert fault.mark == HERE


@pytest.mark.parametrize("purpose", ["fine-tune", "batch"])
def test_the_name_says_that_it_holds_lines(purpose):
    [fault] = check([chat()] * 10, purpose, file="data/a.json")
    assert ".jsonl" in fault.message
    assert fault.mark == HERE


@pytest.mark.parametrize("purpose", ["assistants", "vision", "user_data", None, ["x"]])
def test_of_other_purposes_nothing_is_known(purpose):
    assert check([3], purpose, file="a.png") == []
