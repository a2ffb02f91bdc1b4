"""Landing: whether files can be written where they are to go, known before the first request."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from runner.engine.reading.files import kind_of, real, shown
from runner.errors import Fault, Mark
from runner.transport import spooling
from runner.transport.temporaries import TEMPORARY

MOST_FAULTS = 20
MOST_FOLDERS = 1_000
"""So many folders are kept in mind; a dataset may have one for each row."""
MOST_TRIED = 100
"""In so many folders a file is made to see whether one can be."""
T = TypeVar("T")
NAMELESS = getattr(os, "O_TMPFILE", 0)


class Landing:
    """Where the outputs of a recipe go, below `out`. A folder is looked at once for all of them.

    `claimed` are the places that outputs were promised to, those of other recipes among them.
    """

    def __init__(self, out: Path, claimed: set[Path]) -> None:
        self.out = out
        self.claimed = claimed
        self._faults: list[Fault] = []
        self._taken: dict[str, frozenset[str]] = {}
        self._stands: dict[str, bool] = {}
        self._grounds: dict[Path, Mark | None] = {}

    def take(self, place: str, mark: Mark | None, where: str = "output") -> None:
        """Look at a place that something is to be written to."""
        folder, _, name = place.rpartition("/")
        taken = self._taken.get(folder)
        if taken is None:
            taken = self._look(folder or os.curdir, mark, where)
            _kept(self._taken, folder, taken)
        if name in taken:
            hint = "give it another path, or move the folder away"
            self._note(Fault(f"{place} is a folder", mark, where, hint))

    def faults(self) -> list[Fault]:
        """List what stands in the way; where nothing does, folders that cannot be written to."""
        return self._faults or [
            Fault(f"{shown(folder)} cannot be written to: {why}", mark, "output", "choose another")
            for folder, mark in self._grounds.items()
            if (why := untouchable(folder))
        ]

    def _look(self, folder: str, mark: Mark | None, where: str) -> frozenset[str]:
        """Return the names in a folder that are folders themselves."""
        above = os.path.dirname(folder) or os.curdir  # noqa: PTH120  of many rows, each may have one
        if not self._stands.get(above, True):
            return frozenset()
        try:
            with os.scandir(folder) as entries:
                taken = frozenset(entry.name for entry in entries if entry.is_dir())
        except FileNotFoundError:
            self._stand(above, mark, where)
            return frozenset()
        except OSError:
            taken = frozenset()
        self._stand(folder, mark, where)
        return taken

    def _stand(self, folder: str, mark: Mark | None, where: str) -> None:
        """Note what a folder is made in, or what stands where one is wanted."""
        if folder in self._stands:
            return
        below = ground(Path(folder))
        _kept(self._stands, folder, below == Path(folder))
        if not below.is_dir():
            hint = "give it another path, or move the file away"
            self._note(Fault(f"{shown(below)} is no folder", mark, where, hint))
        elif len(self._grounds) < MOST_TRIED:
            self._grounds.setdefault(below, mark)

    def _note(self, fault: Fault) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(fault)


def _kept(known: dict[str, T], folder: str, found: T) -> None:
    """Keep what is known of a folder, unless that grows too much."""
    if len(known) >= MOST_FOLDERS:
        known.clear()
    known[folder] = found


def ground(folder: Path) -> Path:
    """Return the folder itself, or the nearest above it that is there; it may be a file."""
    while not os.path.exists(folder) and folder != folder.parent:  # noqa: PTH110  it never raises
        folder = folder.parent
    return folder


def untouchable(folder: Path) -> str:
    """Say why no file can be made in a folder: one is, which has no name where that is possible."""
    if NAMELESS:
        with suppress(OSError):
            os.close(os.open(folder, NAMELESS | os.O_WRONLY, 0o600))
            return ""
    place = folder / f".{spooling.owned()}{TEMPORARY}"
    try:
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        place.unlink()
    except FileNotFoundError:
        return "it takes no files"
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


def closed(folder: Path) -> str:
    """Say why outputs cannot go to a folder, which is made if need be; "" where they can."""
    below = ground(folder)
    if not below.is_dir():
        return f"{shown(below)} is no folder"
    why = untouchable(below)
    return f"{shown(below)} cannot be written to: {why}" if why else ""


def writable(place: Path) -> str:
    """Say why no file can be written at a place; "" where nothing speaks against it."""
    kind = kind_of(place)
    if kind == "folder":
        return "is a folder"
    # Standard output may be a file of its own, which a report would replace.
    if place.is_relative_to("/dev") or (kind == "none" and place.exists()):
        return "is no file, but a device"
    return closed(real(place).parent)
