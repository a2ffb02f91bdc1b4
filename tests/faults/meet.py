"""Meets a fault as a user does: a recipe is run, with waits that are only counted."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from runner.engine.carry import Spoken
from runner.engine.reading.fetching import Fetching
from runner.engine.run import run
from runner.engine.tools.hooks import Hooks
from runner.engine.user.secrets import Masker
from runner.engine.world import World
from runner.protocol import providers
from runner.protocol.providers import Provider
from runner.results import RunResult
from runner.transport.http import Address, Http, Limits
from runner.transport.retry import Retry
from tests.engine.playing import Clock, planned, written
from tests.faults.calls import CALLS, GIVEN
from tests.faults.classes.row import RIGHT
from tests.faults.server import FaultServer, Seen

KEY = "sk-sentinel-0123456789"
QUICK = "{connect: 1s, idle: 300ms, total: 1200ms}"
ROOMY = "{connect: 5s, idle: 8s, total: 10s}"
LIMITS = Limits(reply=4 << 20, error=1 << 16, spool=8 << 20)


class Met(NamedTuple):
    """What came of it. `seconds` is what it took; `lines` are the messages on the way."""

    result: RunResult
    error: Exception | None
    waits: list[float]
    seen: list[Seen]
    seconds: float
    lines: list[str]
    shown: str
    out: Path

    @property
    def attempts(self) -> int:
        """How often the request was sent that was sent most often."""
        return max(
            Counter((one.method, one.path, one.body) for one in self.seen).values(), default=0
        )

    @property
    def files(self) -> list[str]:
        """What lies in the folder of outputs but the runner's own."""
        found = (place.relative_to(self.out) for place in self.out.rglob("*") if place.is_file())
        return sorted(str(one) for one in found if one.parts[0] != ".runner")


def ended(met: Met, told: str, *, is_right: bool) -> bool:
    """Whether it ended in what is to be told."""
    if is_right or told == RIGHT:
        return is_right and told == RIGHT
    return re.search(told, Masker((KEY,)).hide(str(met.error or ""))) is not None


def meet(
    server: FaultServer,
    folder: Path,
    kind: str,
    base: str,
    *,
    quick: bool = True,
    limits: Limits = LIMITS,
    more: str = "",
) -> Met:
    """Run the recipe of a kind against a base URL."""
    written(folder, GIVEN)
    text = CALLS[kind].recipe + f"timeout: {QUICK if quick else ROOMY}\n" + more
    made = planned(folder, text, {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base})
    clock, before = Clock(), len(server.log)
    lines: list[str] = []
    shown: list[str] = []
    opened: list[Retry] = []
    out = folder / "out"

    def carry(provider: Provider) -> Spoken:
        def address(request: object) -> Address:
            url = providers.url(provider, request)  # type: ignore[arg-type]
            return Address(url, provider.headers, lambda: providers.key_headers(provider))

        http = Http(address, limits=limits, environ={}, spool=out / ".runner")
        retry = Retry(
            http, sleep=clock.sleep, clock=time.time, jitter=lambda: 0.0, announce=lines.append
        )
        opened.append(retry)
        return Spoken(provider, retry)

    fetching = Fetching(lines.append, {})
    world = World(
        carry=carry,
        hooks=Hooks({}, {}),
        out=out,
        clock=clock.now,
        now=clock.now,
        sleep=clock.sleep,
        tell=lines.append,
        warn=lambda fault: lines.append(str(fault)),
        hide=Masker((*made.secrets, KEY)).hide,
        show=shown.append,
        taken=set(),
        fetch=fetching,
        spool=out / ".runner",
    )
    began = time.monotonic()
    try:
        result = run(made, world)
    finally:
        took = time.monotonic() - began
        for one in opened:
            one.close()
        fetching.close()
    error = next((step.error for step in result.steps if step.error), None)
    seen = server.log[before:]
    return Met(result, error, clock.waits, seen, took, lines, "".join(shown), out)
