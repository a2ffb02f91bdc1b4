"""runner: prompts, pictures, voices and whole batches of them, as files in the repository.

From Python: `load` reads and checks a recipe, `run` runs it, `runs` lists what came of each of its
runs; `hook` registers a function that models may call; `runner.errors` holds what they raise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner import errors
    from runner.api import load, run, runs
    from runner.engine.tools.hooks import hook

__version__ = "0.1.0"
__all__ = ["errors", "hook", "load", "run", "runs"]

_HOMES = {
    "load": "runner.api",
    "run": "runner.api",
    "runs": "runner.api",
    "hook": "runner.engine.tools.hooks",
}


def __getattr__(name: str) -> Any:
    """Read a name's module when it is first used: `import runner` costs nothing."""
    from importlib import import_module

    if name == "errors":
        return import_module("runner.errors")
    if name not in _HOMES:
        message = f"module 'runner' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
