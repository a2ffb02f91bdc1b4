"""A streamed response is what its last event says, or is known to be cut."""

import json
import pickle

import pytest

from runner.errors import ApiStatusError, BadReplyError
from runner.protocol.streams.responses import ResponsesStream


def event(kind: str, **fields: object) -> dict:
    return {"type": kind, **fields}


def sse(*events: dict, named: bool = True) -> bytes:
    heads = (f"event: {event['type']}\n" if named else "" for event in events)
    return "".join(
        f"{head}data: {json.dumps(event, ensure_ascii=False)}\n\n"
        for head, event in zip(heads, events, strict=True)
    ).encode()


def play(*pieces: bytes) -> tuple[str, dict]:
    stream = ResponsesStream()
    shown = "".join([stream.feed(piece) for piece in pieces])
    return shown, stream.finish()


def delta(text: str, **fields: object) -> dict:
    return event("response.output_text.delta", delta=text, **fields)


MESSAGE = {
    "type": "message",
    "id": "msg",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Hé😀 you", "annotations": []}],
}
CALL = {
    "type": "function_call",
    "id": "fc",
    "call_id": "call",
    "name": "f",
    "arguments": '{"x":1}',
    "status": "completed",
}
BEGUN = {"id": "r", "object": "response", "model": "m", "status": "in_progress", "output": []}
USED = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
ENDED = {**BEGUN, "status": "completed", "usage": USED, "output": [MESSAGE, CALL]}
AT = {"item_id": "msg", "output_index": 0, "content_index": 0}
HERE = {"item_id": "fc", "output_index": 1}
EVENTS = (
    event("response.created", response=BEGUN),
    event("response.in_progress", response=BEGUN),
    event(
        "response.output_item.added",
        output_index=0,
        item={**MESSAGE, "status": "in_progress", "content": []},
    ),
    event("response.content_part.added", **AT, part={"type": "output_text", "text": ""}),
    delta("Hé", **AT),
    delta("😀", **AT),
    delta(" you", **AT),
    event("response.output_text.done", **AT, text="Hé😀 you"),
    event("response.output_item.done", output_index=0, item=MESSAGE),
    event(
        "response.output_item.added",
        output_index=1,
        item={**CALL, "arguments": "", "status": "in_progress"},
    ),
    event("response.function_call_arguments.delta", **HERE, delta='{"x"'),
    event("response.function_call_arguments.delta", **HERE, delta=":1}"),
    event("response.function_call_arguments.done", **HERE, arguments='{"x":1}'),
    event("response.output_item.done", output_index=1, item=CALL),
    event("response.completed", response=ENDED),
)
BODY = sse(*EVENTS)
TEXT = "Hé😀 you"


def without(*kinds: str) -> list[dict]:
    return [event for event in EVENTS[:-1] if event["type"].rpartition("response.")[2] not in kinds]


def stripped(events: list[dict], *keys: str) -> list[dict]:
    return [{key: value for key, value in event.items() if key not in keys} for event in events]


def test_the_last_event_holds_the_response():
    assert play(BODY) == (TEXT, ENDED)


@pytest.mark.parametrize(
    "body",
    [
        sse(*EVENTS, named=False),
        BODY.replace(b"\n", b"\r\n"),
        BODY.replace(b": ", b":"),
        BODY.replace(b"event: ", b": comment\n\nevent: "),
        BODY.removesuffix(b"\n\n"),
        BODY + b"data: [DONE]\n\n",
        BODY + b"event: error\ndata: {}\n\ndata: {broken\n\n",
        b"".join(
            f"event: {found['type']}\n".encode() + sse(*stripped([found], "type"), named=False)
            for found in EVENTS
        ),
    ],
)
def test_the_form_of_the_events_makes_no_difference(body):
    assert play(body) == (TEXT, ENDED)
    assert play(*(body[at : at + 1] for at in range(len(body)))) == (TEXT, ENDED)


@pytest.mark.parametrize("size", [2, 3, 50, 100, 333, 1000])
def test_blocks_of_any_size_change_nothing(size):
    assert play(*(BODY[at : at + size] for at in range(0, len(BODY), size))) == (TEXT, ENDED)


@pytest.mark.parametrize("cut", range(len(BODY) - 1))
def test_a_cut_between_blocks_changes_nothing_and_an_early_end_is_known(cut):
    stream = ResponsesStream()
    shown = stream.feed(BODY[:cut])
    assert TEXT.startswith(shown)
    if cut < len(BODY) - 2:
        early = ResponsesStream()
        early.feed(BODY[:cut])
        with pytest.raises(BadReplyError, match="the stream was cut") as caught:
            early.finish()
        assert caught.value.partial.startswith(shown)
        assert TEXT.startswith(caught.value.partial)
    assert shown + stream.feed(BODY[cut:]) == TEXT
    assert stream.finish() == ENDED


def test_an_end_mark_alone_proves_nothing():
    with pytest.raises(BadReplyError, match=r"after 7 characters of text: no response.completed"):
        play(sse(*EVENTS[:-1]) + b"data: [DONE]\n\n")


