"""Plain endpoints: models in every shape, and calls of any other kind."""

from __future__ import annotations

import pytest

from runner.errors import ApiStatusError, BadReplyError
from runner.exchange import JsonBody, Reply
from runner.model import Ask
from runner.protocol import endpoints
from tests.protocol.play import play, reply


def asked(name, received, **fields):
    """Play one call."""
    return play(endpoints.find(name).flow(Ask(name, **fields)), received)


@pytest.mark.parametrize(
    "value",
    [
        {"object": "list", "data": [{"id": "a"}, {"id": "b"}]},
        {"models": [{"name": "a"}, {"model": "b"}]},
        {"data": [{"id": "a"}, {"id": "b"}], "models": [{"name": "x"}]},
        {"data": None, "models": ["a", "b"]},
        [{"id": "a"}, {"id": None, "name": "b"}],
        ["a", "b", {}],
    ],
)
def test_a_list_of_models_has_many_shapes(value):
    answer = asked("models", reply(value)).answer
    assert (answer.text, answer.texts) == ("a\nb", ("a\nb",))
    assert answer.json == value


def test_a_list_may_be_empty():
    assert asked("models", reply({"data": [], "models": None})).answer.text == ""


@pytest.mark.parametrize("value", [{}, {"data": {}}, "text", None])
def test_a_reply_without_a_list_is_told_clearly(value):
    with pytest.raises(BadReplyError, match="no list of models"):
        asked("models", reply(value))


def test_an_error_in_a_200_is_told_as_what_it_is():
    with pytest.raises(ApiStatusError, match="not today"):
        asked("models", reply({"error": "not today"}))


def test_an_accepted_error_has_no_text():
    answer = asked("models", reply({"error": "x"}, 401), accepts=(401,)).answer
    assert (answer.status, answer.text, answer.texts) == (401, None, ())


def test_models_are_asked_for_without_a_body():
    (request,) = asked("models", reply([]), extra={"limit": 2}).requests
    assert (request.method, request.path, request.body) == ("GET", "/models", None)
    assert request.query == (("limit", "2"),)


def test_a_model_stands_in_the_path():
    done = asked("models.retrieve", reply({"id": "m/1"}), model="m/1")
    assert done.requests[0].path == "/models/m%2F1"
    assert done.answer.text == "m/1"
    assert asked("models.retrieve", reply([]), model="m").answer.text is None


def test_a_model_may_be_named_by_its_id():
    done = asked("models.retrieve", reply({"id": "m/1"}), id="m/1")
    assert (done.requests[0].path, done.requests[0].model) == ("/models/m%2F1", "m/1")


def raw(received=None, **request):
    """Play a raw call."""
    return asked("raw", received or reply({}), request=request)


@pytest.mark.parametrize(
    ("request_", "method", "path"),
    [
        ({"path": "models"}, "GET", "/models"),
        ({"path": "/models"}, "GET", "/models"),
        ({"path": "//evil.example/x"}, "GET", "/evil.example/x"),
        ({"path": "x", "body": {}}, "POST", "/x"),
        ({"path": "x", "method": "delete"}, "DELETE", "/x"),
        ({"path": "x", "method": "PUT", "body": None}, "PUT", "/x"),
        ({"path": "a b/%20ä\n"}, "GET", "/a%20b/%20%C3%A4%0A"),
        ({"path": "models/gpt-4.1:x@2"}, "GET", "/models/gpt-4.1:x@2"),
    ],
)
def test_a_raw_call_is_made_as_it_stands(request_, method, path):
    (request,) = raw(**request_).requests
    assert (request.method, request.path) == (method, path)


def test_a_query_may_stand_in_the_path_and_beside_it():
    (request,) = raw(path="x?a=1&b=%20", query={"c": [1, True]}).requests
    assert request.path == "/x"
    assert request.query == (("a", "1"), ("b", " "), ("c[]", "1"), ("c[]", "true"))


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ({"a": [1]}, JsonBody({"a": [1]})),
        ([1], JsonBody([1])),
        (None, JsonBody(None)),
        ("plain ä", "plain ä".encode()),
    ],
)
def test_a_body_is_json_or_text(body, sent):
    assert raw(path="x", body=body).requests[0].body == sent


def test_raw_headers_follow_the_step_s():
    ask = Ask("raw", request={"path": "x", "headers": {"X-B": 1}}, headers=(("X-A", "a"),))
    assert play(endpoints.find("raw").flow(ask), reply({})).requests[0].headers == (
        ("X-A", "a"),
        ("X-B", "1"),
    )


@pytest.mark.parametrize(
    ("kind", "body", "json", "text"),
    [
        ("application/json", b'{"a": 1}', {"a": 1}, None),
        (None, b'{"a": 1}', {"a": 1}, None),
        ("application/problem+json", b"[]", [], None),
        ("text/plain; charset=utf-8", b"Hi", None, "Hi"),
        ("text/vtt", b"\xff", None, "\ufffd"),
        ("text/event-stream", b"data: 1\n\n", None, "data: 1\n\n"),
        ("audio/mpeg", b"ID3\xff", None, None),
        ("application/json", b"", None, None),
        (None, b"", None, None),
    ],
)
def test_a_raw_reply_may_be_anything(kind, body, json, text):
    """`HEAD`, a deletion, or a status of 204 has no body at all."""
    headers = {} if kind is None else {"content-type": kind}
    answer = raw(Reply(200, headers, body), path="x").answer
    assert (answer.json, answer.text, answer.body) == (json, text, body)
    assert answer.texts == (() if text is None else (text,))


@pytest.mark.parametrize(
    ("kind", "body"), [("application/json", b"{"), ("text/html", b"<html>"), (None, b"oops")]
)
def test_but_not_json_that_is_none_or_a_web_page(kind, body):
    headers = {} if kind is None else {"content-type": kind}
    with pytest.raises(BadReplyError, match="expected JSON"):
        raw(Reply(200, headers, body), path="x")
