"""Saving: what a step leaves on disk: outputs with their origin, or the rest of a failure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runner.engine.context import with_reply
from runner.engine.drive import Performer
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.reading.files import real
from runner.engine.step import Rendered
from runner.engine.turn import Saved, provider_of
from runner.engine.world import World
from runner.engine.writing import outputs, provenance
from runner.engine.writing.origin import asked, origin
from runner.engine.writing.outputs import Draft, Piece
from runner.engine.writing.pieces import AbsentError, pieces, unnamed
from runner.errors import OutputError, RunnerError
from runner.exchange import Body, Spool
from runner.protocol import json_text
from runner.report.encoding import plain
from runner.results import Written

LOOKED_INTO = 16 << 20
"""A reply that failed and has more bytes is kept as it is."""


def saved(
    plan: Plan, step: StepPlan, scope: Mapping[str, Any], world: World, made: Saved
) -> tuple[Written, ...]:
    """Write a step's outputs, and let later steps read them."""

    def absent(error: AbsentError) -> None:
        if made.judged.passed:
            raise error
        # A reply that was missed may well lack what was to be written.
        world.tell(str(error.args[0]))

    if "output" in step.keys:
        found = pieces(step.keys["output"], scope, made.reply, made.answer, absent)
    elif "collect" not in plan.recipe.keys:
        found = unnamed(name(plan, step, scope), made.answer, _is_free(world))
    else:
        return ()
    provider = provider_of(plan, step, scope)
    made_of = asked(
        origin(plan, step, scope, world, provider),
        provider,
        made.sent[0],
        passed=made.judged.passed,
        beside=tuple(piece.path for piece in found),
    )
    line = _line(plan, step, scope, world, made, found)

    def record(piece: Piece, digest: str) -> bytes:
        told = provenance.record(made_of, made.answer, piece.part, digest)
        return _covered({**told, **line}, world)

    files = outputs.save(found, world.out, world.taken, record, _sender(world, made))
    told = files if world.store is None else world.store.sent(files)
    for file, one in zip(files, told, strict=True) if world.send is None else ():
        plan.files.wrote(Path(file.path), "" if world.store is None else one.path)
    return told


def _sender(world: World, made: Saved) -> Callable[[Draft], None] | None:
    """Return what sends files to who writes them, with the reply that they are made of."""
    send, body = world.send, made.answer.body
    if send is None:
        return None
    reply = body if isinstance(body, bytes) else b""
    return lambda draft: send(draft._replace(reply=reply if draft.files else b""))


def _line(  # noqa: PLR0913, PLR0917  a step, its place in the run, and what is written of it
    plan: Plan,
    step: StepPlan,
    scope: Mapping[str, Any],
    world: World,
    made: Saved,
    found: list[Piece],
) -> dict[str, Any]:
    """Tell what is collected of a row, so that its outputs stand for it where a journal is lost.

    What holds a secret is in no sidecar.
    """
    if plan.row is None or "collect" not in plan.recipe.keys or step is not plan.asked[-1]:
        return {}
    from runner.engine.rows import collect

    places = [outputs.place(world.out, piece.path) for piece in found]
    files = [*map(str if world.store is None else world.store.named, places)]
    reply = {**made.reply, "files": files}
    steps = {**scope.get("steps", {}), step.name: reply}
    seen = with_reply({**plan.context, "steps": steps}, reply)
    try:
        line = collect.line_of(plan.recipe.keys["collect"], seen, collect.own_of(plan))
    except RunnerError:
        return {}
    return {"line": line} if line == plain(line, world.hide) else {}


def _covered(told: dict[str, Any], world: World) -> bytes:
    """Write a record without secrets: where the whole holds none, no part of it does."""
    try:
        text = json_text.laid_out_plain(told)
    except TypeError:
        text = ""
    is_open = text and world.hide(text) == text
    return f"{text}\n".encode() if is_open else outputs.pretty(plain(told, world.hide))


def name(plan: Plan, step: StepPlan, scope: Mapping[str, Any]) -> str:
    """Name what no `output` names: by the recipe, the step and the item."""
    loop = scope.get("loop") if "for_each" in step.keys else None
    words = [plan.recipe.name, step.name, str(loop["index"]) if loop else "", plan.suffix]
    told = [plan.row.id if plan.row is not None else "", *map(str, plan.cell.values.values())]
    if any(_plain(one) != one for one in told):
        # `a b` and `a-b` are two rows: each has a file of its own.
        words.append(hashlib.sha256(plan.suffix.encode("utf-8", "surrogatepass")).hexdigest()[:8])
    return "-".join(_plain(word) for word in words if word)


def _plain(text: str) -> str:
    """Return a text as it may stand in the name of a file."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-")


def _is_free(world: World) -> Callable[[str], bool]:
    return lambda path: str(real(outputs.place(world.out, path))) not in world.taken


def kept(world: World, made: Rendered | None, performer: Performer | None) -> tuple[Written, ...]:
    """Keep what came of a reply that failed, for people to look at."""
    if made is None or performer is None:
        return ()
    body = performer.partial.encode() or (performer.last.body if performer.last else b"")
    return left(world, made.ask.run_id, "partial" if performer.partial else "body", body)


def left(world: World, run_id: str, ending: str, body: Body) -> tuple[Written, ...]:
    """Keep bytes that belong to no output, under the name of their run."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", run_id)
    path = world.out / ".runner" / "failed" / f"{name}.{ending}"
    if real(world.out) not in real(path).parents:
        return ()
    try:
        return _kept(body, path, world)
    except OutputError:
        return ()  # The failure itself is what people must hear of.


def _kept(body: Body, path: Path, world: World) -> tuple[Written, ...]:
    if isinstance(body, Spool):
        if not Path(body.path).is_file():
            return ()  # An output has taken it.
        content = Path(body.path).read_bytes() if body.size <= LOOKED_INTO else b""
        if _hidden(content, world) == content:
            outputs.move(Path(body.path), path)
            return (Written(str(path), "failed", body.sha256, body.size),)
        body = content
    if not body:
        return ()
    told = _hidden(body, world)
    outputs.write(path, told)
    return (Written(str(path), "failed", hashlib.sha256(told).hexdigest(), len(told)),)


def _hidden(content: bytes, world: World) -> bytes:
    """Mask the secrets in a reply; what is no text stays as it is."""
    text = content.decode("utf-8", "surrogateescape")
    return world.hide(text).encode("utf-8", "surrogateescape")
