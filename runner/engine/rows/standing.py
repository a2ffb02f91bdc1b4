"""Standing: a row whose outputs stand whole, though no journal knows of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine.prepare import Plan
from runner.engine.rows.journal import Entry
from runner.engine.turn import provider_of
from runner.engine.verify import output_paths
from runner.engine.writing import outputs
from runner.engine.writing.outputs import SIDECAR
from runner.errors import RunnerError
from runner.protocol.providers import Provider
from runner.recipe import template

if TYPE_CHECKING:
    from runner.engine.writing.store import Store


def entry(plan: Plan, at: tuple[Path, Store | None], digest: str, since: int) -> Entry | None:
    """Make the record of a row of which every output and sidecar stand whole, else None.

    What was written before `since`, in nanoseconds, does not count. Outputs are made `at` a folder,
    and may belong elsewhere.
    """
    store = at[1]
    told = []
    for step in plan.steps:
        if {"if", "for_each", "vars"} & {*step.keys}:
            return None
        for path, _ in output_paths(step.keys.get("output")):
            if not set(template.names(path)) <= {*plan.context}:
                return None
            found = _sidecar(plan, at, path, digest, since)
            if found is None or not _is_asked_of(provider_of(plan, step, plan.context), found[1]):
                return None
            told.append(found)
    if not told:
        return None
    line = next((one[1]["line"] for one in reversed(told) if "line" in one[1]), None)
    if line is None and "collect" in plan.recipe.keys:
        return None
    state = "passed" if all(one[1]["passed"] for one in told) else "missed"
    places = [file for file, _ in told]
    files = tuple(map(str, places) if store is None else map(store.named, places))
    kept = None if line is None else json.dumps(line, ensure_ascii=False)
    return Entry(plan.suffix, 0, digest, state, int(state == "missed"), kept, files=files)


def _sidecar(
    plan: Plan, at: tuple[Path, Store | None], path: Any, digest: str, since: int
) -> tuple[Path, dict[str, Any]] | None:
    """Read the sidecar of an output that is as it says, and was made of this row."""
    out, store = at
    try:
        file = outputs.place(out, template.path(path, plan.context))
        if store is not None:
            store.fetch(file)
        beside = file.with_name(file.name + SIDECAR)
        if beside.stat().st_mtime_ns < since:
            return None
        told = json.loads(beside.read_bytes())
        known = told["sha256"]
        is_same = known["row"] == digest and known["meaning"] == plan.files.meaning
        is_whole = is_same and known["output"] == hashlib.sha256(file.read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError, RunnerError):
        return None
    return (file, told) if is_whole else None


def _is_asked_of(provider: Provider, told: dict[str, Any]) -> bool:
    asked = told.get("asked")
    return isinstance(asked, dict) and asked.get("provider") == provider.name
