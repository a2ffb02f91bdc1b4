"""Starter: a recipe to begin with, and the schema that editors complete it from."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from runner.engine.commands import groundwork, samples
from runner.engine.commands.groundwork import MODELS
from runner.engine.reading.files import kind_of
from runner.engine.user import settings
from runner.engine.writing.outputs import write
from runner.errors import OutputError
from runner.protocol import endpoints
from runner.protocol.endpoint import Endpoint
from runner.recipe.bundle import bundle

SCHEMA = "recipe.schema.json"
ENDING = ".recipe.yaml"
LINES = {
    "model": 'model: "{{ model_name }}"',
    "messages": "messages:\n  - system: You answer in one sentence.\n"
    "  - user: What is the OpenAI mission?",
    "request": "request:\n  method: GET\n  path: models",
    "id": 'id: "{{ steps.{ground}.json.id }}"',
    "prompt": "prompt: Once upon a time",
    "input": "input: What is the OpenAI mission?",
    "attachments": "attachments: [{file}]",
}
"""What a key that an endpoint needs starts as."""
ENDINGS = {"text": "md", "json": "json", "audio": "mp3", "image": "png", "body": "jsonl"}
SPOKEN = ("audio.transcriptions", "audio.translations")
UPLOADED = '"{{ steps.upload.json.id }}"'
PARAMS = {
    "voice": "nova",
    "purpose": "user_data",
    "training_file": UPLOADED,
    "input_file_id": UPLOADED,
    "endpoint": "/v1/chat/completions",
    "completion_window": "24h",
}
"""What params that an endpoint needs start as."""
PRINTED = """\
# The answer is printed. To write it to a file below out/ instead:
# output: {{text: {}}}"""
"""What stands for the output of a text: the first run shows it."""
EXPECTATIONS = {
    "messages": "expect:\n  - finish_reason: stop",
    "request": "expect:\n  - status: 200",
}


def recipe(name: str, endpoint: Endpoint, schema: str) -> str:
    """Write a recipe that asks an endpoint, with the modeline for editors."""
    needs = _needs(endpoint)
    file = samples.GIVEN.get(endpoint.name, f"{Path(name).name}{ENDING}")
    before = groundwork.grounds(endpoint.name)
    words = {"{file}": _quoted(file), "{ground}": before[-1].name if before else ""}
    asked = [
        f"endpoint: {endpoint.name}",
        *(_filled(LINES[key], words) for key in needs if key in LINES),
        *_params(endpoint),
    ]
    expected = next((EXPECTATIONS[key] for key in needs if key in EXPECTATIONS), "")
    part = _part(endpoint, needs)
    made = _quoted(f"{Path(name).name}.{_ending(endpoint, part)}")
    output = PRINTED.format(made) if part == "text" else f"output:\n  {part}: {made}"
    sections = ["\n".join(asked), *([expected] if expected else []), output]
    if before:
        lines = "\n".join(sections).split("\n")
        sections = ["\n".join(groundwork.as_steps(before, lines, words["{file}"]))]
    head = [
        f"# yaml-language-server: $schema={schema}",
        f"description: {json.dumps(endpoint.summary)}",
        *([f"vars: {{model_name: {MODELS[endpoint.name]}}}"] if "model" in needs else []),
    ]
    return "\n\n".join(["\n".join(head), *sections]) + "\n"


def _needs(endpoint: Endpoint) -> list[str]:
    """List the keys to start with: what an endpoint needs, and what nobody asks it without."""
    keys = [
        *(["model"] if endpoint.name in MODELS else []),
        *endpoint.needs,
        *endpoint.one_of[:1],
        *(["messages"] if "messages" in endpoint.takes else []),
        *(["attachments"] if endpoint.name in samples.GIVEN else []),
    ]
    return list(dict.fromkeys(keys))


def _filled(text: str, words: Mapping[str, str]) -> str:
    for hole, word in words.items():
        text = text.replace(hole, word)
    return text


def _quoted(name: str) -> str:
    """Write a file's name in quotes where YAML wants them."""
    return name if re.fullmatch(r"[\w.-]+", name) else json.dumps(name, ensure_ascii=False)


def _ending(endpoint: Endpoint, part: str) -> str:
    return "txt" if endpoint.name in SPOKEN else ENDINGS[part]


def _part(endpoint: Endpoint, needs: list[str]) -> str:
    """Choose what people want of an endpoint: what it says, else what it makes, else its JSON."""
    if endpoint.name == "files.content":
        return "body"
    says = "text" in endpoint.gives and {"messages", "prompt", "attachments"} & {*needs}
    if says and endpoint.name != "files":
        return "text"
    return next((part for part in ("audio", "image") if part in endpoint.gives), "json")


def _params(endpoint: Endpoint) -> list[str]:
    """Write the params that an endpoint cannot do without."""
    required = settings.table(f"endpoints/{endpoint.name}.json").get("required", ())
    rows = [f"{key}: {PARAMS.get(key, 'x')}" for key in required if key not in endpoint.takes]
    return ["params:", *(f"  {row}" for row in rows)] if rows else []


def start(name: str, endpoint: str, folder: Path) -> tuple[Path, ...]:
    """Write a recipe, and the files that it points at where none is there."""
    name = name.removesuffix(ENDING)
    file = folder / f"{name}{ENDING}"
    if kind_of(file) != "none":
        message = f"{file} is there already"
        raise OutputError(message, hint="choose another name")
    made = schema_beside(file.parent) + samples.beside(file.parent, endpoint)
    write(file, recipe(name, endpoints.find(endpoint), schema_for(file.parent)).encode())
    return (file, *made)


def schema_for(folder: Path) -> str:
    """Find the schema for editors from a folder upwards; beside the recipe if there is none."""
    near = folder.resolve()
    for place in (near, *near.parents):
        for found in (place / "schemas" / "editor.json", place / SCHEMA):
            if found.is_file():
                return os.path.relpath(found, near).replace(os.sep, "/")
        if (place / ".git").exists() or (place / settings.PROJECT).exists():
            break
    return SCHEMA


def schema_beside(folder: Path) -> tuple[Path, ...]:
    """Write the schema for editors beside a recipe, where none is found."""
    place = folder / SCHEMA
    if schema_for(folder) != SCHEMA or place.is_file():
        return ()
    write(place, (json.dumps(whole(), indent=1) + "\n").encode())
    return (place,)


def whole() -> dict[str, object]:
    """Return the editors' schema as one file."""
    files = {name: settings.table(name) for name in ("recipe.json", "editor.json")}
    for place in settings.shipped("schemas", "endpoints").glob("*.json"):
        files[f"endpoints/{place.name}"] = settings.table(f"endpoints/{place.name}")
    return bundle("editor.json", files)
