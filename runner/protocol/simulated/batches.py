"""Batches, simulated: every line is answered as if it had been sent by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping

from runner.exchange import Json, JsonBody, Request
from runner.protocol import uploads, usage
from runner.protocol.simulated import files, listing
from runner.protocol.simulated.refusals import missing, unsupported
from runner.protocol.simulated.service import (
    Refusal,
    RefusedError,
    Simulate,
    Simulated,
    World,
    answer,
    compact,
    digest,
    fresh,
    keep,
    read,
)
from runner.protocol.simulated.timeline import Stage, ending, stage, wanted
from runner.record import Record

STAGES = (
    Stage("validating", 0),
    Stage("in_progress", 5),
    Stage("finalizing", 20),
    Stage("completed", 25),
)
INVALID = (Stage("validating", 0), Stage("failed", 5))
CANCELLING = (Stage("cancelling", 0), Stage("cancelled", 5))
ENDS = ("completed", "failed", "expired", "cancelled")
OPEN = ("validating", "in_progress", "finalizing")
PAGE = (20, 100)
DAY = 86_400


class Batch(Record):
    """A batch: what was asked, its lines, how it goes, and what it came to."""

    id: str
    body: Mapping[str, Json]
    created: int
    stages: tuple[Stage, ...]
    lines: tuple[dict[str, Json], ...]
    errors: tuple[dict[str, Json], ...] = ()
    stopped: float | None = None
    outcome: Mapping[str, Json] | None = None


def simulate_create(request: Request, world: World) -> Simulated:
    """Begin a batch."""
    body = read(request)
    for name in ("input_file_id", "endpoint", "completion_window"):
        if not body.get(name):
            raise RefusedError(missing(name))
    if not uploads.is_batched(body["endpoint"]):
        raise RefusedError(unsupported("endpoint", body["endpoint"], uploads.BATCHED))
    if body["completion_window"] != "24h":
        raise RefusedError(unsupported("completion_window", body["completion_window"], ("24h",)))
    end = wanted(body, ASKABLE, "completed")
    content = _content(world, body["input_file_id"])
    errors = _errors(content, body["endpoint"])
    lines = (
        () if errors else tuple(json.loads(line) for line in content.split(b"\n") if line.strip())
    )
    errors = errors or COMPLAINTS.get(end, ())
    stages = INVALID if errors else ending(STAGES, end)
    created = int(world.now())
    identity = fresh(world, "batch", "batch_offline_", body, created)
    batch = Batch(identity, body, created, stages, lines, errors)
    keep(world, f"batch:{identity}", batch)
    return answer(_shown(batch, world))


def _content(world: World, identity: str) -> bytes:
    known = files.find(world, identity, "input_file_id")
    if known["purpose"] == "batch":
        return files.content(world, identity) or b""
    message = f"File '{identity}' has purpose '{known['purpose']}', and not 'batch'."
    raise RefusedError(Refusal(message, "input_file_id", "invalid_file_purpose"))


def _errors(content: bytes, endpoint: str) -> tuple[dict[str, Json], ...]:
    """List what is wrong with the lines."""
    rows = content.split(b"\n")
    upload = uploads.Upload("a.jsonl", None, len(content), rows)
    found = uploads.faults("batch", upload)
    if found:
        told = [(fault.message, fault.mark.line if fault.mark else None) for fault in found]
        return tuple(_error("invalid_request", message, line) for message, line in told)
    first = json.loads(next(row for row in rows if row.strip()))
    if first["url"] == endpoint:
        return ()
    message = f"The URL of the lines, {first['url']}, is not the batch's endpoint, {endpoint}."
    return (_error("mismatched_url", message, 1),)


def _error(code: str, message: str, line: int | None = None) -> dict[str, Json]:
    return {"code": code, "message": message, "param": None, "line": line}


ASKED = "The batch failed, as its metadata asked the offline provider to simulate."
CROWDED = "Enqueued token limit reached. Please try again once some batches have been completed."
COMPLAINTS = {
    "failed": (_error("simulated_failure", ASKED),),
    "full": (_error("token_limit_exceeded", CROWDED),),
}
"""What a batch says that fails as its metadata asked."""
ASKABLE = (*COMPLAINTS, "expired", "cancelled")
LEFT = {
    "expired": ("batch_expired", "This request could not be executed before the batch expired."),
    "cancelled": ("batch_cancelled", "This request was not executed: the batch was cancelled."),
}
"""Why a line was not answered, by how its batch ended."""


def _state(batch: Batch, now: float) -> str:
    if batch.stopped is not None:
        return stage(CANCELLING, now - batch.stopped)
    return stage(batch.stages, now - batch.created)


def _shown(batch: Batch, world: World) -> dict[str, Json]:
    now = world.now()
    state = _state(batch, now)
    shown: dict[str, Json] = {
        "id": batch.id,
        "object": "batch",
        "endpoint": batch.body["endpoint"],
        "input_file_id": batch.body["input_file_id"],
        "completion_window": batch.body["completion_window"],
        "status": state,
        "created_at": batch.created,
        "expires_at": batch.created + DAY,
        "request_counts": _counts(batch, now),
        "metadata": batch.body.get("metadata"),
        **_times(batch, now),
        **(batch.outcome or {}),
    }
    if batch.errors and state == "failed":
        shown["errors"] = {"object": "list", "data": list(batch.errors)}
    return shown


def _times(batch: Batch, now: float) -> dict[str, Json]:
    """Say when each state began."""
    stages = [(one, batch.created) for one in batch.stages[1:]]
    if batch.stopped is not None:
        stages = [(one, int(batch.stopped)) for one in CANCELLING]
    begun = {f"{one.name}_at": int(start + one.begins) for one, start in stages}
    return {name: when for name, when in begun.items() if when <= now}


def _counts(batch: Batch, now: float) -> dict[str, int]:
    share = min(1.0, max(0.0, (now - batch.created - 5) / 15))
    return {"total": len(batch.lines), "completed": int(len(batch.lines) * share), "failed": 0}


def _settled(route: Simulate, batch: Batch, world: World) -> Batch:
    """Answer the lines of a batch whose time has come, once."""
    end = _state(batch, world.now())
    if batch.outcome is not None or end not in ("completed", *LEFT):
        return batch
    # Answers come in an order of their own, as the service's do.
    lines = sorted(batch.lines, key=lambda line: digest(line["custom_id"]))
    share = _reached(batch, end, len(lines))
    rows = [_answered(route, batch, line, world) for line in lines[:share]]
    good = [row for row in rows if row["response"]["status_code"] < 400]
    bad = [row for row in rows if row["response"]["status_code"] >= 400]
    bad += [_left(batch, line, end) for line in lines[share:]]
    outcome: dict[str, Json] = {
        "request_counts": {"total": len(lines), "completed": len(good), "failed": len(bad)},
        "usage": _usage([row["response"]["body"] for row in good]),
    }
    for name, found in (("output", good), ("error", bad)):
        if found:
            content = "".join(compact(row) + "\n" for row in found).encode()
            made = files.store(world, f"{batch.id}_{name}.jsonl", content, "batch_output")
            outcome[f"{name}_file_id"] = made["id"]
    done = batch._replace(outcome=outcome, lines=())
    world.store[f"batch:{batch.id}"] = done
    return done


def _reached(batch: Batch, end: str, whole: int) -> int:
    """Say how many lines were answered as a batch ended."""
    if end == "completed":
        return whole
    if batch.stopped is not None:
        return int(_counts(batch, batch.stopped)["completed"])
    return (whole + 1) // 2


def _left(batch: Batch, line: Mapping[str, Json], end: str) -> dict[str, Json]:
    code, message = LEFT[end]
    identity = f"batch_req_offline_{digest(batch.id, line['custom_id'])}"
    error = {"code": code, "message": message}
    return {"id": identity, "custom_id": line["custom_id"], "response": None, "error": error}


def _answered(
    route: Simulate, batch: Batch, line: Mapping[str, Json], world: World
) -> dict[str, Json]:
    path = "/" + line["url"].removeprefix("/v1").strip("/")
    status, _, chunks = route(Request("POST", path, "raw", JsonBody(line["body"])), world)
    identity = digest(batch.id, line["custom_id"])
    response = {
        "status_code": status,
        "request_id": f"req_offline_{identity}",
        "body": json.loads(b"".join(chunks)),
    }
    return {
        "id": f"batch_req_offline_{identity}",
        "custom_id": line["custom_id"],
        "response": response,
        "error": None,
    }


def _usage(bodies: list[dict[str, Json]]) -> dict[str, Json]:
    counts = [usage.normal(found) for body in bodies if (found := usage.read(body))]
    told = {
        name: sum(count[name] for count in counts) for name in ("input_tokens", "output_tokens")
    }
    return {
        **told,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": sum(told.values()),
    }


def _find(request: Request, world: World) -> Batch:
    identity = listing.segment(request, 1)
    found = world.store.get(f"batch:{identity}")
    if isinstance(found, Batch):
        return found
    raise RefusedError(Refusal(f"No batch found with id '{identity}'.", "batch_id", None, 404))


def simulate_list(route: Simulate, request: Request, world: World) -> Simulated:
    """List the batches, the newest first."""
    found = [_settled(route, batch, world) for batch in listing.kept(world, "batch")]
    rows = [_shown(batch, world) for batch in found]
    return answer(listing.page(rows, listing.query(request), PAGE))


def simulate_retrieve(route: Simulate, request: Request, world: World) -> Simulated:
    """Show a batch as it is now."""
    return answer(_shown(_settled(route, _find(request, world), world), world))


def simulate_cancel(request: Request, world: World) -> Simulated:
    """Stop a batch that still goes."""
    batch = _find(request, world)
    state = _state(batch, world.now())
    if state not in OPEN:
        message = f"Cannot cancel a batch with status '{state}'."
        raise RefusedError(Refusal(message, None, "invalid_batch_state"))
    batch = batch._replace(stopped=world.now())
    world.store[f"batch:{batch.id}"] = batch
    return answer(_shown(batch, world))
