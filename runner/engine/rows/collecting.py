"""Collecting: the files that lines of many runs are gathered in, in order."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner.engine.rows import collect
from runner.engine.writing import lasting, outputs
from runner.engine.writing.outputs import SIDECAR
from runner.errors import OutputError
from runner.exchange import Json


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

    def end(self, record: Mapping[str, Any]) -> None:
        """Write what waited behind places that were never settled, and the sidecar."""
        if self._is_broken:
            return
        rest = [self._held[place] for place in sorted(self._held)]
        self._write(b"".join(self._written(line) for line in rest if line is not None))
        self._settle()
        told = {**record, "lines": self.lines, "sha256": {"output": self._digest.hexdigest()}}
        outputs.write(self.path.with_name(self.path.name + SIDECAR), outputs.pretty(told))

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


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: {(error.strerror or str(error)).lower()}")
