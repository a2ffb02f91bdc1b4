"""Suite: several recipes: all are checked before the first request, then each is run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.engine import settings
from runner.engine.carry import Carrier
from runner.engine.clock import SimulatedClock
from runner.engine.fetching import Fetching
from runner.engine.hooks import Hooks
from runner.engine.options import Options
from runner.engine.prepare import Plan, plan
from runner.engine.run import run
from runner.engine.secrets import Masker, Passing
from runner.engine.step import Rendered
from runner.engine.turn import provider_of
from runner.engine.verify import reachable, verified
from runner.engine.world import World
from runner.errors import (
    Fault,
    RecipeError,
    RecipeSchemaError,
    SettingsError,
    StoppedError,
    TerminatedError,
)
from runner.protocol.wire import printable
from runner.recipe import lint
from runner.results import RunResult
from runner.transport import spooling

STOPS = (StoppedError.exit_code, TerminatedError.exit_code)

if TYPE_CHECKING:
    from runner.engine.transcript import Transcript


class Checked(NamedTuple):
    """A plan that was checked, and its first request where it is known before sending."""

    plan: Plan
    first: Rendered | None


class Suite:
    """The recipes of one command. Makes the world they run in, and closes it."""

    def __init__(
        self,
        options: Options,
        tell: Callable[[str], None],
    ) -> None:
        _deadline(options.timeout)
        self.options = options
        self.masker = Masker()
        self.environ = dict(os.environ)
        self._tell = lambda text: tell(printable(self.masker.hide(text)))
        self._show: Passing | None = None
        self._simulated = SimulatedClock(time.time, time.perf_counter)
        self._carrier = Carrier(self._tell, self.environ, self._simulated.now)
        self._fetching = Fetching(self._tell, self.environ)
        self._hooks: dict[tuple[Path, ...], Hooks] = {}
        self._taken: set[Path] = set()
        self._claimed: set[Path] = set()
        self._transcript: Transcript | None = None
        self._rooms: dict[Path, Path] = {}

    def show_with(self, show: Callable[[str], None]) -> None:
        """Show streamed text as it arrives, masked."""
        self._show = self.masker.passing(show)

    def finish_showing(self, text: str | None) -> bool:
        """Show what of a streamed text was not shown yet; return whether any of it was shown."""
        return self._show is not None and self._show.end(text or "")

    def plan(self, file: str, *, check: bool = False) -> Plan:
        """Read and check one recipe."""
        try:
            return plan(file, self.options, self.environ, self.masker.learn, check=check)
        except RecipeError as error:
            raise self._hidden(error) from error

    def _hidden(self, error: RecipeError) -> RecipeError:
        """Mask the secrets that a value in a message may hold."""
        hide = self.masker.hide
        told = {hide(str(fault)) != str(fault) for fault in error.faults}
        if True not in told:
            return error
        return type(error).of(
            *(
                fault._replace(message=hide(fault.message), hint=hide(fault.hint))
                for fault in error.faults
            )
        )

    def world(self, made: Plan) -> World:
        """Make the world that a plan runs in."""
        own = made.settings.default("out")
        out = self.options.out or (made.settings.root / own if own else "out")
        return World(
            carry=partial(self._carrier, spool=self._room(Path(out))),
            hooks=self.hooks(made.settings),
            out=Path(out),
            clock=time.perf_counter,
            now=time.time,
            sleep=time.sleep,
            tell=self._tell,
            hide=self.masker.hide,
            show=self._show,
            fetch=lambda provider: self._fetching(provider, made.settings.allow_hosts),
            taken=self._taken,
            offline=self._simulated.time(),
            spool=self._room(Path(out)),
            events=self._transcript,
        )

    def _room(self, out: Path) -> Path:
        """Return where the bodies of this command lie that are to become outputs below `out`."""
        if out not in self._rooms:
            self._rooms[out] = spooling.room(out / ".runner" / "spool")
        return self._rooms[out]

    def hooks(self, found: settings.Settings) -> Hooks:
        """Return the functions that the user's side registered, read once."""
        files = (*found.hooks, *self.options.hooks)
        if files not in self._hooks:
            self._hooks[files] = Hooks.load(files)
        return self._hooks[files]

    def checked(self, file: str, *, check: bool = False) -> Checked:
        """Check a recipe as far as can be before sending: its first step is rendered."""
        made = self.plan(file, check=check)
        try:
            for step in made.steps:
                self._learn(made, step)
            return Checked(made, verified(made, self.world(made), self._claimed))
        except RecipeError as error:
            raise self._hidden(made.files.quoted(error)) from error

    def _learn(self, made: Plan, step: Any) -> None:
        provider = provider_of(made, step, made.context)
        for secret in (provider.key, provider.token):
            if secret is not None:
                self.masker.learn(secret.reveal())

    def runs(self, files: list[str]) -> Iterator[tuple[Checked, RunResult]]:
        """Check every recipe, then run them one after the other."""
        ready_to_run = self.all_checked(files)
        for checked in ready_to_run:
            reachable(checked.plan)
        for room in self._rooms.values():
            spooling.sweep(room.parent)
        self._transcript = self._opened()
        for checked in ready_to_run:
            result = run(checked.plan, self.world(checked.plan), checked.first)
            yield checked, result
            if result.exit_code in STOPS:
                return

    def _opened(self) -> Transcript | None:
        if self.options.events is None:
            return None
        from runner.engine.transcript import Transcript

        return Transcript(self.options.events, self.masker.hide)

    def all_checked(self, files: list[str], *, check: bool = False) -> list[Checked]:
        """Check every recipe; one error with the faults of all."""
        done: list[Checked] = []
        faults: list[Any] = []
        for file in files:
            try:
                done.append(self.checked(file, check=check))
            except RecipeError as error:
                faults += error.faults
        faults += unread(done) if not faults else []
        if faults:
            raise RecipeSchemaError.of(*faults)
        return done

    def close(self) -> None:
        """Close what is open, and leave no spools."""
        self._carrier.close()
        self._fetching.close()
        if self._transcript is not None:
            self._transcript.close()
        for room in self._rooms.values():
            spooling.clear(room)


def unread(done: list[Checked]) -> list[Fault]:
    """Find values of the command line that none of the recipes reads."""
    unread = frozenset.intersection(*(checked.plan.unread for checked in done))
    declared = [name for checked in done for name in checked.plan.values.values]
    return [lint.no_reader(name, declared) for name in sorted(unread)]


def _deadline(text: str | None) -> None:
    """Refuse a timeout that is no duration above 0."""
    from runner.recipe.ask import seconds

    if text is None:
        return
    try:
        above = seconds(text) > 0
    except ValueError:
        above = False
    if not above:
        message = f"--timeout {text}: expected a duration above 0 such as 30s, 500ms or 2m"
        raise SettingsError(message)
