"""Tool rounds: the model calls, is told what came of it, and answers; on both dialects."""

from __future__ import annotations

import pytest

from runner.errors import ConnectionFailedError, ToolLoopError
from runner.model import ToolCalls
from runner.protocol.endpoints.chat import ask_chat
from runner.protocol.endpoints.responses import ask_responses
from tests.protocol.play import called, chat_calls, play, response
from tests.protocol.talk import ADD, DIALECTS, MINE, Talk, asked


@pytest.fixture(params=DIALECTS)
def talk(request):
    return Talk(request.param)


def test_an_answer_ends_the_conversation(talk):
    done = play(talk.ask(tools=()), talk.text("3"))
    assert done.answer.text == "3"
    assert done.answer.finish_reason == "stop"
    assert done.answer.tool_calls == ()
    assert len(done.requests) == 1


def test_tool_results_go_back_to_the_model(talk):
    written = '{"a": 1, "b": 2}'
    done = play(talk.ask(), talk.calls(("id1", "add", written)), "3", talk.text("It is 3."))
    assert done.calls == [[("id1", "add", written)]]
    assert talk.history(done.bodies[1]) == [
        ("user", "What is 1 + 2?"),
        ("call", "id1", "add", written),
        ("result", "id1", "3"),
    ]
    assert done.answer.text == "It is 3."
    (result,) = done.answer.tool_calls
    assert (result.call.name, result.arguments, result.output) == ("add", {"a": 1, "b": 2}, "3")


def test_parallel_calls_are_one_effect_and_keep_their_ids(talk):
    calls = [("x", "add", '{"a": 1}'), ("y", "add", '{"a": 2}'), ("z", "add", '{"a": 3}')]
    done = play(talk.ask(), talk.calls(*calls), ["1", "2", "3"], talk.text("6"))
    assert done.calls == [calls]
    sent = talk.history(done.bodies[1])
    assert sent[-3:] == [("result", "x", "1"), ("result", "y", "2"), ("result", "z", "3")]
    assert [result.output for result in done.answer.tool_calls] == ["1", "2", "3"]


def test_several_rounds_add_up(talk):
    first, second = ("i1", "add", '{"a": 1}'), ("i2", "add", '{"a": 2}')
    done = play(talk.ask(), talk.calls(first), "1", talk.calls(second), "3", talk.text("end"))
    assert talk.history(done.bodies[2])[1:] == [
        ("call", *first),
        ("result", "i1", "1"),
        ("call", *second),
        ("result", "i2", "3"),
    ]
    assert [request.ordinal for request in done.requests] == [0, 1, 2]
    assert [result.call.id for result in done.answer.tool_calls] == ["i1", "i2"]
    assert done.answer.requests == 3


def test_every_round_sends_tools_and_params_again(talk):
    done = play(
        talk.ask(params={"metadata": {"a": "b"}}),
        talk.calls(("i", "add", "{}")),
        "0",
        talk.text("end"),
    )
    first, second = done.bodies
    assert first["tools"] == second["tools"]
    assert first["metadata"] == second["metadata"] == {"a": "b"}
    assert first["model"] == second["model"] == "m"


@pytest.mark.parametrize(
    ("choice", "later"), [({"name": "add"}, "auto"), ("required", "auto"), ("none", "none")]
)
def test_a_forced_choice_is_relaxed_after_its_round(talk, choice, later):
    done = play(talk.ask(tool_choice=choice), talk.calls(("i", "add", "{}")), "0", talk.text("end"))
    assert done.bodies[0]["tool_choice"] != "auto"
    assert done.bodies[1]["tool_choice"] == later


@pytest.mark.parametrize("mode", ["auto", "required"])
def test_a_choice_among_some_tools_stays_among_them(talk, mode):
    some = [{"type": "function", "name": "add"}]
    flat = {"type": "allowed_tools", "mode": mode, "tools": some}
    nested = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": some}}
    choice = nested if talk.endpoint == "chat.completions" else flat
    done = play(talk.ask(tool_choice=choice), talk.calls(("i", "add", "{}")), "0", talk.text("end"))
    assert done.bodies[0]["tool_choice"] == choice
    later = done.bodies[1]["tool_choice"]
    assert (later.get("allowed_tools") or later)["mode"] == "auto"
    assert (later.get("allowed_tools") or later)["tools"] == some


