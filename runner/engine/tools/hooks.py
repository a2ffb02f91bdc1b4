"""Hooks: the Python functions that models may call, registered from the user's side alone.

They come from the files that the project file or `--hooks` names, from this process, where it
used `@hook` itself, and from installed packages (entry points of the group `runner.hooks`). Where
two of these have one name, the first wins; within one, that is an error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from os import PathLike
from os.path import realpath
from pathlib import Path
from threading import RLock
from types import FunctionType, ModuleType
from typing import Any, TypeVar, overload

from runner.engine.tools.aside import aside
from runner.errors import HookError, SettingsError
from runner.model import Tool
from runner.record import Record

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)
GROUP = "runner.hooks"
PRIVATE = "_runner_hooks_"
"""How the modules of hook files are named: nothing can import them by chance."""


class Hook(Record):
    """A registered function. `description` stands in for its docstring's."""

    name: str
    function: Function
    description: str = ""


REGISTERED: list[Hook] = []
_lock = RLock()


@overload
def hook(function: F, /) -> F: ...
@overload
def hook(*, name: str = "", description: str = "") -> Callable[[F], F]: ...
def hook(
    function: F | None = None, /, *, name: str = "", description: str = ""
) -> F | Callable[[F], F]:
    """Register a function that models may call, and return it unchanged.

    Its schema comes from the signature, the type hints and the docstring (Google, NumPy or
    Sphinx style). It may be `async`. What it returns becomes JSON, text stays as it is; an
    exception is told to the model. Use it bare, or as `@hook(name="get_weather")`.
    """
    if function is not None and not callable(function):
        msg = f"@hook stands before a function, not {function!r}"
        raise HookError(msg, hint="write @hook, or @hook(name=...)")

    def register(one: F) -> F:
        REGISTERED.append(Hook(name or getattr(one, "__name__", ""), one, description))
        return one

    return register if function is None else register(function)


class Hooks:
    """The functions that the recipes of one project may name."""

    def __init__(
        self,
        found: Mapping[str, Hook],
        digests: Mapping[str, str],
        *,
        entry_points: bool = False,
        modules: Iterable[ModuleType] = (),
    ) -> None:
        self._found = dict(found)
        self._modules = tuple(modules)
        self._digests = dict(digests)
        self._installed: dict[str, Hook] | None = None if entry_points else {}
        self._tools: dict[str, Tool] = {}

    @classmethod
    def load(
        cls,
        files: Sequence[str | PathLike[str]],
        held: Mapping[str, bytes] | None = None,
        *,
        entry_points: bool = True,
    ) -> Hooks:
        """Import hook files; installed packages are asked once a name is not found otherwise.

        `held` are contents that another machine sent, by their places. Raises SettingsError where a
        file is not there, HookError where one cannot be imported or two functions have one name.
        """
        found: list[Hook] = []
        digests: dict[str, str] = {}
        modules: list[ModuleType] = []
        once = {realpath(file): Path(file) for file in reversed(files)}
        for path in reversed(once.values()):
            module, digests[str(path)] = _imported(path, (held or {}).get(str(path)))
            found += _hooks_of(module)
            modules.append(module)
        here = [one for one in REGISTERED if not _module(one.function).startswith(PRIVATE)]
        every = {**_newest(here), **_distinct(found)}
        return cls(every, digests, entry_points=entry_points, modules=modules)

    def find(self, name: str) -> Hook | None:
        """Find a registered function by its name."""
        return self._found.get(name) or self._packaged().get(name)

    def lookup(self, name: str) -> Tool | None:
        """Find the tool of that name; HookError where its signature cannot be described."""
        found = self.find(name)
        if found is None:
            return None
        if name not in self._tools:
            from runner.recipe.functions.signature import describe

            self._tools[name] = describe(
                found.function, name=found.name, description=found.description
            )
        return self._tools[name]

    def names(self) -> tuple[str, ...]:
        """List the names of all registered functions, installed ones too."""
        return tuple(sorted({*self._found, *self._packaged()}))

    def all(self) -> tuple[Tool, ...]:
        """Describe all registered functions."""
        return tuple(tool for name in self.names() if (tool := self.lookup(name)))

    def unmarked(self, name: str) -> str:
        """Say where a hook file has a function of this name that it does not register."""
        from runner.recipe.functions.signature import place_of

        for module in self._modules:
            found = vars(module).get(name)
            if isinstance(found, FunctionType) and found.__module__ == module.__name__:
                return place_of(found)
        return ""

    def origin(self, name: str) -> str:
        """Say where a function is written: `hooks.py:12`."""
        from runner.recipe.functions.signature import place_of

        found = self.find(name)
        return place_of(found.function) if found else ""

    def digest(self) -> dict[str, str]:
        """Map each hook file that was named to the SHA-256 of what was run of it."""
        return dict(self._digests)

    def _packaged(self) -> Mapping[str, Hook]:
        if self._installed is None:
            self._installed = _distinct(_installed())
        return self._installed


