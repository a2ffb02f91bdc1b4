"""Drive: turns the effects of a flow into deeds, and throws what failed back into the flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine.clock import spoken
from runner.errors import (
    AddressError,
    BudgetError,
    ReplayMissError,
    RunnerError,
    ServiceError,
    SettingsError,
)
from runner.exchange import Assembler, Channel, Json, Reply, Request, Spool, Transport
from runner.model import (
    Answer,
    Effect,
    Fetch,
    Flow,
    Hear,
    Open,
    Pause,
    Say,
    Tell,
    Told,
    ToolCalls,
    ToolResult,
)

if TYPE_CHECKING:
    from runner.engine.writing.decoding import Decoding


def drive(flow: Flow, perform: Callable[[Effect], Any], first: Effect | None = None) -> Answer:
    """Run a flow to its answer; `first` is what one asks for that was begun."""
    with closing(flow):
        deed: Callable[[], Any] = partial(next, flow) if first is None else lambda: first
        while True:
            try:
                effect = deed()
            except StopIteration as end:
                answer: Answer = end.value
                return answer
            try:
                deed = partial(flow.send, perform(effect))
            except RunnerError as error:
                deed = partial(flow.throw, error)


class Hearing:
    """Hears a streamed reply: assembles it, shows its text as it comes, takes the time."""

    def __init__(
        self, assembler: Assembler, clock: Callable[[], float], show: Callable[[str], None] | None
    ) -> None:
        self.assembler = assembler
        self.decoding: Decoding | None = None
        self.started = False
        self.first: float | None = None
        self.pieces: list[str] = []
        self.beats: list[float] = []
        self._clock = clock
        self._show = show
        self._begin = clock()

    def chunk(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self.started = True
        text = self.assembler.feed(data)
        if self.decoding is not None and self.decoding.take() and self.first is None:
            self.first = self._clock() - self._begin
        if not text:
            return
        if self.first is None:
            self.first = self._clock() - self._begin
        self.pieces.append(text)
        self.beats.append(self._clock() - self._begin)
        if self._show is not None:
            self._show(text)

    def heard(self, reply: Reply) -> Reply:
        """Complete the reply with what its stream was assembled to."""
        first = self.first if reply.first is None else reply.first
        reply = reply._replace(value=self.assembler.finish(), first=first)
        return reply if self.decoding is None else reply._replace(decoded=self.decoding.finish())

    def abandon(self) -> None:
        """Leave nothing of a stream that broke."""
        if self.decoding is not None:
            self.decoding.abandon()


class Performer:
    """Performs effects: sends by a transport, runs tools, waits. `last` is the last reply.

    `partial` is the text of a stream that broke, `beats` the seconds to each piece of the last one;
    `sent` the requests so far, `said` words how much of its time passed. `replies` are those of
    which no answer was made yet; `heard` are the messages of a session, where somebody wants them.
    """

    def __init__(  # noqa: PLR0913, PLR0917  all that a flow may want done
        self,
        transport: Transport,
        tools: Callable[[tuple[Any, ...]], tuple[ToolResult, ...]],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        show: Callable[[str], None] | None = None,
        fetch: Callable[[str], bytes] | None = None,
    ) -> None:
        self.transport = transport
        self._tools = tools
        self._sleep = sleep
        self.clock = clock
        self.said: Callable[[float], str] = spoken
        self._show = show
        self._fetch = fetch
        self.last: Reply | None = None
        self.replies: list[Reply] = []
        self.sent: list[Request] = []
        self.attempts = 0
        self.partial = ""
        self.beats: list[float] = []
        self.events: Callable[[float, str, Json], None] | None = None
        self.heard: list[Json] | None = None
        self.spool: Path | None = None
        self._channel: Channel | None = None
        self._begun = 0.0
        self._deeds: Mapping[type[Any], Callable[[Any], Any]] = {
            Request: self._send,
            ToolCalls: lambda effect: self._tools(effect.calls),
            Spool: self._loaded,
            Pause: lambda effect: self._sleep(effect.seconds),
            Fetch: self._fetched,
            Open: self._open,
            Say: self._say,
            Hear: self._hear,
            Tell: self._tell,
        }

    def __call__(self, effect: Effect) -> Any:
        """Perform one effect and return what it came to."""
        return self._deeds[type(effect)](effect)

    def _loaded(self, spool: Spool) -> bytes:
        return Path(spool.path).read_bytes()

    def _fetched(self, effect: Fetch) -> bytes:
        if self._fetch is None:
            message = "the reply names an address, and nothing can be fetched here"
            raise AddressError(message)
        return self._fetch(effect.address)

    def _send(self, request: Request) -> Reply:
        if request.ordinal != len(self.sent):
            request = request._replace(ordinal=len(self.sent))
        self.sent.append(request)
        if not request.listens or request.assembler is None:
            return self._came(self._carried(request))
        hearing = Hearing(request.assembler(), self.clock, self._show)
        if request.spools and self.spool is not None:
            from runner.engine.writing.decoding import decoding

            hearing.decoding = decoding(hearing.assembler, self.spool)
        try:
            reply = self._carried(request, hearing)
            reply = hearing.heard(reply) if reply.streamed else reply
        except BaseException:
            hearing.abandon()
            self.partial = "".join(hearing.pieces)
            raise
        finally:
            self.beats = hearing.beats
        return self._came(reply)

    def _came(self, reply: Reply) -> Reply:
        self.last = reply
        self.replies.append(reply)
        return reply

    def _carried(self, request: Request, hearing: Hearing | None = None) -> Reply:
        """Have a request carried, and count the attempts that it took."""
        try:
            reply = self.transport.send(request, hearing)
        except (ServiceError, BudgetError) as error:
            self.attempts += error.attempts
            if not error.attempts:
                self.sent.pop()
            raise
        except SettingsError:
            self.sent.pop()
            raise
        self.attempts += reply.attempts
        return reply

    def _open(self, effect: Open) -> None:
        self.sent.append(effect.request)
        self._begun = self.clock()
        try:
            self._channel = self.transport.open(effect.request)
        except ReplayMissError:
            self.sent.pop()
            raise

    def _say(self, effect: Say) -> None:
        self._record(">", effect.message)
        self._talk().say(effect.message)

    def _hear(self, effect: Hear) -> Told | None:
        message = self._talk().hear(effect.seconds)
        if message is None:
            return None
        self._record("<", message)
        if self.heard is not None:
            self.heard.append(message)
        if isinstance(message, dict) and message.get("type") == "response.done":
            self.replies.append(Reply(200, {}, streamed=True, value=message))
        at = getattr(self._channel, "at", None)  # A recording says when it was heard.
        return Told(message, self.clock() - self._begun if at is None else at)

    def _talk(self) -> Channel:
        if self._channel is None:
            message = "no channel is open"
            raise ServiceError(message)
        return self._channel

    def _record(self, way: str, message: Json) -> None:
        if self.events is not None:
            self.events(self.clock() - self._begun, way, message)

    def _tell(self, effect: Tell) -> None:
        self.partial += effect.text
        if self._show is not None:
            self._show(effect.text)

    def close(self) -> None:
        """Close the channel that a flow opened."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