def test_no_rounds_hand_the_calls_back(talk):
    done = play(talk.ask(max_tool_rounds=0), talk.calls(("i", "add", '{"a": 1}')))
    (result,) = done.answer.tool_calls
    assert (result.call.id, result.arguments, result.output) == ("i", {"a": 1}, None)
    assert done.answer.finish_reason == "tool_calls"


def test_as_many_rounds_as_allowed_are_run(talk):
    call = talk.calls(("i", "add", "{}"))
    done = play(talk.ask(max_tool_rounds=2), call, "1", call, "2", talk.text("end"))
    assert done.answer.text == "end"


def test_one_round_more_is_a_failure(talk):
    call = talk.calls(("i", "add", "{}"))
    with pytest.raises(ToolLoopError, match=r"after 2 rounds \(last: add\)") as caught:
        play(talk.ask(max_tool_rounds=2), call, "1", call, "2", call)
    assert caught.value.exit_code == 3


def test_a_tool_that_nothing_runs_ends_the_rounds(talk):
    done = play(talk.ask(tools=(MINE,)), talk.calls(("i", "mine", '{"a": 1}')))
    assert done.answer.tool_calls[0].call.name == "mine"
    assert done.answer.tool_calls[0].output is None
    assert not any(isinstance(effect, ToolCalls) for effect in done.effects)


def test_it_ends_them_even_where_no_round_is_left(talk):
    done = play(
        talk.ask(tools=(ADD, MINE), max_tool_rounds=1),
        talk.calls(("i", "add", "{}")),
        "1",
        talk.calls(("j", "mine", "{}")),
    )
    assert [(r.call.name, r.output) for r in done.answer.tool_calls] == [
        ("add", "1"),
        ("mine", None),
    ]


def test_calls_beside_it_are_handed_back_with_it(talk):
    """Half of a round cannot be answered: the one who runs `mine` gets them all."""
    done = play(talk.ask(tools=(ADD, MINE)), talk.calls(("i", "add", "{}"), ("j", "mine", "[")))
    assert [(r.call.name, r.arguments, r.output) for r in done.answer.tool_calls] == [
        ("add", {}, None),
        ("mine", None, None),
    ]


def test_an_unknown_tool_is_left_to_the_toolbox(talk):
    done = play(talk.ask(), talk.calls(("i", "nope", "{}")), "no such tool", talk.text("Sorry."))
    assert done.calls == [[("i", "nope", "{}")]]
    assert done.answer.text == "Sorry."


def test_an_error_of_a_tool_passes_through(talk):
    with pytest.raises(ConnectionFailedError):
        play(talk.ask(), talk.calls(("i", "add", "{}")), ConnectionFailedError("gone"))


@pytest.mark.parametrize("name", ["chat", "responses"])
@pytest.mark.parametrize("keys", [(None, None), ("", ""), ("same", "same")])
def test_calls_without_ids_of_their_own_get_some(name, keys):
    talk = Talk(name)
    calls = [(key, "add", f'{{"a": {i}}}') for i, key in enumerate(keys)]
    done = play(talk.ask(), talk.calls(*calls), ["0", "1"], talk.text("end"))
    ((first, second),) = done.calls
    assert first[0] != second[0]
    sent = done.bodies[1]
    if name == "chat":
        made, *results = sent["messages"][1:]
        ids = [call["id"] for call in made["tool_calls"]]
        told = [message["tool_call_id"] for message in results]
    else:
        ids = [item["call_id"] for item in sent["input"] if item.get("type") == "function_call"]
        told = [item["call_id"] for item in sent["input"][-2:]]
    assert ids == told == [first[0], second[0]]


def test_the_body_stays_as_the_service_sent_it():
    received = chat_calls(("", "add", "{}"))
    done = play(ask_chat(asked("chat.completions", max_tool_rounds=0)), received)
    assert done.answer.json["choices"][0]["message"]["tool_calls"][0]["id"] == ""
    done = play(
        ask_responses(asked("responses", max_tool_rounds=0)), response(called("", "add", "{}"))
    )
    assert done.answer.json["output"][0]["call_id"] == ""
