"""Plan a step: its includes spliced in, its endpoint found, its keys in normal form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from runner.engine.files import Files
from runner.errors import Fault, Mark, RecipeError, RecipeSchemaError, UnknownNameError
from runner.protocol import endpoints
from runner.protocol.endpoint import Endpoint
from runner.recipe import build, normal, template
from runner.recipe.build import Recipe, Step
from runner.recipe.source import Map

LATE = frozenset(("expect", "output", "collect", "poll", "if", "for_each", "vars"))
"""Keys of a step that are not part of its request."""
RETRIEVES = {
    "responses": "responses.retrieve",
    "responses.retrieve": "responses.retrieve",
    "responses.cancel": "responses.retrieve",
}
"""The calls that `poll` asks an object's state by, by the endpoint of the first reply."""


class StepPlan(NamedTuple):
    """A step in normal form. `request` are the keys that render before sending."""

    name: str
    endpoint: Endpoint
    keys: Map
    request: Map
    final: bool = False


def steps_of(recipe: Recipe, files: Files, context: Mapping[str, Any]) -> tuple[StepPlan, ...]:
    """Put every step of a recipe in normal form; one error with the faults of all."""
    done: list[StepPlan] = []
    faults: list[Fault] = []
    for step in (*recipe.steps, *recipe.finals):
        try:
            done.append(_step(step, recipe, files, context, step in recipe.finals))
        except RecipeError as error:
            faults += error.faults
    if faults:
        raise RecipeSchemaError.of(*faults)
    return tuple(done)


def _step(
    step: Step, recipe: Recipe, files: Files, context: Mapping[str, Any], final: bool
) -> StepPlan:
    def static(text: Any) -> Any:
        return template.render(text, context)

    keys = build.included(step.keys, files.tree, static)
    endpoint = _endpoint(keys, recipe, static)
    keys = normal.normal(_fitting(keys, step.defaults, endpoint))
    request = Map(keys.mark)
    for key in keys:
        if key not in LATE:
            request.put(key, keys[key], keys.marks[key])
    return StepPlan(step.name, endpoint, keys, request, final)


def _endpoint(keys: Map, recipe: Recipe, static: Callable[[Any], Any]) -> Endpoint:
    if "endpoint" not in keys and "continue" in keys:
        return _endpoint(_continued(keys, recipe), recipe, static)
    if "endpoint" not in keys:
        message = "a step needs an endpoint"
        raise RecipeSchemaError.of(Fault(message, keys.mark, "endpoint"))
    name = str(static(keys["endpoint"]))
    if name not in endpoints.MODULES:
        raise UnknownNameError.of(_unknown(name, keys.marks["endpoint"][1]))
    return endpoints.find(name)


def _continued(keys: Map, recipe: Recipe) -> Map:
    """Find the keys of the step that this one continues."""
    for step in recipe.steps:
        if step.name == keys["continue"] and step.keys is not keys:
            return step.keys
    mark = keys.marks["continue"][1]
    message = f"no step is named {keys['continue']!r}"
    raise UnknownNameError.of(Fault(message, mark, "continue"))


def _unknown(name: str, mark: Mark) -> Fault:
    from difflib import get_close_matches

    near = get_close_matches(name, endpoints.MODULES, 1)
    known = ", ".join(endpoints.MODULES)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {known}"
    return Fault(f"no endpoint is named {name!r}", mark, "endpoint", hint)


COMMON = frozenset(
    [
        "provider",
        "endpoint",
        "params",
        "extra",
        "headers",
        "timeout",
        "retries",
        "poll",
        "expect",
        "output",
        "if",
        "for_each",
        "vars",
        "model",
    ]
)


def _fitting(keys: Map, defaults: frozenset[str], endpoint: Endpoint) -> Map:
    """Refuse keys that the endpoint does not take; leave out defaults that it does not."""
    faults = []
    fitting = Map(keys.mark)
    for key in keys:
        if key in endpoint.takes or key in COMMON:
            fitting.put(key, keys[key], keys.marks[key])
        elif key not in defaults:
            faults.append(_not_taken(key, keys, endpoint))
    faults += [
        Fault(f"{endpoint.name} needs {key}", keys.marks["endpoint"][0], key)
        for key in endpoint.needs
        if key not in keys and "continue" not in keys
    ]
    faults += _not_polled(keys, endpoint) if "poll" in keys else []
    if faults:
        raise RecipeSchemaError.of(*faults)
    return fitting


def _not_polled(keys: Map, endpoint: Endpoint) -> list[Fault]:
    request = keys.get("request")
    method = request.get("method", "") if isinstance(request, Mapping) else ""
    is_get = str(method or ("POST" if "body" in (request or ()) else "GET")).upper() == "GET"
    if endpoint.name in RETRIEVES or (endpoint.name == "raw" and (is_get or "{" in method)):
        return []
    message = f"{endpoint.name} gives nothing that can be polled"
    hint = f"poll stands beside {', '.join(RETRIEVES)}, and a raw GET"
    return [Fault(message, keys.marks["poll"][0], "poll", hint)]


def _not_taken(key: str, keys: Map, endpoint: Endpoint) -> Fault:
    takes = ", ".join(endpoint.takes) or "params alone"
    message = f"{endpoint.name} takes no {key}"
    return Fault(message, keys.marks[key][0], key, f"it takes {takes}")
