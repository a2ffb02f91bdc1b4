"""Of what kind a model is: an endpoint takes those that it is for, and any that nobody knows."""

from __future__ import annotations

import pytest

from runner.protocol.rules import Refusal, faults, unnamed
from tests.schemas import load

FAMILIES = load("models.json")
KINDS = {
    "gpt-4.1-mini": ("chat.completions", "responses"),
    "gpt-6.2-sol": ("chat.completions", "responses"),
    "gpt-audio-1.5": ("chat.completions", "responses"),
    "ft:gpt-4.1-mini-2025-04-14:acme::a1": ("chat.completions", "responses"),
    "gpt-5.5-pro": ("responses",),
    "davinci-002": ("completions",),
    "gpt-4o-mini-tts": ("audio.speech",),
    "tts-1-hd": ("audio.speech",),
    "whisper-1": ("audio.transcriptions", "audio.translations"),
    "gpt-4o-transcribe": ("audio.transcriptions",),
    "gpt-transcribe": ("audio.transcriptions",),
    "text-embedding-3-small": ("embeddings",),
    "omni-moderation-latest": ("moderations",),
    "gpt-image-2.6-sunburst": ("images.generations", "images.edits"),
    "gpt-realtime-2.1": ("realtime",),
    "gpt-4o-mini-realtime-preview": ("realtime",),
}
JUDGED = {endpoint for served in KINDS.values() for endpoint in served}
FREE = (
    *("llama3.3", "my-deployment", "gpt-image", "gpt-9", "o10", "gpt-4o-mini-embedding", ""),
    *("gpt-6-image", "gpt-live-transcribe", "gpt-realtime-whisper", "text-embedding-004"),
)


def told(endpoint: str, model: str, families=FAMILIES) -> list[Refusal]:
    return [one for one in faults(endpoint, model, {}, families) if one.path == ("model",)]


@pytest.mark.parametrize("endpoint", sorted(JUDGED))
@pytest.mark.parametrize("model", KINDS)
def test_a_model_is_asked_at_the_endpoints_that_it_is_for(model, endpoint):
    found = told(endpoint, model)
    assert bool(found) == (endpoint not in KINDS[model])
    for one in found:
        assert one.message == f"{model} is not served on {endpoint}"
        assert all(own in one.hint for own in KINDS[model][:1])


def test_the_way_out_is_another_endpoint_or_another_model():
    [found] = told("images.generations", "gpt-4.1-mini")
    assert found.hint == (
        "ask the endpoint chat.completions or responses, or name a model for images.generations"
    )


@pytest.mark.parametrize("model", FREE)
def test_a_name_that_nobody_knows_goes_anywhere(model):
    assert [found for endpoint in JUDGED for found in told(endpoint, model)] == []


@pytest.mark.parametrize("endpoint", ["models.retrieve", "fine_tuning.jobs", "raw", "batches"])
@pytest.mark.parametrize("model", KINDS)
def test_other_endpoints_take_every_kind(model, endpoint):
    assert told(endpoint, model) == []


def test_elsewhere_a_name_tells_no_kind():
    """All else that its family refuses stays."""
    elsewhere = unnamed(FAMILIES)
    assert told("embeddings", "gpt-4.1", elsewhere) == []
    assert told("completions", "o3-pro", elsewhere) == []
    assert [one.path for one in faults("chat.completions", "gpt-5", {"top_p": 0.1}, elsewhere)] == [
        ("top_p",)
    ]
