"""Collecting: the files that lines of many runs are gathered in, in order."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from runner.engine.prepare import Plan
from runner.engine.rows import collect
from runner.engine.writing import lasting, outputs, provenance
from runner.engine.writing.outputs import SIDECAR
from runner.errors import OutputError
from runner.exchange import Json

if TYPE_CHECKING:
    from runner.engine.writing.store import Store


class Collection:
    """One collected file. Lines are told with their place; they are written in that order.

    What a run before this one wrote stays for as long as the lines are the same.
    """

    def __init__(self, path: Path, kind: str) -> None:
        self.path = path
        self._kind = kind
        self._next = 0
        self._held: dict[int, Mapping[str, Json] | None] = {}
        self._header: list[str] | None = None
        self._digest = hashlib.sha256()
        self._size = 0
        self._is_same = True
        self._is_broken = False
        self.lines = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and not path.is_file():
                message = f"{path} is no file"
                raise OutputError(message)
            self._file = path.open("r+b" if path.exists() else "xb", buffering=0)
        except OSError as error:
            raise _unwritable(path, error) from error

    def settle(self, place: int, line: Mapping[str, Json] | None) -> None:
        """Take the line of a place, None where it has none; write what can be written."""
        self._held[place] = line
        ready: list[bytes] = []
        while self._next in self._held:
            found = self._held.pop(self._next)
            self._next += 1
            if found is not None:
                ready.append(self._written(found))
        if ready:
            self._write(b"".join(ready))

    def _written(self, line: Mapping[str, Json]) -> bytes:
        self.lines += 1
        text = collect.rendered(self._kind, line, self._header)
        self._header = self._header or [*line]
        return text.encode("utf-8", "surrogatepass")

    def _write(self, content: bytes) -> None:
        try:
            if not (self._is_same and self._stands(content)):
                self._part()
                rest = memoryview(content)
                while rest:
                    rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._is_broken = True
            raise _unwritable(self.path, error) from error
        self._digest.update(content)
        self._size += len(content)

    def _stands(self, content: bytes) -> bool:
        """Whether the file goes on with this already."""
        return self._file.readable() and self._file.read(len(content)) == content

    def _part(self) -> None:
        """Go on otherwise than the file did; what its sidecar says is no longer so."""
        if self._is_same:
            self._is_same = False
            self.path.with_name(self.path.name + SIDECAR).unlink(missing_ok=True)
            self._file.seek(self._size)
            self._file.truncate()

    def end(self, record: Mapping[str, Any] | None) -> None:
        """Write what waited behind places that were never settled, and the sidecar.

        Without a record the file was not finished, and has none.
        """
        if self._is_broken:
            return
        rest = [self._held[place] for place in sorted(self._held)]
        self._write(b"".join(self._written(line) for line in rest if line is not None))
        self._settle()
        sidecar = self.path.with_name(self.path.name + SIDECAR)
        if record is None:
            sidecar.unlink(missing_ok=True)
            return
        told = {**record, "lines": self.lines, "sha256": {"output": self._digest.hexdigest()}}
        outputs.write(sidecar, outputs.pretty(told))

    def _settle(self) -> None:
        """Cut off what a run before this one wrote beyond, and make the file last."""
        try:
            if self._is_same and self._size < os.fstat(self._file.fileno()).st_size:
                self._part()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise _unwritable(self.path, error) from error
        lasting.sync(self.path.parent)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class Collections:
    """The collected files of a recipe: cells of its matrix, and repeats, may share one.

    A `late` one is opened by its first line: runs of which none has a line leave no file.
    """

    def __init__(
        self, plans: Iterable[Plan], out: Path, store: Store | None, *, late: bool = False
    ) -> None:
        self._out = out
        self._store = store
        self._lock = Lock()
        self._files: dict[Path, Collection] = {}
        self._of: dict[tuple[str, int], Path] = {}
        self._settled: list[int] | None = [] if late else None
        try:
            for plan in plans if not late else ():
                self._opened(plan)
        except BaseException:
            self.close()
            raise

    def settle(self, plan: Plan, place: int, line: Mapping[str, Json] | None) -> None:
        """Take the line of a run; its place is settled for every file, each has its own lines."""
        with self._lock:  # Rows are passed over by who takes them, and taken by another.
            own = None if line is None else self._opened(plan)
            for one in self._files.values():
                one.settle(place, line if one is own else None)
            if self._settled is not None:
                self._settled.append(place)

    def _opened(self, plan: Plan) -> Collection:
        key = plan.cell.label, plan.run
        if key not in self._of:
            written = plan.recipe.keys["collect"]
            path = collect.path_of(written, plan.context)
            place = self._of[key] = outputs.place(self._out, path)
            if place not in self._files:
                one = self._files[place] = Collection(place, collect.kind_of(written, path))
                for before in self._settled or ():
                    one.settle(before, None)
        return self._files[self._of[key]]

    def end(self, record: Mapping[str, Any] | None) -> dict[str, int]:
        """End every file, each with its sidecar if there is a record; return their lines."""
        for one in self._files.values():
            one.end(record)
            if self._store is not None:
                self._store.give(one.path)
        return self.lines

    @property
    def lines(self) -> dict[str, int]:
        """How many lines each file has, by its name as outputs are named."""
        named = str if self._store is None else self._store.named
        return {named(one.path): one.lines for one in self._files.values()}

    def close(self) -> None:
        """Let go of the files."""
        for one in self._files.values():
            one.close()


def record(
    plan: Plan, made_of: Mapping[str, str], counts: Mapping[str, int], time: float
) -> dict[str, Any]:
    """Tell what a collected file was made from."""
    root = plan.settings.root
    return {
        "schema_version": provenance.SCHEMA_VERSION,
        "recipe": provenance.named(plan.recipe.file, root),
        "from": dict(made_of),
        "rows": dict(counts),
        "time": provenance.moment(time),
        "git": provenance.commit(root),
    }


def _unwritable(path: Path, error: OSError) -> OutputError:
    hint = "lines are added to this file: let it be written to, or collect into another"
    return OutputError(f"{path}: {(error.strerror or str(error)).lower()}", hint=hint)
