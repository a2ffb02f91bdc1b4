import base64
from typing import Any

import pytest

from runner.engine.drive import drive
from runner.errors import ApiStatusError, BadReplyError, ConnectionFailedError, ToolLoopError
from runner.model import Ask, Conversation, Hear, Open, Say, Tell, Told, Tool, ToolCalls, ToolResult
from runner.protocol import endpoints
from runner.protocol.endpoints.realtime import check

DONE = {"type": "response.done", "response": {"status": "completed", "output": [], "usage": None}}
CREATED = {"type": "session.created", "session": {"id": "sess_1"}}
UPDATED = {"type": "session.updated"}
CALL = {"type": "function_call", "call_id": "c1", "name": "get", "arguments": '{"a": 1}'}
CALLED = {"type": "response.done", "response": {"status": "completed", "output": [CALL]}}
TOOL = Tool("get", "Get it.", {"type": "object"}, runs=True)


ADDED = {"type": "conversation.item.added", "item": {"id": "item_1"}}


def text(delta):
    return {"type": "response.output_text.delta", "delta": delta}


def play(ask, *events, confirms=True, said=None):
    """Return the answer, what was said, what was shown, and the tool rounds.

    A service that `confirms` says at once that it took an item. An event may be an error.
    """
    waiting = list(events)
    said = [] if said is None else said
    shown, rounds, heard = [], [], []

    def say(message):
        said.append(message)
        if confirms and message["type"] == "conversation.item.create":
            waiting.insert(0, {**ADDED, "item": {"id": f"item_{len(said)}"}})

    def hear():
        heard.append(waiting.pop(0) if waiting else None)
        if isinstance(heard[-1], Exception):
            raise heard[-1]
        return None if heard[-1] is None else Told(heard[-1], float(len(heard)))

    def run(calls):
        rounds.append(calls)
        return tuple(ToolResult(call, {"a": 1}, "7") for call in calls)

    deeds = {
        Open: lambda effect: said.append(effect.request),
        Say: lambda effect: say(effect.message),
        Hear: lambda effect: hear(),
        Tell: lambda effect: shown.append(effect.text),
        ToolCalls: lambda effect: run(effect.calls),
    }
    flow = endpoints.find("realtime").flow(ask)
    return drive(flow, lambda effect: deeds[type(effect)](effect)), said, shown, rounds


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
    assert (answer.latency, answer.ttft) == (5.0, 3.0)


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
    said: list[Any] = []
    with pytest.raises(ToolLoopError, match="after 1 round "):
        play(ask, CREATED, UPDATED, CALLED, CALLED, said=said)
    items = [one["item"]["type"] for one in said if isinstance(one, dict) and "item" in one]
    assert items == ["message", "function_call_output"]


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


REFUSED = {"type": "error", "error": {"code": "invalid_value", "message": "no such part"}}
SILENCE = ConnectionFailedError("the session said nothing")
ASKED = {"type": "response.create"}


def test_an_item_that_is_refused_is_no_paid_answer():
    said: list[Any] = []
    with pytest.raises(ApiStatusError, match="no such part"):
        play(asking(), CREATED, REFUSED, confirms=False, said=said)
    assert [message["type"] for message in said[1:]] == ["conversation.item.create"]


def test_every_item_is_waited_for():
    """The first is confirmed, in two words, and the second refused."""
    created = {**ADDED, "type": "conversation.item.created"}
    system = {"role": "system", "content": "Be brief."}
    ask = asking()._replace(messages=(system, *asking().messages))
    said: list[Any] = []
    with pytest.raises(ApiStatusError, match="no such part"):
        play(ask, CREATED, ADDED, created, REFUSED, confirms=False, said=said)
    assert [message["type"] for message in said[1:]] == ["conversation.item.create"] * 2


@pytest.mark.parametrize("meanwhile", [(SILENCE,), ({"type": "still.here"},) * 6])
def test_a_session_that_never_confirms_is_asked_after_its_time(meanwhile):
    """Whether it is silent then or speaks of other things; in later rounds it is asked at once."""
    ask = asking(tools=(TOOL,))
    told = (CREATED, UPDATED, *meanwhile, CALLED, text("7"), DONE)
    answer, said, _, _ = play(ask, *told, confirms=False)
    assert answer.text == "7"
    assert said[-1] == ASKED


def test_a_session_that_ends_instead_of_confirming_is_told():
    said: list[Any] = []
    with pytest.raises(ConnectionFailedError, match="closed before"):
        play(asking(), CREATED, confirms=False, said=said)
    assert ASKED not in said


MUTE = {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}


def test_a_sound_that_cannot_be_sent_is_found_before_a_session_is_opened():
    messages = ({"role": "user", "content": [{"type": "text", "text": "Hi"}, MUTE]},)
    found = list(check(asking()._replace(messages=messages), True))
    assert [(one.path, one.message) for one in found] == [
        (("messages", 0, "content", 1), "expected a wav file")
    ]
    before = Conversation("chat.completions", (), messages)
    (again,) = check(asking(history=before), True)
    assert again.path == ("continue",)
    assert "ffmpeg" in again.hint
