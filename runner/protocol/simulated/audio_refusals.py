"""Refusals of audio: what the service answers with 400, whoever speaks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from runner.exchange import Json, Part
from runner.protocol import media, sounds
from runner.protocol.simulated import refusals
from runner.protocol.simulated.refusals import missing, unknown, unsupported
from runner.protocol.simulated.service import Check, Refusal, has_model

SPEECH = {
    "model": "a string",
    "input": "a string",
    "voice": "",
    "response_format": "a string",
    "speed": "a number",
    "instructions": "a string",
    "stream_format": "a string",
}
SPOKEN = ("mp3", "opus", "aac", "flac", "wav", "pcm")
LONGEST = 4096
SOUND = (
    *("file", "model", "prompt", "language", "response_format", "temperature", "stream"),
    *("timestamp_granularities", "include", "chunking_strategy", "known_speaker_names"),
    *("known_speaker_references", "languages", "keywords"),
)
LARGEST = 25 << 20
ENDINGS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
WRITTEN = (
    ("diarize", ("json", "text", "diarized_json")),
    ("whisper", ("json", "text", "srt", "verbose_json", "vtt")),
    ("transcribe", ("json", "text")),
)
"""The forms that a transcript may have, by a word of the model's name."""
EVERY = ("json", "text", "srt", "verbose_json", "vtt", "diarized_json")


def _needs(*names: str) -> Check:
    def check(body: Mapping[str, Json]) -> Refusal | None:
        return next((missing(name) for name in names if name not in body), None)

    return check


def _speech(body: Mapping[str, Json]) -> Refusal | None:
    form = body.get("response_format", "mp3")
    if form not in SPOKEN:
        return unsupported("response_format", form, SPOKEN)
    if body.get("stream_format") not in (None, "sse", "audio"):
        return unsupported("stream_format", body["stream_format"], ("sse", "audio"))
    if body.get("stream_format") == "sse" and str(body["model"]).startswith("tts-1"):
        message = f"stream_format 'sse' is not supported with the model `{body['model']}`."
        return Refusal(message, "stream_format", "unsupported_value")
    if not 0.25 <= body.get("speed", 1) <= 4:
        message = "Invalid 'speed': expected a value from 0.25 to 4."
        return Refusal(message, "speed", "invalid_value")
    if not 0 < len(body["input"]) <= LONGEST:
        message = f"Invalid 'input': expected a text of 1 to {LONGEST} characters."
        return Refusal(message, "input", "string_above_max_length")
    return None


def _fields(body: Mapping[str, Json]) -> Refusal | None:
    return next((unknown(name) for name in body if name not in SOUND), None)


def _file(body: Mapping[str, Json]) -> Refusal | None:
    file = body["file"]
    if not isinstance(file, Part):
        return Refusal("Expected 'file' to be a file.", "file", "invalid_value")
    if sounds.size_of(file.body) > LARGEST:
        message = f"Maximum content size limit ({LARGEST}) exceeded."
        return Refusal(message, "file", None, 413)
    ending = PurePosixPath(file.file_name).suffix.lower()[1:]
    content = file.body if isinstance(file.body, bytes) else b""
    kind = media.media_type("", content)
    if ending in ENDINGS and (not content or kind.startswith("audio/")):
        return None
    return Refusal(f"Invalid file format. Supported formats: {list(ENDINGS)}", "file")


def _form(body: Mapping[str, Json]) -> Refusal | None:
    model, form = str(body["model"]), body.get("response_format", "json")
    known = next((forms for word, forms in WRITTEN if word in model), EVERY)
    if form not in known:
        message = f"response_format '{form}' is not compatible with model '{model}'."
        return Refusal(message, "response_format", "unsupported_value")
    if "timestamp_granularities" in body and form != "verbose_json":
        message = "timestamp_granularities needs response_format 'verbose_json'."
        return Refusal(message, "timestamp_granularities", "invalid_value")
    return None


SPEECH_CHECKS: tuple[Check, ...] = (
    _needs("model", "input", "voice"),
    *refusals.fields(SPEECH),
    has_model,
    _speech,
)
SOUND_CHECKS: tuple[Check, ...] = (_needs("file", "model"), _fields, has_model, _file, _form)
"""In the order in which the service finds fault."""
