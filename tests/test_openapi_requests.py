"""Every request that the recipes make is one that the official description allows.

What is wrong with the description itself stands in `tests.openapi`, in its tables.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from runner.engine.run import run
from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.exchange import Channel, JsonBody, Listener, Reply, Request, Transport
from runner.protocol.providers import Provider
from tests import openapi

FOLDER = Path(__file__).parent.parent / "recipes"
RECIPES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.recipe.yaml"))


RETIRED = {
    "POST /fine-tunes": "shut down on 2024-01-04; some compatible servers have it",
    "GET /fine-tunes": "shut down on 2024-01-04; some compatible servers have it",
    "$.response_format: 'audio' is not valid": "no form of the service's, but of the reference",
}
"""How faults begin that recipes are meant to have, and why."""
UNDESCRIBED = ("realtime",)
"""Calls that the description has no path for: events over a WebSocket."""


class Recorder:
    """Keeps what is asked of the transport within."""

    def __init__(self, inner: Transport, asked: list[Request]) -> None:
        self._inner = inner
        self._asked = asked

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        self._asked.append(request)
        return self._inner.send(request, listener)

    def open(self, request: Request) -> Channel:
        self._asked.append(request)
        return self._inner.open(request)

    def close(self) -> None:
        self._inner.close()


def asked(recipe: str, out: Path) -> list[Request]:
    """Run a recipe on the simulated service; return every request of every round."""
    found: list[Request] = []
    suite = Suite(Options(offline=True), lambda text: None)
    checked = suite.checked(str(FOLDER / recipe))
    world = suite.world(checked.plan)
    carry = partial(_recorded, world.carry, found)
    result = run(checked.plan, world._replace(carry=carry, out=out), checked.first)
    assert [step.error for step in result.steps if step.error] == []
    return found


def _recorded(
    carry: Callable[[Provider], Transport], found: list[Request], provider: Provider
) -> Recorder:
    return Recorder(carry(provider), found)


def faults(request: Request) -> list[str]:
    """What the description says against a request."""
    if request.endpoint in UNDESCRIBED:
        return []
    path = openapi.path_of(request.method, request.path)
    if path is None:
        return [f"{request.method} {request.path}: no such operation"]
    if not isinstance(request.body, JsonBody):
        return []
    found = openapi.request_faults(request.method, path, request.body.value)
    unknown = set(request.body.value) - openapi.body_fields(request.method, path)
    return [*found, *(f"$: no field is named {name}" for name in sorted(unknown))]


@openapi.needs_openapi
@pytest.mark.parametrize("recipe", RECIPES)
def test_requests_are_valid(recipe, tmp_path):
    requests = asked(recipe, tmp_path)
    assert requests
    found = [fault for request in requests for fault in faults(request)]
    assert [fault for fault in found if not fault.startswith(tuple(RETIRED))] == []


@openapi.needs_openapi
def test_every_round_is_held_against_it(tmp_path):
    rounds = [request.ordinal for request in asked("chat.completions.tools.recipe.yaml", tmp_path)]
    assert rounds == [0, 1]


@openapi.needs_openapi
@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (Request("PATCH", "/models", "raw"), "PATCH /models: no such operation"),
        (Request("GET", "/model", "raw"), "GET /model: no such operation"),
        (
            Request("POST", "/responses", "responses", JsonBody({"model": "m", "messages": []})),
            "$: no field is named messages",
        ),
        (
            Request("POST", "/responses", "responses", JsonBody({"model": 5, "input": "Hi"})),
            "$.model: 5 is not valid under any of the given schemas",
        ),
    ],
)
def test_what_is_wrong_would_be_told(request_, fault):
    assert fault in faults(request_)


@openapi.needs_openapi
def test_paths_are_found_by_their_form():
    assert openapi.path_of("GET", "/responses/resp_1") == "/responses/{response_id}"
    assert openapi.path_of("POST", "/responses/resp_1/cancel") == "/responses/{response_id}/cancel"