def _imported(path: Path, held: bytes | None = None) -> tuple[ModuleType, str]:
    """Import a hook file, once for each content it has; return its digest, too."""
    if held is None and path.exists() and not path.is_file():
        message = f"hooks: {shown(path)}: is no file"
        raise SettingsError(message, hint="name the file in runner.yaml or with --hooks")
    try:
        source = path.read_bytes() if held is None else held
        place = path.resolve()
    except OSError as error:
        msg = f"hooks: {shown(path)}: {(error.strerror or str(error)).lower()}"
        raise SettingsError(msg, hint="name the file in runner.yaml or with --hooks") from error
    digest = sha256(source).hexdigest()
    name = PRIVATE + sha256(f"{digest} {place}".encode()).hexdigest()[:16]
    with _lock:
        return sys.modules.get(name) or _executed(name, path, source), digest


def shown(path: Path) -> Path:
    """Name a file as the user would."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _executed(name: str, path: Path, source: bytes) -> ModuleType:
    """Run a file's bytes as a module: they are what was hashed, and nothing is cached beside it."""
    module = ModuleType(name)
    module.__file__ = str(path.absolute())
    # Dataclasses and type hints look their module up by its name.
    sys.modules[name] = module
    try:
        with aside():
            exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        del sys.modules[name]
        REGISTERED[:] = [one for one in REGISTERED if _module(one.function) != name]
        if isinstance(error, KeyboardInterrupt):
            raise
        raise _broken(path, error) from error
    return module


def _broken(path: Path, error: BaseException) -> HookError:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return HookError(f"{path}:{error.lineno}: SyntaxError: {error.msg}")
    line = line_in(error, str(path))
    hint = ""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing and (path.parent / f"{missing.partition('.')[0]}.py").exists():
        hint = "what lies beside a hooks file is not imported: install it as a package"
    place = f"{path}:{line}" if line else str(path)
    return HookError(f"{place}: {type(error).__name__}: {error}", hint=hint)


def line_in(error: BaseException, file: str) -> int | None:
    """Find the last line of a file that an error passed on its way."""
    line, passed = None, error.__traceback__
    while passed is not None:
        if passed.tb_frame.f_code.co_filename == file:
            line = passed.tb_lineno
        passed = passed.tb_next
    return line


def _hooks_of(module: ModuleType) -> list[Hook]:
    """List what a module registered, and the registered functions that it took from elsewhere."""
    held = {id(value) for value in vars(module).values()}
    return [
        one
        for one in REGISTERED
        if _module(one.function) == module.__name__ or id(one.function) in held
    ]


def _installed() -> list[Hook]:
    """List what installed packages offer: a module of hooks each, or a function."""
    from importlib.metadata import entry_points

    found: list[Hook] = []
    for point in entry_points(group=GROUP):
        try:
            with aside():
                offered = point.load()
        except Exception as error:
            msg = f"the installed hooks {point.name!r} ({point.value}): {error}"
            raise HookError(msg, hint="repair or remove the package") from error
        if isinstance(offered, ModuleType):
            found += _hooks_of(offered)
        else:
            known = [one for one in REGISTERED if one.function is offered]
            found += known or [Hook(point.name, offered)]
    return found


def _distinct(hooks: Iterable[Hook]) -> dict[str, Hook]:
    """Map names to functions; HookError where two have one name."""
    found: dict[str, Hook] = {}
    for one in hooks:
        other = found.setdefault(one.name, one)
        if other.function is not one.function:
            raise _doubled(other, one)
    return found


def _doubled(one: Hook, other: Hook) -> HookError:
    from runner.recipe.functions.signature import place_of

    places = f"{place_of(one.function)} and {place_of(other.function)}"
    msg = f"two hooks have the name {one.name!r}: {places}"
    return HookError(msg, hint="rename one, or give it a name by @hook(name=...)")


def _newest(hooks: Iterable[Hook]) -> dict[str, Hook]:
    """Map names to the functions of this process; one that was defined anew counts once."""
    again = {(one.name, _module(one.function), _title(one.function)): one for one in hooks}
    return _distinct(again.values())


def _module(function: Function) -> str:
    return str(getattr(function, "__module__", "") or "")


def _title(function: Function) -> str:
    return str(getattr(function, "__qualname__", ""))
