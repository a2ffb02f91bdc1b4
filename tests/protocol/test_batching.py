"""A request becomes a line, and a line of the results a reply."""

import json

import pytest

from runner.errors import RecipeError
from runner.exchange import JsonBody, Multipart, Request
from runner.protocol import batching
from runner.protocol.providers import Provider
from tests import openapi

OPENAI = Provider("openai", "openai")
AZURE = Provider("azure", "azure", "https://r.openai.azure.com", api_version="2025-01-01")
BODY = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "Hi"}]}


def asked(body=BODY, endpoint="chat.completions", **fields):
    path = "/" + endpoint.replace(".", "/")
    return Request("POST", path, endpoint, JsonBody(body), model="gpt-4.1", **fields)


def made(provider=OPENAI, run="[row=1]", number=1, **fields):
    return batching.line(provider, asked(**fields), run, number)


def test_a_line_is_as_the_service_wants_it():
    line = made()
    assert line.text.endswith(b"\n")
    assert json.loads(line.text) == {
        "custom_id": line.id,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": BODY,
    }
    assert (line.url, line.model) == ("/v1/chat/completions", "gpt-4.1")
    assert batching.number_of(line.id) == 1


@openapi.needs_openapi
def test_its_body_is_an_official_request():
    value = json.loads(made().text)
    assert not openapi.request_faults("POST", "/chat/completions", value["body"])


@pytest.mark.parametrize(
    ("version", "url"),
    [
        ("2025-01-01", "/chat/completions"),
        ("", "/v1/chat/completions"),
        ("v1", "/v1/chat/completions"),
    ],
)
def test_azure_s_lines_name_the_deployment(version, url):
    provider = AZURE._replace(api_version=version, models={"gpt-4.1": "mine"})
    line = made(provider)
    assert json.loads(line.text)["body"]["model"] == "mine"
    assert (line.url, line.model) == (url, "mine")


def test_the_same_request_has_the_same_id_and_no_other_has_it():
    other = BODY | {"seed": 1}
    lines = [made(), made(run="[row=2]"), made(number=2), made(body=other), made(AZURE)]
    assert made().id == lines[0].id
    assert len({line.id for line in lines}) == 5


@pytest.mark.parametrize("run", ["", "[row=a/b c]", "[row=" + "ß" * 900 + "]", "#2"])
def test_ids_are_short_and_plain(run):
    line = made(run=run)
    assert len(line.id) <= 64
    assert line.id.replace("-", "").replace(".", "").replace("_", "").isascii()
    assert batching.number_of(line.id) == 1


@pytest.mark.parametrize("text", ["a\nb", "a\u2028b", "a\x85b", "a\u2029", "ü€", "\ud800"])
def test_a_line_is_one_line_whatever_it_says(text):
    body = {"model": "m", "input": text}
    line = made(body=body, endpoint="embeddings").text
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line)["body"] == body


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (asked(BODY | {"stream": True}), "cannot stream"),
        (asked(headers=(("x-a", "b"),)), "no headers"),
        (Request("GET", "/models", "models"), "acts on what the account holds"),
        (Request("POST", "/images/edits", "images.edits", Multipart(())), "as a form"),
    ],
)
def test_what_cannot_be_a_line_is_refused(request_, reason):
    with pytest.raises(RecipeError, match=reason):
        batching.line(OPENAI, request_, "", 1)


def row(status=200, why=None, **body):
    response = {"status_code": status, "request_id": "req_1", "body": body} if status else None
    told = {"id": "batch_req_1", "custom_id": "a", "response": response, "error": why}
    return batching.outcome(json.dumps(told).encode())


QUOTA = row(429, error={"type": "insufficient_quota"})


def test_an_answer_is_a_reply():
    reply = row(200, answer=42).reply(2)
    assert (reply.status, json.loads(reply.body), reply.attempts) == (200, {"answer": 42}, 2)
    assert reply.headers["x-request-id"] == "req_1"


@pytest.mark.parametrize(
    ("found", "final"),
    [
        (row(200), True),
        (row(400), True),
        (row(429), False),
        (QUOTA, True),
        (row(503), False),
        (row(0, {"code": "batch_expired", "message": "late"}), False),
        (row(0, {"code": "batch_cancelled", "message": "stopped"}), True),
        (row(0, {"code": "server_error", "message": "oh"}), False),
        (row(0), False),
    ],
)
def test_some_lines_are_asked_again(found, final):
    assert found.is_final is final


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"custom_id": 3}', b"\xff\xfe", b'"a"'])
def test_what_is_no_result_is_none(raw):
    assert batching.outcome(raw) is None


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({}, ()),
        ({"errors": None}, ()),
        ({"errors": {"data": None}}, ()),
        ({"errors": {"data": [{"line": 3, "code": "bad", "message": "no"}]}}, ((3, "bad", "no"),)),
        ({"errors": {"data": [{"line": None}, 7]}}, ((0, "", "no reason was given"),)),
    ],
)
def test_a_batch_says_why_it_failed(told, wanted):
    assert batching.complaints(told) == wanted
