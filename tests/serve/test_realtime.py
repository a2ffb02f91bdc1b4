"""Realtime sessions of `runner serve`: what is wrong with an event, and the faults asked for."""

import base64
import json
import time
from contextlib import contextmanager

import pytest

from runner import runs
from tests.serve.conftest import KEY

openai = pytest.importorskip("openai", reason="openai (extra client) is not installed")
ABSENT = "websockets (extra realtime) is not installed"
failures = pytest.importorskip("websockets.exceptions", reason=ABSENT)
sockets = pytest.importorskip("websockets.sync.client", reason=ABSENT)

# What the client deprecates of itself is no matter of ours.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SOUND = base64.b64encode(bytes(9_600)).decode()
SPOKEN = {"type": "input_audio", "audio": SOUND}


def said(*content, **fields):
    item = {"type": "message", "role": "user", "content": list(content), **fields}
    return {"type": "conversation.item.create", "item": item}


HI = said({"type": "input_text", "text": "What is the capital of Sweden?"})
ASK = {"type": "response.create"}
WRITTEN = {"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}}


@contextmanager
def opened(served, fault=""):
    """Open a session; it tells each event that comes."""
    headers = {"Authorization": f"Bearer {KEY}", **({"X-Fault": fault} if fault else {})}
    url = f"ws{served.removeprefix('http')}/realtime?model=gpt-realtime-2.1"
    with sockets.connect(url, additional_headers=headers, max_size=None) as channel:
        assert json.loads(channel.recv(timeout=5))["type"] == "session.created"
        yield channel


def ask(channel, *events):
    for event in events:
        channel.send(event if isinstance(event, str | bytes) else json.dumps(event))


def until(channel, *kinds):
    """Return the events up to one of a kind."""
    found = [json.loads(channel.recv(timeout=10))]
    while found[-1]["type"] not in kinds:
        found.append(json.loads(channel.recv(timeout=10)))
    return found


def item(**fields):
    return {"type": "conversation.item.create", "item": fields}


MALFORMED = [
    "{",
    "[]",
    "[" * 100_000,
    b"\x00\x01",
    "null",
    '{"no": "type"}',
    {"type": "session.dance"},
    {"type": ["session.update"]},
    {"type": "session.update"},
    {"type": "session.update", "session": "x"},
    {"type": "session.update", "session": {"output_modalities": ["text"]}},
    {"type": "session.update", "session": {"type": "realtime", "tools": "x"}},
    {"type": "session.update", "session": {"type": "realtime", "tools": [{"type": "function"}]}},
    {"type": "session.update", "session": {"type": "realtime", "tool_choice": 3}},
    {"type": "session.update", "session": {"type": "realtime", "audio": [1]}},
    {"type": "session.update", "session": {"type": "realtime", "audio": {"output": "x"}}},
    {"type": "session.update", "session": {"type": "realtime", "max_output_tokens": -1}},
    {"type": "session.update", "session": {"type": "realtime", "instructions": {}}},
    {"type": "conversation.item.create"},
    {"type": "conversation.item.create", "item": None},
    {**HI, "previous_item_id": "nobody"},
    {**HI, "previous_item_id": []},
    item(),
    item(type="song"),
    item(type="message"),
    item(type="message", role="user"),
    item(type="message", role="developer", content=[]),
    item(type="message", role=["user"], content=[]),
    item(type="message", role="user", content="Hi"),
    item(type="function_call", arguments="{}"),
    item(type="function_call_output", call_id="c"),
    item(type="function_call_output", call_id="c", output={}),
    said("Hi"),
    said({"type": "text", "text": "Hi"}),
    said({"type": "output_text", "text": "Hi"}),
    said({"type": "input_text"}),
    said({"type": "input_text", "text": 3}),
    said({"type": "input_audio"}),
    said({"type": "input_audio", "audio": "%%%"}),
    said({"type": "input_audio", "audio": {"data": SOUND, "format": "wav"}}),
    said({"type": "input_audio", "input_audio": {"data": SOUND, "format": "wav"}}),
    said({"type": "input_image", "image_url": {"url": "x"}}),
    said({"type": "input_text", "text": "Hi"}, id=7),
    {"type": "response.create", "response": "x"},
    {"type": "response.create", "response": {"output_modalities": ["text", "audio"]}},
    {"type": "response.cancel"},
    {"type": "input_audio_buffer.append"},
    {"type": "input_audio_buffer.append", "audio": "%%%"},
    {"type": "input_audio_buffer.append", "audio": ""},
    {"type": "input_audio_buffer.commit"},
    {"type": "conversation.item.delete"},
    {"type": "conversation.item.delete", "item_id": "nobody"},
    {"type": "conversation.item.retrieve", "item_id": 3},
    {"type": "conversation.item.truncate", "item_id": "nobody"},
]


def test_a_web_page_of_another_host_opens_no_session(served):
    url = f"ws{served.removeprefix('http')}/realtime?model=gpt-realtime-2.1"
    headers = {"Authorization": f"Bearer {KEY}"}
    with (
        pytest.raises(failures.InvalidStatus) as caught,
        sockets.connect(url, additional_headers=headers, origin="http://evil.example"),
    ):
        pass
    assert caught.value.response.status_code == 403
    with sockets.connect(
        url, additional_headers=headers, origin="http://localhost:3000"
    ) as channel:
        assert json.loads(channel.recv(timeout=5))["type"] == "session.created"


def test_what_is_malformed_is_an_error_and_the_session_goes_on(served):
    with opened(served) as channel:
        for event in MALFORMED:
            ask(channel, event)
            (told,) = until(channel, "error", "session.updated", "conversation.item.added")
            assert told["type"] == "error", (event, told)
            assert told["error"]["type"] == "invalid_request_error"
            assert told["error"]["message"]
        ask(channel, WRITTEN, HI, ASK)
        done = until(channel, "response.done")[-1]["response"]
    assert "Stockholm" in done["output"][0]["content"][0]["text"]


def test_an_error_names_the_event_that_it_is_of(served):
    with opened(served) as channel:
        ask(channel, {"type": "session.dance", "event_id": "event_7"})
        (told,) = until(channel, "error")
    assert told["error"]["event_id"] == "event_7"
    assert (told["error"]["param"], told["error"]["code"]) == ("type", "invalid_value")


def test_a_sound_is_heard_as_an_item_and_from_the_buffer(served):
    append = {"type": "input_audio_buffer.append", "audio": SOUND}
    commit = {"type": "input_audio_buffer.commit"}
    with opened(served) as channel:
        ask(channel, WRITTEN, said(SPOKEN), append, commit)
        told = until(channel, "input_audio_buffer.committed")
        added, done = until(channel, "conversation.item.done")
        ask(channel, append, {"type": "input_audio_buffer.clear"}, commit)
        cleared, refused = until(channel, "error")
        ask(channel, ASK)
        answer = until(channel, "response.done")[-1]["response"]
    assert [event["type"] for event in told[1:3]] == [
        "conversation.item.added",
        "conversation.item.done",
    ]
    assert "audio" not in told[1]["item"]["content"][0]
    assert added["item"]["id"] == done["item"]["id"] == told[-1]["item_id"]
    assert told[-1]["previous_item_id"] == told[1]["item"]["id"] == added["previous_item_id"]
    assert cleared["type"] == "input_audio_buffer.cleared"
    assert refused["error"]["code"] == "input_audio_buffer_commit_empty"
    assert "only has 0.00ms" in refused["error"]["message"]
    assert answer["status"] == "completed"
    assert answer["output"][0]["content"][0]["text"]


def test_items_are_put_in_between_read_back_and_deleted(served):
    with opened(served) as channel:
        first, second = (said({"type": "input_text", "text": t}, id=t) for t in ("one", "two"))
        ask(channel, first, {**second, "previous_item_id": "root"})
        told = until(channel, "conversation.item.done") + until(channel, "conversation.item.done")
        assert told[-1]["previous_item_id"] is None
        ask(channel, {"type": "conversation.item.retrieve", "item_id": "one"})
        assert until(channel, "conversation.item.retrieved")[-1]["item"]["id"] == "one"
        ask(channel, {"type": "conversation.item.truncate", "item_id": "one", "audio_end_ms": 5})
        assert until(channel, "conversation.item.truncated")[-1]["audio_end_ms"] == 5
        ask(channel, *({"type": "conversation.item.delete", "item_id": "one"} for _ in range(2)))
        deleted, refused = until(channel, "error")
    assert (deleted["type"], deleted["item_id"]) == ("conversation.item.deleted", "one")
    assert refused["error"]["code"] == "item_delete_invalid_item_id"


def test_an_answer_is_cancelled_while_it_is_told(served):
    with opened(served, "slow") as channel:
        ask(channel, HI, ASK)
        until(channel, "response.output_audio_transcript.delta")
        ask(channel, ASK, {"type": "response.cancel"})
        found = until(channel, "response.done")
    busy = [event for event in found if event["type"] == "error"]
    assert found[-1]["response"]["status"] == "cancelled"
    assert [e["error"]["code"] for e in busy] in (
        [],
        ["conversation_already_has_active_response"],
    )


def test_the_official_client_hears_errors_and_answers(served):
    with (
        openai.OpenAI(api_key=KEY, base_url=served) as client,
        client.realtime.connect(model="gpt-realtime-2.1") as talk,
    ):
        talk.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        talk.response.cancel()
        talk.input_audio_buffer.append(audio=SOUND)
        talk.input_audio_buffer.commit()
        talk.conversation.item.create(item={"type": "message", "role": "user", "content": [SPOKEN]})
        talk.response.create()
        found = []
        for event in talk:
            found.append(event)
            if event.type == "response.done":
                break
    (refused,) = [event for event in found if event.type == "error"]
    assert refused.error.code == "response_cancel_not_active"
    assert found[-1].response.status == "completed"


@pytest.mark.parametrize(
    ("fault", "status", "kind", "code"),
    [
        ("status=503", 503, "server_error", "asked_for"),
        ("status=429", 429, "requests", "rate_limit_exceeded"),
        ("quota", 429, "insufficient_quota", "insufficient_quota"),
        ("status=700", 400, "invalid_request_error", "unknown_fault"),
        ("nonsense", 400, "invalid_request_error", "unknown_fault"),
        ("batch=never", 400, "invalid_request_error", "unknown_fault"),
    ],
)
def test_a_fault_comes_instead_of_a_session(served, fault, status, kind, code):
    with pytest.raises(failures.InvalidStatus) as caught, opened(served, fault):
        pass
    reply = caught.value.response
    told = json.loads(reply.body)["error"]
    assert (reply.status_code, told["type"], told["code"]) == (status, kind, code)
    assert ("Retry-After" in reply.headers) == (fault == "status=429")
    assert code != "unknown_fault" or f"{fault!r}; there are status=503" in told["message"]


@pytest.mark.parametrize("modalities", ["text", "audio"])
def test_an_answer_that_is_cut_breaks_off_within(served, modalities):
    update = {"type": "realtime", "output_modalities": [modalities]}
    with opened(served, "cut") as channel:
        ask(channel, {"type": "session.update", "session": update}, HI)
        until(channel, "conversation.item.done")
        ask(channel, ASK)
        with pytest.raises(failures.ConnectionClosedError):
            until(channel, "response.done")


def test_a_slow_answer_is_whole(served):
    with opened(served, "slow") as channel:
        ask(channel, WRITTEN, HI)
        until(channel, "conversation.item.done")
        start = time.monotonic()
        ask(channel, ASK)
        assert until(channel, "response.done")[-1]["response"]["status"] == "completed"
    assert time.monotonic() - start > 0.8


RECIPE = """\
endpoint: realtime
model: gpt-realtime-2.1
messages: [{user: What is the capital of Sweden?}]
headers: {X-Fault: %s}
params: {output_modalities: [text]}
output: {text: a.md}
"""


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("status=503", "503"),
        ("status=429", "rate_limit_exceeded"),
        ("quota", "insufficient_quota"),
        ("cut", "broke within the session"),
    ],
)
def test_a_recipe_meets_the_fault(served, fault, told, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", served)
    place = tmp_path / "r.recipe.yaml"
    place.write_text(RECIPE % fault)
    (result,) = runs(place, out=tmp_path / "out")
    assert result.exit_code == 3
    assert told in str(result.steps[-1].error)
    assert not (tmp_path / "out" / "a.md").exists()
