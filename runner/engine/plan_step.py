"""Plan a step: its includes spliced in, its endpoint found, its keys in normal form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.engine.reading.files import Files
from runner.errors import Fault, Mark, RecipeError, RecipeSchemaError, UnknownNameError
from runner.model import Fixed, Ref
from runner.protocol import endpoints
from runner.protocol.endpoint import Endpoint
from runner.recipe import normal, template
from runner.recipe.build import Recipe, Step
from runner.recipe.include import Gap, has_gaps, included, is_include, left_out
from runner.recipe.source import Map, Seq
from runner.record import Record

Static = Callable[..., Any]
"""Fills in what is the same for every row."""
LATE = frozenset(("expect", "output", "collect", "poll", "if", "for_each", "vars"))
"""Keys of a step that are not part of its request."""
RETRIEVES = {
    "responses": "responses.retrieve",
    "responses.retrieve": "responses.retrieve",
    "responses.cancel": "responses.retrieve",
    "files": "files.retrieve",
    "files.retrieve": "files.retrieve",
    "fine_tuning.jobs": "fine_tuning.jobs.retrieve",
    "fine_tuning.jobs.retrieve": "fine_tuning.jobs.retrieve",
    "fine_tuning.jobs.cancel": "fine_tuning.jobs.retrieve",
    "fine-tunes": "fine-tunes.retrieve",
    "fine-tunes.retrieve": "fine-tunes.retrieve",
    "batches": "batches.retrieve",
    "batches.retrieve": "batches.retrieve",
    "batches.cancel": "batches.retrieve",
}
"""The calls that `poll` asks an object's state by, by the endpoint of the first reply."""


class StepPlan(Record):
    """A step in normal form. `request` are the keys that render before sending.

    `refers` is true where these name files, or hold what is not rendered. One that is `spoiled`
    lacks a part, and is never rendered.
    """

    name: str
    endpoint: Endpoint
    keys: Map
    request: Map
    final: bool = False
    refers: bool = True
    spoiled: bool = False


def rows_of(output: Any) -> list[Any]:
    """List the mappings of an `output`, which is one or a list of such."""
    if not output:
        return []
    return output if isinstance(output, list) else [output]


def steps_of(recipe: Recipe, files: Files, context: Mapping[str, Any]) -> tuple[StepPlan, ...]:
    """Put every step of a recipe in normal form; one error with the faults of all."""
    done, faults = drafted(recipe, files, context)
    if faults:
        raise RecipeSchemaError.of(*faults)
    return tuple(filter(None, done))


def drafted(
    recipe: Recipe, files: Files, context: Mapping[str, Any]
) -> tuple[list[StepPlan | None], list[Fault]]:
    """Put every step in normal form, None where that cannot be; list what is wrong with them."""
    done: list[StepPlan | None] = []
    faults: list[Fault] = []
    every = (*recipe.steps, *recipe.finals)
    for place in range(len(every)):
        made = None
        own: list[Fault] = []
        try:
            made = _step(every[: place + 1], files, context, own)
            final = place >= len(recipe.steps)
            made = made._replace(final=final, refers=_refers(made.request))
        except RecipeError as error:
            own += error.faults
        done.append(made)
        faults += dict.fromkeys(own)
    return done, faults


def _refers(tree: Any) -> bool:
    if isinstance(tree, Ref | Fixed):
        return True
    if isinstance(tree, Mapping):
        return any(map(_refers, tree.values()))
    return isinstance(tree, list | tuple) and any(map(_refers, tree))


def _step(
    steps: tuple[Step, ...], files: Files, context: Mapping[str, Any], found: list[Fault]
) -> StepPlan:
    """Plan the last of these steps; the others are those that it may continue.

    `found` gets what is wrong with a step that can be planned all the same.
    """
    *earlier, step = steps
    if any(step.name == other.name for other in earlier):
        message = f"two steps have the name {step.name!r}"
        hint = "give each a name of its own"
        raise RecipeSchemaError.of(Fault(message, step.keys.mark, "", hint))

    def static(text: Any, *, at: tuple[Any, ...] = (), mark: Mark | None = None) -> Any:
        return template.render(text, context, at=at, mark=mark)

    keys = included(step.keys, files.included, static, found)
    if is_include(keys.get("endpoint")):
        raise RecipeSchemaError.of(*found)
    endpoint = _endpoint(keys, tuple(earlier), static)
    is_spoiled = has_gaps(keys)
    keys, misfits = _fitting(keys, step.defaults, endpoint)
    found += misfits
    is_spoiled |= bool(found)
    keys = normal.normal(left_out(keys) if is_spoiled else keys)
    if "expect" in keys:
        # Read now: a file that is missing is told before anything is sent.
        known = settled(
            keys["expect"],
            lambda ref: files.tree(str(static(ref.path, mark=ref.mark)), ref.mark),
            found,
        )
        keys.put("expect", known, keys.marks["expect"])
    request = Map(keys.mark)
    for key in keys:
        if key not in LATE:
            request.put(key, keys[key], keys.marks[key])
    return StepPlan(step.name, endpoint, keys, request, spoiled=is_spoiled)


