"""Suite: several recipes: all are checked before the first request, then each is run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine import masked, memory, together
from runner.engine.carry import Carrier
from runner.engine.cautions import Cautions
from runner.engine.clock import SimulatedClock
from runner.engine.prepare import Plan, Source, drafts, plans, read
from runner.engine.reading.fetching import Fetching
from runner.engine.reading.quoting import quoting
from runner.engine.selection import Selection, nothing_chosen, selection
from runner.engine.step import Rendered
from runner.engine.tapes import Tapes
from runner.engine.tools.hooks import Hooks
from runner.engine.turn import provider_of
from runner.engine.user import settings
from runner.engine.user.options import Options, sound
from runner.engine.user.secrets import Masker, Passing
from runner.engine.verify import reachable, verified
from runner.engine.world import World
from runner.engine.writing.landing import Landing
from runner.engine.writing.places import Places
from runner.errors import Fault, RecipeError, RecipeSchemaError, SettingsError
from runner.protocol.wire import printable
from runner.record import Record
from runner.report.why import Why
from runner.results import RunResult
from runner.transport import spooling

SPARE = 32
"""Connections that may be open to a host where `--jobs` says nothing."""

if TYPE_CHECKING:
    from runner.engine.costs.budget import Budget, Purse
    from runner.engine.running import Running
    from runner.engine.transcript import Transcript


class Checked(Record):
    """A plan that was checked: its first request where it is known before sending, how many rows
    it stands for, those of a dataset, what knows where their outputs go, and what to warn of.
    """

    plan: Plan
    first: Rendered | None
    rows: int
    landing: Landing
    warnings: tuple[Fault, ...]


class Suite:
    """The recipes of one command. Makes the world they run in, and closes it."""

    def __init__(
        self,
        options: Options,
        tell: Callable[[str], None],
        environ: Mapping[str, str] | None = None,
    ) -> None:
        sound(options)
        self.options = options
        self.masker = Masker()
        self.environ = dict(os.environ if environ is None else environ)
        hide = self.masker.hide
        self.tell: Callable[[str], None] = lambda text: tell(printable(hide(text)))
        self.warnings = Cautions(lambda fault: self.tell(str(fault)), hide)
        self._show: Passing | None = None
        self._simulated = SimulatedClock(time.time, time.perf_counter)
        self.carrier = Carrier(self.tell, self.environ, self._simulated.now, options.jobs or SPARE)
        self._fetching = Fetching(self.tell, self.environ, untrusted=options.untrusted)
        self.tapes = Tapes(options, self.masker, self.tell)
        self._purse: Purse | None = None
        self._hooks: dict[tuple[Path, ...], Hooks] = {}
        self._taken: set[str] = set()
        self._claimed: set[Path] = set()
        self._transcript: Transcript | None = None
        self._rooms: dict[Path, Path] = {}
        self._running: Running | None = None
        self.places = Places(self.environ, self.masker.learn)
        self.why = Why(self.tell)
        self.begun: Callable[[], None] | None = None
        self.earlier: Callable[[Checked, RunResult], None] | None = None

    def show_with(self, show: Callable[[str], None]) -> None:
        """Show streamed text as it arrives, masked."""
        self._show = self.masker.passing(show)

    def finish_showing(self, text: str | None) -> bool:
        """Show what of a streamed text was not shown yet; return whether any of it was shown."""
        return self._show is not None and self._show.end(text or "")

    def read(self, file: str) -> Source:
        """Read one recipe and check its shape."""
        with masked.errors(self.masker.hide):
            return read(file, self.options, self.environ, self.masker.learn)

    def plans(self, file: str, *, check: bool = False) -> list[Plan]:
        """Read one recipe and plan its runs."""
        with masked.errors(self.masker.hide):
            return plans(self.read(file), check=check)

    def out(self, made: Plan | Source) -> Path:
        """Return the folder that a recipe's outputs are made in."""
        return self.places.out(made)

    def world(self, made: Plan) -> World:
        """Make the world that a plan runs in."""
        out = self.out(made)
        room, budget = self._room(self.options.out or out), self._budget(made.settings)
        world = World(
            carry=partial(self.carrier, spool=room, budget=budget),
            hooks=self.hooks(made.settings),
            out=out,
            clock=time.perf_counter,
            now=time.time,
            sleep=time.sleep,
            tell=self.tell,
            warn=partial(self.warnings.take, made),
            hide=self.masker.hide,
            show=self._show,
            fetch=lambda provider: self._fetching(provider, made.settings.allow_hosts),
            taken=self._taken,
            offline=self._simulated.time(),
            spool=room,
            events=self._transcript,
            budget=budget,
            store=self.places.store(made),
        )
        return self.tapes.around(made, world)

    def _budget(self, found: settings.Settings) -> Budget | None:
        """Return what limits the recipes of a project; None where nothing does."""
        options = self.options
        limits = (options.max_cost, options.max_requests, found.default("max_cost"))
        if limits == (None, None, None):
            return None
        from runner.engine.costs.budget import Purse

        self._purse = self._purse or Purse(options)
        return self._purse.of(found)

    def _room(self, out: Path) -> Path:
        """Return where the bodies of this command lie that are to become outputs below `out`."""
        if out not in self._rooms:
            self._rooms[out] = spooling.room(out / ".runner" / "spool")
        return self._rooms[out]

    def hooks(self, found: settings.Settings, held: Mapping[str, bytes] | None = None) -> Hooks:
        """Return the functions that the user's side registered, read once."""
        files = (*found.hooks, *self.options.hooks)
        if files not in self._hooks:
            self._hooks[files] = Hooks.load(files, held)
        return self._hooks[files]

    def checked(self, file: str, *, check: bool = False) -> Checked:
        """Check a recipe as far as can be before sending; return its first run."""
        return self.cases(file, Selection(), check=check)[0]

    def cases(self, file: str | Source, chosen: Selection, *, check: bool = False) -> list[Checked]:
        """Check the runs of a recipe that are chosen; their first steps are rendered."""
        source = self.read(file) if isinstance(file, str) else file
        if not (source.broken or chosen.takes_recipe(source.recipe.key("tags") or ())):
            return []
        with masked.errors(self.masker.hide), quoting(source.files):
            every = drafts(source, check=check)
            made = [one for one in every if one.faults] or chosen.of(every)
            self._learn(made)
            landing = Landing(self.out(source), self._claimed)
            found = [verified(one, self.world, landing) for one in made]
            rows = zip(made, found, self._counted(made, landing), strict=True)
            done = [Checked(one, its.first, n, landing, its.warnings) for one, its, n in rows if n]
        # What was rendered may hold whole pictures: of many runs each is rendered in its turn.
        return [*done[:1], *(one._replace(first=None) for one in done[1:])]

    def _counted(self, made: list[Plan], landing: Landing) -> list[int]:
        """Check the rows of a dataset for each cell of the matrix; return how many are chosen."""
        if not any(one.rows for one in made):
            return [1] * len(made)
        from runner.engine.rows import beforehand

        return [beforehand.check(one, self.world(one), landing) for one in made]

    def _learn(self, made: list[Plan]) -> None:
        for one, step in ((plan, step) for plan in made for step in plan.steps):
            with suppress(RecipeError) if one.faults else nullcontext():
                self.masker.learn_provider(provider_of(one, step, one.context))

    def runs(self, ready_to_run: list[Checked]) -> Iterator[tuple[Checked, RunResult]]:
        """Run what was checked, `jobs` at once; results come as they are done.

        After Ctrl-C what is under way is finished, and the KeyboardInterrupt raised in the end.
        """
        from runner.engine.running import Running

        if self.options.untrusted:
            from runner.engine import strangers

            strangers.limited(
                self.options, [(self.out(one.plan), one.plan) for one in ready_to_run]
            )
        for checked in ready_to_run:
            if self.tapes.ready(checked.plan):
                reachable(checked.plan)
        self.places.probe([(one.plan, one.landing) for one in ready_to_run])
        for room in self._rooms.values():
            spooling.sweep(room.parent)
        self._transcript = self._opened(ready_to_run)
        self._running = Running(self, ready_to_run, self.tapes)
        yield from self._running.results()

    def stop(self) -> None:
        """Begin no more runs; what is under way is finished."""
        if self._running is not None:
            self._running.stop()

    @property
    def before(self) -> tuple[int, int]:
        """How many rows were done before this command, and how many of them had missed."""
        return (0, 0) if self._running is None else self._running.before

    @property
    def collected(self) -> list[str]:
        """The files that hold a line of each row, as outputs are named."""
        return [] if self._running is None else self._running.collected

    @property
    def is_stopping(self) -> bool:
        """Whether no more runs begin after Ctrl-C."""
        return self._running is not None and self._running.is_stopping

    def _opened(self, ready_to_run: list[Checked]) -> Transcript | None:
        """Open what the messages of sessions go to; SettingsError where no session is run."""
        if self.options.events is None or not ready_to_run:
            return None
        from runner.engine.transcript import Transcript

        plans = [one.plan for one in ready_to_run]
        if all(step.endpoint.name != "realtime" for plan in plans for step in plan.steps):
            message = f"--events {self.options.events}: no session is run here to write it from"
            raise SettingsError(message, hint="give it with a recipe of the endpoint realtime")

        return Transcript(self.options.events, self.masker.hide)

    def all_checked(self, files: list[str], *, check: bool = False) -> list[Checked]:
        """Check every recipe that is chosen; one error with the faults of all."""
        chosen = self._selection(files)
        done: list[Checked] = []
        faults: list[Any] = []
        for file in files:
            try:
                done += self.cases(file, chosen, check=check)
            except RecipeError as error:
                faults += error.faults
        faults += self.together(done) if not faults else []
        if faults:
            raise RecipeSchemaError.of(*faults)
        if not done and chosen.failed is None:
            raise nothing_chosen(self.options)
        if self.options.last_failed and any(one.plan.rows for one in done):
            from runner.engine.rows.journals import is_begun

            done = [one for one in done if is_begun(self.out(one.plan), one.plan)]
        if self.options.stale:
            from runner.engine.writing import stale

            done = stale.chosen(done, self.world, self.why)
        return done

    def together(self, done: list[Checked]) -> list[Fault]:
        """Find what is wrong with recipes that are each right."""
        return together.faults([(one.plan, one.landing) for one in done])

    def _selection(self, files: list[str]) -> Selection:
        if not self.options.last_failed:
            return selection(self.options, None)
        outs = {self.out(self.read(file)) for file in files}
        return selection(self.options, frozenset().union(*map(memory.failed, outs)))

    def close(self) -> None:
        """Close what is open, and leave no spools."""
        self.places.close()
        self.carrier.close()
        self._fetching.close()
        if self._transcript is not None:
            self._transcript.close()
        for room in self._rooms.values():
            spooling.clear(room)
