"""Fine-tuning, simulated: a job goes its way by the clock, and its model knows its lessons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from runner.exchange import Json, Request
from runner.protocol import uploads
from runner.protocol.simulated import files, lessons, listing, refusals
from runner.protocol.simulated.service import (
    Check,
    Refusal,
    RefusedError,
    Simulated,
    World,
    answer,
    digest,
    fresh,
    has_model,
    hold,
    keep,
    read,
)
from runner.protocol.simulated.timeline import Stage, ending, stage, wanted

STAGES = (
    Stage("validating_files", 0),
    Stage("queued", 5),
    Stage("running", 10),
    Stage("succeeded", 40),
)
INVALID = (Stage("validating_files", 0), Stage("failed", 5))
ENDS = ("succeeded", "failed", "cancelled")
STEPS = 3
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


class Job(NamedTuple):
    """A job: what was asked, when, and how it goes. `why` says what is wrong with its file."""

    id: str
    body: Mapping[str, Json]
    created: int
    stages: tuple[Stage, ...]
    why: str
    model: str
    size: int
    stopped: float | None = None


def simulate_create(request: Request, world: World) -> Simulated:
    """Begin a job."""
    body = read(request)
    hold(CHECKS, body)
    content = training(world, body["training_file"], "training_file")
    if "validation_file" in body:
        training(world, body["validation_file"], "validation_file")
    created = int(world.now())
    identity = fresh(world, "ftjob", "ftjob-offline-", body, created)
    why = fault_of(content)
    end = wanted(body, ("failed",), "succeeded")
    stages = INVALID if why else ending(STAGES, end)
    job = Job(identity, body, created, stages, why, _name(body, identity), len(content or b""))
    if stages[-1].name == "succeeded":
        lessons.teach(world, job.model, content or b"", created + stages[-1].begins)
    keep(world, f"ftjob:{identity}", job)
    return answer(_shown(job, world))


def training(world: World, identity: str, param: str) -> bytes | None:
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


def fault_of(content: bytes | None) -> str:
    """Say what is wrong with a training file, or ""."""
    if content is None:
        return ""
    rows = content.splitlines(keepends=True)
    found = uploads.faults("fine-tune", uploads.Upload("a.jsonl", None, len(content), rows))
    place = f"line {found[0].mark.line}: " if found and found[0].mark else ""
    return f"{place}{found[0].message}" if found else ""


def _name(body: Mapping[str, Json], identity: str) -> str:
    """Name the model to be, as the service does."""
    base = str(body["model"])
    base = base.split(":")[1] if base.startswith("ft:") else base
    suffix = "".join(sign if sign.isalnum() else "-" for sign in str(body.get("suffix", "")))
    return f"ft:{base}:offline:{suffix.lower()}:{identity[-8:]}"


def _state(job: Job, now: float) -> str:
    return "cancelled" if job.stopped is not None else stage(job.stages, now - job.created)


def _ended(job: Job, now: float) -> int | None:
    """Say when a job ended, None where it has not."""
    if job.stopped is not None:
        return int(job.stopped)
    return int(job.created + job.stages[-1].begins) if _state(job, now) in ENDS else None


def _shown(job: Job, world: World) -> dict[str, Json]:
    state = _state(job, world.now())
    made = state == "succeeded"
    body = job.body
    method = body.get("method") or {"type": "supervised"}
    kind = str(method.get("type", "supervised"))
    asked = body.get("hyperparameters") or (method.get(kind) or {}).get("hyperparameters") or {}
    usual = {"n_epochs": STEPS, "batch_size": 1, "learning_rate_multiplier": 1.0}
    given = {name: value for name, value in asked.items() if value != "auto"}
    return {
        "object": "fine_tuning.job",
        "id": job.id,
        "model": body["model"],
        "created_at": job.created,
        "finished_at": _ended(job, world.now()),
        "estimated_finish": None if state in ENDS else int(job.created + job.stages[-1].begins),
        "fine_tuned_model": job.model if made else None,
        "organization_id": "org-offline",
        "result_files": [_results(job, world)] if made else [],
        "status": state,
        "training_file": body["training_file"],
        "validation_file": body.get("validation_file"),
        "hyperparameters": usual | given,
        "trained_tokens": job.size // 4 * STEPS if made else None,
        "error": _error(job) if state == "failed" else None,
        "seed": body.get("seed", 42),
        "integrations": body.get("integrations", []),
        "method": {"type": kind, kind: method.get(kind) or {"hyperparameters": usual | given}},
        "metadata": body.get("metadata"),
    }


def _error(job: Job) -> dict[str, Json]:
    if job.why:
        code, param = "invalid_training_file", "training_file"
        return {"code": code, "message": f"The job failed: {job.why}", "param": param}
    message = "The job failed, as its metadata asked the offline provider to simulate."
    return {"code": "server_error", "message": message, "param": None}


def _results(job: Job, world: World) -> str:
    """Leave the file of results, once, and return its id."""
    place = f"results:{job.id}"
    if place not in world.store:
        rows = "".join(f"{step},{_loss(step)}\n" for step in range(1, STEPS + 1))
        content = f"step,train_loss\n{rows}".encode()
        made = files.store(world, "step_metrics.csv", content, "fine-tune-results")
        keep(world, place, made["id"])
    return str(world.store[place])


def _loss(step: int) -> float:
    return round(1.6 / step, 4)


def _find(request: Request, world: World) -> Job:
    identity = listing.segment(request, 2)
    found = world.store.get(f"ftjob:{identity}")
    if isinstance(found, Job):
        return found
    message = f"Could not find fine tune: {identity}"
    raise RefusedError(Refusal(message, "fine_tuning_job_id", "fine_tune_not_found", 404))


def simulate_list(request: Request, world: World) -> Simulated:
    """List the jobs, the newest first."""
    rows = [_shown(job, world) for job in listing.kept(world, "ftjob")]
    return answer(listing.page(rows, listing.query(request), PAGE))


def simulate_retrieve(request: Request, world: World) -> Simulated:
    """Show a job as it is now."""
    return answer(_shown(_find(request, world), world))


def simulate_cancel(request: Request, world: World) -> Simulated:
    """Stop a job that still goes."""
    job = _find(request, world)
    state = _state(job, world.now())
    if state in ENDS:
        message = f"Job has already completed: it is {state}."
        raise RefusedError(Refusal(message, None, "invalid_job_state"))
    lessons.unlearn(world, job.model)
    job = job._replace(stopped=world.now())
    world.store[f"ftjob:{job.id}"] = job
    return answer(_shown(job, world))


def simulate_events(request: Request, world: World) -> Simulated:
    """List what a job told so far, the newest first."""
    job = _find(request, world)
    end = _ended(job, world.now())
    until = world.now() if end is None else end
    told = [event for event in _events(job, end) if event[0] <= until]
    rows = [_event(job, place, *event) for place, event in enumerate(told)]
    return answer(listing.page(rows[::-1], listing.query(request), PAGE))


def _events(job: Job, end: int | None) -> Iterator[tuple[float, str, str]]:
    """Tell all that a job will have told: when, at which level, and what."""
    start, last = job.created, job.stages[-1]
    yield start, "info", f"Created fine-tuning job: {job.id}"
    yield start, "info", f"Validating training file: {job.body['training_file']}"
    if not job.why:
        yield start + 5, "info", "Files validated, moving job to queued state"
        yield start + 10, "info", "Fine-tuning job started"
        for step in range(1, STEPS + 1):
            yield start + 10 + 7 * step, "info", f"Step {step}/{STEPS}: training loss={_loss(step)}"
    if job.stopped is not None:
        yield end or job.stopped, "info", "The job was cancelled"
    elif last.name == "failed":
        yield start + last.begins, "error", _error(job)["message"]
    else:
        yield start + last.begins, "info", f"New fine-tuned model created: {job.model}"
        yield start + last.begins, "info", "The job has successfully completed"


def _event(job: Job, place: int, when: float, level: str, message: str) -> dict[str, Json]:
    return {
        "object": "fine_tuning.job.event",
        "id": f"ftevent-offline-{digest(job.id, place)}",
        "created_at": int(when),
        "level": level,
        "message": message,
        "type": "metrics" if message.startswith("Step ") else "message",
        "data": {},
    }
