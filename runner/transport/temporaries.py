"""Temporaries: files that are written under a name of their own, and what killed runs left."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from runner.transport import spooling

TEMPORARY = ".tmp-runner"
_swept: set[str] = set()


def beside(path: str) -> str:
    """Name a file that is to become another by a rename; no other run or thread has the name.

    Before the first in a folder, what runs left there that are no more is removed.
    """
    folder = os.path.dirname(path)  # noqa: PTH120  every row writes some: a Path costs ten times that
    if folder not in _swept:
        _swept.add(folder)
        sweep(Path(folder))
    return os.path.join(folder, f".{spooling.owned()}{TEMPORARY}")  # noqa: PTH118  as above


def sweep(folder: Path) -> None:
    """Remove the temporaries in a folder that runs left which are no more."""
    with suppress(OSError), os.scandir(folder) as entries:
        found = [Path(entry.path) for entry in entries if entry.name.endswith(TEMPORARY)]
        for path in found:
            if path.name.startswith(".") and spooling.is_left(path):
                with suppress(OSError):
                    path.unlink()
