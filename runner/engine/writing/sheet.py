"""Sheet: a report on its way to disk: it grows beside its file, whose name it gets once whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.reading.files import real
from runner.engine.writing.lasting import sync
from runner.errors import OutputError
from runner.transport import temporaries

if TYPE_CHECKING:
    from runner.report.changes import Changes
    from runner.report.console import Lines
    from runner.report.face import Report
    from runner.results import RunResult


class Sheet:
    """Writes one report. `label` is how errors name it; OutputError where something fails."""

    def __init__(self, label: str, place: Path, report: Report) -> None:
        self.place = place
        self._label = label
        self._report = report
        self._place = real(place)
        self._temporary = Path(temporaries.beside(str(self._place)))
        with self._told():
            self._place.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._temporary.open("xb")

    def take(self, result: RunResult, lines: Lines) -> None:
        """Take a run; what can be written at once is."""
        self._write((self._report.take(result, lines),))

    def end(self, changes: Changes | None) -> None:
        """Write the rest, and give the file its name."""
        self._write(self._report.end(changes))
        with self._told():
            os.fsync(self._file.fileno())
            self._file.close()
            self._temporary.replace(self._place)
        sync(self._place.parent)

    def discard(self) -> None:
        """Leave nothing that is not whole."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink()

    def _write(self, pieces: Iterable[str]) -> None:
        with self._told():
            for piece in pieces:
                self._file.write(piece.encode("utf-8", "replace"))
            self._file.flush()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = f"{self._label}: {(error.strerror or str(error)).lower()}"
            raise OutputError(message) from error


class Drawer:
    """A shelf on disk, without a name: nothing of it is left whatever happens."""

    def __init__(self) -> None:
        import tempfile  # few runs have a report that needs it, and it takes 10 ms

        self._file = tempfile.TemporaryFile()  # noqa: SIM115  until the end

    def put(self, text: str) -> int:
        """Keep a text of one line."""
        place = self._file.seek(0, os.SEEK_END)
        self._file.write(text.encode("utf-8", "replace") + b"\n")
        return place

    def get(self, place: int) -> str:
        """Return a text."""
        self._file.seek(place)
        return self._file.readline().decode().removesuffix("\n")

    def close(self) -> None:
        """Let go of all."""
        self._file.close()


def appended(place: Path, pieces: Iterable[str]) -> str:
    """Add a text to a file; return why it could not be."""
    try:
        with place.open("ab") as file:
            file.write("".join(pieces).encode("utf-8", "replace"))
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""
