"""Results: what a run came to, step by step."""

from __future__ import annotations

from collections.abc import Mapping

from runner.errors import Mark
from runner.exchange import Json, Request
from runner.model import Answer
from runner.record import Record


class Check(Record):
    """One expectation, judged. `message` says expected and found where it was missed.

    `note` is what models found that it asked, and why, whether it was missed or not.
    """

    name: str
    passed: bool
    message: str = ""
    mark: Mark | None = None
    note: str = ""


class Written(Record):
    """An output on disk."""

    path: str
    part: str
    sha256: str
    size: int


class StepResult(Record):
    """What a step came to, a `finally` step if `final`; passed, missed, failed or skipped.

    `sent` counts its requests, `attempts` how often they went; `spent` is what unused replies cost,
    `judging` what models that its expectations asked did, which `sent` and `attempts` count too.
    Where a report wants them, `requests` are what was sent, in order, and `beats` the seconds from
    sending to each piece of a stream's text.
    """

    run_id: str
    step: str
    state: str
    answer: Answer | None = None
    checks: tuple[Check, ...] = ()
    files: tuple[Written, ...] = ()
    error: Exception | None = None
    sent: int = 0
    final: bool = False
    attempts: int = 0
    spent: Answer | None = None
    requests: tuple[Request, ...] = ()
    beats: tuple[float, ...] = ()
    judging: Answer | None = None


class RunResult(Record):
    """One run of a recipe: its steps in order, the `finally` steps last. `exit_code` is its own.

    `cell` are its values of the matrix, `suffix` is what its id has beyond the recipe's name, and
    `line` what is collected of it. `repeat` counts from 1 where the recipe is run several times
    (`repeats`), of which `passes` have to pass. `place` counts the runs of a command as they were
    chosen, `began` is seconds since 1970, `took` seconds. One that an earlier command made
    (`before`) has of what it was no more than a journal keeps.
    """

    recipe: str
    run_id: str
    steps: tuple[StepResult, ...]
    exit_code: int
    cell: Mapping[str, Json] = {}
    row_id: str = ""
    suffix: str = ""
    line: Mapping[str, Json] | None = None
    repeat: int = 0
    repeats: int = 0
    passes: int = 0
    place: int = 0
    tags: tuple[str, ...] = ()
    began: float = 0.0
    took: float = 0.0
    before: bool = False

    @property
    def runs(self) -> tuple[RunResult, ...]:
        """This run, where a recipe may make several."""
        return (self,)

    @property
    def case(self) -> str:
        """The name of the runs that are judged together: that of this one, unless repeated."""
        return self.run_id.removesuffix(f"#{self.repeat}") if self.repeat else self.run_id


class SuiteResult(Record):
    """The runs of a recipe that makes several, in order. `exit_code` is that of them all."""

    recipe: str
    run_id: str
    runs: tuple[RunResult, ...]
    exit_code: int

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """The steps of all runs, in order."""
        return tuple(step for run in self.runs for step in run.steps)
