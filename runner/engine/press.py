"""Press: what is alike in all rows of a step is worked out for the first of them alone.

A template shares what is constant in it with all that it makes. Where everything but what is asked
is the very same as it was for another row, so is what was made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine.passed import Passed
from runner.errors import RecipeSchemaError
from runner.model import Ask
from runner.recipe.ask import Reader

ASKED = ("messages", "input", "prompt")
"""What is most often another in each row."""


class Pressed:
    """The record of a row, and what it was made of. It is equal to itself alone."""

    __slots__ = ("_defaults", "_keys", "made")

    def __init__(self, keys: Mapping[str, Any], defaults: Ask, made: Ask) -> None:
        self._keys = {key: value for key, value in keys.items() if key not in ASKED}
        self._defaults = defaults
        self.made = made

    def fits(self, keys: Mapping[str, Any], defaults: Ask) -> bool:
        """Whether these keys differ in what is asked alone. True is 1, but is sent otherwise."""
        own = self._keys
        count = 0
        for key, value in keys.items():
            if key in ASKED:
                continue
            if key not in own or own[key] is not value:
                return False
            count += 1
        return count == len(own) and self._defaults[:-1] == defaults[:-1]  # the last is its run


def pressed(passed: Passed, step: str, keys: Mapping[str, Any], defaults: Ask) -> Pressed | None:
    """Return what was kept of a step, where these keys differ from it in what is asked alone."""
    found: Pressed | None = passed.last(("press", step))
    return found if found is not None and found.fits(keys, defaults) else None


def keep(passed: Passed, step: str, press: Pressed) -> Pressed:
    """Keep what the next row may need."""
    passed.keep(("press", step), press, press)
    return press


def asked(press: Pressed, reader: Reader, run_id: str) -> Ask:
    """Return the record with what another row asks; RecipeSchemaError where that is wrong."""
    made = press.made._replace(
        messages=reader.messages(),
        input=reader.asked("input"),
        prompt=reader.asked("prompt"),
        run_id=run_id,
    )
    if reader.faults:
        raise RecipeSchemaError.of(*reader.faults)
    return made
