import json
import math

import pytest

from runner.exchange import JsonBody, Request
from runner.protocol.simulated import simulate
from runner.protocol.simulated.service import World
from runner.protocol.simulated.texts import embedding
from tests import openapi

PATHS = {"completions": "/completions", "embeddings": "/embeddings", "moderations": "/moderations"}


def ask(endpoint, **body):
    request = Request("POST", PATHS[endpoint], endpoint, JsonBody(body))
    told = simulate(request, World(lambda: 1_800_000_000.0, {}))
    return told.status, b"".join(told.chunks).decode()


def value(endpoint, **body):
    status, text = ask(endpoint, **body)
    assert status == 200, text
    return json.loads(text)


def test_a_completion_is_cut_at_its_tokens():
    choice = value("completions", model="m", prompt="What is the capital of Sweden?", max_tokens=3)
    assert choice["choices"][0]["finish_reason"] == "length"
    assert choice["usage"]["completion_tokens"] == 3


def test_each_prompt_has_its_choices():
    found = value("completions", model="m", prompt=["One?", "Two?"], n=2, echo=True)["choices"]
    assert [choice["index"] for choice in found] == [0, 1, 2, 3]
    assert [choice["text"][:4] for choice in found] == ["One?", "One?", "Two?", "Two?"]


def test_a_streamed_completion_says_the_same():
    body = {"model": "m", "prompt": "What is the capital of Sweden?", "max_tokens": 50}
    whole = value("completions", **body)["choices"][0]["text"]
    _, text = ask("completions", **body, stream=True)
    events = [row[6:] for row in text.splitlines() if row.startswith("data: ")]
    assert events[-1] == "[DONE]"
    assert "".join(json.loads(row)["choices"][0]["text"] for row in events[:-1]) == whole


def test_texts_that_share_words_are_near():
    dog, other, far = (
        embedding(text, 256)
        for text in ("a dog plays fetch", "a dog plays ball", "Stockholm in winter")
    )
    assert math.isclose(sum(x * x for x in dog), 1, rel_tol=1e-4)
    assert sum(map(float.__mul__, dog, other)) > 0.5 > sum(map(float.__mul__, dog, far))


def test_a_text_is_flagged_for_its_words():
    kind, cruel = value("moderations", input=["a walk", "I will kill you"])["results"]
    assert not kind["flagged"]
    assert cruel["categories"]["violence"]


@pytest.mark.parametrize(
    ("endpoint", "body", "message"),
    [
        ("completions", {"model": "m"}, "Missing required parameter: 'prompt'"),
        ("completions", {"model": "m", "prompt": "a", "messages": []}, "Unknown parameter"),
        ("embeddings", {"model": "m", "input": []}, "'$.input' is invalid"),
        ("embeddings", {"model": "m", "input": [""]}, "'$.input' is invalid"),
        ("embeddings", {"model": "no-such-model", "input": "a"}, "does not exist"),
        ("moderations", {}, "Missing required parameter: 'input'"),
    ],
)
def test_what_the_service_refuses_is_refused(endpoint, body, message):
    status, text = ask(endpoint, **body)
    assert status in (400, 404)
    assert message in json.loads(text)["error"]["message"]


@openapi.needs_openapi
@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("completions", {"model": "m", "prompt": "a", "n": 2}),
        ("embeddings", {"model": "m", "input": ["a", "b"], "dimensions": 8}),
        ("moderations", {"input": "kill"}),
        ("moderations", {"input": [{"type": "image_url", "image_url": {"url": "https://a.b"}}]}),
    ],
)
def test_replies_fit_the_api_document(endpoint, body):
    assert openapi.request_faults("post", PATHS[endpoint], body) == []
    assert openapi.reply_faults("post", PATHS[endpoint], value(endpoint, **body)) == []


@pytest.mark.parametrize(
    ("endpoint", "body", "told"),
    [
        ("embeddings", {"input": "a", "dimensions": 10**9}, "less than or equal to 1536"),
        ("embeddings", {"input": "a", "dimensions": 0}, "minimum of 1"),
        ("embeddings", {"input": ["word " * 4_000] * 90}, "max 300000 tokens per request"),
        ("embeddings", {"input": ["a"] * 2049}, "is invalid"),
        ("completions", {"prompt": "a", "n": 10**9}, "integer above maximum value"),
        ("completions", {"prompt": ["a"] * 100, "n": 100}, "at most 2048, but got 10000"),
        ("completions", {"prompt": "a", "max_tokens": "x"}, "expected an integer"),
        ("completions", {"prompt": "a", "stop": [7]}, "expected a string or an array"),
        ("moderations", {"input": ["a"] * 10_000}, "at most 2048"),
        ("moderations", {"input": "\ud800"}, "could not parse the JSON body"),
    ],
)
def test_more_than_the_service_makes_is_refused(endpoint, body, told):
    status, text = ask(endpoint, model="text-embedding-3-small", **body)
    assert status == 400
    assert told in json.loads(text)["error"]["message"]
