"""Wider: the folder that would hold a recipe and what it names, if it were the project."""

from __future__ import annotations

import os
from pathlib import Path


def wider(root: Path, target: Path) -> str:
    """Say how a file above a recipe's own folder comes into the project; "" where it should not."""
    folder = Path(os.path.commonpath((root, target.parent)))
    if folder in (Path(folder.anchor), Path.home()):
        return ""
    here = "the working directory" if folder == Path.cwd() else os.path.relpath(folder)
    return f"make {here} the project by an empty runner.yaml in it, or give --allow-path DIR"
