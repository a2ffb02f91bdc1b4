"""Gathered: how the files stand that the lines of many runs were collected in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from runner.engine.prepare import Plan
from runner.engine.rows import collect
from runner.engine.rows.identity import identity, is_other, is_simulated, provider_digest
from runner.engine.world import World
from runner.engine.writing import outputs
from runner.engine.writing.outputs import SIDECAR
from runner.engine.writing.sidecars import digest_of
from runner.report.stale import ALTERED, MISSING, Change, Standing

WORDS = {name: f"the {name}" for name in ("dataset", "hooks", "variables", "provider")}
PARTS = {
    "recipe": "recipe",
    "dataset": "row",
    "hooks": "hook",
    "variables": "value",
    "provider": "provider",
}


def standings(plans: list[Plan], world: World) -> list[Standing]:
    """Say how the collected files of a recipe stand; none where it has none."""
    first = plans[0]
    written = first.recipe.key("collect")
    if written is None:
        return []
    now = {**identity(plans, world.hooks.digest()), "provider": provider_digest(plans)}
    paths = dict.fromkeys(collect.path_of(written, plan.context) for plan in plans)
    places = [outputs.place(world.out, path) for path in paths]
    named: Callable[[Path], str] = str
    if world.store is not None:
        named = world.store.named
        for place in places:
            world.store.fetch(place)
    return [_standing(place, named(place), now, first) for place in places]


def _standing(place: Path, named: str, now: Mapping[str, str], plan: Plan) -> Standing:
    told, wrong = _read(place)
    found = (*_changes(place, told, wrong, now, plan),)
    service = told.get("from", {}).get("provider", "")
    simulated = is_simulated(service) and not is_simulated(now["provider"])
    return Standing(plan.recipe.file, plan.recipe.name, named, found, simulated=simulated)


def _changes(
    place: Path, told: Mapping[str, Any], wrong: str, now: Mapping[str, str], plan: Plan
) -> Iterator[Change]:
    digest = digest_of(place)
    if digest is None:
        yield MISSING
        return
    if wrong:
        yield Change("sidecar", "sidecar", wrong)
        return
    if told["sha256"].get("output") != digest:
        yield ALTERED
    made_of = told["from"]
    yield from (_change(name, plan) for name in now if _is_changed(name, made_of, now))
    for state in ("failed", "missed"):
        if told["rows"].get(state):
            made_of = "runs" if plan.rows is None else "rows"
            yield Change(state, state, f"{told['rows'][state]:,} of its {made_of} {state}")


def _is_changed(name: str, told: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether a part is not what it was; runs without a journal do not tell whom they asked."""
    if name == "provider":
        return name in told and is_other(told[name], now[name])
    return told.get(name) != now[name]


def _read(place: Path) -> tuple[dict[str, Any], str]:
    """Read the sidecar of a collected file, or say why it tells nothing."""
    try:
        told = json.loads(place.with_name(place.name + SIDECAR).read_bytes())
        return {name: dict(told[name]) for name in ("sha256", "from", "rows")}, ""
    except FileNotFoundError:
        return {}, "has no sidecar: it was not finished"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}, "its sidecar cannot be read"


def _change(name: str, plan: Plan) -> Change:
    bare: Any = name.removeprefix("file ")
    words = WORDS.get(name) or (plan.recipe.file if name == "recipe" else bare)
    return Change(PARTS.get(name, "input"), bare, f"{words} changed")
