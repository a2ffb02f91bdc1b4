"""Responses: the body of a request, replies as servers send them, and stored responses."""

from __future__ import annotations

import pytest

from runner.errors import ApiStatusError, BadReplyError, RecipeError
from runner.model import Ask, Citation, Conversation, ResponseSchema, Tool
from runner.protocol import endpoints
from runner.protocol.endpoints.responses import ask_responses
from tests.protocol.play import called, events, play, reply, response, said, streamed

USER = {"role": "user", "content": "Hi"}
ASK = Ask("responses", model="m", messages=(USER,))
RUNS = (Tool("add", schema={}, runs=True),)


def sent(ask=ASK, **fields):
    """The request's body."""
    return play(ask_responses(ask._replace(**fields)), response(said("x"))).bodies[0]


def answered(received, **fields):
    """What a reply is read as."""
    return play(ask_responses(ASK._replace(**fields)), received).answer


def test_messages_become_items():
    done = play(ask_responses(ASK), response(said("x")))
    assert done.bodies == [{"model": "m", "input": [USER]}]
    assert (done.requests[0].method, done.requests[0].path) == ("POST", "/responses")


@pytest.mark.parametrize("given", ["Hi", [USER, {"type": "item_reference", "id": "i"}]])
def test_input_is_sent_as_it_stands(given):
    assert sent(messages=None, input=given)["input"] == given


def test_a_stored_prompt_is_sent_without_input():
    prompt = {"id": "pmpt_1", "variables": {"city": "Paris"}}
    assert sent(messages=None, prompt=prompt) == {"model": "m", "prompt": prompt}


def test_input_as_text_becomes_an_item_when_results_follow_it():
    done = play(
        ask_responses(ASK._replace(messages=None, input="Hi", tools=RUNS)),
        response(called("i", "add", "{}")),
        "3",
        response(said("x")),
    )
    assert done.bodies[0]["input"] == "Hi"
    assert done.bodies[1]["input"][0] == USER


def test_input_follows_what_was_said_before():
    history = Conversation("responses", (USER, said("Hello")), (USER,))
    body = sent(messages=None, input="And?", history=history)
    assert body["input"] == [USER, said("Hello"), {"role": "user", "content": "And?"}]


def test_a_tool_is_flat():
    tools = (Tool("add", "Adds.", {"type": "object"}, strict=False), *RUNS)
    raw = Tool("web_search", raw={"type": "web_search"})
    assert sent(tools=(*tools, raw))["tools"] == [
        {
            "type": "function",
            "name": "add",
            "description": "Adds.",
            "parameters": {"type": "object"},
            "strict": False,
        },
        {"type": "function", "name": "add", "parameters": {}},
        {"type": "web_search"},
    ]


def test_a_choice_is_flat():
    assert sent(tool_choice={"name": "add"})["tool_choice"] == {"type": "function", "name": "add"}
    assert sent(tool_choice="required")["tool_choice"] == "required"


def test_a_response_schema_joins_what_is_said_of_the_text():
    shape = {"type": "object"}
    body = sent(response_schema=ResponseSchema("r", shape), params={"text": {"verbosity": "low"}})
    assert body["text"] == {
        "verbosity": "low",
        "format": {"type": "json_schema", "name": "r", "schema": shape, "strict": True},
    }


def test_the_recipe_s_own_params_stay_as_they_were():
    params = {"text": {"verbosity": "low"}}
    sent(response_schema=ResponseSchema("r", {}), params=params)
    assert params == {"text": {"verbosity": "low"}}


def test_reasoning_goes_back_with_its_calls():
    thought = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "x"}
    search = {"id": "ws_1", "type": "web_search_call", "status": "completed"}
    done = play(
        ask_responses(ASK._replace(tools=RUNS)),
        response(thought, search, called("i", "add", "{}")),
        "3",
        response(said("x")),
    )
    assert done.bodies[1]["input"] == [
        USER,
        thought,
        search,
        called("i", "add", "{}"),
        {"type": "function_call_output", "call_id": "i", "output": "3"},
    ]


