"""Provenance: what an output was made from, as its sidecar tells it."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from runner import __version__
from runner.exchange import Json
from runner.model import Answer

SCHEMA_VERSION = 1


class Origin(NamedTuple):
    """What a step was made from: digests are SHA-256 in hex, `time` is seconds since 1970."""

    recipe: str
    inputs: Mapping[str, str]
    hooks: Mapping[str, str]
    request: str
    passed: bool
    time: float
    root: Path


def record(origin: Origin, answer: Answer, part: str, digest: str) -> dict[str, Json]:
    """Tell the origin of one output."""
    return {
        "schema_version": SCHEMA_VERSION,
        "passed": origin.passed,
        "part": part,
        "sha256": {
            "output": digest,
            "recipe": origin.inputs.get(origin.recipe),
            "request": origin.request,
            "inputs": {k: v for k, v in sorted(origin.inputs.items()) if k != origin.recipe},
            "hooks": dict(origin.hooks),
        },
        "recipe": origin.recipe,
        "model": answer.model or None,
        "fingerprint": answer.fingerprint or None,
        "request_id": answer.request_id or None,
        "usage": answer.usage,
        "cost": answer.cost,
        "attempts": answer.attempts,
        "latency": round(answer.latency, 6),
        "time": moment(origin.time),
        "versions": {"runner": __version__, "python": sys.version.partition(" ")[0]},
        "git": commit(origin.root),
    }


def moment(seconds: float) -> str:
    """Write a time as ISO 8601, UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="seconds")


def day(seconds: float) -> str:
    """Write the day of a time, UTC."""
    return moment(seconds)[:10]


def commit(folder: Path) -> str | None:
    """Read the git commit that a folder is at, from git's own files."""
    for place in (folder, *folder.parents):
        head = place / ".git" / "HEAD"
        if head.is_file():
            return _resolved(head.parent, head.read_text(encoding="utf-8").strip())
    return None


def _resolved(git: Path, head: str) -> str | None:
    if not head.startswith("ref: "):
        return head or None
    name = head.removeprefix("ref: ")
    loose = git / name
    if loose.is_file():
        return loose.read_text(encoding="utf-8").strip()
    packed = git / "packed-refs"
    rows = packed.read_text(encoding="utf-8").splitlines() if packed.is_file() else []
    return next((row.split()[0] for row in rows if row.endswith(f" {name}")), None)
