import base64

import pytest

from runner.exchange import Request
from runner.protocol.simulated.realtime import Session
from runner.protocol.simulated.service import World
from tests import openapi

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"location": {"type": "string"}}},
}


def session(model="gpt-realtime", **update):
    world = World(lambda: 1_800_000_000.0, {})
    made = Session(Request("GET", "/realtime", "realtime", model=model), world)
    if update:
        made.say({"type": "session.update", "session": {"type": "realtime", **update}})
    return made


def events(made):
    found = []
    while (event := made.hear(1)) is not None:
        found.append(event)
    return found


def ask(made, text):
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content}
    made.say({"type": "conversation.item.create", "item": item})
    made.say({"type": "response.create"})
    return events(made)


def kinds(found):
    return list(dict.fromkeys(event["type"] for event in found))


def test_a_written_answer_comes_in_the_service_s_order():
    found = ask(session(output_modalities=["text"]), "What is the capital of Sweden?")
    assert kinds(found) == [
        "session.created",
        "session.updated",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    deltas = [e["delta"] for e in found if e["type"] == "response.output_text.delta"]
    assert "Stockholm" in "".join(deltas)


def test_a_spoken_answer_is_sound_and_a_transcript():
    found = ask(session(), "What is the capital of Sweden?")
    sound = b"".join(
        base64.b64decode(e["delta"]) for e in found if e["type"] == "response.output_audio.delta"
    )
    assert len(sound) > 24_000
    assert len(sound) % 2 == 0
    done = next(e for e in found if e["type"] == "response.output_audio_transcript.done")
    assert "Stockholm" in done["transcript"]


def test_a_tool_is_called_and_its_result_is_told():
    made = session(output_modalities=["text"], tools=[WEATHER], tool_choice="required")
    found = ask(made, "What is the weather like in Paris?")
    call = next(e["item"] for e in found if e["type"] == "response.output_item.done")
    assert (call["name"], call["arguments"]) == ("get_weather", '{"location":"Paris"}')
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "18 degrees"}
    made.say({"type": "conversation.item.create", "item": output})
    made.say({"type": "response.create", "response": {"tool_choice": "auto"}})
    done = next(e["response"] for e in events(made) if e["type"] == "response.done")
    assert "18 degrees" in done["output"][0]["content"][0]["text"]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"type": "session.dance"}, "Invalid value"),
        ({"type": "session.update", "session": {"output_modalities": ["text", "audio"]}}, "modal"),
        ("no event", "Invalid value"),
    ],
)
def test_what_the_service_refuses_leaves_the_session_open(message, told):
    made = session()
    made.say(message)
    assert told in events(made)[-1]["error"]["message"]
    assert ask(made, "Hi")[-1]["type"] == "rate_limits.updated"


def test_a_model_that_is_not_there_is_an_error():
    assert events(session("no-such-model"))[0]["error"]["code"] == "model_not_found"


@openapi.needs_openapi
@pytest.mark.parametrize("modalities", [["text"], ["audio"]])
def test_events_fit_the_api_document(modalities):
    tools = {"tools": [WEATHER], "tool_choice": "required"}
    found = ask(session(output_modalities=modalities), "Hi")
    found += ask(session(output_modalities=modalities, **tools), "The weather in Paris?")
    for event in found:
        # The document's names are older than the events': `output_text` is its `Text`.
        kind = event["type"].replace("output_text", "text").replace("output_audio", "audio")
        name = "".join(part.capitalize() for part in kind.replace("_", ".").split("."))
        assert openapi.faults(f"RealtimeServerEvent{name}", event) == [], event["type"]


def test_every_item_of_an_answer_is_added_and_done():
    found = ask(session(output_modalities=["text"]), "Hi")
    told = [event["type"] for event in found if ".delta" not in event["type"]]
    assert told[2:] == [
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
        "rate_limits.updated",
    ]
    items = [e for e in found if e["type"] == "conversation.item.done"]
    assert items[1]["previous_item_id"] == items[0]["item"]["id"]


def test_a_response_is_cancelled_while_it_is_told():
    made = session(output_modalities=["text"])
    content = [{"type": "input_text", "text": "Hi"}]
    item = {"type": "message", "role": "user", "content": content}
    made.say({"type": "conversation.item.create", "item": item})
    made.say({"type": "response.create"})
    made.say({"type": "response.create"})
    made.say({"type": "response.cancel"})
    made.say({"type": "response.cancel"})
    found = events(made)
    codes = [e["error"]["code"] for e in found if e["type"] == "error"]
    assert codes == ["conversation_already_has_active_response", "response_cancel_not_active"]
    (done,) = [e["response"] for e in found if e["type"] == "response.done"]
    assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "client_cancelled")
    assert ask(made, "Hi")[-2]["response"]["status"] == "completed"
