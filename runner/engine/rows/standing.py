"""Standing: whether a row stands as it would be made now, by its record and its outputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine.prepare import Plan
from runner.engine.rows.identity import SIMULATED, stands_for
from runner.engine.rows.journal import Entry
from runner.engine.rows.made import Made
from runner.engine.turn import provider_of
from runner.engine.verify import output_paths
from runner.engine.writing import outputs
from runner.engine.writing.outputs import SIDECAR
from runner.errors import RunnerError
from runner.protocol.providers import Provider
from runner.recipe import template
from runner.record import Record

if TYPE_CHECKING:
    from runner.engine.writing.stale import Judged
    from runner.engine.writing.store import Store


At = tuple[Path, "Store | None"]
"""The folder that outputs are made in, and where else they may belong."""
Found = tuple[Entry | None, Made]
"""The record of a row, and what the row would be made of now."""
Judge = Callable[[Plan, bool], "Judged | None"]


def same(plan: Plan, at: At, found: Found, since: int, judge: Judge) -> Entry | None:
    """Return the record of a run that is what it would be now, else None.

    Of a row without one the outputs tell; what was written before `since`, in nanoseconds, does
    not count.
    """
    known, now = found
    if known is not None:
        told = Made.of(known.digest)
        return known if told[:2] == now[:2] and stands_for(told.whom, now.whom) else None
    made = entry(plan, at, now.row, since) if plan.row is not None else None
    judged = judge(plan, True) if made is not None else None
    return None if judged is None or judged.is_stale else made


def fresh(plan: Plan, at: At, found: Found, judge: Judge) -> tuple[bool, Entry | None]:
    """Say whether nothing of a row is stale, and return its record; None where it has none.

    A row is judged by its outputs; one of which a line alone is collected, by its record; one that
    leaves nothing is never stale.
    """
    (known, now), judged = found, judge(plan, False)
    collects = "collect" in plan.recipe.keys
    if judged is None:
        is_done = known is not None and known.state == "passed"
        is_now = is_done and known is not None and Made.of(known.digest).is_now(now)
        return is_now or not collects, known if is_now or not collects else None
    if judged.is_stale or (collects and known is not None and not known.is_done):
        return False, None
    made = known or entry(plan, at, now.row, 0, anyone=True)
    if made is None and not collects:
        made = Entry(plan.suffix, 0, now.row, "passed", 0, files=judged.outputs)
    if known is None and made is not None and judged.is_simulated:
        made = made._replace(digest=str(Made(now.row, now.rest, SIMULATED)))
    return made is not None, made


def entry(plan: Plan, at: At, digest: str, since: int, *, anyone: bool = False) -> Entry | None:
    """Make the record of a row of which every output and sidecar stand whole, else None.

    They were asked of the provider that is asked now, unless `anyone` may have been.
    """
    store = at[1]
    told = []
    for step in plan.steps:
        if {"if", "for_each", "vars"} & {*step.keys}:
            return None
        for path, _ in output_paths(step.keys.get("output")):
            if not set(template.names(path)) <= {*plan.context}:
                return None
            asked = None if anyone else provider_of(plan, step, plan.context)
            found = _sidecar(plan, at, path, Wanted(digest, since, asked))
            if found is None:
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


class Wanted(Record):
    """What a sidecar is to tell: its row, when it was written at the earliest, and who was asked.

    The provider is None where it may be any.
    """

    digest: str
    since: int
    asked: Provider | None


def _sidecar(plan: Plan, at: At, path: Any, wanted: Wanted) -> tuple[Path, dict[str, Any]] | None:
    """Read the sidecar of an output that is as it says, and was made of this row."""
    out, store = at
    try:
        file = outputs.place(out, template.path(path, plan.context))
        if store is not None:
            store.fetch(file)
        beside = file.with_name(file.name + SIDECAR)
        if beside.stat().st_mtime_ns < wanted.since:
            return None
        told = json.loads(beside.read_bytes())
        known = told["sha256"]
        is_same = known["row"] == wanted.digest and known["meaning"] == plan.files.meaning
        is_whole = is_same and known["output"] == hashlib.sha256(file.read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError, RunnerError):
        return None
    return (file, told) if is_whole and _is_asked_of(wanted.asked, told) else None


def _is_asked_of(provider: Provider | None, told: dict[str, Any]) -> bool:
    asked = told.get("asked")
    return provider is None or (isinstance(asked, dict) and asked.get("provider") == provider.name)
