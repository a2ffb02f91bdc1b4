"""Limited: a transport that lets attempts go as fast as a provider allows, and no faster.

It stands below the retries, so that each attempt takes its turn, and a refusal is a pause for all.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.errors import ConnectionFailedError, SettingsError, StoppedError
from runner.exchange import Channel, Listener, Reply, Request, Transport
from runner.protocol import pacing
from runner.protocol.pacing import Limits
from runner.protocol.told import MARK, TOKEN_MARK, said
from runner.record import Record
from runner.transport.retry import asked_wait, is_over_quota
from runner.transport.shared import Place, Shared

GLANCE = 0.25
"""Seconds after which one who waits looks whether the run goes on."""
FIRST = 64
"""So many requests of a process begin one by one, where nobody knows what a service allows: what
it refuses is heard before the rest has gone out too."""
APART = 0.001
"""Seconds between these, where many are made at once."""
MANY = 8
TIDIES = frozenset(
    (
        *("files.delete", "responses.delete", "responses.cancel"),
        *("batches.cancel", "fine_tuning.jobs.cancel"),
    )
)
"""The calls that put away what a run made: they cost nothing, and are never refused."""


class Pace(Record):
    """How time passes for those who wait: seconds that only grow, sleep, seconds since 1970."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    now: Callable[[], float]


class Held(Record):
    """What an attempt holds: its epoch, its tokens as judged, and as they are counted."""

    epoch: float = 0.0
    judged: float = 0.0
    tokens: float = 0.0


FREE = Held()


