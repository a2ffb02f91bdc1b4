"""The schemas as the tests read them: each file, and a validator of a whole one."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from runner.recipe.bundle import bundle

FOLDER = Path(__file__).parent.parent / "schemas"


@cache
def load(name: str) -> Any:
    """Read a file of the schemas' folder."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@cache
def names() -> tuple[str, ...]:
    """List the files of the folder, by their path below it."""
    return tuple(path.relative_to(FOLDER).as_posix() for path in sorted(FOLDER.rglob("*.json")))


def endpoints() -> list[str]:
    """List the endpoints that have a schema."""
    return [name[10:-5] for name in names() if name.startswith("endpoints/")]


@cache
def validator(name: str) -> Draft202012Validator:
    """Make a validator of a file and those that it refers to, as an editor would."""
    return Draft202012Validator(bundle(name, {file: load(file) for file in names()}))


def places(name: str, value: Any) -> list[str]:
    """List where a value breaks a schema, as dotted paths."""
    found = validator(name).iter_errors(value)
    return sorted({".".join(map(str, error.absolute_path)) for error in found})
