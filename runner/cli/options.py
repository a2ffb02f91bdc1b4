"""Options: the flags that several commands share, and the settings they make."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click

from runner.engine.reading.files import kind_of
from runner.engine.user.options import Options
from runner.engine.user.settings import PROJECT
from runner.engine.writing.outputs import SIDECAR
from runner.engine.writing.places import parted
from runner.errors import SettingsError
from runner.protocol import endpoints
from runner.protocol.json_text import parse
from runner.recipe.checking.words import nearest, nearest_file
from runner.recipe.values import Given

F = TypeVar("F", bound=Callable[..., Any])
ENDINGS = (".recipe.yaml", ".recipe.yml")
OUT = "out"
MOST = 1_000
"""The most files that are looked through for the one that was meant."""


VALUES = (
    click.option(
        "--var",
        "variables",
        multiple=True,
        metavar="K=V",
        help="A variable as text; K:=JSON for any value.",
    ),
    click.option(
        "--file",
        "file_values",
        multiple=True,
        metavar="K=PATH",
        help="A path as a variable; that file may be read.",
    ),
    click.option(
        "--vars-file",
        "vars_files",
        multiple=True,
        type=click.Path(path_type=Path),
        help="A YAML or JSON file of variables.",
    ),
    click.option("--provider", default="", metavar="NAME", help="Ask this provider."),
    click.option("--offline", is_flag=True, help="Ask the simulated service: no key, no network."),
    click.option(
        "--hooks",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A Python file of registered functions.",
    ),
    click.option(
        "--allow-path",
        "allow_paths",
        multiple=True,
        metavar="DIR",
        help="A folder that recipes may read.",
    ),
    click.option(
        "--untrusted", is_flag=True, help="The recipes are strangers': data, and no more."
    ),
    click.option(
        "--allow-env",
        "allow_env",
        multiple=True,
        metavar="NAME",
        help="A variable of the environment that a stranger's recipe may read.",
    ),
)
"""The flags that give values, and say where things are."""


def value_options(function: F) -> F:
    """Add the flags that give values and say where things are."""
    for option in reversed(VALUES):
        function = option(function)
    return function


def options(  # noqa: PLR0913, PLR0917  one argument for each flag
    variables: tuple[str, ...],
    file_values: tuple[str, ...],
    vars_files: tuple[Path, ...],
    provider: str,
    offline: bool,
    hooks: tuple[Path, ...],
    allow_paths: tuple[str, ...],
    **others: Any,
) -> Options:
    """Make the options of a run from its flags; SettingsError where one is wrong.

    Of the `others` those count that are options of a run: the rest says how it is shown.
    """
    given: dict[str, Given] = {}
    for place in vars_files:
        given |= _from_file(place)
    files: list[Path] = []
    for text in file_values:
        name, path = _pair(text, "--file", "=")
        if kind_of(Path(path)) != "file":
            message = f"--file {name}={shortened(path)}: no such file"
            raise SettingsError(message)
        files.append(Path(path).resolve())
        given[name] = Given(str(files[-1]), f"--file {name}")
    for text in variables:
        given |= [_variable(text)]
    own = {name: value for name, value in others.items() if name in Options._fields}
    own["out"], own["store"] = parted(own.get("out"))
    allowed = tuple(map(_allowed, allow_paths))
    return Options(given, tuple(files), provider, offline, hooks=hooks, allow_paths=allowed, **own)


def _allowed(path: str) -> Path:
    if not path or kind_of(Path(path)) == "none":
        message = f"--allow-path {shortened(path) or repr(path)}: no such folder"
        raise SettingsError(message)
    return Path(path)


def _pair(text: str, flag: str, sign: str) -> tuple[str, str]:
    name, found, value = text.partition(sign)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = f"{flag} {shortened(text)}: expected UTF-8 text"
        raise SettingsError(message) from error
    if not found or not name.isidentifier():
        message = f"{flag} {shortened(text)}: expected NAME{sign}VALUE"
        raise SettingsError(message)
    return name, value


def _variable(text: str) -> tuple[str, Given]:
    name, sign, _ = text.partition("=")
    if sign and name.endswith(":"):
        name, value = _pair(text, "--var", ":=")
        try:
            found = parse(value)
            json.dumps(found, ensure_ascii=False).encode()  # half a letter cannot be sent
            return name, Given(found, f"--var {name}")
        except ValueError as error:
            message = f"--var {name}:={shortened(value)}: expected JSON"
            hint = f"text is given by = alone: --var {name}={shortened(value)}"
            raise SettingsError(message, hint=hint) from error
    name, value = _pair(text, "--var", "=")
    return name, Given(value, f"--var {name}", text=True)


def shortened(text: str) -> str:
    """Show the beginning of a long argument."""
    return text if len(text) <= 100 else f"{text[:99]}…"


def _from_file(place: Path) -> dict[str, Given]:
    from runner.recipe import source

    if kind_of(place) != "file":
        message = f"--vars-file {shortened(str(place))}: no such file"
        raise SettingsError(message)
    try:
        content = place.read_bytes()
    except OSError as error:
        message = f"--vars-file {place}: {error.strerror}"
        raise SettingsError(message) from error
    parse = source.parse_json if place.suffix == ".json" else source.parse
    tree = parse(content, str(place))
    if not isinstance(tree, dict):
        message = f"--vars-file {place}: expected a mapping of variables"
        raise SettingsError(message)
    return {
        name: Given(value, _line(place, tree, name), shared=True) for name, value in tree.items()
    }


def _line(place: Path, tree: dict[str, Any], name: str) -> str:
    """Say where a file gives a variable; nodes of JSON have no lines of their own."""
    marks = getattr(tree, "marks", {})
    return str(place) if place.suffix == ".json" else f"{place}:{marks[name][0].line}"


def recipes(paths: tuple[str, ...]) -> list[str]:
    """List the recipe files that paths name: folders are searched downwards."""
    found: list[str] = []
    for path in paths:
        place = Path(path)
        kind = kind_of(place)
        if path == "-" or kind == "file":
            found.append(path)
        elif kind == "folder":
            found += [str(file) for file in sorted(place.rglob("*")) if is_recipe(file, place)]
        else:
            message = f"{shortened(path)}: no such file or folder"
            raise SettingsError(message, hint=_meant(place))
    if not found:
        raise _none(paths)
    once: dict[str, str] = {}
    for file in found:
        once.setdefault(os.path.abspath(file), file)  # noqa: PTH100  links are files of their own
    return [*once.values()]


def _meant(place: Path) -> str:
    """Return the hint that names the recipe which a path that is not there may mean."""
    name = place.name.partition(".recipe")[0].removesuffix(".yaml").removesuffix(".yml")
    found = islice(place.parent.glob("*.y*ml"), MOST)
    there = [file.name for file in found if kind_of(file) == "file" and file.name != PROJECT]
    same = [f"{name}{ending}" for ending in (*ENDINGS, ".yaml", ".yml")]
    near = next((one for one in same if one in there), None) or nearest_file(place.name, there)
    return f"did you mean {place.with_name(near)}?" if near else ""


def _none(paths: tuple[str, ...]) -> SettingsError:
    """Make the error of folders without recipes; what has another name is run by it."""
    message = f"no recipes (*{ENDINGS[0]}) in {', '.join(paths)}"
    files = (file for path in paths for file in sorted(Path(path).glob("*.yaml")))
    other = next((file for file in files if file.name != PROJECT and has_step(file)), None)
    if other is not None:
        return SettingsError(message, hint=f"a file of another name is run by it: {other}")
    return SettingsError(message, hint="make one: runner new hello --endpoint chat.completions")


def has_step(file: Path) -> bool:
    """Whether a file looks like a recipe: it names an endpoint, or steps."""
    if kind_of(file) != "file":
        return False
    try:
        with file.open("rb") as content:
            head = content.read(16_384)
    except OSError:
        return False
    return any(line.startswith((b"endpoint:", b"steps:")) for line in head.splitlines())


def suggested(endpoint: str) -> str:
    """Return the hint for an endpoint that is not there."""
    near = nearest(endpoint, endpoints.MODULES)
    return f"did you mean {near!r}?" if near else "`runner list endpoints` names them all"


def unheard(text: str) -> None:
    """Take what nobody is told."""
    del text


def is_recipe(file: Path, folder: Path) -> bool:
    """Tell a recipe from what a run wrote, or what is hidden."""
    folders = file.relative_to(folder).parts
    passed = any(name == OUT or name.startswith(".") for name in folders)
    written = file.with_name(file.name + SIDECAR).exists()
    return file.name.endswith(ENDINGS) and file.is_file() and not passed and not written
