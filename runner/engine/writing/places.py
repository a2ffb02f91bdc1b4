"""Places: where outputs are made, and where they belong: a folder, or an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan, Source
from runner.engine.writing import landing
from runner.engine.writing.landing import Landing
from runner.errors import Fault, OutputError, RecipeError, RecipeSchemaError, SettingsError
from runner.recipe.source import mark_of

if TYPE_CHECKING:
    from runner.engine.writing.store import Store

SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""Variables of the environment that hold what is never shown."""
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://", re.ASCII)


def is_address(out: str | Path | None) -> bool:
    """Whether outputs belong to an address, not to a folder."""
    return isinstance(out, str) and _ADDRESS.match(out) is not None


def parted(out: str | Path | None) -> tuple[Path | None, str]:
    """Return what `--out` says: a folder, or an address."""
    if out == "":
        message = "--out: expected a folder or an address, got an empty text"
        raise SettingsError(message, hint="is a variable of the shell not set?")
    if isinstance(out, str) and is_address(out):
        return None, out
    return (Path(out) if out is not None else None), ""


def _look(out: Path) -> None:
    """Refuse a folder that no system could have: its name is too long, or leads round."""
    try:
        out.lstat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # It can be made, or is told once it is tried.
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", "") or str(error)
        message = f"the folder of outputs {str(out)[:100]}…: {why.lower()}"
        raise OutputError(message, hint="name another by --out") from error


class Places:
    """Where the outputs of a command's recipes go; `learn` is told what is never to be shown."""

    def __init__(self, environ: Mapping[str, str], learn: Callable[[str], None]) -> None:
        self._environ = environ
        self._learn = learn
        self._stores: dict[str, Store] = {}
        self._looked_at: set[Path] = set()

    def out(self, made: Plan | Source) -> Path:
        """Return the folder that a recipe's outputs are made in."""
        store = self.store(made)
        if store is not None:
            return store.folder
        own = made.settings.default("out")
        out = Path(made.options.out or (made.settings.root / own if own else "out"))
        if out not in self._looked_at:
            _look(out)
            self._looked_at.add(out)
        return out

    def store(self, made: Plan | Source) -> Store | None:
        """Return where a recipe's outputs belong, if that is no folder."""
        options = made.options
        own = options.store or ("" if options.out else made.settings.default("out"))
        if not is_address(own):
            return None
        if own not in self._stores:
            from runner.engine.writing.store import Store

            for secret in filter(None, map(self._environ.get, SECRETS)):
                self._learn(secret)
            self._stores[own] = Store(own, options.out)
        return self._stores[own]

    def probe(self, made: Iterable[tuple[Plan, Landing]]) -> None:
        """Find out whether outputs can be written where they belong.

        RecipeError or OutputError where they cannot.
        """
        known: dict[Path, Plan] = {}
        looked: dict[Landing, Plan] = {}
        for plan, where in made:
            store = self.store(plan)
            if store is not None:
                store.probe()
            elif plan.options.out or plan.settings.default("out") or plan.writes:
                known.setdefault(self.out(plan), plan)
            looked.setdefault(where, plan)
        for out, plan in known.items():
            _open(out, plan)
        for where, plan in looked.items():
            if faults := where.faults():
                raise plan.files.quoted(RecipeSchemaError.of(*faults))

    def close(self) -> None:
        """Leave nothing that was only brought here to be looked at."""
        for store in self._stores.values():
            store.close()

    def located(self, told: str) -> str:
        """Return where on this machine lies what an output's path names."""
        found = (one.local(told) for one in self._stores.values())
        return str(next(filter(None, found), told))


def _open(out: Path, plan: Plan) -> None:
    """Hold a folder of outputs to be one that can be written to."""
    why = landing.closed(out)
    if not why:
        return
    hint = "name a folder that is there, or that can be made"
    if plan.options.out:
        message = f"--out {out}: {why}"
        raise OutputError(message, hint=hint)
    mark = mark_of(plan.settings.project, ("defaults", "out"))
    if plan.settings.default("out"):
        raise RecipeError.of(Fault(why, mark, "defaults.out", hint))
    message = f"the folder of outputs {out}: {why}"
    raise OutputError(message, hint="name another by --out")
