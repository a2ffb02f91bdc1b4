"""Tuned: a fine-tuning job as it goes its way by the clock, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from runner.exchange import Json, Request
from runner.protocol.simulated import files, listing
from runner.protocol.simulated.service import Refusal, RefusedError, World, keep
from runner.protocol.simulated.timeline import Stage
from runner.record import Record

ENDS = ("succeeded", "failed", "cancelled")
STEPS = 3


class Job(Record):
    """A job: what was asked, when, and how it goes. `why` says what is wrong with its file.

    `pauses` are the times when it stood still; the end of one that lasts is not known yet.
    """

    id: str
    body: Mapping[str, Json]
    created: int
    stages: tuple[Stage, ...]
    why: str
    model: str
    size: int
    stopped: float | None = None
    pauses: tuple[tuple[float, float], ...] = ()


def find(request: Request, world: World) -> Job:
    """Return the job that a request names; a refusal where there is none."""
    identity = listing.segment(request, 2)
    found = world.store.get(f"ftjob:{identity}")
    if isinstance(found, Job):
        return found
    message = f"Could not find fine tune: {identity}"
    raise RefusedError(Refusal(message, "fine_tuning_job_id", "fine_tune_not_found", 404))


def moment(job: Job, begins: float) -> float:
    """Say when a job has gone on for so many seconds; the time while it stood still is none."""
    when = job.created + begins
    for start, end in job.pauses:
        when += end - start if when > start else 0
    return when


def state(job: Job, now: float) -> str:
    """Name the state of a job."""
    if job.stopped is not None:
        return "cancelled"
    if job.pauses and job.pauses[-1][1] == inf:
        return "paused"
    reached = [one.name for one in job.stages if moment(job, one.begins) <= now]
    return reached[-1] if reached else job.stages[0].name


def ended(job: Job, now: float) -> int | None:
    """Say when a job ended, None where it has not."""
    if job.stopped is not None:
        return int(job.stopped)
    return int(moment(job, job.stages[-1].begins)) if state(job, now) in ENDS else None


def loss(step: int) -> float:
    """Say how far from its lessons a model was after a step."""
    return round(1.6 / step, 4)


def shown(job: Job, world: World) -> dict[str, Json]:
    """Show a job as the service does."""
    now = state(job, world.now())
    made = now == "succeeded"
    due = moment(job, job.stages[-1].begins)
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
        "finished_at": ended(job, world.now()),
        "estimated_finish": None if now in ENDS or due == inf else int(due),
        "fine_tuned_model": job.model if made else None,
        "organization_id": "org-offline",
        "result_files": [_results(job, world)] if made else [],
        "status": now,
        "training_file": body["training_file"],
        "validation_file": body.get("validation_file"),
        "hyperparameters": usual | given,
        "trained_tokens": job.size // 4 * STEPS if made else None,
        "error": error(job) if now == "failed" else None,
        "seed": body.get("seed", 42),
        "integrations": body.get("integrations", []),
        "method": {"type": kind, kind: method.get(kind) or {"hyperparameters": usual | given}},
        "metadata": body.get("metadata"),
    }


def error(job: Job) -> dict[str, Json]:
    """Word why a job failed."""
    if job.why:
        code, param = "invalid_training_file", "training_file"
        return {"code": code, "message": f"The job failed: {job.why}", "param": param}
    message = "The job failed, as its metadata asked the offline provider to simulate."
    return {"code": "server_error", "message": message, "param": None}


def _results(job: Job, world: World) -> str:
    """Leave the file of results, once, and return its id."""
    place = f"results:{job.id}"
    if place not in world.store:
        rows = "".join(f"{step},{loss(step)}\n" for step in range(1, STEPS + 1))
        content = f"step,train_loss\n{rows}".encode()
        made = files.store(world, "step_metrics.csv", content, "fine-tune-results")
        keep(world, place, made["id"])
    return str(world.store[place])
