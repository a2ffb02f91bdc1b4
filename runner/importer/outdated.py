"""Outdated: what the examples of 2023 to 2025 say, and what the service wants today."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runner.record import Record


class Facts(Record):
    """A command, imported: `body` are its fields, in JSON or as a form. `path` is the API's."""

    method: str
    path: str
    body: Mapping[str, Any] = {}
    is_form: bool = False
    is_garbled: bool = False
    headers: Mapping[str, str] = {}
    insecure: bool = False
    azure_version: str | None = None


class Row(Record):
    """Something that was true once: when a command says it, and what to say of it."""

    name: str
    found: Callable[[Facts], bool]
    message: str


def warnings(facts: Facts) -> Iterator[str]:
    """Say what is outdated in a command."""
    return (row.message for row in ROWS if row.found(facts))


def _asks_for_audio(facts: Facts) -> bool:
    body = facts.body
    if facts.path != "/chat/completions":
        return False
    spoken = "audio" in body and "audio" not in (body.get("modalities") or ())
    return body.get("response_format") == "audio" or spoken


def _is_unpictured(facts: Facts) -> bool:
    return facts.path.startswith("/images/") and not facts.body.get("model")


def _is_training(facts: Facts) -> bool:
    return facts.path == "/files" and facts.body.get("purpose") == "fine-tune"


def _is_bare_text(facts: Facts) -> bool:
    plain = facts.body.get("response_format") in ("text", "srt", "vtt")
    return facts.path.startswith("/audio/trans") and plain


def _is_undated(facts: Facts) -> bool:
    version = facts.azure_version
    known = r"\d{4}-\d{2}-\d{2}(-preview)?|v1|preview|latest"
    return version is not None and not re.fullmatch(known, version)


ROWS = (
    Row(
        "audio from chat",
        _asks_for_audio,
        "sound out of chat completions wants modalities: [text, audio] beside audio, and no"
        ' response_format "audio" (400 today); the reply is JSON, its sound base64 in'
        " choices[0].message.audio.data, which `output: {audio: FILE}` writes as a file",
    ),
    Row(
        "fine-tunes",
        lambda facts: facts.path == "/fine-tunes" and facts.method == "POST",
        "/v1/fine-tunes was shut down on 2024-01-04: today it is the endpoint fine_tuning.jobs,"
        " with a current model and a training file of messages",
    ),
    Row(
        "the list of fine-tunes",
        lambda facts: facts.path == "/fine-tunes" and facts.method == "GET",
        "/v1/fine-tunes was shut down on 2024-01-04: today fine_tuning.jobs.retrieve asks for the"
        " job by its id until its status is succeeded; fine_tuned_model is the model's name",
    ),
    Row(
        "training files",
        _is_training,
        "a training file holds one JSON object a line, without brackets or commas around them;"
        " chat models are trained on {messages: […]}, not on prompt and completion",
    ),
    Row(
        "images without a model",
        _is_unpictured,
        "name a model: the default, dall-e-2, was shut down on 2026-05-12; today's models answer"
        " with b64_json alone, never with url",
    ),
    Row(
        "garbled fields",
        lambda facts: facts.is_garbled,
        '-F "[email protected]" is what a web page made of a field with a file, and lacks its'
        ' `image=@…` form: it was -F "image=@FILE"; several pictures need image[]',
    ),
    Row(
        "multipart by hand",
        lambda facts: facts.is_form and "content-type" in facts.headers,
        "the header Content-Type: multipart/form-data is left out: it needs a boundary, which the"
        " runner writes by itself",
    ),
    Row(
        "bare transcripts",
        _is_bare_text,
        "with this response_format the reply is bare text, not JSON",
    ),
    Row(
        "streams",
        lambda facts: facts.body.get("stream") is True,
        "a stream is not jsonl but server-sent events (`data: ` lines, then `[DONE]` on chat"
        " completions); the runner puts the reply together",
    ),
    Row(
        "insecure",
        lambda facts: facts.insecure,
        "--insecure is left out: the runner always verifies TLS",
    ),
    Row(
        "versions on Azure",
        _is_undated,
        "api-version is a date on Azure, such as 2024-10-21, and the deployment stands in the path;"
        " write it as api_version into runner.yaml",
    ),
)
