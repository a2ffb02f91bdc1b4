import base64

import pytest

from runner.errors import ApiStatusError, BadReplyError, ConnectionFailedError, ToolLoopError
from runner.model import Ask, Hear, Open, Say, Tell, Told, Tool, ToolCalls, ToolResult
from runner.protocol import endpoints

DONE = {"type": "response.done", "response": {"status": "completed", "output": [], "usage": None}}
CREATED = {"type": "session.created", "session": {"id": "sess_1"}}
UPDATED = {"type": "session.updated"}
CALL = {"type": "function_call", "call_id": "c1", "name": "get", "arguments": '{"a": 1}'}
CALLED = {"type": "response.done", "response": {"status": "completed", "output": [CALL]}}
TOOL = Tool("get", "Get it.", {"type": "object"}, runs=True)


def text(delta):
    return {"type": "response.output_text.delta", "delta": delta}


def play(ask, *events):
    """Return the answer, what was said, what was shown, and the tool rounds."""
    flow = endpoints.find("realtime").flow(ask)
    waiting = list(events)
    said, shown, rounds = [], [], []
    effect = next(flow)
    at = 0.0
    try:
        while True:
            result: object = None
            match effect:
                case Open(request):
                    said.append(request)
                case Say(message):
                    said.append(message)
                case Tell(piece):
                    shown.append(piece)
                case Hear():
                    at += 1.0
                    result = Told(waiting.pop(0), at) if waiting else None
                case ToolCalls(calls):
                    rounds.append(calls)
                    result = tuple(ToolResult(call, {"a": 1}, "7") for call in calls)
            effect = flow.send(result)
    except StopIteration as end:
        return end.value, said, shown, rounds


def asking(**changes):
    return Ask("realtime", "gpt-realtime", messages=({"role": "user", "content": "Hi"},), **changes)


def test_a_session_is_opened_filled_and_answered():
    answer, said, shown, _ = play(asking(), CREATED, text("Hel"), text("lo"), DONE)
    assert (said[0].method, said[0].path) == ("GET", "/realtime")
    assert said[0].query == (("model", "gpt-realtime"),)
    content = [{"type": "input_text", "text": "Hi"}]
    item = {"type": "message", "role": "user", "content": content}
    assert said[1:] == [
        {"type": "conversation.item.create", "item": item},
        {"type": "response.create"},
    ]
    assert (answer.text, answer.finish_reason, answer.request_id) == ("Hello", "stop", "sess_1")
    assert shown == ["Hel", "lo"]
    assert (answer.latency, answer.ttft) == (4.0, 2.0)


def test_params_and_tools_update_the_session_first():
    ask = asking(params={"output_modalities": ["text"]}, tools=(TOOL,), tool_choice={"name": "get"})
    _, said, _, _ = play(ask, CREATED, UPDATED, DONE)
    session = said[1]["session"]
    assert session["type"] == "realtime"
    assert session["output_modalities"] == ["text"]
    assert session["tools"][0]["name"] == "get"
    assert session["tool_choice"] == {"type": "function", "name": "get"}


def test_sound_is_joined_and_its_transcript_is_the_text():
    pieces = [
        {"type": "response.output_audio.delta", "delta": base64.b64encode(piece).decode()}
        for piece in (b"ab", b"cd")
    ]
    words = {"type": "response.output_audio_transcript.delta", "delta": "Hello"}
    answer, *_ = play(asking(), CREATED, pieces[0], words, pieces[1], DONE)
    assert answer.text == "Hello"
    assert [(a.part, a.media_type, a.body) for a in answer.artifacts] == [
        ("audio", "audio/pcm", b"abcd")
    ]


def test_tool_results_go_back_and_a_forced_choice_is_relaxed():
    ask = asking(tools=(TOOL,), tool_choice={"name": "get"})
    answer, said, _, rounds = play(ask, CREATED, UPDATED, CALLED, text("7"), DONE)
    assert [call.name for call in rounds[0]] == ["get"]
    output = {"type": "function_call_output", "call_id": "c1", "output": "7"}
    assert {"type": "conversation.item.create", "item": output} in said
    assert said[-1] == {"type": "response.create", "response": {"tool_choice": "auto"}}
    assert answer.text == "7"
    assert [result.output for result in answer.tool_calls] == ["7"]
    assert [message["role"] for message in answer.conversation.messages] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]


def test_a_tool_with_nothing_to_run_is_the_answer():
    answer, *_ = play(asking(tools=(TOOL._replace(runs=False),)), CREATED, UPDATED, CALLED)
    assert answer.finish_reason == "tool_calls"
    assert answer.tool_calls[0].output is None


def test_endless_tool_rounds_end():
    ask = asking(tools=(TOOL,), max_tool_rounds=1)
    with pytest.raises(ToolLoopError, match="after 1 round "):
        play(ask, CREATED, UPDATED, CALLED, CALLED)


def test_unknown_events_are_passed_over():
    answer, *_ = play(asking(), CREATED, {"type": "new.thing"}, text("a"), {}, DONE)
    assert answer.text == "a"


@pytest.mark.parametrize(
    ("events", "error", "message"),
    [
        ((), ConnectionFailedError, "closed before"),
        ((CREATED, text("a")), ConnectionFailedError, "closed before"),
        ((CREATED, ["no"]), BadReplyError, "expected an event"),
        ((CREATED, {"type": "response.output_audio.delta", "delta": "!"}), BadReplyError, "base64"),
        (
            (CREATED, {"type": "error", "error": {"message": "no such voice", "code": "x"}}),
            ApiStatusError,
            "no such voice",
        ),
        (
            (
                CREATED,
                {
                    "type": "response.done",
                    "response": {
                        "status": "failed",
                        "status_details": {"error": {"message": "too busy"}},
                    },
                },
            ),
            ApiStatusError,
            "too busy",
        ),
    ],
)
def test_what_goes_wrong_is_one_clear_error(events, error, message):
    with pytest.raises(error, match=message):
        play(asking(), *events)


def test_a_cut_answer_says_why():
    response = {"status": "incomplete", "status_details": {"reason": "max_output_tokens"}}
    answer, *_ = play(asking(), CREATED, {"type": "response.done", "response": response})
    assert answer.finish_reason == "length"