LAST = event("response.completed", response={"id": "r", "status": "completed", "usage": USED})


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(without(), id="items and deltas"),
        pytest.param(without("output_item.done"), id="no items at their end"),
        pytest.param(without("output_item.done", "output_text.done"), id="deltas alone"),
        pytest.param(without("output_text.delta", "output_item.done"), id="no deltas"),
        pytest.param(without("output_item.added"), id="no items announced"),
        pytest.param(stripped(without(), "output_index", "content_index"), id="no indices"),
        pytest.param(stripped(without(), "item_id"), id="no ids"),
        pytest.param(
            stripped(without("output_item.done"), "item_id", "output_index", "content_index"),
            id="neither indices nor ids",
        ),
    ],
)
@pytest.mark.parametrize(
    "last", [LAST, {**LAST, "response": {**ENDED, "output": []}}, {**LAST, "usage": USED}]
)
def test_output_that_the_last_event_omits_is_put_together(events, last):
    text, body = play(sse(*events, last))
    assert text == TEXT
    assert body == ENDED


def test_items_that_nobody_announced_get_their_type_from_their_pieces():
    events = [
        event("response.reasoning_summary_text.delta", item_id="rs", summary_index=0, delta="why"),
        delta("a", item_id="m"),
        event("response.output_text.annotation.added", item_id="m", annotation={"url": "u"}),
        delta("b", item_id="m", content_index=1),
        event("response.refusal.delta", item_id="m", content_index=2, delta="no"),
        event("response.function_call_arguments.delta", item_id="f", delta="{}"),
        event("response.completed"),
    ]
    text, body = play(sse(*events))
    assert text == "abno"
    assert body["status"] == "completed"
    assert body["output"] == [
        {
            "type": "reasoning",
            "id": "rs",
            "summary": [{"type": "summary_text", "text": "why"}],
            "status": "completed",
        },
        {
            "type": "message",
            "id": "m",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "a", "annotations": [{"url": "u"}]},
                {"type": "output_text", "text": "b", "annotations": []},
                {"type": "refusal", "refusal": "no"},
            ],
            "status": "completed",
        },
        {"type": "function_call", "id": "f", "arguments": "{}", "status": "completed"},
    ]


def test_output_stands_in_the_order_of_its_indices():
    events = [delta("b", output_index=1), delta("a", output_index=0), event("response.completed")]
    body = play(sse(*events))[1]
    assert [item["content"][0]["text"] for item in body["output"]] == ["a", "b"]


@pytest.mark.parametrize("status", ["completed", "incomplete", "failed", "cancelled"])
def test_every_last_event_ends_the_response(status):
    last = {**BEGUN, "status": status, "error": None, "incomplete_details": {"reason": "x"}}
    body = play(sse(EVENTS[0], event(f"response.{status}", response=last)))[1]
    assert (body["status"], body["incomplete_details"]) == (status, {"reason": "x"})


def test_the_status_comes_from_the_event_where_the_response_names_none():
    assert play(sse(EVENTS[0], event("response.incomplete")))[1]["status"] == "incomplete"


@pytest.mark.parametrize(
    "body",
    [
        sse(event("error", code="rate_limit_exceeded", message="boom", param=None)),
        sse(event("error", error={"code": "rate_limit_exceeded", "message": "boom"})),
        b'data: {"error": {"code": "rate_limit_exceeded", "message": "boom"}}\n\n',
        b'event: error\ndata: {"code": "rate_limit_exceeded", "message": "boom"}\n\n',
        b'event: error\ndata: {"type": "requests", "code": "rate_limit_exceeded",'
        b' "message": "boom"}\n\n',
        b'event: error\ndata: {"error": {"code": "rate_limit_exceeded", "message": "boom"}}\n\n',
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_an_error_event_is_the_services_own_error(body, size):
    stream = ResponsesStream()
    stream.feed(sse(*EVENTS[:5]))
    with pytest.raises(ApiStatusError, match="boom") as caught:  # noqa: PT012
        for at in range(0, len(body), size):
            stream.feed(body[at : at + size])
    found = caught.value
    assert (found.status, found.code, found.partial) == (429, "rate_limit_exceeded", "Hé")


def test_an_event_that_is_no_json_is_an_error_that_keeps_the_text():
    with pytest.raises(BadReplyError, match="no JSON that can be used") as caught:
        ResponsesStream().feed(sse(*EVENTS[:6]) + b"event: x\ndata: {\n\n")
    assert caught.value.partial == "Hé😀"


def test_a_pair_of_surrogates_cut_between_deltas_is_joined():
    stream = ResponsesStream()
    kind = b'data: {"type": "response.output_text.delta", "delta": '
    assert stream.feed(kind + rb'"\ud83d"}' + b"\n\n") == ""
    assert stream.feed(kind + rb'"\ude00"}' + b"\n\n") == "😀"
    stream.feed(b'data: {"type": "response.completed"}\n\n')
    assert stream.finish()["output"][0]["content"][0]["text"] == "😀"


def test_a_plain_reply_is_taken_though_a_stream_was_asked_for():
    body = json.dumps({**ENDED, "error": None}).encode()
    assert play(body[:3], body[3:]) == ("", {**ENDED, "error": None})


def test_a_plain_error_is_an_error():
    with pytest.raises(ApiStatusError, match="boom"):
        play(b'{"error": {"message": "boom"}}')


def test_the_class_itself_is_the_factory_and_pickles():
    assert pickle.loads(pickle.dumps(ResponsesStream)) is ResponsesStream
