"""Endpoints: the request of a step, the query, and what every reply has."""

from __future__ import annotations

import pytest

from runner.errors import BadReplyError
from runner.exchange import Reply, Timeout
from runner.model import Ask
from runner.protocol import endpoints
from runner.protocol.endpoint import Parts, answer_of, json_body, query_of, request, value_of
from runner.protocol.streams.chat import ChatStream
from runner.protocol.streams.responses import ResponsesStream
from tests.protocol.play import events, reply, response, said

CHUNK = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}
LAST = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def test_a_request_has_what_its_step_says():
    ask = Ask(
        "raw",
        model="m",
        headers=(("X-A", "1"),),
        timeout=Timeout(1, 2, 3),
        retries=5,
        accepts=(404,),
        run_id="ask::one",
        stream=True,
    )
    parts = Parts("POST", "/p", None, (("q", "1"),), ChatStream)
    made = request(ask, parts, (("X-B", "2"),))
    assert (made.method, made.path, made.endpoint, made.model) == ("POST", "/p", "raw", "m")
    assert made.query == (("q", "1"),)
    assert made.headers == (("X-A", "1"), ("X-B", "2"))
    assert (made.timeout, made.retries, made.accepts) == (Timeout(1, 2, 3), 5, (404,))
    assert (made.run_id, made.ordinal, made.listens) == ("ask::one", 0, True)
    assert made.assembler is ChatStream


@pytest.mark.parametrize(("stream", "listens"), [(None, False), (False, False), (True, True)])
def test_nothing_is_added_to_a_body_that_the_step_does_not_say(stream, listens):
    ask = Ask("x", model="m", stream=stream)
    expected = {"model": "m"} if stream is None else {"model": "m", "stream": stream}
    assert json_body(ask).value == expected
    assert request(ask, Parts("POST", "/p")).listens is listens


def test_a_body_without_a_model_has_no_model():
    assert json_body(Ask("x"), input="a").value == {"input": "a"}


def test_params_and_extra_join_the_body():
    ask = Ask("x", model="m", params={"seed": 7, "stop": None}, extra={"top_k": 3})
    assert json_body(ask, messages=[]).value == {
        "model": "m",
        "messages": [],
        "seed": 7,
        "stop": None,
        "top_k": 3,
    }


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({"limit": 2, "after": "a b"}, [("limit", "2"), ("after", "a b")]),
        ({"a": True, "b": False}, [("a", "true"), ("b", "false")]),
        ({"include": ["x", "y"]}, [("include[]", "x"), ("include[]", "y")]),
        ({"metadata": {"k": "v", "n": 1}}, [("metadata[k]", "v"), ("metadata[n]", "1")]),
        ({"after": None, "include": [None], "limit": 0.5}, [("limit", "0.5")]),
        ({"deep": {"k": [True]}}, [("deep[k][]", "true")]),
    ],
)
def test_params_become_a_query(params, query):
    assert query_of(params) == tuple(query)


def test_a_streamed_reply_is_what_it_was_assembled_to():
    assert value_of(Reply(200, {}, b"junk", streamed=True, value={"a": 1})) == {"a": 1}


@pytest.mark.parametrize(
    "kind", ["text/event-stream", "text/event-stream; charset=utf-8", "", None]
)
@pytest.mark.parametrize("start", ["", ": keep-alive\n\n"])
def test_a_stream_that_nobody_asked_for_is_assembled(kind, start):
    """Some servers stream unless told not to, and do not say so."""
    headers = {} if kind is None else {"content-type": kind}
    body = start.encode() + events(CHUNK, LAST, done=True)
    value = value_of(Reply(200, headers, body), ChatStream)
    assert value["choices"][0]["message"]["content"] == "Hi"


def test_so_is_one_of_responses():
    whole = value_of(response(said("Hi")))
    body = events({"type": "response.completed", "response": whole}, named=True)
    assert (
        value_of(Reply(200, {}, body), ResponsesStream)["output"][0]["content"][0]["text"] == "Hi"
    )


def test_a_stream_that_was_cut_is_no_answer():
    with pytest.raises(BadReplyError):
        value_of(Reply(200, {}, events(CHUNK)), ChatStream)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"OK"])
def test_a_body_that_is_no_json_is_an_error_unless_the_status_was_accepted(body):
    with pytest.raises(BadReplyError, match="expected JSON"):
        value_of(Reply(200, {}, body))
    assert value_of(Reply(503, {}, body, accepted=True)) is None
    assert value_of(Reply(304, {}, body, accepted=True)) is None


def test_an_answer_tells_what_every_reply_has():
    made = reply(
        {
            "model": "m-2026",
            "system_fingerprint": "fp_1",
            "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
        },
        x_request_id="req_1",
    )._replace(elapsed=1.5, first=0.5, attempts=2)
    answer = answer_of(made, value_of(made))
    assert (answer.status, answer.model, answer.fingerprint) == (200, "m-2026", "fp_1")
    assert (answer.request_id, answer.latency, answer.ttft) == ("req_1", 1.5, 0.5)
    assert (answer.attempts, answer.requests) == (2, 1)
    assert answer.usage is not None
    assert answer.usage["prompt_tokens"] == answer.usage["input_tokens"] == 3
    assert answer.body == made.body


@pytest.mark.parametrize(("tier", "kept"), [("flex", "flex"), ("default", None), (None, None)])
def test_what_is_priced_tells_the_service_tier_and_usage_does_not(tier, kept):
    value = {"service_tier": tier, "usage": {"prompt_tokens": 3}}
    answer = answer_of(reply(value), value)
    assert [row.get("service_tier") for row in answer.rounds] == [kept]
    assert answer.usage is not None
    assert "service_tier" not in answer.usage


def test_azure_names_its_request_otherwise():
    made = reply({}, apim_request_id="az_1")
    assert answer_of(made, {}).request_id == "az_1"


@pytest.mark.parametrize("value", [None, [], "text", {"model": 5, "system_fingerprint": None}])
def test_what_a_reply_does_not_tell_is_empty(value):
    answer = answer_of(reply(value), value)
    assert (answer.model, answer.fingerprint, answer.usage, answer.request_id) == ("", "", None, "")


def test_every_endpoint_stands_under_its_own_name():
    for name in endpoints.MODULES:
        assert endpoints.find(name).name == name
    assert [row.name for row in endpoints.all_endpoints()] == list(endpoints.MODULES)


@pytest.mark.parametrize("row", endpoints.all_endpoints(), ids=lambda row: row.name)
def test_an_endpoint_needs_only_what_it_takes(row):
    assert set(row.needs) <= {*row.takes, "params"}
    assert row.summary
    assert row.method in ("GET", "POST", "DELETE")


def test_an_unknown_endpoint_is_not_found():
    with pytest.raises(KeyError):
        endpoints.find("chat")
