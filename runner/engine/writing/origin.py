"""Origin: what a step's outputs are made from: its recipe, files, hooks, values and request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.turn import run_id
from runner.engine.world import World
from runner.engine.writing import provenance
from runner.exchange import Json, JsonBody, Multipart, Request, Spool
from runner.protocol import providers
from runner.protocol.providers import Provider
from runner.recipe import meaning, template


def origin(
    plan: Plan, step: StepPlan, scope: Mapping[str, Any], world: World, provider: Provider
) -> provenance.Origin:
    """Tell what a step is made from, all but its request."""
    return provenance.Origin(
        recipe=plan.recipe.file,
        inputs=dict(plan.files.digests),
        hooks=world.hooks.digest(),
        request="",
        passed=True,
        time=world.now(),
        root=plan.settings.root,
        row=plan.row.digest if plan.row is not None else None,
        meaning=plan.files.meaning,
        values=_known(plan, world),
        id=name(plan, step, scope),
        cell=plan.cell.values,
        run=plan.run,
        items=scope["loop"]["length"] if _is_item(step, scope) else 0,
        provider=provider.name,
        kind=provider.kind,
    )


def name(plan: Plan, step: StepPlan, scope: Mapping[str, Any]) -> str:
    """Name a step of a run, and the item that it is run for."""
    item = f"[{scope['loop']['index']}]" if _is_item(step, scope) else ""
    return run_id(plan, step) + item


def _is_item(step: StepPlan, scope: Mapping[str, Any]) -> bool:
    return "for_each" in step.keys and "loop" in scope


def asked(
    made: provenance.Origin, provider: Provider, request: Request, **more: Any
) -> provenance.Origin:
    """Add the request, in the provider's words, and more that is known by now."""
    sent = providers.outgoing(provider, request)
    body = sent.body.value if isinstance(sent.body, JsonBody) else None
    seed = body.get("seed") if isinstance(body, Mapping) else None
    return made._replace(request=request_digest(sent), model=sent.model, seed=seed, **more)


def _known(plan: Plan, world: World) -> Mapping[str, str]:
    """Hash the values that templates read; the rows of a plan have most often the very same."""
    of = plan.steps, plan.values, plan.context.get("env")
    last = plan.passed.last("values read")
    if last is None or not all(one is other for one, other in zip(last[0], of, strict=True)):
        last = plan.passed.keep("values read", None, (of, dict(_values(plan, world))))
    return dict(last[1])


def _values(plan: Plan, world: World) -> Iterator[tuple[str, str]]:
    """Hash the values that templates read, by name, but for those that hold a secret or a path."""
    trees = [meaning.plain(step.keys) for step in plan.steps] + [meaning.plain(plan.last)]
    names = set(template.names(trees))
    for key in sorted(names & {*plan.values.values}):
        if not plan.values.origins[key].startswith("--file "):
            yield from _value(key, plan.values.values[key], world)
    env = plan.context.get("env", {})
    for key in sorted(template.paths_read(trees, "env") & {*env}):
        yield from _value(f"env.{key}", env[key], world)


def _value(key: str, value: Json, world: World) -> Iterator[tuple[str, str]]:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    if world.hide(text) == text:
        yield key, meaning.digest_of(value)


def request_digest(request: Request) -> str:
    """Hash the body of a request, as it goes over the wire."""
    body = request.body
    if isinstance(body, JsonBody):
        text = json.dumps(body.value, ensure_ascii=False, separators=(",", ":"))
        content = text.encode("utf-8", "surrogatepass")
    elif isinstance(body, Multipart | Spool):
        return _streamed_digest(body)
    else:
        content = body if isinstance(body, bytes) else b""
    return hashlib.sha256(content).hexdigest()


def _streamed_digest(body: Multipart | Spool) -> str:
    """Hash a body that may be larger than memory."""
    from runner.transport.multipart import BLOCK, Stream, encode

    stream = Stream(encode(body).segments if isinstance(body, Multipart) else (body,))
    digest = hashlib.sha256()
    for piece in iter(partial(stream.read, BLOCK), b""):
        digest.update(piece)
    return digest.hexdigest()
