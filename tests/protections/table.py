"""Table: every protection, from all files here that list some."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.protections.taken import Protection

OWN = ("__init__", "__main__", "table", "taken", "test_table")
AREAS = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in OWN)
PROTECTIONS: tuple[Protection, ...] = tuple(
    one for area in AREAS for one in import_module(f"tests.protections.{area}").PROTECTIONS
)
