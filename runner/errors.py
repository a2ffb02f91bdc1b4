"""Errors: everything that can go wrong, each with its exit code and the way out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from runner.record import Record

__all__ = [
    "AddressError",
    "ApiStatusError",
    "BadReplyError",
    "BudgetError",
    "ConnectionFailedError",
    "Fault",
    "HookError",
    "JobFailedError",
    "Mark",
    "OutputError",
    "PollTimeoutError",
    "RecipeError",
    "RecipeSchemaError",
    "RecipeSyntaxError",
    "RecipeTemplateError",
    "ReplayMissError",
    "RunnerError",
    "ServiceError",
    "SettingsError",
    "StoppedError",
    "TerminatedError",
    "ToolLoopError",
    "UnknownNameError",
]


_KEY = re.compile(r"(\b(?:sk-|[Bb]earer +))[\w.~+/=-]{8,}")


class Mark(Record):
    """A place in a file: line and column from 1, width in characters."""

    file: str
    line: int
    column: int
    width: int = 1


class FileMark(Mark):
    """The place of a text that is a whole file: its lines are that file's."""

    __slots__ = ()


class Fault(Record):
    """One thing wrong with a file: where, what was expected, the way out."""

    message: str
    mark: Mark | None = None
    where: str = ""
    hint: str = ""
    source: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.mark.file}:{self.mark.line}:{self.mark.column}: " if self.mark else ""
        label = "warning: " if self.severity == "warning" else ""
        where = f"{self.where}: " if self.where else ""
        lines = [f"{place}{label}{where}{self.message}"]
        if self.mark and self.source:
            lines += _excerpt(self.mark, self.source)
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return covered("\n".join(lines))


def joined(told: Sequence[Fault], more: Iterable[Fault]) -> list[Fault]:
    """Add faults to those that were told, but for places that these speak of already."""
    places = {fault.mark for fault in told}
    return [*told, *(fault for fault in more if fault.mark is None or fault.mark not in places)]


def covered(text: str) -> str:
    """Cover what looks like a key, as wide as it is: no message shows one."""
    return _KEY.sub(lambda found: found[1] + "*" * (len(found[0]) - len(found[1])), text)


def _excerpt(mark: Mark, source: str) -> list[str]:
    """Show at most 100 characters of the line, with a caret below the place."""
    start = max(0, mark.column - 60)
    text = source[start : start + 100].replace("\t", " ")
    column = mark.column - 1 - start
    number = str(mark.line)
    width = max(1, min(mark.width, len(text) - column))
    return [
        f"  {number} | {text}",
        f"  {' ' * len(number)} | {' ' * column}{'^' * width}",
    ]


class RunnerError(Exception):
    """The root: catch this at a door, raise a leaf. `exit_code` is the process's.

    `mark` is where in the recipe it arose, if one place of it is to blame.
    """

    exit_code: ClassVar[int] = 70
    mark: Mark | None = None

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = str(self.args[0])
        return f"{message}\n  hint: {self.hint}" if self.hint else message

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.args, self.__dict__)


def _revive(kind: type[RunnerError], args: tuple[Any, ...], state: dict[str, Any]) -> RunnerError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def _place(fault: Fault) -> tuple[str, int, int]:
    return fault.mark[:3] if fault.mark else ("", 0, 0)


class RecipeError(RunnerError):
    """The recipe is wrong; nothing was sent. `faults` holds every one found."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", faults: Sequence[Fault] = ()) -> None:
        super().__init__(message, hint=hint)
        self.faults = tuple(faults) or (Fault(message, hint=hint),)

    @classmethod
    def of(cls, *faults: Fault) -> RecipeError:
        """Make the error of these faults, in the order of their places."""
        placed = sorted(faults, key=_place)
        return cls("\n".join(str(fault) for fault in placed), faults=placed)


def faults_of(error: Exception | None) -> tuple[Fault, ...]:
    """Return an error as faults at their places; none where no place is to blame."""
    if isinstance(error, RecipeError):
        return error.faults
    if isinstance(error, RunnerError) and error.mark is not None:
        return (Fault(str(error.args[0]), error.mark, hint=error.hint),)
    return ()


def placed(error: RunnerError, mark: Mark | None) -> RunnerError:
    """Say where an error arose, unless it says so itself."""
    if isinstance(error, RecipeError):
        faults = [fault if fault.mark else fault._replace(mark=mark) for fault in error.faults]
        return type(error).of(*faults).with_traceback(error.__traceback__)
    error.mark = error.mark or mark
    return error


class RecipeSyntaxError(RecipeError):
    """The file is not the YAML we read."""


class RecipeSchemaError(RecipeError):
    """The file is YAML, but not a recipe."""


class RecipeTemplateError(RecipeError):
    """A template does not compile, or did not render."""


class UnknownNameError(RecipeError):
    """A name that nothing here has."""


class SettingsError(RunnerError):
    """A flag, an environment variable or the project file is wrong; `stops_all` as for a status."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", stops_all: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.stops_all = stops_all


class OutputError(RunnerError):
    """An output cannot be written where the recipe says."""

    exit_code = 2


class ServiceError(RunnerError):
    """The service, the network or a job failed. `attempts` says how often it was asked."""

    exit_code = 3
    attempts: int = 1


class ConnectionFailedError(ServiceError):
    """No whole reply came: refused, reset, cut or out of time.

    `final` is true where another attempt would come to the same.
    """

    final: bool = False

    def __init__(self, message: str, *, hint: str = "", sent: bool = True) -> None:
        super().__init__(message, hint=hint)
        self.sent = sent


class ApiStatusError(ServiceError):
    """The service answered with a status from 400 up.

    `status` is the HTTP status, `code` and `kind` the body's own `code` and `type` (or "");
    `partial` holds the text that came before an error within a stream.
    """

    partial: str = ""

    def __init__(
        self, message: str, *, hint: str = "", status: int = 0, code: str = "", kind: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.kind = kind

    @property
    def is_over_quota(self) -> bool:
        """Whether the account is out of money or over its own limit: no wait helps."""
        return self.kind == "insufficient_quota"

    @property
    def stops_all(self) -> bool:
        """Whether no other request can succeed either: the key or the quota is at fault."""
        is_key = self.status in (401, 403) or self.code == "invalid_api_key"
        return is_key or self.is_over_quota


class BadReplyError(ServiceError):
    """The reply is not what the endpoint answers; `partial` holds the text that came."""

    def __init__(self, message: str, *, hint: str = "", partial: str = "") -> None:
        super().__init__(message, hint=hint)
        self.partial = partial


class AddressError(ServiceError):
    """An address that nothing is fetched from."""


class ReplayMissError(ServiceError):
    """No recording answers this request."""


class JobFailedError(ServiceError):
    """A job that was polled ended badly."""


class PollTimeoutError(ServiceError):
    """A job that was polled did not end in time."""


class ToolLoopError(ServiceError):
    """The model called tools for more rounds than allowed."""


class HookError(RunnerError):
    """A registered Python function failed."""

    exit_code = 4


class BudgetError(RunnerError):
    """The budget is used up; the run can be resumed. `attempts` of the request went before."""

    exit_code = 5
    attempts: int = 0


class StoppedError(RunnerError):
    """The user stopped the run by Ctrl-C."""

    exit_code = 130


class TerminatedError(StoppedError):
    """The system asked the run to end, by SIGTERM."""

    exit_code = 143
