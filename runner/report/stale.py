"""Stale: what an output was made from that is no longer so, by the names of the parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from runner.record import Record
from runner.report.encoding import Hide, encode, unchanged

SCHEMA_VERSION = 1
EXPLAIN = ("recipe", "input", "row", "value", "provider", "model")
"""Parts that a request is made of: where one is named, that the request changed says no more."""

Origin: TypeAlias = Mapping[str, Any]
"""What a sidecar tells."""


class Change(Record):
    """A part that is not as it was when an output was made.

    `part` is output, sidecar, recipe, input, row, hook, value, provider, model, request or missed.
    """

    part: str
    name: str
    message: str


MISSING = Change("output", "output", "missing")
ALTERED = Change("output", "output", "changed since it was written")


class Standing(Record):
    """How an output stands: stale where anything changed. `request` is same, changed or unknown.

    It is `simulated` where it was made offline, and would not be now: that alone is no change.
    """

    recipe: str
    id: str
    output: str
    changes: tuple[Change, ...] = ()
    request: str = "unknown"
    simulated: bool = False


def request_of(told: Origin, now: Origin) -> str:
    """Compare the requests: one that depends on replies is unknown.

    So is one in the words of another provider, where one of the two is the simulated service.
    """
    if not now["sha256"]["request"]:
        return "unknown"
    if told["sha256"].get("request") == now["sha256"]["request"]:
        return "same"
    return "unknown" if is_simulated(told) != is_simulated(now) else "changed"


def is_simulated(told: Origin) -> bool:
    """Whether an output was made by the simulated service."""
    return (told.get("asked") or {}).get("kind") == "offline"


def changes(told: Origin, now: Origin, lies: Callable[[str], str | None]) -> tuple[Change, ...]:
    """List what changed since a sidecar was written; `now` is what would be written now.

    `lies` gives the digest of a file, by its name in a sidecar; None where there is none.
    """
    request = request_of(told, now)
    found = [*_recipe(told, now), *_inputs(told, now, lies, request), *_hooks(told, now)]
    found += [*_values(told, now), *_asked(told, now)]
    if request == "changed" and not any(change.part in EXPLAIN for change in found):
        found.append(Change("request", "request", "the request changed"))
    if told.get("passed") is False:
        found.append(Change("missed", "missed", "missed an expectation"))
    return tuple(found)


def _recipe(told: Origin, now: Origin) -> Iterator[Change]:
    """Compare what the recipe says; sidecars of earlier versions know its bytes alone."""
    name = now["recipe"]
    kind = "meaning" if told["sha256"].get("meaning") else "recipe"
    if told.get("recipe") != name:
        yield Change("recipe", name, f"made by {told.get('recipe')}")
    elif told["sha256"].get(kind) != now["sha256"][kind]:
        yield Change("recipe", name, f"{name} changed")


def _inputs(
    told: Origin, now: Origin, lies: Callable[[str], str | None], request: str
) -> Iterator[Change]:
    """Compare files; those that addresses name cannot be without fetching them."""
    was, read = told["sha256"]["inputs"], now["sha256"]["inputs"]
    for name in sorted({*was, *read}):
        if name not in was:
            if request != "same":
                yield Change("input", name, f"{name} is new")
        elif not name.startswith(("http://", "https://")):
            yield from _file("input", name, was[name], read.get(name) or lies(name))


def _hooks(told: Origin, now: Origin) -> Iterator[Change]:
    was, read = told["sha256"]["hooks"], now["sha256"]["hooks"]
    if read is None:  # the recipe has no tools
        return
    for name in sorted({*was, *read}):
        if name not in was:
            yield Change("hook", name, f"{name} is new")
        else:
            yield from _file("hook", name, was[name], read.get(name))


def _file(part: str, name: str, was: str, digest: str | None) -> Iterator[Change]:
    if digest is None:
        yield Change(part, name, f"{name} is gone")
    elif digest != was:
        yield Change(part, name, f"{name} changed")


def _values(told: Origin, now: Origin) -> Iterator[Change]:
    """Compare the values that were read then and are now: others are a change of the recipe."""
    if told["sha256"].get("row") != now["sha256"].get("row"):
        yield Change("row", "row", "its row changed")
    was, read = told["sha256"].get("values") or {}, now["sha256"]["values"]
    for name in sorted({*was} & {*read}):
        if was[name] != read[name]:
            yield Change("value", name, f"the value of {name} changed")


def _asked(told: Origin, now: Origin) -> Iterator[Change]:
    was, asked = told.get("asked") or {}, now["asked"]
    if is_simulated(told) != is_simulated(now):
        return  # Offline all is asked of one service; what the recipe says of it is compared.
    for part in ("provider", "model"):
        before, after = was.get(part), asked[part]
        if before and after and before != after:
            yield Change(part, part, f"{part} changed from {before} to {after}")


def line(one: Standing) -> str:
    """Write why an output is stale."""
    return f"{one.output}: {reasons(one)}"


def reasons(one: Standing) -> str:
    """List what changed since an output was made."""
    return ", ".join(change.message for change in one.changes)


def summary(found: Iterable[Standing], without: int) -> str:
    """Say how many outputs are stale, and of how many recipes nothing can be said."""
    rows = [*found]
    stale = [one for one in rows if one.changes]
    parts = [f"{len(stale)} of {len(rows)} outputs stale"]
    open_ones = sum(1 for one in rows if not one.changes and one.request == "unknown")
    words = "not compared: replies, fetched files or rows decide"
    parts += [f"{_count(open_ones, 'request')} {words}"] if open_ones else []
    simulated = sum(one.simulated for one in rows)
    parts += [f"{simulated} simulated"] if simulated else []
    parts += [f"{_count(without, 'run')} without outputs"] if without else []
    return " · ".join(parts)


def as_json(found: Iterable[Standing], without: int, hide: Hide = unchanged) -> str:
    """Write how outputs stand, for machines."""
    rows = [
        {
            "id": one.id,
            "recipe": one.recipe,
            "output": one.output,
            "state": "stale" if one.changes else "fresh",
            "changed": [change._asdict() for change in one.changes],
            "request": one.request,
            "simulated": one.simulated,
        }
        for one in found
    ]
    stale = sum(row["state"] == "stale" for row in rows)
    totals = {"outputs": len(rows), "stale": stale, "runs_without_outputs": without}
    told = {"schema_version": SCHEMA_VERSION, "outputs": rows, "totals": totals}
    return encode(told, hide)


def _count(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"
