"""Jobs are made, listed, asked for and cancelled, each by its own call."""

from typing import Any

import pytest

from runner.model import Ask
from runner.protocol import endpoints
from runner.protocol.providers import Provider, outgoing, url
from tests import openapi
from tests.protocol.play import play, reply

TUNING = {"training_file": "file-1", "suffix": "piet", "method": {"type": "supervised"}}
BATCH = {
    "input_file_id": "file-1",
    "endpoint": "/v1/chat/completions",
    "completion_window": "24h",
    "metadata": {"a": "b"},
}


def ask(name, *replies, **asked):
    replies = replies or (reply({"id": "job-1", "status": "queued"}),)
    return play(endpoints.find(name).flow(Ask(name, **asked)), *replies)


@pytest.mark.parametrize(
    ("name", "asked", "path", "body"),
    [
        ("fine_tuning.jobs", {"model": "m"}, "/fine_tuning/jobs", {"model": "m", **TUNING}),
        ("fine-tunes", {"model": "davinci"}, "/fine-tunes", {"model": "davinci", **TUNING}),
        ("fine-tunes", {}, "/fine-tunes", TUNING),
        ("batches", {}, "/batches", BATCH),
    ],
)
def test_a_job_is_made_of_what_the_recipe_says(name, asked, path, body):
    params = BATCH if name == "batches" else TUNING
    played = ask(name, params=params, **asked)
    [request] = played.requests
    assert (request.method, request.path, request.body.value) == ("POST", path, body)
    assert played.answer.text == "job-1"


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("fine_tuning.jobs.retrieve", "GET /fine_tuning/jobs/a%2Fb"),
        ("fine_tuning.jobs.cancel", "POST /fine_tuning/jobs/a%2Fb/cancel"),
        ("fine-tunes.retrieve", "GET /fine-tunes/a%2Fb"),
        ("batches.retrieve", "GET /batches/a%2Fb"),
        ("batches.cancel", "POST /batches/a%2Fb/cancel"),
    ],
)
def test_one_job_is_named_in_the_path_and_nothing_is_sent_along(name, call):
    played = ask(name, id="a/b")
    [request] = played.requests
    assert f"{request.method} {request.path}" == call
    assert request.body is None
    assert played.answer.text == "job-1"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("fine_tuning.jobs.list", "/fine_tuning/jobs"),
        ("fine-tunes.list", "/fine-tunes"),
        ("batches.list", "/batches"),
    ],
)
def test_lists_are_read_to_their_end(name, path):
    first = reply({"data": [{"id": "a"}], "has_more": True})
    played = ask(name, first, reply({"data": [{"id": "b"}]}))
    assert [(request.method, request.path) for request in played.requests] == [("GET", path)] * 2
    assert played.requests[1].query == (("after", "a"),)
    assert played.answer.text == "a\nb"


def test_events_are_told_by_their_messages():
    rows = [{"id": "e2", "message": "Step 1:\n loss"}, {"id": "e1", "message": "Created"}, {}]
    played = ask("fine_tuning.jobs.events", reply({"data": rows}), id="job-1")
    assert played.requests[0].path == "/fine_tuning/jobs/job-1/events"
    assert played.answer.text == "Step 1: loss\nCreated"


def test_the_tokens_of_a_batch_are_told_and_not_priced():
    """They cost half of what requests do."""
    used = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    answer = ask("batches.retrieve", reply({"id": "b", "usage": used}), id="b").answer
    assert answer.usage["total_tokens"] == 5
    assert answer.rounds == ()


@pytest.mark.parametrize(
    ("version", "address"),
    [
        ("2024-10-21", "https://r.example.com/openai{path}?api-version=2024-10-21"),
        ("", "https://r.example.com/openai/v1{path}"),
    ],
)
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("fine_tuning.jobs", "/fine_tuning/jobs"),
        ("fine_tuning.jobs.cancel", "/fine_tuning/jobs/x/cancel"),
        ("batches", "/batches"),
        ("batches.retrieve", "/batches/x"),
        ("files.list", "/files"),
        ("files.content", "/files/x/content"),
    ],
)
def test_azure_has_them_without_a_deployment(name, path, version, address):
    base = "https://r.example.com"
    provider = Provider("a", "azure", base, api_version=version, models={"m": "mine"})
    asked = Ask(name, id="x", model="m" if name == "fine_tuning.jobs" else "")
    request: Any = next(endpoints.find(name).flow(asked))
    request = outgoing(provider, request)
    assert url(provider, request) == address.format(path=path)


@pytest.mark.parametrize(("kind", "model"), [("azure", "m"), ("openai", "mine")])
def test_what_azure_trains_is_a_model_and_no_deployment(kind, model):
    provider = Provider("a", kind, "https://r.example.com", models={"m": "mine"})
    asked = Ask("fine_tuning.jobs", model="m", params=TUNING)
    request: Any = next(endpoints.find("fine_tuning.jobs").flow(asked))
    request = outgoing(provider, request)
    assert request.body.value["model"] == model


@openapi.needs_openapi
@pytest.mark.parametrize(
    ("name", "path", "params"),
    [("fine_tuning.jobs", "/fine_tuning/jobs", TUNING), ("batches", "/batches", BATCH)],
)
def test_the_bodies_are_the_official_ones(name, path, params):
    asked = {"model": "gpt-4.1-mini"} if name == "fine_tuning.jobs" else {}
    [body] = ask(name, params=params, **asked).bodies
    assert openapi.request_faults("POST", path, body) == []
