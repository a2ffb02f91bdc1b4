"""Settings: what the user's side says: the project file, the environment, the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner.engine.user.address import address
from runner.engine.user.dotenv import listed, text_of, with_files
from runner.engine.user.options import deadlines
from runner.errors import Fault, Mark, RecipeError, SettingsError
from runner.model import Secret
from runner.protocol.pacing import Limits
from runner.protocol.providers import OPENAI_URL, Provider, is_openai
from runner.recipe import schema, source
from runner.recipe.checking.words import described, nearest
from runner.recipe.source import Map, mark_of
from runner.record import Record

PROJECT = "runner.yaml"
SECRETIVE = re.compile(r"key|token|secret|auth|password|header|sk-|@", re.IGNORECASE)
"""What stands in lines of the project file that no message shows."""
KEYS = frozenset(("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"))


class Settings(Record):
    """The settings of one recipe's project. `root` is its folder; paths start there."""

    root: Path
    project: Map | None
    environ: Mapping[str, str]
    hooks: tuple[Path, ...] = ()
    allow_paths: tuple[Path, ...] = ()
    checks: str = ""

    def default(self, name: str) -> Any:
        """Return one of the project's `defaults`."""
        return self.section("defaults").get(name)

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a mapping of the project file, empty where it has none."""
        found = self.project.get(name) if self.project is not None else None
        return found if isinstance(found, Mapping) else {}

    @property
    def allow_hosts(self) -> tuple[str, ...]:
        """The hosts that may be fetched from beside public ones."""
        return tuple(self.project.get("allow_hosts", ())) if self.project is not None else ()

    @property
    def key_names(self) -> frozenset[str]:
        """The environment variables that hold providers' keys: no recipe may name them."""
        named = [row.get("api_key") or {} for row in self.section("providers").values()]
        return KEYS | {row["env"] for row in named if "env" in row}

    @property
    def key_files(self) -> tuple[Path, ...]:
        """The files that hold keys: no recipe may read them."""
        named = [row.get("api_key") or {} for row in self.section("providers").values()]
        own = self.project.get("env_file", ()) if self.project is not None else ()
        files = [row["file"] for row in named if "file" in row]
        return tuple(self.root / file for file in [*files, *listed(own)])


def find_project(folder: Path) -> Path | None:
    """Find the project file in a folder or above it."""
    for place in (folder, *folder.parents):
        if (place / PROJECT).is_file():
            return place / PROJECT
    return None


def load(
    folder: Path, environ: Mapping[str, str], shape: Mapping[str, Any], *, bare: bool = False
) -> Settings:
    """Read the settings for the recipes of a folder; SettingsError where they are wrong.

    Those that are `bare` hold the environment alone: no project file is looked for.
    """
    place = None if bare else find_project(folder.resolve())
    if place is None:
        return Settings(folder.resolve(), None, environ)
    name = _name(place)
    try:
        content = place.read_bytes()
    except OSError as error:
        message = f"{name}: {error.strerror}"
        raise SettingsError(message) from error
    root = place.parent
    try:
        project = _project(content, name, shape)
        environ = with_files(project, root, environ)
    except RecipeError as error:
        lines = source.LINE_END.split(content.decode("utf-8", "replace"))
        raise RecipeError.of(*(_quoted(fault, lines) for fault in error.faults)) from error
    return Settings(
        root,
        project,
        environ,
        tuple(root / path for path in project.get("hooks", ())),
        tuple(root / path for path in project.get("allow_paths", ())),
        str(project.get("checks", "")),
    )


def _project(content: bytes, name: str, shape: Mapping[str, Any]) -> Map:
    project = source.parse(content, name)
    if project is None:
        return Map(Mark(name, 1, 1))
    if not isinstance(project, Map):
        message = (
            f"expected a mapping of keys such as hooks and providers, got {described(project)}"
        )
        raise RecipeError.of(Fault(message, Mark(name, 1, 1)))
    faults = schema.check(project, shape) or _unknown_default(project)
    if faults:
        raise RecipeError.of(*faults)
    return project


def _unknown_default(project: Map) -> list[Fault]:
    """Find a provider for all recipes that nothing says what it is, whoever is asked now."""
    defaults, rows = project.get("defaults", {}), project.get("providers", {})
    name = defaults.get("provider", "openai")
    if name in rows or name in BUILT_IN:
        return []
    message, hint = _unknown(name, rows)
    return [Fault(message, mark_of(defaults, ("provider",)), "defaults.provider", hint)]


def _quoted(fault: Fault, lines: list[str]) -> Fault:
    """Put the line into a fault of the project file, unless it may hold a key."""
    line = lines[fault.mark.line - 1] if fault.mark else ""
    return fault._replace(source="" if SECRETIVE.search(f"{fault.where} {line}") else line)


def _name(place: Path) -> str:
    try:
        return str(place.relative_to(Path.cwd()))
    except ValueError:
        return str(place)


def provider(settings: Settings, name: str) -> Provider:
    """Return the provider of this name; SettingsError where nothing says what it is."""
    known(settings, name)
    rows = settings.section("providers")
    return _declared(settings, name, rows.get(name, {}))


