"""Fine-tuning, simulated: a job is begun, held up and stopped, and its model knows its lessons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import inf

from runner.exchange import Json, Request
from runner.protocol import training, uploads
from runner.protocol.simulated import files, lessons, listing, refusals
from runner.protocol.simulated.service import (
    Check,
    Refusal,
    RefusedError,
    Simulated,
    World,
    answer,
    fresh,
    has_model,
    hold,
    keep,
    read,
)
from runner.protocol.simulated.timeline import Stage, ending, wanted
from runner.protocol.simulated.tuned import ENDS, Job, find, moment, shown, state

STAGES = (
    Stage("validating_files", 0),
    Stage("queued", 5),
    Stage("running", 10),
    Stage("succeeded", 40),
)
INVALID = (Stage("validating_files", 0), Stage("failed", 5))
PAGE = (20, 100)
FIELDS = {
    "model": "a string",
    "training_file": "a string",
    "validation_file": "a string",
    "suffix": "a string",
    "seed": "an integer",
    "method": "an object",
    "hyperparameters": "an object",
    "integrations": "an array",
    "metadata": "an object",
}


def _has(name: str, body: Mapping[str, Json]) -> Refusal | None:
    return None if body.get(name) else refusals.missing(name)


CHECKS: tuple[Check, ...] = (
    partial(_has, "training_file"),
    partial(_has, "model"),
    *refusals.fields(FIELDS),
    has_model,
)


def simulate_create(request: Request, world: World) -> Simulated:
    """Begin a job."""
    body = read(request)
    hold(CHECKS, body)
    content = uploaded(world, body["training_file"], "training_file")
    if "validation_file" in body:
        uploaded(world, body["validation_file"], "validation_file")
    created = int(world.now())
    identity = fresh(world, "ftjob", "ftjob-offline-", body, created)
    why = _fault(content, body, world)
    end = wanted(body, ("failed",), "succeeded")
    stages = INVALID if why else ending(STAGES, end)
    job = Job(identity, body, created, stages, why, _name(body, identity), len(content or b""))
    if stages[-1].name == "succeeded":
        lessons.teach(world, job.model, content or b"", created + stages[-1].begins)
    keep(world, f"ftjob:{identity}", job)
    return answer(shown(job, world))


def uploaded(world: World, identity: str, param: str) -> bytes | None:
    """Return the bytes of a training file; a refusal where there is none."""
    try:
        known = files.find(world, identity, param)
    except RefusedError as error:
        raise RefusedError(
            Refusal(f"invalid {param}: {identity}", param, "invalid_file")
        ) from error
    if known["purpose"] == "fine-tune":
        return files.content(world, identity)
    message = f"File '{identity}' has purpose '{known['purpose']}', and not 'fine-tune'."
    raise RefusedError(Refusal(message, param, "invalid_file_purpose"))


def _fault(content: bytes | None, asked: Mapping[str, Json], world: World) -> str:
    """Say what is wrong with a training file, for the model that is asked for; or ""."""
    if content is None:
        return ""
    rows = content.splitlines(keepends=True)
    found = uploads.faults("fine-tune", uploads.Upload("a.jsonl", None, len(content), rows))
    if found:
        place = f"line {found[0].mark.line}: " if found[0].mark else ""
        return f"{place}{found[0].message}"
    method = str((asked.get("method") or {}).get("type", training.SUPERVISED))
    return training.unfit(training.form_of(rows), str(asked["model"]), method, world.families)


def _name(body: Mapping[str, Json], identity: str) -> str:
    """Name the model to be, as the service does."""
    base = str(body["model"])
    base = base.split(":")[1] if base.startswith("ft:") else base
    suffix = "".join(sign if sign.isalnum() else "-" for sign in str(body.get("suffix", "")))
    return f"ft:{base}:offline:{suffix.lower()}:{identity[-8:]}"


def simulate_list(request: Request, world: World) -> Simulated:
    """List the jobs, the newest first."""
    rows = [shown(job, world) for job in listing.kept(world, "ftjob")]
    return answer(listing.page(rows, listing.query(request), PAGE))


def simulate_retrieve(request: Request, world: World) -> Simulated:
    """Show a job as it is now."""
    return answer(shown(find(request, world), world))


def simulate_cancel(request: Request, world: World) -> Simulated:
    """Stop a job that still goes."""
    job = find(request, world)
    _hold(job, state(job, world.now()) not in ENDS, world)
    lessons.unlearn(world, job.model)
    return _become(job._replace(stopped=world.now()), world)


def simulate_pause(request: Request, world: World) -> Simulated:
    """Let a job that still goes stand still."""
    job = find(request, world)
    _hold(job, state(job, world.now()) not in (*ENDS, "paused"), world)
    return _become(job._replace(pauses=(*job.pauses, (world.now(), inf))), world)


def simulate_resume(request: Request, world: World) -> Simulated:
    """Let a job that stands still go on."""
    job = find(request, world)
    _hold(job, state(job, world.now()) == "paused", world)
    *before, (start, _) = job.pauses
    return _become(job._replace(pauses=(*before, (start, world.now()))), world)


def _hold(job: Job, fits: bool, world: World) -> None:
    """Refuse what a job's state does not allow."""
    if not fits:
        message = f"The job is {state(job, world.now())}, which does not allow that."
        raise RefusedError(Refusal(message, None, "invalid_job_state"))


def _become(job: Job, world: World) -> Simulated:
    """Keep what became of a job, and show it."""
    lessons.wait(world, job.model, moment(job, job.stages[-1].begins))
    world.store[f"ftjob:{job.id}"] = job
    return answer(shown(job, world))
