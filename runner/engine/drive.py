"""Drive: turns the effects of a flow into deeds, and throws what failed back into the flow."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import AddressError, RunnerError, ServiceError
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
    from runner.engine.decoding import Decoding


def drive(flow: Flow, perform: Callable[[Effect], Any]) -> Answer:
    """Run a flow to its answer."""
    with closing(flow):
        deed: Callable[[], Any] = partial(next, flow)
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
        if self._show is not None:
            self._show(text)

    def heard(self, reply: Reply) -> Reply:
        """Complete the reply with what its stream was assembled to."""
        reply = reply._replace(value=self.assembler.finish(), first=self.first)
        return reply if self.decoding is None else reply._replace(decoded=self.decoding.finish())

    def abandon(self) -> None:
        """Leave nothing of a stream that broke."""
        if self.decoding is not None:
            self.decoding.abandon()


class Performer:
    """Performs effects: sends by a transport, runs tools, waits. `last` is the last reply.

    `partial` is the text of a stream that broke; `sent` the requests so far.
    """

    def __init__(
        self,
        transport: Transport,
        tools: Callable[[tuple[Any, ...]], tuple[ToolResult, ...]],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        show: Callable[[str], None] | None = None,
        fetch: Callable[[str], bytes] | None = None,
    ) -> None:
        self._transport = transport
        self._tools = tools
        self._sleep = sleep
        self.clock = clock
        self._show = show
        self._fetch = fetch
        self.last: Reply | None = None
        self.sent: list[Request] = []
        self.attempts = 0
        self.partial = ""
        self.events: Callable[[float, str, Json], None] | None = None
        self.spool: Path | None = None
        self._channel: Channel | None = None
        self._begun = 0.0

    def __call__(self, effect: Effect) -> Any:
        """Perform one effect and return what it came to."""
        match effect:
            case Request():
                return self._send(effect)
            case ToolCalls(calls):
                return self._tools(calls)
            case Spool(path):
                return Path(path).read_bytes()
            case Pause(seconds):
                return self._sleep(seconds)
            case Fetch(address):
                return self._fetched(address)
            case Open(request):
                return self._open(request)
            case Say(message):
                return self._say(message)
            case Hear(seconds):
                return self._hear(seconds)
            case Tell(text):
                return self._tell(text)

    def _fetched(self, address: str) -> bytes:
        if self._fetch is None:
            message = "the reply names an address, and nothing can be fetched here"
            raise AddressError(message)
        return self._fetch(address)

    def _send(self, request: Request) -> Reply:
        request = request._replace(ordinal=len(self.sent))
        self.sent.append(request)
        if not request.listens or request.assembler is None:
            self.last = self._carried(request)
            return self.last
        hearing = Hearing(request.assembler(), self.clock, self._show)
        if request.spools and self.spool is not None:
            from runner.engine.decoding import decoding

            hearing.decoding = decoding(hearing.assembler, self.spool)
        try:
            reply = self._carried(request, hearing)
            self.last = hearing.heard(reply) if reply.streamed else reply
        except BaseException:
            hearing.abandon()
            self.partial = "".join(hearing.pieces)
            raise
        return self.last

    def _carried(self, request: Request, hearing: Hearing | None = None) -> Reply:
        """Have a request carried, and count the attempts that it took."""
        try:
            reply = self._transport.send(request, hearing)
        except ServiceError as error:
            self.attempts += error.attempts
            raise
        self.attempts += reply.attempts
        return reply

    def _open(self, request: Request) -> None:
        self.sent.append(request)
        self._begun = self.clock()
        self._channel = self._transport.open(request)

    def _say(self, message: Json) -> None:
        self._record(">", message)
        self._talk().say(message)

    def _hear(self, seconds: float) -> Told | None:
        message = self._talk().hear(seconds)
        if message is None:
            return None
        self._record("<", message)
        return Told(message, self.clock() - self._begun)

    def _talk(self) -> Channel:
        if self._channel is None:
            message = "no channel is open"
            raise ServiceError(message)
        return self._channel

    def _record(self, way: str, message: Json) -> None:
        if self.events is not None:
            self.events(self.clock() - self._begun, way, message)

    def _tell(self, text: str) -> None:
        self.partial += text
        if self._show is not None:
            self._show(text)

    def close(self) -> None:
        """Close the channel that a flow opened."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
