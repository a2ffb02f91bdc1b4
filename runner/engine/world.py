"""World: what a run may touch, handed to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from runner.engine.clock import Time
from runner.engine.tools.hooks import Hooks
from runner.errors import Fault
from runner.exchange import Json, Transport
from runner.model import ToolCall, ToolResult
from runner.protocol.providers import Provider
from runner.record import Record

if TYPE_CHECKING:
    from runner.engine.costs.budget import Budget
    from runner.engine.writing.outputs import Draft
    from runner.engine.writing.store import Store

Calls = tuple[ToolCall, ...]
Results = tuple[ToolResult, ...]


class World(Record):
    """What a run may touch. `carry` gives the transport to a provider; `show` the live text.

    `warn` takes what lets a run go on, and is told once however many runs say it.

    `fetch` gives what gets the bytes at an address, for a provider.
    `offline` is how time passes for the offline provider, where that is not as for all others;
    so it does for all where `replays` says that they are answered from recordings.
    `taken` are the places that this command wrote to: one set for all its runs. `spool` is where
    bodies lie that are too large for memory, until they are outputs. `events` is told the messages
    of sessions: seconds, `>` or `<`, the message. `budget` limits what `carry` may send, where
    anything does. `recall` gives what calls of tools came to that were run before.
    `store` is where outputs belong that are made below `out`, if not there. `send` takes
    what is to be written, where that is another's task.
    """

    carry: Callable[[Provider], Transport]
    hooks: Hooks
    out: Path
    clock: Callable[[], float]
    now: Callable[[], float]
    sleep: Callable[[float], None]
    tell: Callable[[str], None]
    warn: Callable[[Fault], None]
    hide: Callable[[str], str]
    taken: set[str]
    show: Callable[[str], None] | None = None
    fetch: Callable[[Provider], Callable[[str], bytes]] | None = None
    offline: Time | None = None
    replays: bool = False
    spool: Path | None = None
    events: Callable[[float, str, Json], None] | None = None
    budget: Budget | None = None
    recall: Callable[[Calls, Callable[[Calls], Results]], Results] | None = None
    store: Store | None = None
    send: Callable[[Draft], None] | None = None