def settled(expect: Any, read: Callable[[Ref], Any], found: list[Fault]) -> Any:
    """Read the files that expectations name; those whose file cannot be read are left out."""
    if not isinstance(expect, Seq):
        return normal.settled(expect, read)
    rows = Seq(expect.mark)
    for row, mark in zip(expect, expect.marks, strict=True):
        try:
            rows.add(normal.settled(row, read), mark)
        except RecipeError as error:
            found += error.faults
    return rows


def _endpoint(keys: Map, earlier: tuple[Step, ...], static: Static) -> Endpoint:
    if "continue" in keys:
        before = _continued(keys, earlier, static)
        if "endpoint" not in keys:
            return before
    return _named(keys, static)


def _named(keys: Map, static: Static) -> Endpoint:
    if "endpoint" not in keys:
        message = "a step needs an endpoint"
        raise RecipeSchemaError.of(Fault(message, keys.mark, "endpoint"))
    mark = keys.marks["endpoint"][1]
    filled = static(keys["endpoint"], at=("endpoint",), mark=mark)
    name = template.as_text(filled, where="endpoint", mark=mark)
    if name not in endpoints.MODULES:
        raise UnknownNameError.of(_unknown(name, mark))
    return endpoints.find(name)


def _continued(keys: Map, earlier: tuple[Step, ...], static: Static) -> Endpoint:
    """Find the endpoint of the conversation that this step continues, however long it is."""
    places = {step.name: place for place, step in enumerate(earlier)}
    above = len(earlier)
    while True:
        mark, named = keys.marks["continue"][1], str(keys["continue"])
        if places.get(named, above) >= above:
            message = f"no step above is named {named!r}"
            hint = _near(named, earlier[:above])
            raise UnknownNameError.of(Fault(message, mark, "continue", hint))
        above = places[named]
        keys = earlier[above].keys
        if "endpoint" in keys or "continue" not in keys:
            break
    found = _named(keys, static)
    if "continue" in found.takes:
        return found
    message = f"the step {named!r} holds no conversation: {found.name}"
    raise RecipeSchemaError.of(Fault(message, mark, "continue"))


def _near(named: str, earlier: tuple[Step, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(named, [step.name for step in earlier], 1)
    return f"did you mean {near[0]!r}?" if near else "name the step whose conversation goes on"


def _unknown(name: str, mark: Mark) -> Fault:
    from difflib import get_close_matches

    near = get_close_matches(name, endpoints.MODULES, 1)
    hint = f"did you mean {near[0]!r}?" if near else "`runner list endpoints` names them all"
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
    ]
)


def _fitting(keys: Map, defaults: frozenset[str], endpoint: Endpoint) -> tuple[Map, list[Fault]]:
    """Leave out defaults that the endpoint does not take; list other keys that it does not."""
    faults = []
    fitting = Map(keys.mark)
    # What a step continues is nearer to it than the defaults of all steps.
    above = defaults & {"model", "tools"} if "continue" in keys else frozenset()
    strange = [key for key in keys if isinstance(keys[key], Gap) and not takes(endpoint, key)]
    for key in keys:
        if key in above:
            continue
        if takes(endpoint, key):
            fitting.put(key, keys[key], keys.marks[key])
        elif key not in defaults and key not in strange:
            faults.append(_not_taken(key, keys, endpoint))
    faults += _not_polled(keys, endpoint) if "poll" in keys else []
    if strange:  # One of these may be what else were missing.
        return fitting, faults
    faults += [
        Fault(f"{endpoint.name} needs {key}", keys.marks["endpoint"][1], "", _example(key))
        for key in endpoint.needs
        if key not in keys and "continue" not in keys
    ]
    return fitting, faults + _nothing_asked(keys, endpoint)


def takes(endpoint: Endpoint, key: str) -> bool:
    """Whether a step of this endpoint may have a key."""
    return key in endpoint.takes or key in COMMON


def _nothing_asked(keys: Map, endpoint: Endpoint) -> list[Fault]:
    """Find a request that asks nothing, where the endpoint takes that in one of several forms."""
    params = keys.get("params")
    given = {*keys, *(params if isinstance(params, Map) else ())}
    if not endpoint.one_of or given & {*endpoint.one_of, *STANDS_IN}:
        return []
    wanted = " or ".join(endpoint.one_of)
    return [Fault(f"{endpoint.name} needs {wanted}", keys.marks["endpoint"][1], "")]


STANDS_IN = ("continue", "extra", "prompt", "conversation", "previous_response_id")
"""What may stand in for a request's own words."""


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
    return Fault(message, keys.marks[key][0], "", f"it takes {takes}")


def _example(key: str) -> str:
    values = {"messages": "[{user: Hello}]", "request": "{path: models}"}
    return f"add a line such as `{key}: {values.get(key, '…')}`"
