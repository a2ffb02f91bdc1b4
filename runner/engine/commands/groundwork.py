"""Groundwork: the steps of a starter that make what its endpoint asks for by an id."""

from __future__ import annotations

from collections.abc import Mapping

from runner.record import Record

REQUESTS = "requests.jsonl"
EXAMPLES = "examples.jsonl"
RECIPE = "{file}"
CHAT = "gpt-6-luna"
TUNED = "gpt-4.1-mini"
MODELS: Mapping[str, str] = {
    "chat.completions": CHAT,
    "responses": CHAT,
    # OpenAI shut down its last model of this kind on 2026-09-28; other servers have some.
    "completions": "llama3.3",
    "models.retrieve": CHAT,
    "images.generations": "gpt-image-2.6-sunburst",
    "images.edits": "gpt-image-2.6-sunburst",
    "audio.speech": "gpt-4o-mini-tts",
    "audio.transcriptions": "gpt-transcribe",
    "audio.translations": "whisper-1",
    "embeddings": "text-embedding-3-small",
    "moderations": "omni-moderation-latest",
    "fine_tuning.jobs": TUNED,
    "fine-tunes": TUNED,
    "realtime": "gpt-realtime-2.1",
}
"""The model that an endpoint is asked with: a current one that it takes."""


class Ground(Record):
    """A step that comes before: what it asks, as YAML, and what comes before that.

    `file` is what it uploads, where that is not the recipe itself.
    """

    name: str
    lines: tuple[str, ...]
    before: str = ""
    file: str = ""


def _upload(file: str, purpose: str) -> Ground:
    lines = ("endpoint: files", f"attachments: [{file}]", f"params: {{purpose: {purpose}}}")
    return Ground("upload", lines, file="" if file == RECIPE else file)


def _tuning(endpoint: str) -> Ground:
    lines = (
        f"endpoint: {endpoint}",
        f"model: {TUNED}",
        'params: {training_file: "{{ steps.upload.json.id }}"}',
    )
    return Ground("tune", lines, "examples")


GROUNDS: Mapping[str, Ground] = {
    "file": _upload(RECIPE, "user_data"),
    "requests": _upload(REQUESTS, "batch"),
    "examples": _upload(EXAMPLES, "fine-tune"),
    "batch": Ground(
        "batch",
        (
            "endpoint: batches",
            "params:",
            '  input_file_id: "{{ steps.upload.json.id }}"',
            "  endpoint: /v1/chat/completions",
            "  completion_window: 24h",
        ),
        "requests",
    ),
    "job": _tuning("fine_tuning.jobs"),
    "old job": _tuning("fine-tunes"),
    "response": Ground(
        "ask",
        (
            "endpoint: responses",
            f"model: {CHAT}",
            "input: What is the OpenAI mission?",
            "params: {background: true}",
        ),
    ),
}
NEEDED: Mapping[str, str] = {
    "responses.retrieve": "response",
    "responses.cancel": "response",
    "responses.delete": "response",
    "files.retrieve": "file",
    "files.content": "requests",
    "files.delete": "file",
    "fine_tuning.jobs": "examples",
    "fine_tuning.jobs.retrieve": "job",
    "fine_tuning.jobs.events": "job",
    "fine_tuning.jobs.cancel": "job",
    "fine-tunes": "examples",
    "fine-tunes.retrieve": "old job",
    "batches": "requests",
    "batches.retrieve": "batch",
    "batches.cancel": "batch",
}
"""What must be there before an endpoint can be asked."""


def grounds(endpoint: str) -> tuple[Ground, ...]:
    """List the steps that come before an endpoint is asked; most need none."""
    found: list[Ground] = []
    name = NEEDED.get(endpoint, "")
    while name:
        found.insert(0, GROUNDS[name])
        name = GROUNDS[name].before
    return tuple(found)


def as_steps(before: tuple[Ground, ...], lines: list[str], file: str) -> list[str]:
    """Write steps: those that come before, then that of these lines."""
    whole = [*before, Ground("main", tuple(lines))]
    rows = ["steps:"]
    for ground in whole:
        rows.append(f"  - name: {ground.name}")
        rows += [f"    {line}".rstrip().replace("{file}", file) for line in ground.lines]
    return rows
