"""Flows: what is sent, what it comes to, and how a conversation goes on."""

from __future__ import annotations

from typing import Any

import pytest

from runner.errors import ApiStatusError, BadReplyError
from runner.exchange import Request
from runner.model import Answer, Conversation, ToolCall, ToolResult
from runner.protocol import flow
from runner.protocol.endpoints.chat import ask_chat
from runner.protocol.endpoints.responses import ask_responses
from tests.protocol.play import chat, chat_calls, play, reply
from tests.protocol.talk import DIALECTS, USER, Talk, asked, brief


@pytest.fixture(params=DIALECTS)
def talk(request):
    return Talk(request.param)


def test_usage_latency_and_attempts_cover_all_rounds():
    first = chat_calls(("i", "add", "{}"), usage={"prompt_tokens": 10, "completion_tokens": 2})
    last = chat("3", usage={"prompt_tokens": 20, "completion_tokens": 3, "total_tokens": 23})
    done = play(
        ask_chat(asked("chat.completions")),
        first._replace(elapsed=1.5, attempts=2, first=0.25),
        "3",
        last._replace(elapsed=0.5, first=0.125),
    )
    answer = done.answer
    assert answer.usage is not None
    assert answer.usage["total_tokens"] == 35
    assert (answer.usage["prompt_tokens"], answer.usage["input_tokens"]) == (30, 30)
    assert (answer.latency, answer.attempts, answer.requests) == (2.0, 3, 2)
    assert answer.ttft == 0.25


def test_usage_that_only_one_round_tells_counts():
    used = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    done = play(
        ask_chat(asked("chat.completions")),
        chat_calls(("i", "add", "{}"), usage=used),
        "3",
        chat("3"),
    )
    assert done.answer.usage is not None
    assert done.answer.usage["total_tokens"] == 2


def test_the_conversation_is_kept_in_both_forms(talk):
    done = play(talk.ask(), talk.calls(("i", "add", "{}")), "3", talk.text("It is 3."))
    kept = done.answer.conversation
    assert kept is not None
    assert kept.dialect == talk.endpoint
    told = [brief(message) for message in kept.messages]
    assert told == [
        ("user", "What is 1 + 2?"),
        ("call", "i", "add", "{}"),
        ("result", "i", "3"),
        ("assistant", "It is 3."),
    ]


@pytest.mark.parametrize("first", ["chat", "responses"])
@pytest.mark.parametrize("second", ["chat", "responses"])
def test_a_conversation_goes_on_in_either_dialect(first, second):
    before, after = Talk(first), Talk(second)
    done = play(before.ask(), before.calls(("i", "add", "{}")), "3", before.text("It is 3."))
    more = ({"role": "user", "content": "And twice that?"},)
    history = done.answer.conversation
    again = play(after.ask(messages=more, history=history), after.text("6"))
    sent = again.bodies[0]["messages" if second == "chat" else "input"]
    answer = sent[3]["content"]
    assert (answer if isinstance(answer, str) else answer[0]["text"]) == "It is 3."
    told = [brief(item) for item in [*sent[:3], sent[4]]]
    assert told == [
        ("user", "What is 1 + 2?"),
        ("call", "i", "add", "{}"),
        ("result", "i", "3"),
        ("user", "And twice that?"),
    ]
    kept = again.answer.conversation
    assert kept is not None
    assert [message["role"] for message in kept.messages] == [
        *("user", "assistant", "tool", "assistant", "user", "assistant")
    ]


def test_a_status_from_400_up_is_an_error():
    request = Request("POST", "/x", "raw")
    failure = reply({"error": {"message": "no such model"}}, 404)
    with pytest.raises(ApiStatusError, match="no such model") as caught:
        play(flow.send(request), failure)  # type: ignore[arg-type]
    assert caught.value.status == 404


def test_an_accepted_status_is_a_reply():
    request = Request("POST", "/x", "raw", accepts=(404,))
    failure = reply({}, 404)
    answer: Any = play(flow.send(request), failure).answer  # type: ignore[arg-type]
    assert answer == failure._replace(accepted=True)


def test_a_status_that_was_not_accepted_is_no_accepted_one():
    request = Request("POST", "/x", "raw", accepts=(304,))
    answer: Any = play(flow.send(request), reply({}, 206)).answer  # type: ignore[arg-type]
    assert not answer.accepted


def test_an_accepted_error_ends_a_conversation():
    refused = reply({"error": {"message": "no"}}, 400)
    for ask in (ask_chat, ask_responses):
        done = play(ask(asked("x", accepts=(400,))), refused)
        assert done.answer.status == 400
        assert done.answer.json == {"error": {"message": "no"}}
        assert done.answer.text is None


@pytest.mark.parametrize("body", [b"", b"<html>gone</html>", b"\xff"])
def test_an_accepted_error_may_have_any_body(body):
    refused = reply({}, 502)._replace(body=body)
    done = play(ask_chat(asked("chat.completions", accepts=(502,))), refused)
    assert (done.answer.status, done.answer.json, done.answer.body) == (502, None, body)


def test_history_alone_may_be_said_again():
    history = Conversation("chat.completions", (USER,), (USER,))
    done = play(ask_chat(asked("chat.completions", messages=None, history=history)), chat("3"))
    assert done.bodies[0]["messages"] == [USER]


def test_answers_of_rounds_are_joined():
    answer = Answer(text="x", latency=1.0, ttft=None)
    later = Answer(text="y", latency=2.0, ttft=0.5)
    assert flow.joined(None, answer) is answer
    assert flow.joined(answer, later).ttft == 0.5
    assert flow.tool_messages((ToolResult(ToolCall("i", "add", "{}"), {}, "3"),)) == [
        {"role": "tool", "tool_call_id": "i", "content": "3"}
    ]


def test_each_call_has_an_id_of_its_own():
    found = flow.distinct(["a", None, "a", "call_1", ""])
    assert found == ["a", "call_1", "a_2", "call_1_3", "call_4"]


def test_calls_without_number_are_counted_before_they_are_named():
    with pytest.raises(BadReplyError, match="more than 10,000 times at once"):
        flow.distinct(f"a{n}" for n in range(10**9))
