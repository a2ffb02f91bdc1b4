"""The offline service: what each endpoint would answer, dry and deterministic.

A simulation takes a `Request` and the `World`, and gives a `Simulated` reply; a refusal is a reply
too. `simulate` finds the right one and adds the headers that every reply has.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from runner.exchange import Request
from runner.protocol.asked import fields
from runner.protocol.simulated import chat, models, responses, texts
from runner.protocol.simulated.service import (
    Refusal,
    RefusedError,
    Simulate,
    Simulated,
    World,
    digest,
    refuse,
)

if TYPE_CHECKING:
    from runner.protocol.windows import Excess


def simulate(request: Request, world: World) -> Simulated:
    """Answer a request by its endpoint's name, else by its method and path."""
    status, headers, chunks = _answered(request, world)
    place = (request.method, request.path, request.run_id, request.ordinal)
    identity = digest(*place, chunks[0].decode("utf-8", "replace"))
    own = (("x-request-id", f"req_offline_{identity}"), ("openai-version", "2020-10-01"))
    return Simulated(status, headers + own, chunks)


def _answered(request: Request, world: World) -> Simulated:
    """Answer as the endpoint that a request names, or that has its method and path."""
    name = request.endpoint
    if name not in SIMULATIONS or name == "raw":
        name = ROUTES.get((request.method, _shape(_path(request))), "")
    refused = _unfit(name, request, world) if name else _unknown(request)
    if refused is not None:
        return refuse(refused)
    return (SIMULATIONS.get(name) or BESIDE[name])(request, world)


def _path(request: Request) -> str:
    return request.path.partition("?")[0]


def _unfit(name: str, request: Request, world: World) -> Refusal | None:
    """Word the first thing that the model's family refuses in a request, its length at last."""
    body = fields(request.body) if world.families else {}
    if not body:
        return None
    from runner.protocol import rules, windows

    model = str(body.get("model", ""))
    found = rules.faults(name, model, body, world.families)
    if not found:
        long = windows.excess(name, model, body, world.families)
        return _overlong(long) if long is not None else None
    path, message, _ = found[0]
    if path == ("model",):
        return Refusal(f"Unsupported: {message}.", "model", None, 404)
    return Refusal(f"Unsupported: {message}.", ".".join(map(str, path)), "unsupported_parameter")


def _overlong(long: Excess) -> Refusal:
    message = (
        f"This model's maximum context length is {long.window} tokens. However, your {long.field}"
        f" resulted in at least {long.fewest} tokens. Please reduce the length of the {long.field}."
    )
    return Refusal(message, long.field, "context_length_exceeded")


def _refusing(simulation: Simulate, request: Request, world: World) -> Simulated:
    try:
        return simulation(request, world)
    except RefusedError as refused:
        return refuse(refused.refusal)
    except RecursionError:
        return refuse(Refusal("The body is nested too deeply."))


def _late(module: str, name: str, *args: Simulate) -> Simulate:
    """Return a simulation whose module is read when it is first asked: most runs need few."""

    def simulation(request: Request, world: World) -> Simulated:
        found = getattr(import_module(f"{__name__}.{module}"), name)
        return _refusing(partial(found, *args), request, world)

    return simulation


def _unknown(request: Request) -> Refusal:
    """Word that nothing has this method and path."""
    path = _path(request)
    shape = _shape(path)
    if any(shape == known for _, known in ROUTES):
        message = f"Not allowed to {request.method} on {path}."
        return Refusal(message, None, "method_not_supported", 405)
    message = f"Invalid URL ({request.method} {path}): the offline provider does not simulate it."
    return Refusal(message, None, "unknown_url", 404)


def _shape(path: str) -> str:
    """Write a path with `*` for the id: the second step, or the third after a word."""
    first, *rest = path.strip("/").split("/")
    place = int(first in WORDED)
    rest[place : place + 1] = ["*"] * len(rest[place : place + 1])
    return "/".join([first, *rest])


WORDED = ("chat", "fine_tuning", "images", "audio")