@pytest.mark.parametrize("place", ["params", "extra"])
def test_a_conversation_that_the_service_keeps_is_told_only_what_is_new(place):
    kept = {place: {"conversation": "conv_1"}}
    ask = ASK._replace(tools=RUNS, params=kept.get("params", {}), extra=kept.get("extra", {}))
    two = response(called("i", "add", "{}"), called("j", "add", "{}"))
    done = play(ask_responses(ask), two, ["1", "2"], response(said("x")))
    assert done.bodies[0]["input"] == [USER]
    assert done.bodies[1]["input"] == [
        {"type": "function_call_output", "call_id": "i", "output": "1"},
        {"type": "function_call_output", "call_id": "j", "output": "2"},
    ]


def test_the_text_is_that_of_all_messages():
    two = said("b")
    two["content"].append({"type": "output_text", "text": "c"})
    answer = answered(response(said("a"), {"type": "reasoning"}, two))
    assert (answer.text, answer.texts) == ("abc", ("abc",))


@pytest.mark.parametrize(
    ("content", "text"), [("plain", "plain"), (None, None), ([], None), (["junk"], None)]
)
def test_content_may_be_text_or_nothing(content, text):
    assert answered(response({"type": "message", "content": content})).text == text


def test_citations_count_from_the_start_of_the_joined_text():
    def note(start, end):
        place = {"start_index": start, "end_index": end}
        return {"type": "url_citation", "url": "https://a", "title": "A", **place}

    item = said("12345", annotations=[note(1, 2), {"type": "file_citation"}, None])
    item["content"].append({"type": "output_text", "text": "678", "annotations": [note(0, 3)]})
    last = said("9", annotations=[note(0, 1)])
    assert answered(response(item, last)).citations == (
        Citation("https://a", "A", 1, 2),
        Citation("https://a", "A", 5, 8),
        Citation("https://a", "A", 8, 9),
    )


def test_a_refusal_is_told():
    refused = {"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}
    answer = answered(response(refused))
    assert (answer.text, answer.refusal) == (None, "No.")
    assert answer.conversation is not None
    assert answer.conversation.messages[1] == {
        "role": "assistant",
        "content": None,
        "refusal": "No.",
    }


@pytest.mark.parametrize(
    ("status", "details", "finish"),
    [
        ("completed", None, "stop"),
        (None, None, "stop"),
        ("incomplete", {"reason": "max_output_tokens"}, "length"),
        ("incomplete", {"reason": "content_filter"}, "content_filter"),
        ("incomplete", None, None),
        ("incomplete", "odd", None),
        ("queued", None, None),
        ("in_progress", None, None),
    ],
)
def test_finish_reasons_are_those_of_chat(status, details, finish):
    answer = answered(response(said("x"), status=status, incomplete_details=details))
    assert answer.finish_reason == finish


def test_calls_end_in_tool_calls():
    answer = answered(response(said("x"), called("i", "add", "{}")), max_tool_rounds=0)
    assert answer.finish_reason == "tool_calls"


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_a_response_in_the_background_has_no_output_yet(status):
    answer = answered(reply({"object": "response", "status": status, "output": None}))
    assert (answer.text, answer.finish_reason) == (None, None)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"status": "failed", "error": {"code": "server_error", "message": "It broke."}},
            r"the response failed \(server_error\): It broke\.",
        ),
        ({"status": "failed", "error": None, "output": []}, "failed: no reason given"),
        ({"status": "cancelled", "output": []}, "the response cancelled"),
    ],
)
def test_a_response_that_failed_is_an_error(body, message):
    with pytest.raises(ApiStatusError, match=message):
        answered(reply(body))


def test_a_stream_that_ended_in_failure_is_an_error():
    failed = {"status": "failed", "error": {"code": "server_error", "message": "It broke."}}
    stream = events({"type": "response.failed", "response": failed}, named=True)
    with pytest.raises(ApiStatusError, match=r"It broke\."):
        answered(streamed(stream), stream=True)


