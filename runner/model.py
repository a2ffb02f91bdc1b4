"""Records: the frozen values that pass from hop to hop. They pickle, and hold no open thing.

A record is changed with `record._replace(field=value)`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, TypeAlias

from runner.errors import Mark
from runner.exchange import Body, Json, Request, Spool, Timeout
from runner.record import Record


class Secret:
    """A key: pickles, never shows itself, and is told only to the transport."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"


class Ref(Record):
    """A file, an address or an include that a recipe names; data can never be one.

    `kind`: "include" (spliced, rendered), "file" (data as a value: text, or a YAML/JSON value),
    "image", "audio" or "part" (a file as a message part), "attachment" (as endpoint decides).
    `path` is a path or an http(s) address, a template until rendered. `mark.file` is the file
    whose folder relative paths start from.
    """

    kind: str
    path: str
    mark: Mark
    options: Mapping[str, Json] = {}


class Fixed:
    """A value that is not rendered with the rest: a schema, an expression."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fixed) and self.value == other.value

    def __hash__(self) -> int:
        return hash(str(self.value))


class File(Record):
    """A file that was read for a request: its bare name, media type, bytes or place on disk.

    `head` are the first bytes of one that stays on disk; `is_cut` is true of a picture there that
    lacks its end.
    """

    name: str
    media_type: str
    body: Body
    field: str = ""
    head: bytes = b""
    is_cut: bool = False


class Tool(Record):
    """A tool of a recipe. `schema` is the JSON Schema of its arguments.

    `runs` is true where a hook or `returns` answers it. `raw` is the API's own form of a
    built-in tool, sent as it is (name, schema and runs then mean nothing).
    """

    name: str
    description: str = ""
    schema: Mapping[str, Json] = {}
    strict: bool | None = None
    runs: bool = False
    returns: Json = None
    raw: Mapping[str, Json] | None = None


class ToolCall(Record):
    """A call that the model made; `arguments` is the text it wrote."""

    id: str
    name: str
    arguments: str


class ToolResult(Record):
    """What a call came to. `arguments` are decoded (None where they are no JSON).

    `output` is the text for the model; None where the call was not run.
    """

    call: ToolCall
    arguments: Json
    output: str | None
    failed: bool = False


class ResponseSchema(Record):
    """Structured output: the schema, its name and whether the service must hold to it."""

    name: str
    schema: Mapping[str, Json]
    strict: bool = True


class Conversation(Record):
    """What was said, for `continue`: in the dialect's own items, and in the chat form."""

    dialect: str
    items: tuple[Json, ...]
    messages: tuple[Json, ...]


MOST_RETRIES = 100


class Ask(Record):
    """A step, rendered: what its endpoint is asked. Message content is in the API's chat form.

    `messages` are None where the step has none; `files` are the attachments, read.
    `params` are checked fields of the body, `extra` unchecked ones. `history` is the
    conversation that the step continues.
    """

    endpoint: str
    model: str = ""
    messages: tuple[Json, ...] | None = None
    input: Json = None
    prompt: Json = None
    id: str = ""
    params: Mapping[str, Json] = {}
    extra: Mapping[str, Json] = {}
    tools: tuple[Tool, ...] = ()
    tool_choice: Json = None
    max_tool_rounds: int = 8
    files: tuple[File, ...] = ()
    stream: bool | None = None
    response_schema: ResponseSchema | None = None
    request: Mapping[str, Json] = {}
    headers: tuple[tuple[str, str], ...] = ()
    timeout: Timeout = Timeout()
    retries: int = 2
    refusals: int = 0
    accepts: tuple[int, ...] = ()
    history: Conversation | None = None
    run_id: str = ""


class Artifact(Record):
    """A piece of a reply that can be written: `part` is its name in `output` (image, audio)."""

    part: str
    media_type: str
    body: Body


class Citation(Record):
    """A source that the answer's text names, at characters `start` to `end`."""

    url: str
    title: str
    start: int
    end: int


class Answer(Record):
    """A reply, read. Fields are the contract's (section 3); None where the reply has no such part.

    `usage` holds the server's fields, summed over rounds, and always `prompt_tokens`,
    `completion_tokens`, `total_tokens` and their other names `input_tokens`, `output_tokens`.
    `latency` and `ttft` are seconds, `cost` US dollars (None: unknown).
    `rounds` are the usages of the replies one by one, for their prices.
    `requests` and `attempts` count what was sent. `refusal` is the model's refusal text.
    """

    status: int = 0
    headers: Mapping[str, str] = {}
    json: Json = None
    body: Body = b""
    text: str | None = None
    texts: tuple[str, ...] = ()
    usage: Mapping[str, Json] | None = None
    rounds: tuple[Mapping[str, Json], ...] = ()
    tool_calls: tuple[ToolResult, ...] = ()
    citations: tuple[Citation, ...] = ()
    finish_reason: str | None = None
    refusal: str | None = None
    artifacts: tuple[Artifact, ...] = ()
    latency: float = 0.0
    ttft: float | None = None
    cost: float | None = None
    model: str = ""
    fingerprint: str = ""
    request_id: str = ""
    requests: int = 1
    attempts: int = 1
    conversation: Conversation | None = None


class ToolCalls(Record):
    """An effect: run the calls of one round; its result is one `ToolResult` for each, in order."""

    calls: tuple[ToolCall, ...]


class Pause(Record):
    """An effect: wait so many seconds."""

    seconds: float


class Fetch(Record):
    """An effect: get the bytes at an address that a reply names, without the key."""

    address: str


class Open(Record):
    """An effect: open a channel; the flow's end closes it."""

    request: Request


class Say(Record):
    """An effect: send a message through the channel."""

    message: Json


class Hear(Record):
    """An effect: wait so many seconds for a message; a `Told`, or None where the channel closed."""

    seconds: float


class Told(Record):
    """A message that was heard, and the seconds since the channel was opened."""

    message: Json
    at: float


class Tell(Record):
    """An effect: show a piece of the answer as it comes."""

    text: str


Effect: TypeAlias = Request | ToolCalls | Pause | Fetch | Spool | Open | Say | Hear | Tell
Flow: TypeAlias = Generator[Effect, Any, Answer]
