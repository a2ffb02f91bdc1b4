"""An attempt: one try of one request, and the deadlines it lives by."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from runner.errors import ConnectionFailedError
from runner.exchange import Timeout

LONGER = "raise `timeout` in the recipe, for the provider or with --timeout, if it needs longer"


class Attempt:
    """Knows how long the next wait may last. Ask `left` before every wait on the network.

    `sent` turns true when the first byte of the request may have left. `guard` judges each place
    that is to be connected to. `target` is what is asked for, letter for letter.
    """

    __slots__ = (
        "_clock",
        "_idle_ends",
        "_phase",
        "_timeout",
        "_total_ends",
        "began",
        "fed_by_bytes",
        "guard",
        "host",
        "sent",
        "target",
    )

    def __init__(self, host: str, timeout: Timeout, clock: Callable[[], float]) -> None:
        self.host = host
        self.sent = False
        self.fed_by_bytes = False
        self.guard: Callable[[str], None] | None = None
        self.target = ""
        self.began = clock()
        self._clock = clock
        self._timeout = timeout
        self._phase = "connect"
        self._total_ends = self.began + timeout.total
        self._idle_ends = self.began + timeout.connect

    def connect(self) -> None:
        """A connection is being made: address, proxy and TLS share one deadline."""
        self._phase = "connect"
        self._idle_ends = self._clock() + self._timeout.connect

    def speak(self) -> None:
        """The request is being sent."""
        self._phase = "send"
        self.sent = True
        self.fed_by_bytes = False
        self.feed()

    def wait(self) -> None:
        """The status line and the headers are awaited; their bytes feed nothing."""
        self._phase = "receive"
        self.feed()

    def read(self, *, judged: bool) -> None:
        """The body comes. Where it is `judged`, only calls of `feed` feed the idle deadline."""
        self.fed_by_bytes = not judged
        self.feed()

    def feed(self) -> None:
        """Data moved: the idle deadline begins anew."""
        self._idle_ends = self._clock() + self._timeout.idle

    def left(self) -> float:
        """Return the seconds that the next wait may last; raise where there are none."""
        left = min(self._idle_ends, self._total_ends) - self._clock()
        if left <= 0:
            raise self.expired()
        return left

    def expired(self) -> ConnectionFailedError:
        """Say which deadline ended the attempt."""
        if self._total_ends <= self._idle_ends:
            text = f"no whole answer within {self._timeout.total:g} s (total time-out)"
        elif self._phase == "connect":
            text = f"no connection within {self._timeout.connect:g} s (connect time-out)"
        elif self._phase == "send":
            text = f"took nothing of the request for {self._timeout.idle:g} s (idle time-out)"
        else:
            text = f"sent no data for {self._timeout.idle:g} s (idle time-out)"
        return self.failure(text, hint=LONGER)

    def failure(self, text: str, *, hint: str = "") -> ConnectionFailedError:
        """Make the error of this attempt."""
        return ConnectionFailedError(f"{self.host}: {text}", hint=hint, sent=self.sent)

    def elapsed(self) -> float:
        """Return the seconds since the attempt began."""
        return self._clock() - self.began


CURRENT: ContextVar[Attempt] = ContextVar("CURRENT")
"""The attempt of this thread: urllib3 makes and reuses connections without a word of it."""
