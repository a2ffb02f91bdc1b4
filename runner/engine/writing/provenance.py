"""Provenance: what an output was made from, as its sidecar tells it."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from runner import __version__
from runner.engine.reading.attach import is_address
from runner.engine.reading.files import STDIN, real
from runner.engine.writing import places
from runner.exchange import Json
from runner.model import Answer
from runner.record import Record

SCHEMA_VERSION = 1


class Origin(Record):
    """What a step was made from: digests are SHA-256 in hex, `time` is seconds since 1970.

    `meaning` is the digest of what the recipe says, `values` those of what its templates read.
    `id` names the step, its cell of the matrix, its repeat and its item, of so many `items`.
    `beside` are the paths of all that the step wrote. `model` and `seed` are as sent.
    """

    recipe: str
    inputs: Mapping[str, str]
    hooks: Mapping[str, str]
    request: str
    passed: bool
    time: float
    root: Path
    meaning: str = ""
    values: Mapping[str, str] = {}
    id: str = ""
    cell: Mapping[str, Json] = {}
    run: int = 0
    items: int = 0
    provider: str = ""
    kind: str = ""
    model: str = ""
    seed: Json = None
    beside: tuple[str, ...] = ()
    row: str | None = None


def record(origin: Origin, answer: Answer, part: str, digest: str) -> dict[str, Json]:
    """Tell the origin of one output; files are named from the project's root."""
    here = os.getcwd()  # noqa: PTH109  a Path of it would cost ten times that
    files = (origin.recipe, *origin.inputs, *origin.hooks)
    names = {file: named(file, origin.root, here) for file in files}
    recipe = names[origin.recipe]
    inputs = {names[file]: digest for file, digest in origin.inputs.items()}
    return {
        "schema_version": SCHEMA_VERSION,
        "passed": origin.passed,
        "part": part,
        "sha256": {
            "output": digest,
            "recipe": inputs.pop(recipe, None),
            "meaning": origin.meaning,
            "request": origin.request,
            "inputs": dict(sorted(inputs.items())),
            "row": origin.row,
            "hooks": {names[file]: digest for file, digest in origin.hooks.items()},
            "values": origin.values,
        },
        "recipe": recipe,
        **_run(origin),
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


def _run(origin: Origin) -> dict[str, Json]:
    """Tell which run it was, what it wrote, and what it asked."""
    return {
        "id": origin.id,
        "cell": origin.cell,
        "run": origin.run or None,
        "items": origin.items or None,
        "outputs": list(origin.beside),
        "asked": {
            "provider": origin.provider,
            "kind": origin.kind,
            "model": origin.model or None,
            "seed": origin.seed,
        },
    }


def named(file: str, root: Path, here: str = "") -> str:
    """Name a file from the project's root, so that no sidecar tells of a machine.

    `here` is the working directory, where that is known.
    """
    if file == STDIN or is_address(file) or places.is_address(file):
        return file
    return _named(file, root, here or os.getcwd())  # noqa: PTH109  as above


@lru_cache(maxsize=512)
def _named(file: str, root: Path, here: str) -> str:  # noqa: ARG001  paths may start from here
    place = real(Path(file).parent) / Path(file).name
    return Path(os.path.relpath(place, real(root))).as_posix()


def moment(seconds: float) -> str:
    """Write a time as ISO 8601, UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="seconds")


def day(seconds: float) -> str:
    """Write the day of a time, UTC."""
    return moment(seconds)[:10]


@cache
def commit(folder: Path) -> str | None:
    """Read the git commit that a folder is at, from git's own files; once for a command."""
    try:
        for place in (folder, *folder.parents):
            git = _git(place / ".git")
            if (git / "HEAD").is_file():
                return _resolved(git, _text(git / "HEAD"))
    except (OSError, UnicodeDecodeError):
        return None
    return None


def _git(place: Path) -> Path:
    """Follow the file that stands for the folder in worktrees and submodules."""
    if not place.is_file():
        return place
    return place.parent / _text(place).removeprefix("gitdir:").strip()


def _resolved(git: Path, head: str) -> str | None:
    if not head.startswith("ref: "):
        return head or None
    name = head.removeprefix("ref: ")
    common = git / _text(git / "commondir") if (git / "commondir").is_file() else git
    if (common / name).is_file():
        return _text(common / name)
    packed = common / "packed-refs"
    rows = _text(packed).splitlines() if packed.is_file() else []
    return next((row.split()[0] for row in rows if row.endswith(f" {name}")), None)


def _text(place: Path) -> str:
    return place.read_text(encoding="utf-8").strip()
