"""Sidecars: reads what stands beside outputs, and finds outputs by the runs that made them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine.writing.outputs import BLOCK, SIDECAR
from runner.engine.writing.provenance import SCHEMA_VERSION
from runner.record import Record
from runner.report.stale import Change

if TYPE_CHECKING:
    from runner.engine.writing.store import Store


class Sidecar(Record):
    """What stands beside an output; `wrong` says why it tells nothing."""

    told: Mapping[str, Any]
    wrong: Change | None = None


def read(place: Path) -> Sidecar:
    """Read the sidecar of an output."""
    try:
        told = json.loads(place.with_name(place.name + SIDECAR).read_bytes())
    except FileNotFoundError:
        return _wrong("has no sidecar")
    except (OSError, ValueError, RecursionError):
        return _wrong("its sidecar cannot be read")
    if not isinstance(told, dict) or not isinstance(told.get("sha256"), dict):
        return _wrong("its sidecar cannot be read")
    if told.get("schema_version") != SCHEMA_VERSION:
        return _wrong(f"its sidecar has the schema version {told.get('schema_version')}")
    files = (told["sha256"].get("inputs"), told["sha256"].get("hooks"))
    if not all(isinstance(one, dict) for one in files):
        return _wrong("its sidecar cannot be read")
    return Sidecar(told)


def _wrong(message: str) -> Sidecar:
    return Sidecar({}, Change("sidecar", "sidecar", message))


def digest_of(place: Path) -> str | None:
    """Hash a file; None where there is none that can be read."""
    digest = hashlib.sha256()
    try:
        with place.open("rb") as file:
            for block in iter(partial(file.read, BLOCK), b""):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()


class Shelf:
    """The sidecars below a folder of outputs, by recipe and id; they are read when one is asked."""

    def __init__(self, out: Path, store: Store | None = None) -> None:
        self._out = out
        self._store = store
        self._found: dict[tuple[str, str], list[Mapping[str, Any]]] | None = None

    def outputs(self, recipe: str, id: str, fits: Callable[[str], object]) -> tuple[str, ...]:
        """Name what a step left when it ran last, from the folder of outputs.

        What has no path that `fits` is another project's, or was made as a recipe was before.
        """
        rows = [row for row in self._rows().get((recipe, id), ()) if any(map(fits, _paths(row)))]
        return _paths(max(rows, key=_time, default={}))

    def items(self, recipe: str, id: str) -> list[str]:
        """List the ids of the items that a step was run for last: others are left of longer lists.

        Where times are the same, that of the first item tells: it is made anew each time.
        """
        item = re.compile(re.escape(id) + r"\[(\d+)\]").fullmatch
        found = [
            (_time(row), -int(place[1]), int(row.get("items") or 0))
            for (of, name), rows in self._rows().items()
            if of == recipe and (place := item(name))
            for row in rows
        ]
        count = max(found, default=("", 0, 0))[2]
        return [f"{id}[{place}]" for place in range(1, count + 1)]

    def _rows(self) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
        if self._found is None:
            self._found = {}
            for told in self._read():
                key = (str(told.get("recipe")), str(told.get("id")))
                self._found.setdefault(key, []).append(told)
        return self._found

    def _read(self) -> Iterator[Mapping[str, Any]]:
        if self._store is not None:
            self._store.fetch_sidecars()
        for place in sorted(self._out.rglob(f"*{SIDECAR}")):
            if ".runner" not in place.relative_to(self._out).parts:
                yield read(place.with_name(place.name.removesuffix(SIDECAR))).told


def _paths(told: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(map(str, told.get("outputs") or ()))


def _time(told: Mapping[str, Any]) -> str:
    return str(told.get("time"))
