"""Fine-tunes, simulated: the calls of before 2024, which some compatible servers have."""

from __future__ import annotations

from datetime import UTC, datetime

from runner.exchange import Json, Request
from runner.protocol.simulated import files, lessons, listing
from runner.protocol.simulated.refusals import missing
from runner.protocol.simulated.service import (
    Refusal,
    RefusedError,
    Simulated,
    World,
    answer,
    digest,
    keep,
    read,
)
from runner.protocol.simulated.timeline import Stage, ending, stage
from runner.record import Record

STAGES = (Stage("pending", 0), Stage("running", 10), Stage("succeeded", 40))
PAGE = (20, 100)
TOLD = {
    "pending": "Created fine-tune: {id}",
    "running": "Fine-tune started",
    "succeeded": "Fine-tune succeeded",
    "failed": "Fine-tune failed",
}


class Tune(Record):
    """A fine-tune: what is known of it from the start, and how it goes."""

    known: dict[str, Json]
    stages: tuple[Stage, ...]
    model: str


def simulate_create(request: Request, world: World) -> Simulated:
    """Begin a fine-tune. A file that is not there is let pass: it may be of another account."""
    body = read(request)
    if not body.get("training_file"):
        raise RefusedError(missing("training_file"))
    created = int(world.now())
    base, suffix = body.get("model", "curie"), body.get("suffix", "")
    identity = f"ft-offline-{digest(body, created, len(world.store))}"
    known = {
        "object": "fine-tune",
        "id": identity,
        "hyperparams": {"n_epochs": body.get("n_epochs", 4), "prompt_loss_weight": 0.01},
        "organization_id": "org-offline",
        "model": base,
        "training_files": [_file(world, body["training_file"])],
        "validation_files": [],
        "created_at": created,
    }
    stages = ending(STAGES, "failed") if suffix == "failed" else STAGES
    when = datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%d-%H-%M-%S")
    model = f"{base}:ft-{'-'.join(filter(None, ('offline', suffix, when)))}"
    content = files.content(world, body["training_file"]) or b""
    if stages is STAGES:
        lessons.teach(world, model, content, created + stages[-1].begins)
    tune = Tune(known, stages, model)
    keep(world, f"fine-tune:{identity}", tune)
    return answer(_shown(tune, world))


def _file(world: World, identity: str) -> dict[str, Json]:
    found: dict[str, Json] | None = world.store.get(f"file:{identity}")
    return found or {"object": "file", "id": identity, "purpose": "fine-tune"}


def _shown(tune: Tune, world: World) -> dict[str, Json]:
    created = tune.known["created_at"]
    age = world.now() - created
    state = stage(tune.stages, age)
    past = [one for one in tune.stages if one.begins <= age] or [tune.stages[0]]
    return {
        **tune.known,
        "status": state,
        "fine_tuned_model": tune.model if state == "succeeded" else None,
        "result_files": [],
        "updated_at": int(created + past[-1].begins),
        "events": [
            {
                "object": "fine-tune-event",
                "level": "error" if one.name == "failed" else "info",
                "message": TOLD[one.name].format(id=tune.known["id"]),
                "created_at": int(created + one.begins),
            }
            for one in past
        ],
    }


def simulate_list(request: Request, world: World) -> Simulated:
    """List the fine-tunes: one page, as it was, unless pages are asked for."""
    rows = [_shown(tune, world) for tune in listing.kept(world, "fine-tune")]
    if asked := listing.query(request):
        return answer(listing.page(rows, asked, PAGE))
    return answer({"object": "list", "data": rows})


def simulate_retrieve(request: Request, world: World) -> Simulated:
    """Show a fine-tune as it is now."""
    identity = listing.segment(request, 1)
    found = world.store.get(f"fine-tune:{identity}")
    if isinstance(found, Tune):
        return answer(_shown(found, world))
    raise RefusedError(Refusal(f"No fine-tune job: {identity}", "fine_tune_id", None, 404))
