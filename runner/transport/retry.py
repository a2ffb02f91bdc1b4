"""Retries: which failures are asked again, and after what wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from runner.errors import BudgetError, ConnectionFailedError
from runner.exchange import Channel, Listener, Reply, Request, Transport
from runner.protocol import wire
from runner.record import Record

FIRST_WAIT = 0.5
LONGEST_BACKOFF = 8.0
LONGEST_ASKED = 120.0


class Wait(Record):
    """Ask again after so many seconds; `asked` is true where the server named them."""

    seconds: float
    reason: str
    asked: bool = False


class Stop(Record):
    """This is the end: `reason` says why where that is not plain from the outcome itself."""

    reason: str = ""


class Tries(Record):
    """The attempts at a request: those that were worked on or lost, and those that came too fast.

    The service did nothing for the latter: where a request may be refused so (`refusals`), they
    use up no retries.
    """

    spent: int = 0
    refused: int = 0

    @property
    def whole(self) -> int:
        """All of them."""
        return self.spent + self.refused

    def after(self, outcome: Reply | ConnectionFailedError, request: Request) -> Tries:
        """Count an attempt by its outcome."""
        if request.refusals and request.retries and is_too_fast(outcome):
            return self._replace(refused=self.refused + 1)
        return self._replace(spent=self.spent + 1)

    def left(self, outcome: Reply | ConnectionFailedError, request: Request) -> int:
        """Return how many more may follow such an outcome, which was counted."""
        if self.refused and is_too_fast(outcome):
            return max(0, request.refusals + 1 - self.refused)
        return max(0, request.retries + 1 - self.spent)


def is_too_fast(outcome: Reply | ConnectionFailedError) -> bool:
    """Whether the service refused to work so fast."""
    return isinstance(outcome, Reply) and outcome.status == 429 and not is_over_quota(outcome)


def decide(
    outcome: Reply | ConnectionFailedError, tries: Tries, request: Request, now: float
) -> Wait | Stop:
    """Say what follows the outcome of the last of these tries, at a time in epoch seconds."""
    may = _may_retry(outcome, request) if isinstance(outcome, Reply) else not outcome.final
    if not may or not tries.left(outcome, request):
        return Stop()
    backoff = min(FIRST_WAIT * 2.0 ** min(tries.whole - 1, 30), LONGEST_BACKOFF)
    if isinstance(outcome, ConnectionFailedError):
        return Wait(backoff, _told(outcome))
    asked = asked_wait(outcome, now)
    if asked is None:
        return Wait(backoff, f"status {outcome.status}")
    if asked > LONGEST_ASKED:
        text = f"status {outcome.status}: the service asks to wait {_when(asked, now)}"
        return Stop(f"{text}, longer than the {LONGEST_ASKED:.0f} s that are waited at most")
    return Wait(asked, f"status {outcome.status}", asked=True)


def _may_retry(reply: Reply, request: Request) -> bool:
    if reply.status < 400 or reply.status in request.accepts:
        return False
    if reply.status in (401, 403) or is_over_quota(reply):
        return False
    said = reply.headers.get("x-should-retry", "").strip().lower()
    if said in ("true", "false"):
        return said == "true"
    return reply.status in (408, 409, 429) or reply.status >= 500


def is_over_quota(reply: Reply) -> bool:
    """Whether the account is out of money or over its own limit: no wait helps."""
    if not isinstance(reply.body, bytes):
        return False
    return wire.api_error(reply.status, reply.body, reply.headers).is_over_quota


def asked_wait(reply: Reply, now: float) -> float | None:
    """Return the wait that the server asks for, in seconds; None where it asks for none."""
    milliseconds = _number(reply.headers.get("retry-after-ms"))
    if milliseconds is not None and milliseconds > 0:
        return milliseconds / 1000
    for name in ("retry-after", "llm_provider-retry-after"):
        said = reply.headers.get(name)
        seconds = _number(said)
        if seconds is None:
            seconds = _until(said, now)
        if seconds is not None and seconds > 0:
            return seconds
    return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _until(text: str | None, now: float) -> float | None:
    from email.utils import parsedate_to_datetime  # few servers say a date

    try:
        return parsedate_to_datetime(text or "").timestamp() - now
    except (ValueError, OverflowError, TypeError):
        return None


def _when(seconds: float, now: float) -> str:
    try:
        end = datetime.fromtimestamp(now + seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{seconds:.0f} s"
    return f"{seconds:,.0f} s (until {end:%Y-%m-%d %H:%M:%S} UTC)"


def _told(error: ConnectionFailedError) -> str:
    text = str(error.args[0])
    return f"{text}; it was sent, so that a retry may be a second charge" if error.sent else text


def _counted(reply: Reply, attempts: int) -> Reply:
    return reply if attempts == reply.attempts else reply._replace(attempts=attempts)


class Retry:
    """A transport that asks again where that may help, and counts how often it asked."""

    def __init__(
        self,
        inner: Transport,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        jitter: Callable[[], float],
        announce: Callable[[str], None],
    ) -> None:
        self._inner = inner
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter
        self._announce = announce

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        """Send until a reply is final; it may have any status. `attempts` says how often."""
        tries = Tries()
        while True:
            try:
                outcome = self._try(request, listener)
            except BudgetError as error:
                error.attempts = tries.whole
                raise
            tries = tries.after(outcome, request)
            if isinstance(outcome, Reply) and outcome.status < 400:
                return _counted(outcome, tries.whole)
            verdict = decide(outcome, tries, request, self._clock())
            if listener is not None and listener.started:
                verdict = Stop()
            if isinstance(verdict, Stop):
                return self._end(outcome, verdict, tries.whole, request)
            seconds = verdict.seconds * (1 if verdict.asked else 1 - 0.25 * self._jitter())
            number = f"attempt {tries.whole + 1} of {tries.whole + tries.left(outcome, request)}"
            self._say(request, f"{verdict.reason}: asking again in {seconds:.1f} s ({number})")
            self._sleep(seconds)

    def open(self, request: Request) -> Channel:
        """Open a channel, once: a conversation that broke cannot be taken up by itself."""
        return self._inner.open(request)

    def close(self) -> None:
        """Close what is beneath."""
        self._inner.close()

    def _try(self, request: Request, listener: Listener | None) -> Reply | ConnectionFailedError:
        try:
            reply = self._inner.send(request, listener)
        except ConnectionFailedError as error:
            return error
        if listener is not None and reply.streamed and not listener.started:
            return ConnectionFailedError("the stream ended before its first event")
        return reply

    def _say(self, request: Request, text: str) -> None:
        """Announce something of a request by the run that it is of: there may be several."""
        self._announce(f"{request.run_id}: {text}" if request.run_id else text)

    def _end(
        self, outcome: Reply | ConnectionFailedError, stop: Stop, attempt: int, request: Request
    ) -> Reply:
        if stop.reason:
            self._say(request, stop.reason)
        if isinstance(outcome, Reply):
            return _counted(outcome, attempt)
        if attempt == 1:
            raise outcome
        text = f"{outcome.args[0]} (after {attempt} attempts)"
        error = ConnectionFailedError(text, hint=outcome.hint, sent=outcome.sent)
        error.attempts = attempt
        raise error from outcome
