"""Fine-tuning told: the events of a simulated job, and the checkpoints of its model."""

from __future__ import annotations

from collections.abc import Iterator

from runner.exchange import Json, Request
from runner.protocol.simulated import listing
from runner.protocol.simulated.service import Simulated, World, answer, digest
from runner.protocol.simulated.tuned import STEPS, Job, ended, error, find, loss, moment, state

PAGE = (20, 100)
CHECKPOINTS = (10, 100)
FIRST, EACH = 10, 7
"""When the training begins, and how many seconds a step takes."""


def simulate_events(request: Request, world: World) -> Simulated:
    """List what a job told so far, the newest first."""
    job = find(request, world)
    end = ended(job, world.now())
    until = world.now() if end is None else end
    told = [event for event in _events(job, end) if event[0] <= until]
    rows = [_event(job, place, *event) for place, event in enumerate(told)]
    return answer(listing.page(rows[::-1], listing.query(request), PAGE))


def _events(job: Job, end: int | None) -> Iterator[tuple[float, str, str]]:
    """Tell all that a job will have told: when, at which level, and what."""
    last = job.stages[-1]
    done = moment(job, last.begins)
    yield job.created, "info", f"Created fine-tuning job: {job.id}"
    yield job.created, "info", f"Validating training file: {job.body['training_file']}"
    if not job.why:
        yield moment(job, 5), "info", "Files validated, moving job to queued state"
        yield moment(job, FIRST), "info", "Fine-tuning job started"
        for step in range(1, STEPS + 1):
            yield _stepped(job, step), "info", f"Step {step}/{STEPS}: training loss={loss(step)}"
    if job.stopped is not None:
        yield end or job.stopped, "info", "The job was cancelled"
    elif last.name == "failed":
        yield done, "error", error(job)["message"]
    else:
        yield done, "info", f"New fine-tuned model created: {job.model}"
        yield done, "info", "The job has successfully completed"


def _stepped(job: Job, step: int) -> float:
    return moment(job, FIRST + EACH * step)


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


def simulate_checkpoints(request: Request, world: World) -> Simulated:
    """List the models that a job left on its way, the newest first; none before it succeeded."""
    job = find(request, world)
    steps = range(STEPS, 0, -1) if state(job, world.now()) == "succeeded" else ()
    rows = [_checkpoint(job, step) for step in steps]
    return answer(listing.page(rows, listing.query(request), CHECKPOINTS))


def _checkpoint(job: Job, step: int) -> dict[str, Json]:
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": f"ftckpt-offline-{digest(job.id, 'checkpoint', step)}",
        "created_at": int(_stepped(job, step)),
        "fine_tuned_model_checkpoint": f"{job.model}:ckpt-step-{step}",
        "fine_tuning_job_id": job.id,
        "metrics": {"step": step, "train_loss": loss(step)},
        "step_number": step,
    }