class Limited:
    """Takes a turn for each attempt, and learns from its reply. Threads and processes share it.

    `name` is the provider's for people, `key` what stands for it and its account; `at_once` says
    how many requests of the process there may be at one time.
    """

    def __init__(  # noqa: PLR0913, PLR0917  what is limited, by what, and how time passes
        self,
        inner: Transport,
        limits: Limits,
        shared: Shared,
        pace: Pace,
        name: str,
        key: str = "",
        at_once: int = 1,
    ) -> None:
        self._inner = inner
        self._whole = self._limits = limits
        self._part = 1.0
        self._shared = shared
        self._pace = pace
        self._name = name
        self._key = key or name
        self._apart = APART if at_once >= MANY else 0.0
        self._places: dict[str, Place] = {}
        self._is_set = bool(limits.requests or limits.tokens)

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        """Send a request in its turn; SettingsError where it is larger than its limit.

        One that tidies up goes at once: it is to go also when the run is stopped.
        """
        if request.endpoint in TIDIES:
            return self._inner.send(request, listener)
        if self._limits.concurrency:
            return self._seated(request, listener)
        return self._send(request, listener)

    def open(self, request: Request) -> Channel:
        """Open a channel in its turn: it counts as one request."""
        self._turn(self._place(request.model), request)
        return self._inner.open(request)

    def close(self) -> None:
        """Close what is beneath."""
        self._inner.close()

    def share(self, part: float) -> None:
        """Keep to a part of the limits from now on: others who work at the same have the rest."""
        self._part, self._limits = part, pacing.share(self._whole, part)

    def _place(self, model: str) -> Place:
        found = self._places.get(model)
        if found is None:
            found = self._places[model] = self._shared.place(f"{self._key} {model}")
        return found

    def _seated(self, request: Request, listener: Listener | None) -> Reply:
        seats = self._shared.seats(self._key, self._limits.concurrency)
        while not seats.acquire(True, GLANCE):
            self._go_on()
        try:
            return self._send(request, listener)
        finally:
            seats.release()

    def _send(self, request: Request, listener: Listener | None) -> Reply:
        place = self._place(request.model)
        held = self._turn(place, request)
        try:
            reply = self._inner.send(request, listener)
        except ConnectionFailedError as error:
            if held.tokens and not error.sent:
                self._settle(place, held, 0.0)
            raise
        if (
            reply.status == 429
            or held.tokens
            or MARK in reply.headers
            or TOKEN_MARK in reply.headers
        ):
            self._learn(place, held, reply)
        return reply

    def _turn(self, place: Place, request: Request) -> Held:
        """Wait until a request may go, and count it."""
        if not self._is_set and self._is_free(place):
            place.count(self._pace.clock(), pacing.COUNTED)
            return FREE
        place.tell(self._pace.clock(), pacing.COUNTED)
        judged = self._judged(place, request)
        while not place.queue.acquire(True, GLANCE):
            self._go_on()
        try:
            return self._waited(place, judged)
        finally:
            place.queue.release()

    def _is_free(self, place: Place) -> bool:
        if self._apart and place.begun < FIRST and place.is_free:
            with place.queue:
                place.begun += 1
                self._pace.sleep(self._apart)
        return place.is_free

    def _judged(self, place: Place, request: Request) -> float:
        """Judge the tokens of a request, where tokens are limited."""
        with place.lock:
            told = place.load().told_tokens
        if not self._limits.tokens and not told:
            return 0.0
        from runner.protocol.weighing import weigh

        weight = weigh(request).whole
        if self._limits.tokens and weight > self._whole.tokens:
            raise _too_large(weight, self._whole.tokens, self._name)
        return weight

    def _waited(self, place: Place, judged: float) -> Held:
        clock = self._pace.clock
        while True:
            with place.lock:
                now = clock()
                state, turn = pacing.take(place.load(), self._limits, now, judged)
                if turn.at <= now:
                    place.save(pacing.went(state, now))
                    return Held(state.epoch, judged, turn.tokens)
                place.save(state)
            self._sleep(turn.at)
            with place.lock:
                now, later = clock(), place.load()
                if later.epoch == state.epoch:
                    place.save(pacing.went(later, now))
                    return Held(state.epoch, judged, turn.tokens)
                place.save(pacing.settle(later, self._limits, turn.tokens, 0.0))

    def _sleep(self, until: float) -> None:
        while (left := until - self._pace.clock()) > 0:
            self._go_on()
            self._pace.sleep(min(left, GLANCE))

    def _go_on(self) -> None:
        if self._shared.is_stopped:
            message = "stopped while it waited for its turn: it was not sent"
            raise StoppedError(message, hint="--resume sends it")

    def _learn(self, place: Place, held: Held, reply: Reply) -> None:
        place.tell(self._pace.clock(), pacing.COUNTED)
        found = said(reply.headers)
        if found is not None:
            with place.lock:
                until = self._pace.clock() + found.pause if found.pause else 0.0
                before = place.load()
                told = found.requests * self._part, found.tokens * self._part
                after = pacing.told(before, *told, until)
                if after != before:
                    place.save(after)
        if reply.status == 429:
            if not is_over_quota(reply):
                asked = asked_wait(reply, self._pace.now())
                with place.lock:
                    now, state = self._pace.clock(), place.load()
                    place.save(pacing.refused(state, self._limits, held.epoch, now, asked))
            self._settle(place, held, 0.0)
        elif held.tokens:
            from runner.protocol.weighing import used

            tokens = used(reply) if reply.status < 400 else 0.0
            if tokens is not None:
                self._settle(place, held, tokens)

    def _settle(self, place: Place, held: Held, used: float) -> None:
        if not held.tokens:
            return
        with place.lock:
            state = pacing.settle(place.load(), self._limits, held.tokens, used)
            place.save(pacing.learn(state, held.judged, used) if used else state)


def _too_large(weight: float, limit: float, name: str) -> SettingsError:
    message = (
        f"the request may take about {weight:,.0f} tokens, more than the {limit:,.0f} tokens a"
        f" minute that limits allow of {name}"
    )
    hint = "ask for a shorter answer (max_completion_tokens and its like), or raise limits"
    return SettingsError(message, hint=hint)
