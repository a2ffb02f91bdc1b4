"""Simulated responses: what is answered, kept, streamed, and forgotten."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.protocol.simulated import simulate
from runner.protocol.simulated.service import KEPT, World
from tests import openapi
from tests.protocol.simulated.asking import (
    PERSON,
    PIXEL,
    error,
    events,
    flat,
    request,
    respond,
    shape_faults,
    value,
    weather,
    world,
)

TOOL = flat(weather()) | {"strict": True}
PARIS = "What is the weather like in Paris?"
STRICT = {"format": {"type": "json_schema", "name": "person", "strict": True, "schema": PERSON}}
PARTS = [
    {"type": "input_text", "text": "What is this?"},
    {"type": "input_image", "image_url": PIXEL, "detail": "low"},
    {
        "type": "input_file",
        "filename": "a.pdf",
        "file_data": "data:application/pdf;base64,JVBERg==",
    },
]
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "parts": {"asked": [{"role": "user", "content": PARTS}]},
    "instructed": {"instructions": "Be brief.", "metadata": {"a": "b"}, "store": False},
    "reasoned": {"reasoning": {"effort": "low"}},
    "summed up": {
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
    },
    "cut": {"asked": "What is the OpenAI mission?", "max_output_tokens": 16},
    "call": {"asked": PARIS, "tools": [TOOL], "reasoning": {"effort": "low"}},
    "forced call": {"tools": [TOOL], "tool_choice": {"type": "function", "name": "get_weather"}},
    "parallel calls": {"asked": "Weather in Paris and Oslo?", "tools": [TOOL]},
    "strict": {"text": STRICT},
    "object": {"asked": "Give me json", "text": {"format": {"type": "json_object"}}},
    "search": {"asked": "What is new?", "tools": [{"type": "web_search"}]},
    "logprobs": {"include": ["message.output_text.logprobs"], "top_logprobs": 2},
}


def official(response: dict[str, Any]) -> list[str]:
    # A response in progress has no usage yet; the document forgets that null.
    response = dict(response)
    if response["usage"] is None:
        del response["usage"]
    return openapi.faults("Response", response)


def kinds(response: dict[str, Any]) -> list[str]:
    return [item["type"] for item in response["output"]]


def text(response: dict[str, Any]) -> str:
    return str(response["output"][-1]["content"][0]["text"])


def act(endpoint: str, name: str, here: World) -> Any:
    method = {"retrieve": "GET", "cancel": "POST", "delete": "DELETE"}[endpoint]
    tail = "/cancel" if endpoint == "cancel" else ""
    path = f"/responses/{name}{tail}"
    return simulate(request(f"responses.{endpoint}", None, path, method), here)


@pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS)
def test_every_kind_of_answer_has_our_shape(fields):
    reply = respond(**fields)
    assert reply.status == 200
    assert shape_faults("response", value(reply)) == []


@openapi.needs_openapi
@pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS)
def test_every_kind_of_answer_satisfies_the_official_schema(fields):
    assert official(value(respond(**fields))) == []


@openapi.needs_openapi
@pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS)
def test_every_kind_of_event_satisfies_the_official_schema(fields):
    for event in events(respond(**fields, stream=True)):
        if "response" in event and event["response"]["usage"] is None:
            del event["response"]["usage"]
        assert openapi.faults("ResponseStreamEvent", event) == []


@pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS)
def test_a_stream_ends_with_the_plain_response(fields):
    first, *_, last = events(respond(**fields, stream=True))
    plain = value(respond(**fields))
    ours = {"id": plain["id"]}
    # The plain request lacks `stream`, so its id is another.
    told = json.loads(
        json.dumps(last["response"]).replace(last["response"]["id"][13:], ours["id"][13:])
    )
    assert told == plain
    assert last["type"] == f"response.{plain['status']}"
    assert first["response"]["status"] == "in_progress"
    assert first["response"]["output"] == []


@pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS)
def test_events_are_numbered_and_their_deltas_join(fields):
    found = events(respond(**fields, stream=True))
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    for done in [
        event
        for event in found
        if event["type"].endswith((".text.done", "text.done", "arguments.done"))
    ]:
        kind = done["type"].removesuffix("done") + "delta"
        own = [e["delta"] for e in found if e["type"] == kind and e["item_id"] == done["item_id"]]
        assert "".join(own) == done.get("text", done.get("arguments"))


def order(**fields: Any) -> list[str]:
    """The kinds of events in order, each run of deltas as one."""
    names = [
        event["type"].removeprefix("response.") for event in events(respond(**fields, stream=True))
    ]
    return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]


def test_the_events_of_a_reasoned_text_come_in_the_order_of_the_service():
    assert order(reasoning={"effort": "low", "summary": "auto"}) == [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]


def test_the_events_of_a_call_come_in_the_order_of_the_service():
    assert order(asked=PARIS, tools=[TOOL]) == [
        "created",
        "in_progress",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]


def test_the_events_of_a_search_come_in_the_order_of_the_service():
    names = order(asked="News?", tools=[{"type": "web_search"}])
    assert names[2:7] == [
        "output_item.added",
        "web_search_call.in_progress",
        "web_search_call.searching",
        "web_search_call.completed",
        "output_item.done",
    ]
    assert "output_text.annotation.added" in names


def test_an_item_opens_empty():
    added = [
        e["item"]
        for e in events(respond(PARIS, tools=[TOOL], stream=True))
        if e["type"].endswith("item.added")
    ]
    assert [(item["arguments"], item["status"]) for item in added] == [("", "in_progress")]


def test_the_same_run_has_the_same_replies():
    def run():
        here = world()
        return [respond(here=here), respond("What?", here=here), respond(here=here)]

    assert run() == run()


def test_the_same_request_twice_makes_two_responses():
    here = world()
    first, second = value(respond(here=here)), value(respond(here=here))
    assert first["id"] != second["id"]
    assert text(first) == text(second)


def test_settings_are_echoed():
    echo = value(
        respond(instructions="Be brief.", temperature=0.5, metadata={"a": "b"}, tools=[TOOL])
    )
    assert echo["instructions"] == "Be brief."
    assert echo["temperature"] == 0.5
    assert echo["metadata"] == {"a": "b"}
    assert echo["tools"] == [{"description": None, **TOOL}]


def test_reasoning_comes_first_where_it_is_asked_for():
    assert kinds(value(respond(reasoning={"effort": "low"}))) == ["reasoning", "message"]
    assert kinds(value(respond())) == ["message"]


def test_the_limit_leaves_the_response_incomplete():
    cut = value(respond("What is the OpenAI mission?", max_output_tokens=16))
    assert cut["status"] == "incomplete"
    assert cut["incomplete_details"] == {"reason": "max_output_tokens"}
    assert cut["output"][-1]["status"] == "incomplete"
    assert cut["usage"]["output_tokens"] == 16
    assert value(respond("What is the OpenAI mission?"))["status"] == "completed"


def test_structured_output_fits_its_schema():
    told = text(value(respond("Extract: Ada Lovelace is 36 years old.", text=STRICT)))
    assert json.loads(told) == {"name": "Ada Lovelace", "age": 36}


def test_a_citation_points_at_its_link_in_the_text():
    response = value(respond("What is new?", tools=[{"type": "web_search"}]))
    assert kinds(response) == ["web_search_call", "message"]
    (note,) = response["output"][-1]["content"][0]["annotations"]
    assert (
        text(response)[note["start_index"] : note["end_index"]] == f"[example.com]({note['url']})"
    )


def called(here: World, **fields: Any) -> dict[str, Any]:
    return dict(value(respond(PARIS, here, tools=[TOOL], **fields)))


def told(call: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call["call_id"], "output": "14 degrees"}


def test_results_go_back_by_the_previous_response():
    here = world()
    first = called(here, reasoning={"effort": "low"})
    call = first["output"][-1]
    assert json.loads(call["arguments"]) == {"location": "Paris"}
    reply = respond([told(call)], here, tools=[TOOL], previous_response_id=first["id"])
    assert "get_weather answered: 14 degrees" in text(value(reply))
    assert value(reply)["previous_response_id"] == first["id"]


def test_results_go_back_with_all_that_was_said():
    here = world()
    first = called(here, reasoning={"effort": "low"})
    said = [{"role": "user", "content": PARIS}, *first["output"], told(first["output"][-1])]
    assert "14 degrees" in text(value(respond(said, here, tools=[TOOL])))


def test_a_call_without_the_reasoning_it_came_with_is_refused():
    here = world()
    call = called(here, reasoning={"effort": "low"})["output"][-1]
    said = [{"role": "user", "content": PARIS}, call, told(call)]
    reply = respond(said, here, tools=[TOOL])
    assert error(reply) == (400, None, "input")
    assert "reasoning" in value(reply)["error"]["message"]


def test_a_call_that_had_no_reasoning_needs_none():
    here = world()
    call = called(here)["output"][-1]
    said = [{"role": "user", "content": PARIS}, call, told(call)]
    assert respond(said, here, tools=[TOOL]).status == 200


def test_a_conversation_goes_on_from_the_previous_response():
    here = world()
    first = value(respond("My cat is called Zebedee.", here))
    second = value(respond("What is my cat called?", here, previous_response_id=first["id"]))
    assert "“My cat is called Zebedee.”" in text(second)
    third = value(respond("Thanks, cat lover", here, previous_response_id=second["id"]))
    assert third["usage"]["input_tokens"] > second["usage"]["input_tokens"]


def test_instructions_do_not_carry_over():
    here = world()
    first = value(respond("Hello", here, instructions="Speak like a pirate."))
    second = value(respond("Hello again", here, previous_response_id=first["id"]))
    assert "pirate" in text(first)
    assert "pirate" not in text(second)


def test_a_response_is_kept_until_it_is_deleted():
    here = world()
    made = value(respond(here=here))
    assert value(act("retrieve", made["id"], here)) == made
    gone = value(act("delete", made["id"], here))
    assert gone == {"id": made["id"], "object": "response", "deleted": True}
    assert error(act("retrieve", made["id"], here)) == (404, None, None)
    assert error(act("delete", made["id"], here)) == (404, None, None)


def test_a_streamed_response_is_kept_too():
    here = world()
    last = events(respond(here=here, stream=True))[-1]["response"]
    assert value(act("retrieve", last["id"], here)) == last


def test_a_response_that_is_not_stored_is_not_kept():
    here = world()
    made = value(respond(here=here, store=False))
    assert act("retrieve", made["id"], here).status == 404
    assert respond("And?", here, previous_response_id=made["id"]).status == 400


def test_a_background_response_is_queued_then_in_progress_then_done():
    here = world()
    made = value(respond(here=here, background=True))
    shown = [value(act("retrieve", made["id"], here)) for _ in range(3)]
    assert [made["status"], *(one["status"] for one in shown)] == [
        "queued",
        "in_progress",
        "completed",
        "completed",
    ]
    assert [bool(one["output"]) for one in (made, *shown)] == [False, False, True, True]
    assert [shape_faults("response", one) for one in (made, *shown)] == [[]] * 4


def test_a_background_response_can_be_cancelled_while_it_is_made():
    here = world()
    made = value(respond(here=here, background=True))
    assert value(act("cancel", made["id"], here))["status"] == "cancelled"
    assert value(act("retrieve", made["id"], here))["status"] == "cancelled"


def test_a_background_response_that_is_done_stays_done():
    here = world()
    made = value(respond(here=here, background=True))
    for _ in range(2):
        act("retrieve", made["id"], here)
    assert value(act("cancel", made["id"], here))["status"] == "completed"


def test_a_response_of_the_foreground_cannot_be_cancelled():
    here = world()
    made = value(respond(here=here))
    assert error(act("cancel", made["id"], here)) == (400, None, "response_id")


@openapi.needs_openapi
def test_what_is_kept_satisfies_the_official_schema():
    here = world()
    made = value(respond(here=here, background=True))
    later = [made, *(value(act("retrieve", made["id"], here)) for _ in range(2))]
    assert [official(one) for one in later] == [[]] * 3


def test_a_long_run_keeps_only_the_latest_responses():
    here = world()
    names = [value(respond(f"Number {turn}", here))["id"] for turn in range(KEPT + 1)]
    assert len(here.store) == KEPT
    assert act("retrieve", names[0], here).status == 404
    assert act("retrieve", names[-1], here).status == 200


def asked_items(here: World, response: Any, *query: tuple[str, str]) -> Any:
    path = f"/responses/{response['id']}/input_items"
    asked = request("raw", None, path, "GET")._replace(query=query)
    return value(simulate(asked, here))


def test_what_a_response_was_asked_is_listed_the_newest_first():
    here = world()
    first = value(respond("Hello", here))
    second = value(respond("And now?", here, previous_response_id=first["id"]))
    page = asked_items(here, second)
    assert [item["role"] for item in page["data"]] == ["user", "assistant", "user"]
    newest, *_, oldest = page["data"]
    assert newest["content"] == [{"type": "input_text", "text": "And now?"}]
    assert oldest["content"] == [{"type": "input_text", "text": "Hello"}]
    assert asked_items(here, second, ("order", "asc"))["data"] == page["data"][::-1]
    cut = asked_items(here, second, ("limit", "1"), ("after", newest["id"]))
    assert (cut["data"], cut["has_more"]) == (page["data"][1:2], True)


def test_of_a_response_that_is_not_there_nothing_is_listed():
    asked = request("raw", None, "/responses/resp_none/input_items", "GET")
    assert error(simulate(asked, world()))[0] == 404


@openapi.needs_openapi
def test_the_items_are_the_official_ones():
    here = world()
    called = value(respond(PARIS, here, tools=[TOOL]))
    [call] = called["output"]
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "20"}
    second = value(respond([result], here, previous_response_id=called["id"], tools=[TOOL]))
    third = value(respond([{"role": "user", "content": PARTS}], here))
    for response in (second, third):
        page = asked_items(here, response)
        assert page["data"]
        path = "/responses/{response_id}/input_items"
        assert openapi.reply_faults("GET", path, page) == []
