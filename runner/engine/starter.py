"""Starter: a recipe to begin with, and the schema that editors complete it from."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from runner.engine import settings
from runner.engine.files import kind_of
from runner.engine.outputs import write
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
    "id": 'id: "{{ id_of_it }}"',
    "prompt": "prompt: Once upon a time",
    "input": "input: What is the OpenAI mission?",
    "attachments": "attachments: [{file}]",
}
"""What a key that an endpoint needs starts as."""
FILES = {
    "audio.transcriptions": "speech.mp3",
    "audio.translations": "speech.mp3",
    "images.edits": "picture.png",
}
"""The file that an endpoint is given; else the recipe itself, which is there."""
ENDINGS = {"text": "md", "json": "json", "audio": "mp3", "image": "png"}
PARAMS = {
    "voice": "nova",
    "purpose": "user_data",
    "training_file": "file-123",
    "input_file_id": "file-123",
    "endpoint": "/v1/chat/completions",
    "completion_window": "24h",
}
"""What params that an endpoint needs start as."""
VARIABLES = {"model": "model_name: gpt-6-luna", "id": "id_of_it: resp_123"}
EXPECTATIONS = {
    "messages": "expect:\n  - finish_reason: stop\n",
    "request": "expect:\n  - status: 200\n",
}


def recipe(name: str, endpoint: Endpoint, schema: str) -> str:
    """Write a recipe that asks an endpoint, with the modeline for editors."""
    needs = list(endpoint.needs)
    if endpoint.one_of:
        needs.append(endpoint.one_of[0])
    if "messages" in endpoint.takes and "messages" not in needs:
        needs.append("messages")
    if endpoint.name in FILES and "attachments" not in needs:
        needs.append("attachments")
    file = FILES.get(endpoint.name, f"{Path(name).name}{ENDING}")
    variables = [VARIABLES[key] for key in needs if key in VARIABLES]
    lines = [
        f"# yaml-language-server: $schema={schema}",
        f"description: {json.dumps(endpoint.summary)}",
        *([f"vars: {{{', '.join(variables)}}}"] if variables else []),
        "",
        f"endpoint: {endpoint.name}",
        *(LINES[key].replace("{file}", file) for key in needs if key in LINES),
        *_params(endpoint),
        "",
    ]
    expected = next((EXPECTATIONS[key] for key in needs if key in EXPECTATIONS), "")
    part = _part(endpoint, needs)
    place = json.dumps(f"{Path(name).name}.{ENDINGS[part]}", ensure_ascii=False)
    bare = place.strip('"') if re.fullmatch(r"[\w.-]+", place.strip('"')) else place
    output = f"\noutput:\n  {part}: {bare}\n"
    return "\n".join(lines) + (f"\n{expected}" if expected else "") + output


def _part(endpoint: Endpoint, needs: list[str]) -> str:
    """Choose what people want of an endpoint: what it says, else what it makes, else its JSON."""
    says = "text" in endpoint.gives and {"messages", "prompt", "attachments"} & {*needs}
    if says and endpoint.name != "files":
        return "text"
    return next((part for part in ("audio", "image") if part in endpoint.gives), "json")


def _params(endpoint: Endpoint) -> list[str]:
    """Write the params that an endpoint cannot do without."""
    required = settings.table(f"endpoints/{endpoint.name}.json").get("required", ())
    rows = [f"{key}: {PARAMS.get(key, 'x')}" for key in required if key not in endpoint.takes]
    return [f"params: {{{', '.join(rows)}}}"] if rows else []


def start(name: str, endpoint: str, folder: Path) -> tuple[Path, ...]:
    """Write a recipe, and the schema file that it points at where none is there."""
    name = name.removesuffix(ENDING)
    file = folder / f"{name}{ENDING}"
    if kind_of(file) != "none":
        message = f"{file} is there already"
        raise OutputError(message, hint="choose another name")
    made = schema_beside(file.parent)
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