def known(settings: Settings, name: str) -> None:
    """Raise SettingsError where nothing says what a provider is."""
    rows = settings.section("providers")
    if name not in rows and name not in BUILT_IN:
        message, hint = _unknown(name, rows)
        raise SettingsError(message, hint=hint)


def _unknown(name: str, rows: Mapping[str, Any]) -> tuple[str, str]:
    """Word a provider that nothing says what it is, and the way out."""
    known = [*BUILT_IN, *rows]
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"add it under providers in {PROJECT}"
    return f"no provider is named {name!r}; there are {', '.join(known)}", hint


def has_own_names(settings: Settings, name: str) -> bool:
    """Whether a provider's models may have names of others: Azure's, an unchecked server's."""
    row = settings.section("providers").get(name, {})
    kind = _kind(name, row)
    if kind != "openai" or row.get("checks") or settings.checks:
        return kind == "azure"
    base = row.get("base_url") or settings.environ.get("OPENAI_BASE_URL") or OPENAI_URL
    return not is_openai(str(base))


def _kind(name: str, row: Mapping[str, Any]) -> str:
    return str(row.get("kind", name if name in BUILT_IN else "openai"))


def _declared(settings: Settings, name: str, row: Mapping[str, Any]) -> Provider:
    kind, own_names = _kind(name, row), has_own_names(settings, name)
    known = "warn" if kind == "azure" or not own_names else "off"
    made = BUILT_IN[kind](settings.environ)
    # OpenAI's key and account belong to OpenAI's host: another one gets a key only by its name.
    if "base_url" in row and kind == "openai" and name != "openai":
        made = made._replace(key=None, key_name="", headers=())
    base = str(row.get("base_url", made.base_url))
    made = made._replace(
        name=name,
        base_url=address(base, f"the base_url of provider {name}"),
        api_version=str(row.get("api_version", made.api_version)),
        models=row.get("models", {}),
        headers=made.headers + tuple((str(k), str(v)) for k, v in row.get("headers", {}).items()),
        timeout=deadlines(row["timeout"], name) if "timeout" in row else None,
        checks=str(row.get("checks", settings.checks or known)),
        empty_content=str(row.get("empty_content", "keep")),
        limits=_limits(row.get("limits", {})),
        own_names=own_names,
    )
    return _keyed(settings, made, row["api_key"]) if "api_key" in row else made


def _limits(row: Mapping[str, Any]) -> Limits:
    names = ("requests_per_minute", "tokens_per_minute", "concurrency")
    requests, tokens, seats = (int(row.get(name, 0)) for name in names)
    return Limits(requests, tokens, seats)


def _keyed(settings: Settings, made: Provider, key: Mapping[str, Any]) -> Provider:
    if "file" in key:
        text = text_of(settings.root / str(key["file"]), f"the key file of provider {made.name}")
        return made._replace(
            key=_secret(text, str(key["file"])), token=None, key_name=str(key["file"])
        )
    name = str(key["env"])
    return made._replace(key=_secret(settings.environ.get(name), name), token=None, key_name=name)


def _secret(text: str | None, name: str) -> Secret | None:
    bare = (text or "").strip()
    if not (bare.isascii() and bare.isprintable()):
        message = f"{name} is no key: it holds a line break or other odd characters"
        raise SettingsError(message)
    return Secret(bare) if bare else None


def _openai(environ: Mapping[str, str]) -> Provider:
    headers = [
        (header, environ[name])
        for header, name in (
            ("OpenAI-Organization", "OPENAI_ORG_ID"),
            ("OpenAI-Project", "OPENAI_PROJECT_ID"),
        )
        if environ.get(name)
    ]
    base = environ.get("OPENAI_BASE_URL") or OPENAI_URL
    key = _secret(environ.get("OPENAI_API_KEY"), "OPENAI_API_KEY")
    return Provider(
        "openai",
        "openai",
        address(base, "OPENAI_BASE_URL"),
        key,
        None,
        "OPENAI_API_KEY",
        headers=tuple(headers),
    )


def _azure(environ: Mapping[str, str]) -> Provider:
    return Provider(
        "azure",
        "azure",
        address(environ.get("AZURE_OPENAI_ENDPOINT", ""), "AZURE_OPENAI_ENDPOINT"),
        _secret(environ.get("AZURE_OPENAI_API_KEY"), "AZURE_OPENAI_API_KEY"),
        _secret(environ.get("AZURE_OPENAI_AD_TOKEN"), "AZURE_OPENAI_AD_TOKEN"),
        "AZURE_OPENAI_API_KEY",
        environ.get("OPENAI_API_VERSION", ""),
    )


def _offline(environ: Mapping[str, str]) -> Provider:  # noqa: ARG001  one face for all
    return Provider("offline", "offline", OPENAI_URL)


BUILT_IN = {"openai": _openai, "azure": _azure, "offline": _offline}


def shipped(*parts: str) -> Path:
    """Find a file of ours: inside the installed package, else in the checkout around it."""
    package = Path(__file__).resolve().parents[2]
    inside = package.joinpath("_shipped", *parts)
    return inside if inside.exists() else package.parent.joinpath(*parts)


def table(name: str) -> dict[str, Any]:
    """Read one of our JSON files below `schemas/`."""
    content: dict[str, Any] = json.loads(shipped("schemas", name).read_bytes())
    return content
