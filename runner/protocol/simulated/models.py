"""Models, simulated: a short list of names, and any name one asks for."""

from __future__ import annotations

from urllib.parse import unquote

from runner.exchange import Json, Request
from runner.protocol.simulated.service import (
    RefusedError,
    Simulated,
    World,
    absent_model,
    answer,
)

CREATED = 1735689600
SHUT: dict[str, str | None] = {
    "gpt-6.2-astra": None,
    "gpt-6.2-sol": None,
    "gpt-6.1-terra": None,
    "gpt-6-luna": None,
    "gpt-5.1": None,
    "gpt-5": "2026-12-11",
    "gpt-4.1": "2027-01-14",
    "gpt-4.1-mini": "2027-01-14",
    "gpt-4o": "2027-01-14",
    "gpt-image-2.6-sunburst": None,
    "gpt-realtime-2.1": None,
    "gpt-4o-mini-tts": "2027-01-06",
    "gpt-4o-transcribe": "2027-02-26",
    "text-embedding-3-small": None,
    "omni-moderation-latest": None,
}
"""The names that the list shows, with the day on which each ends."""


def simulate_models(_request: Request, _world: World) -> Simulated:
    """List the models."""
    return answer({"object": "list", "data": [_model(name) for name in SHUT]})


def simulate_model(request: Request, _world: World) -> Simulated:
    """Show one model; every name but one is a model's."""
    name = unquote(request.path.partition("?")[0].removeprefix("/models/"))
    if refusal := absent_model(name):
        raise RefusedError(refusal)
    return answer(_model(name))


def _model(name: str) -> dict[str, Json]:
    return {
        "id": name,
        "object": "model",
        "created": CREATED,
        "owned_by": "offline-simulation",
        "shutdown_date": SHUT.get(name),
    }
