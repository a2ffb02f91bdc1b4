"""Memory: which runs failed or missed when they ran last, for `--last-failed`."""

from __future__ import annotations

import json
from pathlib import Path

from runner.engine.writing import outputs
from runner.errors import SettingsError
from runner.results import RunResult

SCHEMA_VERSION = 1
Case = tuple[str, str]


def place(out: Path) -> Path:
    """Say where the runs that failed are kept."""
    return out / ".runner" / "last-failed.json"


def failed(out: Path) -> frozenset[Case]:
    """Read the runs that failed or missed; none where nothing was kept."""
    found = place(out)
    try:
        content = json.loads(found.read_bytes())
        return frozenset((str(file), str(run)) for file, run in content["failed"])
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"{found} cannot be read as the list of runs that failed"
        raise SettingsError(message, hint="remove it") from error


class Memory:
    """Learns how runs end, and keeps those that did not pass; runs that were not made stay."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._known: frozenset[Case] | None = None
        self._failed: dict[Case, bool] = {}

    def take(self, result: RunResult) -> None:
        """Learn how one run ended."""
        self._failed[result.recipe, result.run_id] = result.exit_code != 0

    def save(self) -> None:
        """Keep what did not pass; a folder of outputs is made only where something did not."""
        if not self._failed:
            return
        try:
            before = failed(self._out)
        except SettingsError:
            before = frozenset()
        now = {case for case, is_failed in self._failed.items() if is_failed}
        after = now | (before - {*self._failed})
        if after == before:
            return
        content = {"schema_version": SCHEMA_VERSION, "failed": sorted(map(list, after))}
        outputs.write(place(self._out), outputs.pretty(content))


class Memories:
    """The memories of all folders that a command writes to."""

    def __init__(self) -> None:
        self._of: dict[Path, Memory] = {}

    def take(self, out: Path, result: RunResult) -> None:
        """Learn how one run ended."""
        if out not in self._of:
            self._of[out] = Memory(out)
        self._of[out].take(result)

    def save(self) -> None:
        """Keep what did not pass."""
        for one in self._of.values():
            one.save()
