"""Files, simulated: what is uploaded is kept, listed, read back and deleted."""

from __future__ import annotations

from collections.abc import Mapping

from runner.exchange import Body, Json, Multipart, Part, Request
from runner.protocol.simulated import listing
from runner.protocol.simulated.refusals import missing, unsupported
from runner.protocol.simulated.service import (
    GONE,
    Refusal,
    RefusedError,
    Simulated,
    World,
    answer,
    fresh,
    keep,
)

MOST = 64 << 20
"""How many bytes are kept, of all files together: those of the oldest go first."""
PAGE = (10_000, 10_000)
PURPOSES = ("fine-tune", "assistants", "batch", "user_data", "vision", "evals")
CLOSED = ("assistants", "vision", "user_data")
"""The purposes whose files cannot be downloaded."""
LINED = ("fine-tune", "batch")
SHORTEST, LONGEST = 3600, 2_592_000
CONTENT = (("content-type", "application/octet-stream"),)


def simulate_upload(request: Request, world: World) -> Simulated:
    """Keep a file."""
    form = request.body.parts if isinstance(request.body, Multipart) else ()
    fields = {part.name: _text(part.body) for part in form if not part.file_name}
    file = next((part for part in form if part.name == "file" and part.file_name), None)
    if file is None:
        raise RefusedError(missing("file"))
    purpose = _purpose(fields, file)
    lives = _lives(fields)
    return answer(store(world, file.file_name, file.body, purpose, lives))


def _text(body: Body) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else ""


def _purpose(fields: Mapping[str, str], file: Part) -> str:
    """Return what the file is for; refuse what cannot be for that."""
    if "purpose" not in fields:
        raise RefusedError(missing("purpose"))
    purpose = fields["purpose"]
    if purpose not in PURPOSES:
        raise RefusedError(unsupported("purpose", purpose, PURPOSES))
    if purpose in LINED and not file.file_name.lower().endswith(".jsonl"):
        message = f"Invalid file format for purpose '{purpose}'. Supported formats: ['jsonl']."
        raise RefusedError(Refusal(message, "file", "invalid_file_format"))
    if not (file.body if isinstance(file.body, bytes) else file.body.size):
        message = "File is empty. Please upload a file that holds something."
        raise RefusedError(Refusal(message, "file", "empty_file"))
    return purpose


def _lives(fields: Mapping[str, str]) -> int:
    """Return the seconds after which a file goes, 0 where it stays."""
    anchor, seconds = (fields.get(f"expires_after[{name}]") for name in ("anchor", "seconds"))
    if anchor is None and seconds is None:
        return 0
    if anchor != "created_at":
        raise RefusedError(unsupported("expires_after[anchor]", anchor, ("created_at",)))
    if seconds and seconds.isdecimal() and SHORTEST <= int(seconds) <= LONGEST:
        return int(seconds)
    message = f"Invalid 'expires_after[seconds]': expected {SHORTEST} to {LONGEST}, got {seconds}."
    raise RefusedError(Refusal(message, "expires_after[seconds]", "invalid_value"))


def store(world: World, name: str, body: Body, purpose: str, lives: int = 0) -> dict[str, Json]:
    """Keep a file, and return what is known of it."""
    now = int(world.now())
    size = len(body) if isinstance(body, bytes) else body.size
    print_of = body.hex()[:200] if isinstance(body, bytes) else body.sha256
    identity = fresh(world, "file", "file-offline-", name, purpose, size, print_of, now)
    known: dict[str, Json] = {
        "id": identity,
        "object": "file",
        "bytes": size,
        "created_at": now,
        "filename": name,
        "purpose": purpose,
        "status": "processed",
    }
    if lives:
        known["expires_at"] = now + lives
    keep(world, f"file:{identity}", known)
    if isinstance(body, bytes) and size <= MOST:
        keep(world, f"bytes:{identity}", body)
        _shed(world)
    return known


def _shed(world: World) -> None:
    """Let the bytes of the oldest files go where all are too many."""
    held = {name: len(body) for name, body in world.store.items() if name.startswith("bytes:")}
    over = sum(held.values()) - MOST
    for name, size in held.items():
        if over <= 0:
            return
        del world.store[name]
        over -= size


def find(world: World, identity: str, param: str = "id") -> dict[str, Json]:
    """Return what is known of a file; a refusal where there is none, or no longer."""
    known: dict[str, Json] | None = world.store.get(f"file:{identity}")
    if known is not None and known.get("expires_at", world.now() + 1) > world.now():
        return known
    raise RefusedError(Refusal(f"No such File object: {identity}", param, None, 404))


def content(world: World, identity: str) -> bytes | None:
    """Return a file's bytes; None where they were too many to keep."""
    found: bytes | None = world.store.get(f"bytes:{identity}")
    return found


def simulate_list(request: Request, world: World) -> Simulated:
    """List the files, the newest first."""
    asked = listing.query(request)
    now = world.now()
    rows = [row for row in listing.kept(world, "file") if row.get("expires_at", now + 1) > now]
    if "purpose" in asked:
        rows = [row for row in rows if row["purpose"] == asked["purpose"]]
    if asked.get("order", "desc") == "asc":
        rows.reverse()
    return answer(listing.page(rows, asked, PAGE))


def simulate_retrieve(request: Request, world: World) -> Simulated:
    """Show what is known of a file."""
    return answer(find(world, listing.segment(request, 1)))


def simulate_content(request: Request, world: World) -> Simulated:
    """Give a file's bytes."""
    known = find(world, listing.segment(request, 1))
    if known["purpose"] in CLOSED:
        message = f"Not allowed to download files of purpose: {known['purpose']}"
        raise RefusedError(Refusal(message))
    body = content(world, known["id"])
    if body is None:
        message = f"The offline provider keeps {MOST >> 20} MiB of files; these bytes are gone."
        raise RefusedError(Refusal(message, None, None, 404))
    return Simulated(200, CONTENT, (body,))


def simulate_delete(request: Request, world: World) -> Simulated:
    """Forget a file."""
    identity = find(world, listing.segment(request, 1))["id"]
    del world.store[f"file:{identity}"]
    world.store.pop(f"bytes:{identity}", None)
    keep(world, f"{GONE}file:{identity}", True)
    return answer({"id": identity, "object": "file", "deleted": True})
