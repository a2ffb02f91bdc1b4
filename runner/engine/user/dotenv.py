"""Dotenv: files of `NAME=value` lines, which fill in what the environment does not say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner.errors import SettingsError
from runner.recipe.source import Map

LINE = re.compile(
    r"""\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*"""
    r"""(?:(?P<quote>["'])(?P<quoted>.*?)(?P=quote)|(?P<bare>.*?))\s*(?:(?<=\s)\#.*)?"""
)


def text_of(place: Path, what: str) -> str:
    """Read a small text file; SettingsError where it cannot be read. `what` names it."""
    try:
        return place.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        message = f"{what}: {why}"
        raise SettingsError(message) from error


def dotenv(text: str) -> dict[str, str]:
    """Read `NAME=value` lines; `export `, comments and one pair of quotes are understood."""
    found = (LINE.fullmatch(line) for line in text.splitlines())
    return {line["name"]: line["quoted"] or line["bare"] or "" for line in found if line}


def with_files(project: Map, root: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Add the variables of each `env_file` of a project below those of the environment."""
    found: dict[str, str] = {}
    for name in listed(project.get("env_file", ())):
        mark = project.marks["env_file"][1]
        what = f"{mark.file}:{mark.line}:{mark.column}: env_file {name}"
        found |= dotenv(text_of(root / name, what))
    return {**found, **environ}


def listed(named: Any) -> list[str]:
    """List what is one name, or several."""
    return [named] if isinstance(named, str) else list(named)
