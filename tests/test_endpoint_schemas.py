"""What stands under `params`, held against the API's own document and examples."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.schemas import FOLDER, load, places

REFERENCE = [
    ("chat.completions", {"model": "gpt-3.5-turbo", "messages": [], "stream": True}),
    (
        "chat.completions",
        {
            "model": "gpt-4",
            "messages": [{"role": "user", "content": "What is the weather like in Paris today?"}],
            "tools": [{"type": "function", "function": {"name": "get_weather"}}],
            "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
        },
    ),
    ("chat.completions", {"model": "gpt-4o-search-preview", "messages": []}),
    (
        "chat.completions",
        {
            "messages": [{"role": "user", "content": "What is the OpenAI mission?"}],
            "max_tokens": 800,
            "temperature": 0.7,
            "frequency_penalty": 0,
            "presence_penalty": 0,
            "top_p": 0.95,
            "stop": None,
            "stream": True,
        },
    ),
    (
        "responses",
        {
            "model": "o1-pro",
            "input": [{"role": "user", "content": "What is the capital of Sweden?"}],
            "max_output_tokens": 300,
            "reasoning": {"effort": "low"},
        },
    ),
    (
        "responses",
        {
            "model": "gpt-5",
            "input": [],
            "max_output_tokens": 4096,
            "reasoning": {"effort": "low"},
            "stream": True,
        },
    ),
    ("models", {}),
]
OWN = {"model", "messages", "input", "tools", "tool_choice", "stream"}


@pytest.mark.parametrize(("endpoint", "body"), REFERENCE)
def test_a_body_of_the_reference_fits(endpoint, body):
    params = {name: value for name, value in body.items() if name not in OWN}
    assert places(f"endpoints/{endpoint}.json", params) == []


@pytest.mark.parametrize(("endpoint", "body"), REFERENCE)
def test_what_has_a_key_of_its_own_is_refused_under_params(endpoint, body):
    own = sorted(OWN & body.keys())
    assert places(f"endpoints/{endpoint}.json", body) == own
    for name in own:
        assert "top level" in load(f"endpoints/{endpoint}.json")["properties"][name]["x-hint"]


STRICT = {"type": "json_schema", "json_schema": {"name": "city", "schema": {}, "strict": True}}


@pytest.mark.parametrize(
    ("endpoint", "params"),
    [
        (
            "chat.completions",
            {"response_format": STRICT, "stop": ["a", "b"], "logit_bias": {"5": 1}},
        ),
        ("chat.completions", {"modalities": ["text"], "audio": {"voice": "nova", "format": "mp3"}}),
        ("chat.completions", {"audio": {"voice": {"id": "voice_1"}, "format": "wav"}}),
        ("chat.completions", {"service_tier": "sometime", "reasoning_effort": "utmost"}),
        ("chat.completions", {"function_call": "auto", "functions": [{"name": "get_weather"}]}),
        ("chat.completions", {"prediction": {"type": "content", "content": "x"}, "max_tokens": -1}),
        ("responses", {"text": {"format": {"type": "json_schema", "name": "a", "schema": {}}}}),
        ("responses", {"text": {"format": {"type": "text"}, "verbosity": "low"}}),
        ("responses", {"conversation": "conv_1", "include": ["something.new"]}),
        (
            "responses",
            {"prompt": {"id": "p", "variables": {"a": "b", "c": {"type": "input_text"}}}},
        ),
        ("responses.retrieve", {"include": ["reasoning.encrypted_content"], "starting_after": 3}),
    ],
)
def test_params_that_the_service_takes_fit(endpoint, params):
    assert places(f"endpoints/{endpoint}.json", params) == []


@pytest.mark.parametrize(
    ("endpoint", "params", "place"),
    [
        ("chat.completions", {"temperature": "0.2"}, "temperature"),
        ("chat.completions", {"temperature": 3}, "temperature"),
        ("chat.completions", {"temprature": 0}, ""),
        ("chat.completions", {"n": 1.5}, "n"),
        ("chat.completions", {"n": True}, "n"),
        ("chat.completions", {"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ("chat.completions", {"response_format": "audio"}, "response_format"),
        ("chat.completions", {"response_format": {"type": "audio"}}, "response_format.type"),
        ("chat.completions", {"response_format": {"type": "json_schema"}}, "response_format"),
        ("chat.completions", {"audio": {"voice": "nova"}}, "audio"),
        ("chat.completions", {"stream_options": {"usage": True}}, "stream_options"),
        ("chat.completions", {"instructions": "Be brief."}, ""),
        ("responses", {"max_output_tokens": 8}, "max_output_tokens"),
        ("responses", {"reasoning_effort": "low"}, ""),
        ("responses", {"reasoning": {"efort": "low"}}, "reasoning"),
        ("responses", {"text": {"format": {"type": "json_schema", "name": "a"}}}, "text.format"),
        ("responses", {"n": 2}, ""),
        ("responses.cancel", {"reason": "late"}, ""),
        ("models", {"limit": 2}, ""),
        ("raw", {"body": {}}, ""),
    ],
)
def test_a_mistake_in_params_is_refused(endpoint, params, place):
    assert places(f"endpoints/{endpoint}.json", params) == [place]


NEWER = [
    ("responses", ["access_programs", "background_options", "image"]),
    ("chat.completions", ["web_search_options", "verbosity", "prompt_cache_options"]),
]


@pytest.mark.parametrize(("endpoint", "fields"), NEWER)
def test_fields_newer_than_the_api_document_are_known(endpoint, fields):
    assert load(f"endpoints/{endpoint}.json")["properties"].keys() >= set(fields)


@cache
def api_document() -> Any:
    """Read the official document, which is no part of the project."""
    beside = FOLDER.parent.parent / "shared" / "openapi" / "openai.yaml"
    path = Path(os.environ.get("RUNNER_OPENAPI", beside))
    if not path.is_file():
        pytest.skip("the official OpenAPI document is not at hand; name it in RUNNER_OPENAPI")
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def request_fields(document: Any, schema: Any) -> set[str]:
    """List the properties of a request object, whatever it is composed of."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    inner = (request_fields(document, part) for part in schema.get("allOf", ()))
    return set(schema.get("properties", ())).union(*inner)


@pytest.mark.parametrize(
    ("endpoint", "path"), [("chat.completions", "/chat/completions"), ("responses", "/responses")]
)
def test_every_field_of_the_api_document_is_known(endpoint, path):
    document = api_document()
    body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    asked = request_fields(document, body["schema"])
    assert len(asked) > 25
    assert asked - load(f"endpoints/{endpoint}.json")["properties"].keys() == set()


def test_every_query_field_of_the_api_document_is_known():
    document = api_document()
    rows = document["paths"]["/responses/{response_id}"]["get"]["parameters"]
    asked = {row["name"] for row in rows if row["in"] == "query"}
    assert "include" in asked
    assert asked - load("endpoints/responses.retrieve.json")["properties"].keys() == set()
