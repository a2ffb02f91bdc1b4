"""Saving: what a step leaves on disk: outputs with their origin, or the rest of a failure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runner.engine import outputs, provenance
from runner.engine.drive import Performer
from runner.engine.execute import provider_of
from runner.engine.files import real
from runner.engine.outputs import Piece
from runner.engine.pieces import AbsentError, pieces
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.step import Rendered
from runner.engine.world import World
from runner.errors import OutputError
from runner.exchange import JsonBody, Request
from runner.model import Answer, Check, Written
from runner.protocol import providers
from runner.report.encoding import plain


class Saved(NamedTuple):
    """What outputs are made of."""

    answer: Answer
    reply: Mapping[str, Any]
    checks: tuple[Check, ...]
    sent: list[Request]


def saved(
    plan: Plan, step: StepPlan, scope: Mapping[str, Any], world: World, made: Saved
) -> tuple[Written, ...]:
    """Write a step's outputs, and let later steps read them."""
    passed = all(check.passed for check in made.checks)

    def absent(error: AbsentError) -> None:
        if passed:
            raise error
        world.tell(str(error))  # A reply that was missed may well lack what was to be written.

    found = pieces(step.keys["output"], scope, made.reply, made.answer, absent)
    origin = provenance.Origin(
        recipe=plan.recipe.file,
        inputs=dict(plan.files.digests),
        hooks=world.hooks.digest(),
        request=request_digest(providers.outgoing(provider_of(plan, step, scope), made.sent[0])),
        passed=passed,
        time=world.now(),
        root=plan.settings.root,
    )

    def record(piece: Piece, digest: str) -> Any:
        return plain(provenance.record(origin, made.answer, piece.part, digest), world.hide)

    files = outputs.save(found, world.out, world.taken, record)
    for file in files:
        plan.files.wrote(Path(file.path))
    return files


def request_digest(request: Request) -> str:
    """Hash the body of a request, as it goes over the wire."""
    body = request.body
    if isinstance(body, JsonBody):
        text = json.dumps(body.value, ensure_ascii=False, separators=(",", ":"))
        content = text.encode("utf-8", "surrogatepass")
    else:
        content = body if isinstance(body, bytes) else b""
    return hashlib.sha256(content).hexdigest()


def kept(world: World, made: Rendered | None, performer: Performer | None) -> tuple[Written, ...]:
    """Keep what came of a reply that failed, for people to look at."""
    if made is None or performer is None:
        return ()
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", made.ask.run_id)
    folder = world.out / ".runner" / "failed"
    if performer.partial:
        path, body = folder / f"{name}.partial", performer.partial.encode()
    elif performer.last is not None and isinstance(performer.last.body, bytes):
        path, body = folder / f"{name}.body", performer.last.body
    else:
        return ()
    if not body:
        return ()
    told = world.hide(body.decode("utf-8", "replace")).encode()
    if real(world.out) not in real(path).parents:
        return ()
    try:
        outputs.write(path, told)
    except OutputError:
        return ()  # The failure itself is what people must hear of.
    return (Written(str(path), "failed", hashlib.sha256(told).hexdigest(), len(told)),)
