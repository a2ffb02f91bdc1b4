"""Tapes: the cassettes of one command, one for each recipe, beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan
from runner.engine.reading.files import STDIN, kind_of
from runner.engine.user.options import Options
from runner.engine.user.secrets import Masker
from runner.engine.world import World
from runner.engine.writing.landing import closed, writable
from runner.errors import OutputError, SettingsError
from runner.report.wherein import Wherein
from runner.results import RunResult

if TYPE_CHECKING:
    from runner.transport.cassette import Cassette

MODES = ("off", "replay", "record", "auto")
RECORDS = ("record", "auto")
FOLDER = "cassettes"
DONE = (0, 1)
"""The exit codes of runs that asked all that they ask."""
ENDLESS = 1 << 60
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Tapes:
    """Gives each recipe its cassette; `save` writes what is new."""

    def __init__(self, options: Options, masker: Masker, tell: Callable[[str], None]) -> None:
        if options.cassette not in MODES:
            message = f"--cassette {options.cassette}: expected one of {', '.join(MODES)}"
            raise SettingsError(message)
        if options.cassette == "off" and options.max_age is not None:
            message = "--max-age tells of recordings: it needs --cassette"
            raise SettingsError(message)
        self._mode = options.cassette
        chosen = options.keyword or options.last_failed or options.chosen
        self._is_partial = bool(chosen or options.given)
        self._masker = masker
        self._tell = tell
        self._max_age = age(options.max_age)
        self._made: dict[Path, Cassette] = {}
        self._left: Counter[Path] = Counter()
        self._lock = Lock()

    def ready(self, plan: Plan) -> bool:
        """Open a recipe's cassette before anything is sent, and count a run that uses it.

        Return whether the run is sure to ask a service.
        """
        if self._mode == "off":
            return True
        cassette = self.open(plan)
        # Of a dataset some rows may be done already: what they were answered stays.
        self._left[place_of(plan)] += 1 if plan.rows is None else ENDLESS
        return self._mode == "record" or (self._mode == "auto" and cassette.is_empty)

    def probe(self, plan: Plan) -> None:
        """Raise SettingsError where replies are sure to be recorded and cannot be kept."""
        self._closed(place_of(plan))

    def open(self, plan: Plan) -> Cassette:
        """Return the cassette of a recipe; RecipeError where its file is broken.

        SettingsError where replies are sure to be recorded and cannot be kept.
        """
        place = place_of(plan)
        with self._lock:
            if place not in self._made:
                self._made[place] = self._opened(place)
            return self._made[place]

    def _opened(self, place: Path) -> Cassette:
        from runner.transport.cassette import Cassette

        return Cassette(
            place,
            self._mode,
            find=self._masker.spans,
            tell=self._tell,
            max_age=self._max_age,
            closed=self._closed(place),
        )

    def _closed(self, place: Path) -> str:
        """Say why nothing can be recorded at a place; SettingsError where something is to be.

        What is there may hold all that `auto` asks: then nothing is to be.
        """
        if self._mode not in RECORDS:
            return ""
        from runner.transport.tape import LED_AWAY, Tape, unkept

        tape = Tape(place)
        why = LED_AWAY if tape.is_led_away else writable(place) or closed(tape.folder)
        if why and (self._mode == "record" or kind_of(place) != "file"):
            raise unkept(tape.name, why)
        return why

    def around(self, plan: Plan, world: World) -> World:
        """Put the recipe's cassette, if it has one, around what is carried and fetched."""
        if self._mode == "off":
            return world
        fetch = world.fetch
        return world._replace(
            carry=lambda who: self.open(plan).wrap(partial(world.carry, who), world.spool),
            fetch=fetch and (lambda who: self.open(plan).fetching(fetch(who))),
            replays=self._mode == "replay",
        )

    def take(self, plan: Plan, result: RunResult) -> None:
        """Count a run that is over."""
        if self._mode != "off" and result.exit_code in DONE:
            self._left[place_of(plan)] -= 1

    @property
    def replayed(self) -> int:
        """How many requests recordings answered."""
        return sum(cassette.replayed for cassette in self._made.values())

    @property
    def told(self) -> str:
        """Say what was recorded, and where it is; "" where nothing was."""
        gathered = Wherein()
        kept = [cassette for cassette in self._made.values() if cassette.recorded]
        for cassette in kept:
            gathered.take(cassette.name)
        count = sum(cassette.recorded for cassette in kept)
        replies = f"{count:,} {'reply' if count == 1 else 'replies'}"
        return f"recorded {replies} in {gathered.told()}" if kept else ""

    def save(self) -> None:
        """Write every cassette. One of which not all runs succeeded keeps what it had.

        So it does where the command line may have chosen some of its runs.

        OutputError where something could not be recorded.
        """
        problems: list[str] = []
        for place, cassette in self._made.items():
            try:
                cassette.save(whole=not self._is_partial and not self._left[place])
            except OutputError as error:
                problems.append(str(error))
        if problems:
            raise OutputError("\n".join(problems))


def place_of(plan: Plan) -> Path:
    """Return where the cassette of a recipe lies."""
    file = plan.recipe.file
    if file == STDIN:
        message = "a recipe from standard input has no cassette"
        raise SettingsError(message, hint="give it as a file, or leave --cassette out")
    return Path(file).parent / FOLDER / f"{plan.recipe.name}.yaml"


def age(text: str | None) -> float | None:
    """Read `--max-age`: `90d`, `12h` and the like; SettingsError where it is none."""
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhdw]?)", text.strip())
    if found is None:
        message = f"--max-age {text}: expected a duration such as 90d, 2w or 12h"
        raise SettingsError(message)
    return float(found[1]) * SECONDS[found[2]]
