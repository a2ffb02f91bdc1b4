"""Importing: a curl command, wherever it is given, becomes a recipe on disk or on the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner.engine.commands import starter
from runner.engine.reading.files import STDIN
from runner.engine.user import settings
from runner.engine.writing import outputs
from runner.errors import Fault, Mark, OutputError, RecipeError
from runner.importer.recipe import Imported, Source, imported
from runner.importer.yaml_text import written
from runner.record import Record

ENDING = ".recipe.yaml"
LIMIT = 16 * 1024 * 1024


class Made(Record):
    """A recipe's text, and what the user should know of it."""

    text: str
    warnings: tuple[str, ...]


def given(command: str) -> tuple[str, str]:
    """Return the text of a command and its name: itself, a file's, or standard input's."""
    if command == STDIN:
        return sys.stdin.read(LIMIT), "standard input"
    if "\n" not in command and _is_file(command):
        return _content(command).decode("utf-8-sig", "replace"), command
    if "curl" in command and any(sign.isspace() for sign in command.strip()):
        return command, "command"
    message = f"{command}: no such file, and no curl command"
    raise RecipeError(message, hint="put the command in single quotes, or pipe it in with -")


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:
        return False


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(LIMIT)
    except OSError as error:
        message = f"{path}: {(error.strerror or str(error)).lower()}"
        hint = "the command reads its body from there"
        raise RecipeError.of(Fault(message, Mark(path, 1, 1), hint=hint)) from error


def _shape(endpoint: str) -> Mapping[str, Any]:
    return settings.table(f"endpoints/{endpoint}.json")


def recipe(command: str, folder: Path, today: str) -> Made:
    """Import a command as the text of a recipe that is to lie in a folder."""
    text, name = given(command)
    up = os.path.relpath(Path.cwd(), folder.resolve()).replace(os.sep, "/")
    found = imported(Source(text, name, up), _content, _shape)
    modeline = f"yaml-language-server: $schema={starter.schema_for(folder)}"
    warnings = (*found.warnings, *_retired(found, today))
    return Made(written(found.tree, (modeline, *found.comments)), warnings)


def _retired(found: Imported, today: str) -> tuple[str, ...]:
    from runner.protocol import retired

    model = found.tree.get("model")
    if not isinstance(model, str) or found.tree.get("provider") == "azure":
        return ()
    gone = retired.retirement(model, settings.table("models.json"), today)
    return (gone.message,) if gone else ()


def save(text: str, out: str) -> tuple[Path, ...]:
    """Write a recipe, and the schema that it points at where none is there."""
    file = Path(f"{out.removesuffix(ENDING)}{ENDING}")
    if file.exists():
        message = f"{file} is there already"
        raise OutputError(message, hint="choose another name")
    outputs.write(file, text.encode())
    return (file, *starter.schema_beside(file.parent))
