"""Faults: an error that reached the door becomes a message of bounded size and an exit code."""

from __future__ import annotations

import os

from runner.cli.voice import say
from runner.errors import Fault, RecipeError, RunnerError
from runner.protocol.wire import printable

LIMIT = 4000
USAGE = 2


def shown(error: RunnerError) -> str:
    """Word an error: at most 4 KB, control characters escaped."""
    text = printable(str(error))
    if len(text.encode()) <= LIMIT:
        return text
    if isinstance(error, RecipeError):
        return _some(error)
    return _bounded(text, LIMIT)


def _bounded(text: str, limit: int) -> str:
    whole = text.encode()
    return text if len(whole) <= limit else whole[:limit].decode("utf-8", "ignore") + " …"


def _some(error: RecipeError) -> str:
    """Show as many faults as fit, and count the rest."""
    told: list[str] = []
    size = 0
    for fault in error.faults:
        text = _bounded(printable(str(fault)), LIMIT - 200)
        size += len(text.encode()) + 1
        if told and size > LIMIT - 100:
            break
        told.append(text)
    left = len(error.faults) - len(told)
    return "\n".join(told) + (f"\n… and {left} more" if left else "")


def refused(error: RunnerError, form: str, ending: str = "") -> int:
    """Tell what is wrong with the recipes or the usage, machines in the form that they asked for.

    `ending` is said after the count of the faults; without one they are not counted.
    """
    if error.exit_code != USAGE:
        return report(error)
    own = (Fault(str(error.args[0]), hint=error.hint),)
    faults = error.faults if isinstance(error, RecipeError) else own
    if form == "github":
        from runner.engine.writing.reporting import in_repository
        from runner.report.annotations import as_github

        print(as_github(faults, in_repository))
    else:
        if form == "json":
            from runner.report.faults import as_json

            print(as_json(faults))
        report(error)
    if isinstance(error, RecipeError) and ending:
        count = sum(fault.severity == "error" for fault in faults)
        say(f"{count} fault{'s' * (count != 1)}{ending}")
    return USAGE


def report(error: Exception) -> int:
    """Print an error at the door; return its exit code."""
    if isinstance(error, RunnerError):
        say(shown(error))
        return error.exit_code
    told = f"a fault of ours: {type(error).__name__}: {printable(_hidden(str(error)))[:500]}"
    if os.environ.get("RUNNER_TRACEBACK"):
        import traceback

        say(_hidden("".join(traceback.format_exception(error))))
        say(told)
    else:
        say(f"{told}\n  hint: RUNNER_TRACEBACK=1 shows where; please report it")
    return 70


def _hidden(text: str) -> str:
    """Mask what variables of the environment hold that are as good as keys, by their names."""
    from runner.engine.user.secrets import PRIVATE, Masker

    return Masker(value for name, value in os.environ.items() if PRIVATE.search(name)).hide(text)
