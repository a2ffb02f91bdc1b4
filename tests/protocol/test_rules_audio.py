"""What the models that speak and those that listen refuse, by their families."""

from __future__ import annotations

import pytest

from runner.protocol import rules
from tests.schemas import load

FAMILIES = load("models.json")


def refused(endpoint, model, **body):
    return [".".join(map(str, r.path)) for r in rules.faults(endpoint, model, body, FAMILIES)]


@pytest.mark.parametrize(
    ("model", "body", "paths"),
    [
        ("whisper-1", {"response_format": "srt"}, []),
        ("whisper-1", {"response_format": "diarized_json"}, ["response_format"]),
        ("whisper-1", {"timestamp_granularities": ["word"]}, ["timestamp_granularities"]),
        (
            "whisper-1",
            {"timestamp_granularities": ["word"], "response_format": "verbose_json"},
            [],
        ),
        ("whisper-1", {"include": ["logprobs"]}, ["include"]),
        ("whisper-1", {"prompt": "x", "stream": True, "language": "en"}, []),
        ("whisper-1", {"languages": ["en"], "keywords": ["x"]}, ["languages", "keywords"]),
        ("gpt-4o-transcribe", {"response_format": "srt"}, ["response_format"]),
        ("gpt-4o-mini-transcribe", {"response_format": "vtt"}, ["response_format"]),
        ("gpt-transcribe", {"response_format": "verbose_json"}, ["response_format"]),
        ("gpt-4o-mini-transcribe-2025-12-15", {"response_format": "text"}, []),
        ("gpt-4o-transcribe", {"include": ["logprobs"]}, []),
        ("gpt-4o-transcribe", {"include": ["logprobs"], "response_format": "json"}, []),
        ("gpt-4o-transcribe", {"include": ["logprobs"], "response_format": "text"}, ["include"]),
        ("gpt-transcribe", {"include": ["logprobs"]}, ["include"]),
        ("gpt-transcribe", {"include": ["logprobs"], "response_format": "text"}, ["include"]),
        ("gpt-transcribe", {"languages": ["en"], "keywords": ["x"]}, []),
        ("gpt-4o-transcribe", {"timestamp_granularities": ["word"]}, ["timestamp_granularities"]),
        ("gpt-4o-transcribe-diarize", {"prompt": "x"}, ["prompt"]),
        ("gpt-4o-transcribe-diarize", {"response_format": "diarized_json"}, []),
        ("gpt-4o-transcribe-diarize", {"response_format": "srt"}, ["response_format"]),
        ("whisper-large-v3", {"response_format": "ass", "include": ["logprobs"]}, []),
    ],
)
def test_a_transcript_has_the_forms_of_its_model(model, body, paths):
    assert refused("audio.transcriptions", model, **body) == paths


@pytest.mark.parametrize("model", ["gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-transcribe"])
def test_newer_models_do_not_translate(model):
    [found] = rules.faults("audio.translations", model, {}, FAMILIES)
    assert found.message == f"{model} is not served on audio.translations"
    assert found.hint == "name whisper-1, or ask the endpoint audio.transcriptions"
    assert refused("audio.translations", "whisper-1", response_format="srt") == []


@pytest.mark.parametrize(
    ("model", "body", "paths"),
    [
        ("tts-1", {"stream_format": "sse"}, ["stream_format"]),
        ("tts-1-hd", {"instructions": "Slowly."}, ["instructions"]),
        ("tts-1", {"voice": "ballad"}, ["voice"]),
        ("tts-1-1106", {"voice": "marin", "stream_format": "audio"}, ["voice"]),
        ("tts-1", {"voice": "nova", "speed": 2}, []),
        ("tts-1", {"voice": {"id": "voice_1"}}, []),
        ("gpt-4o-mini-tts", {"voice": "ballad", "instructions": "x", "stream_format": "sse"}, []),
        ("kokoro", {"voice": "ballad", "instructions": "x", "stream_format": "sse"}, []),
    ],
)
def test_the_first_voices_speak_as_they_do(model, body, paths):
    assert refused("audio.speech", model, **body) == paths


def test_what_a_voice_is_refused_for_names_those_there_are():
    [found] = rules.faults("audio.speech", "tts-1", {"voice": "ballad"}, FAMILIES)
    assert found.message == "tts-1 refuses voice 'ballad'"
    assert found.hint.startswith("use alloy, ash, coral")
