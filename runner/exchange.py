"""Exchange: a request, its reply, and the faces of those who carry them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

from runner.record import Record

Json: TypeAlias = Any
"""What JSON can hold: None, bool, int, float, str, list, dict."""


class Timeout(Record):
    """Deadlines of one attempt, in seconds. `idle` is fed by data alone."""

    connect: float = 10.0
    idle: float = 600.0
    total: float = 600.0


class Spool(Record):
    """A body that lies on disk."""

    path: str
    size: int
    sha256: str


Body: TypeAlias = bytes | Spool
"""Raw bytes, in memory or on disk."""


class Part(Record):
    """One field of a multipart form; a file where `file_name` is given."""

    name: str
    body: Body
    file_name: str = ""
    media_type: str = ""


class Multipart(Record):
    """A multipart form; its boundary comes from its content."""

    parts: tuple[Part, ...]


class JsonBody(Record):
    """A body sent as JSON."""

    value: Json


RequestBody: TypeAlias = JsonBody | Multipart | bytes | Spool | None


class Assembler(Protocol):
    """Makes one JSON value of a stream's bytes. Contract: see `runner.protocol.sse`."""

    def feed(self, data: bytes) -> str:
        """Take bytes; return the text that they add to the answer ("" where none)."""

    def finish(self) -> Json:
        """Return the assembled body; raise `BadReplyError` where the stream was cut."""


@runtime_checkable
class Decoder(Assembler, Protocol):
    """An assembler that makes bytes too, which may be many: they are taken as they come."""

    def taken(self) -> bytes:
        """Return the bytes that came since the last call."""


class Request(Record):
    """What to send. It holds no host and no key: the provider's transport adds them.

    `endpoint` is the table's name, `path` the path below the base URL ("/chat/completions").
    `run_id` is `recipe::step[cell]#repeat`; with `ordinal` (0, 1, … within the run of the step) it
    names the request in recordings; both stay outside the request's hash.
    `accepts` are the statuses that the recipe expects though they bring no whole answer.
    `assembler` makes the decoder of a streamed reply. `listens` is true where the
    recipe asked for a stream. `spools` says that the reply's body is to go to disk. `refusals` is
    how many attempts may come too fast for the service before they use up the `retries`: those for
    one of many rows do, while the pace is learned.
    """

    method: str
    path: str
    endpoint: str
    body: RequestBody = None
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    model: str = ""
    listens: bool = False
    spools: bool = False
    assembler: Callable[[], Assembler] | None = None
    accepts: tuple[int, ...] = ()
    timeout: Timeout = Timeout()
    retries: int = 2
    refusals: int = 0
    run_id: str = ""
    ordinal: int = 0


class Reply(Record):
    """What came back. `headers` have lower-case names; times are in seconds.

    `streamed` means that the body went through a `Listener` as it came: `value` is then what its
    assembler made of it, and `body` the raw bytes. `elapsed` is the last attempt's time;
    `first` the time from sending to the first text of a stream. `decoded` are the bytes that a
    stream's assembler made (a `Decoder`), where it makes any. `accepted` means that the request
    accepts its status: the body may be anything, and the expectations decide.
    """

    status: int
    headers: Mapping[str, str]
    body: Body = b""
    streamed: bool = False
    value: Json = None
    elapsed: float = 0.0
    first: float | None = None
    attempts: int = 1
    decoded: Body | None = None
    accepted: bool = False


class Listener(Protocol):
    """Sees a streamed reply pass. `started` is true once something was handed on."""

    started: bool

    def chunk(self, data: bytes) -> None:
        """Take the next decoded bytes of the body."""


class Channel(Protocol):
    """A conversation of JSON messages over one connection."""

    def say(self, message: Json) -> None:
        """Send one message."""

    def hear(self, timeout: float) -> Json:
        """Return the next message, or None where the other side has closed."""

    def close(self) -> None:
        """Say goodbye."""


class Transport(Protocol):
    """Carries requests. Transports nest; each adds one concern."""

    def send(self, request: Request, listener: Listener | None = None) -> Reply:
        """Send one request and return its reply; raise a `ServiceError` where none came."""

    def open(self, request: Request) -> Channel:
        """Open a two-way channel."""

    def close(self) -> None:
        """Let go of what is held open."""
