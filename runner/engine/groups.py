"""Groups: the exit code of several runs, those of one case judged together."""

from __future__ import annotations

from collections import Counter

from runner.results import RunResult

GRAVITY = (70, 130, 143, 3, 4, 5, 2, 1, 0)
"""Exit codes, the gravest first."""
MISSED, WRONG, LATE = 1, 2, 3


def gravest(codes: list[int]) -> int:
    """Return the exit code of several."""
    return min(codes, key=GRAVITY.index, default=0)


class Verdict:
    """The exit code of runs that come one by one: repeats may be missed as often as they may.

    A case that is repeated passes where `passes` of its `repeats` do: only what can no longer
    come to that is missed.
    """

    def __init__(self) -> None:
        self._code = 0
        self._is_sent = False
        self._missed: Counter[tuple[str, str]] = Counter()

    def take(self, result: RunResult) -> int:
        """Take one run; return the code that it leaves its case with."""
        code = result.exit_code
        self._is_sent = self._is_sent or any(step.sent for step in result.steps)
        if code == MISSED and result.repeat:
            case = (result.recipe, result.case)
            self._missed[case] += 1
            code = MISSED if self._missed[case] > result.repeats - result.passes else 0
        if code != self._code:
            self._code = gravest([self._code, code])
        return code

    @property
    def code(self) -> int:
        """The exit code of all. That nothing was sent is not said where something was."""
        return LATE if self._code == WRONG and self._is_sent else self._code

    def recall(self, missed: int) -> None:
        """Count rows that missed before, and were not run again."""
        if missed:
            self._code = gravest([self._code, MISSED])

    def stop(self, interrupt: KeyboardInterrupt) -> None:
        """Take Ctrl-C, or SIGTERM: a KeyboardInterrupt that holds its number."""
        self._code = gravest([self._code, 143 if interrupt.args else 130])