@pytest.mark.parametrize("value", [{}, {"output": "x"}, [], "text", {"status": "completed"}])
def test_a_reply_without_output_is_told_clearly(value):
    with pytest.raises(BadReplyError, match="no output"):
        answered(reply(value))


def test_an_error_in_a_200_is_told_as_what_it_is():
    with pytest.raises(ApiStatusError, match="no such model"):
        answered(reply({"error": {"message": "no such model"}}))


def test_a_call_may_have_arguments_as_an_object_and_only_one_id():
    call = {"type": "function_call", "id": "fc_1", "name": "add", "arguments": {"a": 1}}
    (result,) = answered(response(call), max_tool_rounds=0).tool_calls
    assert (result.call.id, result.arguments) == ("fc_1", {"a": 1})


def test_a_custom_tool_is_handed_back():
    call = {"type": "custom_tool_call", "call_id": "i", "name": "shell", "input": "ls"}
    raw = {"type": "custom", "name": "shell"}
    (result,) = answered(response(call), tools=(Tool("shell", raw=raw),)).tool_calls
    assert (result.call.name, result.call.arguments, result.output) == ("shell", "ls", None)


def test_junk_among_the_items_is_left_out():
    answer = answered(reply({"output": ["junk", said("x"), None]}))
    assert answer.text == "x"
    assert answer.conversation is not None
    assert answer.conversation.items == (USER, said("x"))


def acted(name, received, **fields):
    """Play a call that acts on a stored response."""
    return play(endpoints.find(name).flow(Ask(name, id="resp_1", **fields)), received)


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("responses.retrieve", "GET", "/responses/resp_1"),
        ("responses.cancel", "POST", "/responses/resp_1/cancel"),
        ("responses.delete", "DELETE", "/responses/resp_1"),
    ],
)
def test_a_stored_response_is_acted_on_by_its_id(name, method, path):
    (request,) = acted(name, response(said("x"))).requests
    assert (request.method, request.path, request.body) == (method, path, None)


def test_params_are_the_query():
    params = {"include": ["reasoning.encrypted_content"], "include_obfuscation": False}
    (request,) = acted("responses.retrieve", response(said("x")), params=params).requests
    assert request.query == (
        ("include[]", "reasoning.encrypted_content"),
        ("include_obfuscation", "false"),
    )


def test_an_id_cannot_lead_elsewhere():
    flow = endpoints.find("responses.delete").flow(Ask("responses.delete", id="a/..b?c"))
    assert next(flow).path == "/responses/a%2F..b%3Fc"  # type: ignore[union-attr]
    for identity in ("..", "a/../b"):
        with pytest.raises(RecipeError, match="an id cannot be"):
            next(endpoints.find("responses.delete").flow(Ask("responses.delete", id=identity)))


def test_a_retrieved_response_is_an_answer():
    answer = acted("responses.retrieve", response(said("x"), called("i", "add", "{}"))).answer
    assert (answer.text, answer.finish_reason) == ("x", "tool_calls")


@pytest.mark.parametrize("status", ["failed", "cancelled", "queued"])
def test_one_that_has_not_answered_has_no_finish_reason(status):
    """It was asked for, so that it failed is its answer."""
    answer = acted("responses.retrieve", response(status=status)).answer
    assert (answer.text, answer.finish_reason, answer.json["status"]) == (None, None, status)


@pytest.mark.parametrize("value", [{"id": "resp_1", "deleted": True}, None, 5, []])
def test_what_is_no_response_has_its_json_alone(value):
    answer = acted("responses.delete", reply(value)).answer
    assert (answer.json, answer.text, answer.finish_reason) == (value, None, None)


def test_an_accepted_error_is_told():
    answer = acted("responses.retrieve", reply({"output": []}, 404), accepts=(404,)).answer
    assert (answer.status, answer.text, answer.finish_reason) == (404, None, None)
