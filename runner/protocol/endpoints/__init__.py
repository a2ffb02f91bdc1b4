"""The table of endpoints: one name, one `Endpoint`; a module is read when first asked for."""

from __future__ import annotations

from importlib import import_module

from runner.protocol.endpoint import Endpoint

MODULES = {
    "chat.completions": "chat",
    "responses": "responses",
    "responses.retrieve": "responses",
    "responses.cancel": "responses",
    "responses.delete": "responses",
    "completions": "texts",
    "models": "plain",
    "models.retrieve": "plain",
    "images.generations": "images",
    "images.edits": "images",
    "audio.speech": "audio",
    "audio.transcriptions": "audio",
    "audio.translations": "audio",
    "embeddings": "texts",
    "moderations": "texts",
    "files": "files",
    "files.list": "files",
    "files.retrieve": "files",
    "files.content": "files",
    "files.delete": "files",
    "fine_tuning.jobs": "jobs",
    "fine_tuning.jobs.list": "jobs",
    "fine_tuning.jobs.retrieve": "jobs",
    "fine_tuning.jobs.events": "jobs",
    "fine_tuning.jobs.cancel": "jobs",
    "fine-tunes": "jobs",
    "fine-tunes.list": "jobs",
    "fine-tunes.retrieve": "jobs",
    "batches": "jobs",
    "batches.list": "jobs",
    "batches.retrieve": "jobs",
    "batches.cancel": "jobs",
    "realtime": "realtime",
    "raw": "plain",
}
"""Which module of this folder holds which endpoint: start-up pays for one of them, not for all."""


def find(name: str) -> Endpoint:
    """Return the endpoint of this name; KeyError where there is none."""
    module = import_module(f"{__name__}.{MODULES[name]}")
    found: dict[str, Endpoint] = module.ENDPOINTS
    return found[name]


def all_endpoints() -> tuple[Endpoint, ...]:
    """Return every endpoint, in the order of the table."""
    return tuple(find(name) for name in MODULES)