ROUTES = {
    ("POST", "chat/completions"): "chat.completions",
    ("POST", "responses"): "responses",
    ("GET", "responses/*"): "responses.retrieve",
    ("POST", "responses/*/cancel"): "responses.cancel",
    ("GET", "responses/*/input_items"): "responses.input_items",
    ("DELETE", "responses/*"): "responses.delete",
    ("POST", "completions"): "completions",
    ("POST", "embeddings"): "embeddings",
    ("POST", "moderations"): "moderations",
    ("POST", "images/generations"): "images.generations",
    ("POST", "images/edits"): "images.edits",
    ("GET", "models"): "models",
    ("GET", "models/*"): "models.retrieve",
    ("POST", "files"): "files",
    ("GET", "files"): "files.list",
    ("GET", "files/*"): "files.retrieve",
    ("GET", "files/*/content"): "files.content",
    ("DELETE", "files/*"): "files.delete",
    ("POST", "fine_tuning/jobs"): "fine_tuning.jobs",
    ("GET", "fine_tuning/jobs"): "fine_tuning.jobs.list",
    ("GET", "fine_tuning/jobs/*"): "fine_tuning.jobs.retrieve",
    ("GET", "fine_tuning/jobs/*/events"): "fine_tuning.jobs.events",
    ("POST", "fine_tuning/jobs/*/cancel"): "fine_tuning.jobs.cancel",
    ("POST", "fine_tuning/jobs/*/pause"): "fine_tuning.jobs.pause",
    ("POST", "fine_tuning/jobs/*/resume"): "fine_tuning.jobs.resume",
    ("GET", "fine_tuning/jobs/*/checkpoints"): "fine_tuning.jobs.checkpoints",
    ("POST", "fine-tunes"): "fine-tunes",
    ("GET", "fine-tunes"): "fine-tunes.list",
    ("GET", "fine-tunes/*"): "fine-tunes.retrieve",
    ("POST", "batches"): "batches",
    ("GET", "batches"): "batches.list",
    ("GET", "batches/*"): "batches.retrieve",
    ("POST", "batches/*/cancel"): "batches.cancel",
    ("POST", "audio/speech"): "audio.speech",
    ("POST", "audio/transcriptions"): "audio.transcriptions",
    ("POST", "audio/translations"): "audio.translations",
}
SIMULATIONS: Mapping[str, Simulate] = {
    "chat.completions": partial(_refusing, chat.simulate_chat),
    "responses": partial(_refusing, responses.simulate_response),
    "responses.retrieve": _late("responses_kept", "simulate_retrieve"),
    "responses.cancel": _late("responses_kept", "simulate_cancel"),
    "responses.delete": _late("responses_kept", "simulate_delete"),
    "models": partial(_refusing, models.simulate_models),
    "models.retrieve": partial(_refusing, models.simulate_model),
    "completions": partial(_refusing, texts.simulate_completion),
    "embeddings": partial(_refusing, texts.simulate_embeddings),
    "moderations": partial(_refusing, texts.simulate_moderation),
    "realtime": _late("realtime", "simulate_plain"),
    "raw": _answered,
    "files": _late("files", "simulate_upload"),
    "files.list": _late("files", "simulate_list"),
    "files.retrieve": _late("files", "simulate_retrieve"),
    "files.content": _late("files", "simulate_content"),
    "files.delete": _late("files", "simulate_delete"),
    "fine_tuning.jobs": _late("tuning", "simulate_create"),
    "fine_tuning.jobs.list": _late("tuning", "simulate_list"),
    "fine_tuning.jobs.retrieve": _late("tuning", "simulate_retrieve"),
    "fine_tuning.jobs.events": _late("tuning_told", "simulate_events"),
    "fine_tuning.jobs.cancel": _late("tuning", "simulate_cancel"),
    "fine-tunes": _late("old_tuning", "simulate_create"),
    "fine-tunes.list": _late("old_tuning", "simulate_list"),
    "fine-tunes.retrieve": _late("old_tuning", "simulate_retrieve"),
    "batches": _late("batches", "simulate_create"),
    "batches.list": _late("batches", "simulate_list", _answered),
    "batches.retrieve": _late("batches", "simulate_retrieve", _answered),
    "batches.cancel": _late("batches", "simulate_cancel"),
    "audio.speech": _late("audio", "simulate_speech"),
    "audio.transcriptions": _late("audio", "simulate_transcription"),
    "audio.translations": _late("audio", "simulate_translation"),
    "images.generations": _late("images", "simulate_generation"),
    "images.edits": _late("images", "simulate_edit"),
}
"""One row an endpoint, by the endpoint's name."""
BESIDE: Mapping[str, Simulate] = {
    "responses.input_items": _late("responses_kept", "simulate_input_items"),
    "fine_tuning.jobs.pause": _late("tuning", "simulate_pause"),
    "fine_tuning.jobs.resume": _late("tuning", "simulate_resume"),
    "fine_tuning.jobs.checkpoints": _late("tuning_told", "simulate_checkpoints"),
}
"""Calls that are no endpoints of the table: `raw` asks them, and other programs."""
