"""Labour: what a worker of a cluster does: rows of a run, many at once, while they are wanted.

A worker gets the rows in chunks. All chunks of a run share one pool of threads, so that none waits
for the last row of another; a chunk goes home as its last row is done.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock
from typing import Any

from runner import __version__
from runner.engine.prepare import Plan
from runner.engine.rows.dataset import Row
from runner.engine.rows.withrow import with_row
from runner.engine.run import run
from runner.engine.suite import Suite
from runner.engine.turn import provider_of
from runner.engine.verify import reachable
from runner.engine.workers import crew, sealing, shipping
from runner.engine.workers.shipping import Shipment
from runner.engine.world import World
from runner.errors import SettingsError
from runner.record import Record
from runner.results import RunResult

MOST_TOLD = 20
"""Notes of a chunk that are sent home."""
NONE = "nothing of ours"
KEPT = 2
"""Runs that a worker keeps ready: drivers that were killed told it of no end."""


class Order(Record):
    """What is said with each chunk: the run, its versions, threads, and share of the limits."""

    run: str
    versions: tuple[str, ...]
    jobs: int
    share: float
    keeps: bool


class Work(Record):
    """A row to be run: the numbers of its plan and its place."""

    plan: int
    place: int
    row: Row | None


@cache
def versions() -> tuple[str, ...]:
    """Return what has to be the same everywhere: of this package, Python, and distributed."""
    python = ".".join(map(str, sys.version_info[:2]))
    return f"runner {__version__}", f"Python {python}", f"distributed {version('distributed')}"


class Labour:
    """One run, as a worker knows it."""

    def __init__(self, content: bytes, jobs: int, keeps: bool) -> None:
        shipment, environ = shipping.opened(content)
        self._keeps = keeps
        self._told: list[str] = []
        self._scratch: Path | None = None
        self._is_shared = not shipment.room or Path(shipment.room).is_dir()
        self._secrets = shipping.known_secrets([*shipment.plans], environ)
        self._plans = [self._settled(number, shipment) for number in range(len(shipment.plans))]
        options = self._plans[0].options._replace(jobs=jobs, out=None)
        self._suite = Suite(options, self._told.append, environ)
        for plan in self._plans:
            self._adopt(plan, shipment.files)
        self._worlds: dict[int, World] = {}
        self._pool = ThreadPoolExecutor(jobs, "runner")
        self.chunks = 0
        self.is_halted = False

    def _adopt(self, plan: Plan, contents: Mapping[str, bytes]) -> None:
        """Take a plan that was checked elsewhere: its hooks, and what is not to be shown."""
        try:
            reachable(plan)
        except SettingsError as error:
            raise SettingsError(str(error.args[0]), hint=shipping.OWN_KEYS) from error
        self._suite.hooks(plan.settings, contents)
        keys = [provider_of(plan, step, plan.context) for step in plan.steps]
        hidden = [one.reveal() for key in keys for one in (key.key, key.token) if one is not None]
        for secret in (*plan.secrets, *hidden):
            self._suite.masker.learn(secret)

    def _settled(self, number: int, shipment: Shipment) -> Plan:
        """Return a plan that finds its files here, and has a place for what it makes."""
        plan = shipment.plans[number]
        plan.files.settle(shipment.here, shipment.files)
        if self._is_shared and not plan.options.store:
            return plan
        if not plan.options.store and not _only_collects(plan):
            message = f"{plan.options.out}, where outputs go, is not the driver's on this machine"
            raise SettingsError(message, hint="give an --out that all machines share")
        self._scratch = self._scratch or Path(mkdtemp(prefix="runner-"))
        own = self._scratch / str(number)
        return plan._replace(options=plan.options._replace(out=own))

    def done(self, works: list[Work], wanted: Callable[[], bool]) -> bytes:
        """Run rows; return what came of each, None where it was not begun, and what was told."""

        def one(work: Work) -> RunResult | None:
            return self._one(work) if wanted() and not self.is_halted else None

        results = [*self._pool.map(one, works)]
        told, self._told[:] = self._told[:MOST_TOLD], []
        return sealing.seal((results, told), self._secrets)

    def _one(self, work: Work) -> RunResult:
        plan = self._plans[work.plan]
        world = self._world(work.plan)
        made = with_row(plan, work.row) if work.row is not None else plan
        result = run(made, world)._replace(place=work.place)
        return crew.slim(self._here(result, plan), self._keeps)

    def _here(self, result: RunResult, plan: Plan) -> RunResult:
        """Keep no copy of what was put elsewhere, and name no file that nobody will find."""
        store = self._suite.places.store(plan)
        if store is not None:
            store.drop(file for step in result.steps for file in step.files)
        if self._is_shared or store is not None:
            return result
        return result._replace(steps=tuple(step._replace(files=()) for step in result.steps))

    def _world(self, number: int) -> World:
        found = self._worlds.get(number)
        if found is None:
            found = self._worlds.setdefault(number, self._suite.world(self._plans[number]))
        return found

    def share(self, part: float) -> None:
        """Keep to a part of the limits from now on."""
        self._suite.carrier.share(part)

    def halt(self) -> None:
        """Begin no more, and wait for no turn."""
        self.is_halted = True
        self._suite.carrier.stop()

    def end(self) -> None:
        """Let go of everything."""
        self.halt()
        self._pool.shutdown(wait=False)
        self._suite.close()
        if self._scratch is not None:
            rmtree(self._scratch, ignore_errors=True)


def _only_collects(plan: Plan) -> bool:
    """Whether what comes of rows is a line each, which the driver writes."""
    return "collect" in plan.recipe.keys and not any("output" in step.keys for step in plan.steps)


_runs: dict[str, Labour] = {}
_lock = Lock()


def _labour(order: Order, content: bytes) -> Labour:
    with _lock:
        if order.run not in _runs:
            _runs[order.run] = Labour(content, order.jobs, order.keeps)
        for name in [name for name, one in _runs.items() if not one.chunks][:-KEPT]:
            _runs.pop(name).end()
        found = _runs[order.run]
        found.chunks += 1
        return found


def chunk(told: tuple[Any, ...], content: bytes, rows: bytes) -> bytes:
    """Run a chunk of rows as a task of Dask's; return it sealed."""
    distributed: Any = import_module("distributed")
    worker = distributed.get_worker()

    order = Order(*told)
    if tuple(order.versions) != versions():
        message = f"the worker {worker.address} runs {', '.join(versions())}"
        raise SettingsError(message, hint=f"install the same: {', '.join(order.versions)}")
    tasks, key = worker.state.tasks, worker.get_current_task()
    distributed.secede()  # It waits for others: the next chunk may come.

    def wanted() -> bool:
        """Whether the driver still wants it: Dask lets go of what a lost driver had asked for."""
        known = tasks.get(key)
        return known is not None and known.state != "cancelled"

    labour = _labour(order, content)
    try:
        labour.share(order.share)
        return labour.done([Work(*one) for one in pickle.loads(rows)], wanted)
    finally:
        with _lock:
            labour.chunks -= 1


def halt(run: str) -> None:
    """Begin no more of a run."""
    with _lock:
        if run in _runs:
            _runs[run].halt()


def end(run: str) -> None:
    """Forget a run."""
    with _lock, suppress(KeyError):
        _runs.pop(run).end()


def told_of(found: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with workers that told their versions, by their addresses."""
    return {
        address: NONE if isinstance(one, Exception) else ", ".join(one)
        for address, one in found.items()
        if isinstance(one, Exception) or tuple(one) != versions()
    }
