"""Why: what is told of stale outputs as they are found: of each cause the first few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from runner.report.causes import MOST, alike

if TYPE_CHECKING:
    from runner.report.stale import Standing

SHOWN = 3
"""So many outputs are told of each cause; of others how many there are."""
OTHERS = ("", "other causes")


class Why:
    """Tells why outputs are stale. `end` says how many more there are, and which are simulated."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._found: Counter[tuple[str, str]] = Counter()
        self._words: dict[tuple[str, str], str] = {}
        self._simulated = self._without = 0

    def take(self, one: Standing) -> None:
        """Tell of one output, where anything of it changed."""
        from runner.report.stale import line, reasons

        if not one.changes:
            self._simulated += one.simulated
            return
        key = one.recipe, alike(reasons(one))
        key = key if key in self._found or len(self._found) < MOST else OTHERS
        self._found[key] += 1
        self._words.setdefault(key, reasons(one) if key != OTHERS else OTHERS[1])
        if self._found[key] <= SHOWN:
            self._tell(line(one))

    def lacks(self, runs: int = 1) -> None:
        """Learn of runs that have no outputs: they are never stale."""
        self._without += runs

    def end(self) -> None:
        """Tell the rest, once."""
        for key, count in self._found.items():
            if count > SHOWN:
                more = count - SHOWN
                outputs = f"{more:,} more output{'s' * (more != 1)}"
                self._tell(f"and {outputs}, likewise: {self._words[key]}")
        if self._without:
            runs = f"{self._without:,} run{'s' * (self._without != 1)}"
            self._tell(f"{runs} without outputs: --stale makes none of these")
        if self._simulated:
            were = "output was" if self._simulated == 1 else "outputs were"
            self._tell(
                f"{self._simulated:,} {were} made offline: --stale makes none anew for that alone"
            )
        self._found.clear()
        self._simulated = self._without = 0
