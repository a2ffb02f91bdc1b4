"""Promised: outputs that cannot hold what was asked for, found before anything is sent."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from runner.engine.plan_step import rows_of
from runner.errors import Fault
from runner.recipe import template
from runner.recipe.source import Map


def crowded(output: Any, count: Any) -> list[Fault]:
    """Find paths that several pictures would share."""
    if not isinstance(count, int) or count < 2:
        return []
    return [
        Fault(
            f"{count} pictures would be written to one path",
            row.marks["image"][1] if isinstance(row, Map) else None,
            "output.image",
            f'put {{{{ index }}}} into it: "{_numbered(row["image"])}"',
        )
        for row in rows_of(output)
        if "image" in row and "index" not in template.names(row["image"])
    ]


def _numbered(path: str) -> str:
    """Put the number of a picture before the ending of its path."""
    bare = path[: len(path) - len(PurePosixPath(path).suffix)]
    return f"{bare}-{{{{ index }}}}{path[len(bare) :]}"
