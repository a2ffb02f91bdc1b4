"""Environment: the variables of the environment that a recipe declares, and no others."""

from __future__ import annotations

from typing import Any

from runner.engine.user import settings
from runner.engine.user.options import Options
from runner.engine.user.secrets import SHORTEST
from runner.errors import Fault, Mark, RecipeSchemaError
from runner.recipe.build import Recipe
from runner.recipe.source import Map


def environment(
    recipe: Recipe, found: settings.Settings, options: Options
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Read the environment variables that the recipe declares; secrets are listed apart."""
    env: dict[str, str] = {}
    secrets: list[str] = []
    faults: list[Fault] = []
    for section in ("env", "secrets"):
        for name, default, mark in _declared(recipe, section):
            granted = not options.untrusted or name in options.allow_env
            value = found.environ.get(name, default) if granted else default
            if value is None and section == "secrets" and options.is_keyless:
                value = f"placeholder-for-{name}"
            if name in found.key_names:
                faults.append(_provider_key(name, section, mark))
            elif value is None and not granted:
                faults.append(_not_granted(name, section, mark))
            elif value is not None:
                env[name] = value
                secrets += [value] if section == "secrets" else []
                faults += _too_short(name, value, section, mark)
    if faults:
        raise RecipeSchemaError.of(*faults)
    return env, tuple(secrets)


def _too_short(name: str, value: str, section: str, mark: Mark) -> list[Fault]:
    if section == "env" or len(value) >= SHORTEST:
        return []
    message = f"the secret {name} has fewer than {SHORTEST} characters"
    return [Fault(message, mark, section, "a shorter one cannot be masked safely")]


def _not_granted(name: str, section: str, mark: Mark) -> Fault:
    message = f"a stranger's recipe may not read the environment variable {name}"
    return Fault(message, mark, section, f"--allow-env {name} grants it; or give it a default")


def _provider_key(name: str, section: str, mark: Mark) -> Fault:
    message = f"{name} is a provider's key: no recipe may read it"
    return Fault(message, mark, section, "the runner sends it by itself; leave it out")


def _declared(recipe: Recipe, section: str) -> list[tuple[str, str | None, Mark]]:
    declared = recipe.key(section)
    if isinstance(declared, Map):
        return [(k, _default(v), declared.marks[k][0]) for k, v in declared.items()]
    rows: list[tuple[str, str | None, Mark]] = []
    for item, mark in zip(declared or (), getattr(declared, "marks", ()), strict=True):
        if isinstance(item, Map):
            rows += [(k, _default(v), item.marks[k][0]) for k, v in item.items()]
        else:
            rows.append((str(item), None, mark))
    return rows


def _default(value: Any) -> str | None:
    return None if value is None else str(value)


def declared_names(recipe: Recipe) -> dict[str, str]:
    """Return the environment variables that a recipe declares, each with the key that does."""
    return {name: part for part in ("env", "secrets") for name, _, _ in _declared(recipe, part)}


def default_of(recipe: Recipe, name: str) -> Mark | None:
    """Return where a recipe gives a variable of the environment a default, if it does."""
    rows = (row for part in ("env", "secrets") for row in _declared(recipe, part))
    return next((mark for one, default, mark in rows if one == name and default is not None), None)
