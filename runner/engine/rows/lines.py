"""Lines: what runs without a journal leave in the collected files of their recipe.

Nothing keeps a line for the next run: a file is made anew as a whole, of the runs that are made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan
from runner.engine.rows.collecting import Collections, record
from runner.engine.rows.identity import identity
from runner.report.totals import state_of
from runner.results import RunResult

if TYPE_CHECKING:
    from runner.engine.writing.store import Store


class Lines:
    """The lines of one recipe's runs: cells of its matrix and repeats, or its only one."""

    def __init__(
        self,
        plans: list[Plan],
        out: Path,
        hooks: Mapping[str, str],
        store: Store | None,
        tell: Callable[[str], None],
    ) -> None:
        self._tell = tell
        self._first = plans[0]
        self._made_of = identity(plans, hooks)
        self._files = Collections(plans, out, store, late=True)
        self._awaited = {plan.suffix: (place, plan) for place, plan in enumerate(plans)}
        self._states: Counter[str] = Counter()

    def take(self, result: RunResult) -> None:
        """Learn what came of a run; one that failed has no line."""
        place, plan = self._awaited.pop(result.suffix)
        self._states[state_of(result)] += 1
        self._files.settle(plan, place, result.line)

    def close(self, time: float) -> None:
        """End the files; where not all runs were made they are not finished, and get no sidecar."""
        whole = record(self._first, self._made_of, self._states, time)
        try:
            written = self._files.end(whole if not self._awaited else None)
        finally:
            self._files.close()
        for place, lines in written.items():
            self._tell(f"wrote {place} ({lines:,} line{'s' * (lines != 1)})")
