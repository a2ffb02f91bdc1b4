"""The offline service: what each endpoint would answer, dry and deterministic.

A simulation takes a `Request` and the `World`, and gives a `Simulated` reply; a refusal is a reply
too. `simulate` finds the right one and adds the headers that every reply has.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from runner.exchange import Request
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


def simulate(request: Request, world: World) -> Simulated:
    """Answer a request by its endpoint's name, else by its method and path."""
    status, headers, chunks = SIMULATIONS.get(request.endpoint, _route)(request, world)
    place = (request.method, request.path, request.run_id, request.ordinal)
    identity = digest(*place, chunks[0].decode("utf-8", "replace"))
    own = (("x-request-id", f"req_offline_{identity}"), ("openai-version", "2020-10-01"))
    return Simulated(status, headers + own, chunks)


def _refusing(simulation: Simulate, request: Request, world: World) -> Simulated:
    try:
        return simulation(request, world)
    except RefusedError as refused:
        return refuse(refused.refusal)
    except RecursionError:
        return refuse(Refusal("The body is nested too deeply."))


def _route(request: Request, world: World) -> Simulated:
    """Answer as the endpoint that has this method and path."""
    path = request.path.partition("?")[0]
    shape = _shape(path)
    name = ROUTES.get((request.method, shape))
    if name is not None:
        return SIMULATIONS[name](request, world)
    if any(shape == known for _, known in ROUTES):
        message = f"Not allowed to {request.method} on {path}."
        return refuse(Refusal(message, None, "method_not_supported", 405))
    message = f"Invalid URL ({request.method} {path}): the offline provider does not simulate it."
    return refuse(Refusal(message, None, "unknown_url", 404))


def _shape(path: str) -> str:
    """Write a path with `*` for the id, which is the second step of all paths but one."""
    first, *rest = path.strip("/").split("/")
    if first != "chat":
        rest[:1] = ["*"] * len(rest[:1])
    return "/".join([first, *rest])


ROUTES = {
    ("POST", "chat/completions"): "chat.completions",
    ("POST", "responses"): "responses",
    ("GET", "responses/*"): "responses.retrieve",
    ("POST", "responses/*/cancel"): "responses.cancel",
    ("DELETE", "responses/*"): "responses.delete",
    ("POST", "completions"): "completions",
    ("POST", "embeddings"): "embeddings",
    ("POST", "moderations"): "moderations",
    ("GET", "models"): "models",
    ("GET", "models/*"): "models.retrieve",
}
SIMULATIONS: Mapping[str, Simulate] = {
    "chat.completions": partial(_refusing, chat.simulate_chat),
    "responses": partial(_refusing, responses.simulate_response),
    "responses.retrieve": partial(_refusing, responses.simulate_retrieve),
    "responses.cancel": partial(_refusing, responses.simulate_cancel),
    "responses.delete": partial(_refusing, responses.simulate_delete),
    "models": partial(_refusing, models.simulate_models),
    "models.retrieve": partial(_refusing, models.simulate_model),
    "completions": partial(_refusing, texts.simulate_completion),
    "embeddings": partial(_refusing, texts.simulate_embeddings),
    "moderations": partial(_refusing, texts.simulate_moderation),
    "raw": _route,
}
"""One row an endpoint, by the endpoint's name."""
