"""Shipping: what workers on other machines need to run rows: plans, files, hooks; no key.

Plans are sent as they were checked, with the bytes of the files that all rows share. What a row
names itself is found on storage that all share. Secrets are sent by name: workers have their own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine.passed import Passed
from runner.engine.prepare import Plan
from runner.engine.reading.attach import is_address
from runner.engine.reading.files import STDIN
from runner.engine.user.environment import declared_names
from runner.engine.user.options import Options
from runner.engine.verify import output_paths
from runner.engine.workers import sealing
from runner.errors import SettingsError
from runner.recipe import template
from runner.record import Record
from runner.results import RunResult, StepResult

if TYPE_CHECKING:
    from runner.engine.suite import Checked, Suite

LARGEST = 64 << 20
"""Bytes of files that are sent, at the most: larger ones belong on storage that all share."""
ADDRESSES = (
    *("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"),
    *("AZURE_OPENAI_ENDPOINT", "OPENAI_API_VERSION"),
)
"""Variables of the environment that say where to ask: those of the driver count everywhere."""
OWN_KEYS = "keys are not sent: start `dask worker` with it in its environment"
KEYLIKE = re.compile(r"key|token|secret|auth|password|cookie", re.IGNORECASE)


class Shipment(Record):
    """What a worker makes its own: the plans, by their numbers.

    `here` is the driver's working directory, `files` are contents by their places, `addresses` its
    variables that say where to ask. `room` is a folder that is there while the driver runs, ""
    where no outputs go to a disk.
    """

    plans: tuple[Plan, ...]
    options: Options
    here: Path
    files: Mapping[str, bytes]
    addresses: Mapping[str, str]
    room: str


def refuse(options: Options, plans: list[Plan]) -> None:
    """Raise SettingsError where what is asked for needs one machine."""
    alone = {
        "--cassette": options.cassette != "off",
        "--via batch": options.via != "live",
        "--events": options.events is not None,
        "--untrusted": options.untrusted,
        "--max-cost": options.max_cost is not None,
        "--max-requests": options.max_requests is not None,
        "defaults.max_cost": any(plan.settings.default("max_cost") is not None for plan in plans),
    }
    for name, is_set in alone.items():
        if is_set:
            message = f"{name} is kept by one machine: it does not go with --cluster"
            raise SettingsError(message, hint="leave one of the two out; --jobs N needs no cluster")
    for plan in plans:
        _refuse(plan)


def _refuse(plan: Plan) -> None:
    name = plan.recipe.name
    if plan.rows is None:
        message = f"--cluster carries the rows of datasets: {name} has none"
        raise SettingsError(message, hint="run it without --cluster")
    for path in _unsure(plan):
        message = f"{name}: two rows on two machines could write one file, as {path!r} allows"
        raise SettingsError(message, hint="put {{ row_id }} into the path")
    for provider, row in plan.settings.section("providers").items():
        for header in row.get("headers", {}):
            if KEYLIKE.search(str(header)):
                message = f"provider {provider}: the header {header} is a secret, and is not sent"
                raise SettingsError(message, hint="name it by api_key: {env: NAME}")


def _unsure(plan: Plan) -> Iterator[str]:
    """List the output paths of which the rows before the first request do not show one each."""
    for step in plan.steps:
        is_late = bool({"if", "for_each", "vars"} & {*step.keys})
        for path, _ in output_paths(step.keys.get("output")):
            read = {*template.names(path)}
            if "row_id" not in read and (is_late or not read <= {*plan.context}):
                yield str(path)


def secrets_of(plan: Plan) -> dict[str, str]:
    """Return the secrets that a plan may hold, by the variables that they come from."""
    environ = plan.settings.environ
    named = {*plan.settings.key_names}
    named |= {name for name in declared_names(plan.recipe) if environ.get(name) in plan.secrets}
    return {name: environ[name] for name in named if environ.get(name)}


def shipped(suite: Suite, ready: list[Checked]) -> bytes:
    """Return what workers need, sealed."""
    plans = [one.plan for one in ready]
    here = Path.cwd()
    environ: dict[str, str] = {}
    placed = [_placed(suite, plan, here) for plan in plans]
    made = Shipment(
        tuple(_bare(*one, here, environ) for one in zip(plans, placed, strict=True)),
        placed[0],
        here,
        dict(_contents(plans, here)),
        {name: plans[0].settings.environ.get(name, "") for name in ADDRESSES},
        _room(suite, plans),
    )
    known: dict[str, str] = {}
    for plan in plans:
        known |= secrets_of(plan)
    return sealing.seal(made, known, environ)


def _room(suite: Suite, plans: list[Plan]) -> str:
    """Make the folder by which workers know the driver's disk."""
    for plan in plans:
        room = suite.world(plan).spool
        if suite.places.store(plan) is None and room is not None:
            room.mkdir(parents=True, exist_ok=True)
            return str(_far(room))
    return ""


