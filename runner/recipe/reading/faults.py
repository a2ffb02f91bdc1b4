"""Faults: what is wrong with a YAML file, gathered while it is read."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from runner.errors import Fault, Mark

LIMIT = 12
"""More faults than these help nobody."""

_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class StopError(Exception):
    """Nothing more can be read; the faults say why."""


class Faults:
    """The faults of one file. `unquoted` is the last line of a template without quotes."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file = file
        self.lines = lines
        self.found: list[Fault] = []
        self.unquoted = -2

    def add(self, message: str, mark: Mark, hint: str = "") -> None:
        """Note a fault."""
        self.found.append(Fault(message, mark, hint=hint, source=self.lines[mark.line - 1]))
        if len(self.found) >= LIMIT:
            raise StopError

    def are_at(self, mark: Mark) -> bool:
        """Tell whether the last fault is of this place."""
        return bool(self.found) and self.found[-1].mark == mark

    def stop(self, message: str, mark: Mark, hint: str = "") -> NoReturn:
        """Note a fault after which nothing can be read."""
        self.add(message, mark, hint)
        raise StopError

    def explain(self, error: Any) -> None:
        """Word what the parser says, unless it is but the wake of a template without quotes."""
        from runner.recipe.reading import mistakes

        place = error.problem_mark or error.context_mark
        if abs(place.line + 1 - self.unquoted) <= 1:
            return
        line = min(place.line, len(self.lines) - 1)
        words = error.problem or "", error.context or ""
        found = mistakes.explain(*words, self.lines[line], place.column)
        column = place.column if found.column < 0 else found.column
        if found.opens and error.context_mark:
            line, column = error.context_mark.line, error.context_mark.column
        self.add(found.message, Mark(self.file, line + 1, column + 1, found.width), found.hint)

    def find_unprintable(self) -> None:
        """Stop at a character that no text file holds."""
        for place, line in enumerate(self.lines):
            if found := _UNPRINTABLE.search(line):
                self.lines[place] = _UNPRINTABLE.sub("\ufffd", line)
                message = f"the character U+{ord(found.group()):04X} cannot stand in a file"
                hint = "double-quoted text takes it as an escape, such as \\e or \\0"
                self.stop(message, Mark(self.file, place + 1, found.start() + 1), hint)