def _placed(suite: Suite, plan: Plan, here: Path) -> Options:
    """Return options whose paths mean the same wherever they are read."""
    options, store = suite.options, suite.places.store(plan)
    return options._replace(
        out=_far(suite.out(plan)),
        store=store.address if store is not None else "",
        hooks=tuple(here / path for path in options.hooks),
        allow_paths=tuple(here / path for path in options.allow_paths),
        cluster=None,
    )


def _far(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  links stay as they are, `..` does not


def _bare(plan: Plan, options: Options, here: Path, environ: Mapping[str, str]) -> Plan:
    """Return a plan without what is of this machine: its environment, and what was checked."""
    files = plan.files.copy()
    files.digests = {_absolute(name, here): digest for name, digest in files.digests.items()}
    recipe = plan.recipe._replace(file=_absolute(plan.recipe.file, here))
    settings = plan.settings._replace(environ=environ)
    return plan._replace(
        recipe=recipe, files=files, settings=settings, options=options, passed=Passed()
    )


def _absolute(name: str, here: Path) -> str:
    return name if name == STDIN or is_address(name) else str(here / name)


def _contents(plans: list[Plan], here: Path) -> Iterator[tuple[str, bytes]]:
    """Read the files that all rows share, and the hooks; those that hold keys stay."""
    left = LARGEST
    for name in dict.fromkeys(name for plan in plans for name in _named(plan)):
        place = here / name
        with suppress(OSError):
            if place.is_file() and place.stat().st_size <= left:
                content = place.read_bytes()
                left -= len(content)
                yield str(place), content


def _named(plan: Plan) -> Iterator[str]:
    yield from (name for name in plan.files.digests if name != STDIN and not is_address(name))
    yield from map(str, (*plan.settings.hooks, *plan.options.hooks))


def homeward(result: RunResult, recipe: str, out: Path) -> RunResult:
    """Word a result as if it had been made here."""
    far = _far(out)

    def near(path: str) -> str:
        place = Path(path)
        return str(out / place.relative_to(far)) if far in place.parents else path

    def step(one: StepResult) -> StepResult:
        return one._replace(files=tuple(f._replace(path=near(f.path)) for f in one.files))

    return result._replace(recipe=recipe, steps=tuple(map(step, result.steps)))


def known_secrets(plans: list[Plan], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets that results may hold, as they are here."""
    named: set[str] = set()
    for plan in plans:
        named |= {*plan.settings.key_names, *declared_names(plan.recipe)}
    return {name: environ[name] for name in named if environ.get(name)}


def environment(shipment: Shipment) -> dict[str, str]:
    """Return the environment that rows see at a worker: its own, asking where the driver asks."""
    from runner.engine.user.dotenv import dotenv, text_of

    found: dict[str, str] = {}
    for plan in shipment.plans:
        named = plan.settings.project.get("env_file", ()) if plan.settings.project else ()
        for name in [named] if isinstance(named, str) else named:
            with suppress(SettingsError):
                found |= dotenv(text_of(plan.settings.root / name, f"env_file {name}"))
    found |= {name: value for name, value in os.environ.items() if name not in ADDRESSES}
    return found | {name: value for name, value in shipment.addresses.items() if value}


def opened(content: bytes) -> tuple[Shipment, dict[str, str]]:
    """Open what was shipped, with the secrets of this machine; return its environment too."""
    environ: dict[str, str] = {}
    first = sealing.unseal(content, lambda _: "", environ)
    environ |= environment(first)
    return sealing.unseal(content, _lookup(environ), environ), environ


def _lookup(environ: Mapping[str, Any]) -> Callable[[str], str]:
    def found(name: str) -> str:
        if environ.get(name):
            return str(environ[name])
        message = f"{name} is not set where the worker runs"
        raise SettingsError(message, hint=OWN_KEYS)

    return found
