"""Via batch, the store: what was put into which batch, kept in the journal of the rows.

A piece is a file of lines and the batch made of it. What it holds is recorded before it is sent,
and each id that the service gives as soon as it is known: after a kill no line is sent twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from secrets import token_hex

from runner.engine.rows.journal import Journal
from runner.model import ToolCall, ToolResult
from runner.protocol.batching import OVER, number_of
from runner.record import Record

TABLES = (
    """create table if not exists pieces (
      number integer primary key, state text not null, provider text not null, url text not null,
      model text not null, lines integer not null, begun real not null, file text not null,
      batch text not null, output text not null, errors text not null, told text not null
    )""",
    """create table if not exists asked (
      id text not null, piece integer not null, line integer not null, run text not null,
      primary key (id, piece)
    ) without rowid""",
    "create index if not exists asked_piece on asked (piece)",
    "create index if not exists asked_run on asked (run)",
    """create table if not exists called (
      run text not null, number integer not null, calls text not null, results text not null,
      primary key (run, number)
    ) without rowid""",
    "create table if not exists desk (name text primary key, value text not null) without rowid",
)
INTENDED, UPLOADED, CREATED = "intended", "uploaded", "created"
_OPEN = f"('{INTENDED}', '{UPLOADED}', '{CREATED}')"


class Piece(Record):
    """A batch: its number, its state (ours until it is created, then how it ended), its lines.

    `file` and `batch` are the service's ids, "" until they are known; `output` and `errors` those
    of its results; `told` is what a batch that failed said, as JSON.
    """

    number: int
    state: str
    provider: str
    url: str
    model: str
    lines: int
    begun: float
    file: str = ""
    batch: str = ""
    output: str = ""
    errors: str = ""
    told: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the service has ended it."""
        return self.state in OVER


class Asked(Record):
    """A line of a piece, and the run that it is of."""

    id: str
    line: int
    run: str


class Awaited(Record):
    """The request that a run waits for: its number within the run, and its line."""

    number: int = 0
    id: str = ""


class Store:
    """What a recipe has in batches. `anew` forgets it all; `stale` says that runs may ask anew."""

    def __init__(self, journal: Journal, *, anew: bool = False, stale: bool = False) -> None:
        self._journal = journal
        for text in TABLES:
            journal.ask(text)
        self.left: tuple[Piece, ...] = ()
        if anew:
            self.left = tuple(one for one in self.pieces() if one.state == CREATED)
            names = ("pieces", "asked", "called", "desk")
            journal.change(*((f"delete from {name} where 1", [()]) for name in names))
        journal.change(("insert or ignore into desk values ('name', ?)", [(token_hex(8),)]))
        self._since = self.next() if stale else 0
        self.name = str(journal.ask("select value from desk where name = 'name'")[0][0])

    def left_told(self, name: str) -> str:
        """Say which batches of a recipe were forgotten while they are under way."""
        ids = ", ".join(one.batch for one in self.left[:5])
        told = f"{name}: batches of an earlier run are left to themselves: {ids}"
        return f"{told} (they go on, and are charged)" if self.left else ""

    def pieces(self) -> list[Piece]:
        """List the pieces, in their order."""
        return [Piece(*row) for row in self._journal.ask("select * from pieces order by number")]

    def next(self) -> int:
        """Return a number for a new piece."""
        return 1 + int(self._journal.ask("select coalesce(max(number), 0) from pieces")[0][0])

    def intend(self, piece: Piece, asked: Iterable[Asked]) -> None:
        """Record a piece and its lines, before anything of it is sent."""
        rows = [(one.id, piece.number, one.line, one.run) for one in asked]
        marks = ", ".join("?" * len(Piece._fields))
        self._journal.change(
            (f"insert into pieces values ({marks})", [piece]),
            ("insert or replace into asked values (?, ?, ?, ?)", rows),
        )

    def update(self, piece: Piece) -> None:
        """Record what became of a piece."""
        marks = ", ".join("?" * len(Piece._fields))
        self._journal.change((f"insert or replace into pieces values ({marks})", [piece]))

    def release(self, number: int) -> None:
        """Forget a piece that was never made, or that does not count."""
        self._journal.change(
            ("delete from asked where piece = ?", [(number,)]),
            ("delete from pieces where number = ?", [(number,)]),
        )

    def asked(self, number: int) -> list[Asked]:
        """List the lines of a piece whose runs are still to be done."""
        text = "select id, line, run from asked where piece = ? order by line"
        return [Asked(*row) for row in self._journal.ask(text, number)]

    def awaited(self, run: str) -> Awaited:
        """Return what a run was put aside for."""
        text = "select distinct id from asked where run = ? and piece >= ?"
        found = [
            Awaited(number_of(one), one) for (one,) in self._journal.ask(text, run, self._since)
        ]
        return max(found, default=Awaited())

    def is_needed(self, number: int) -> bool:
        """Whether a run waits for anything of a piece."""
        return bool(self._journal.ask("select 1 from asked where piece = ? limit 1", number))

    def is_open(self, identity: str) -> bool:
        """Whether a line is under way."""
        text = f"""select 1 from asked join pieces on piece = number
            where id = ? and state in {_OPEN} limit 1"""
        return bool(self._journal.ask(text, identity))

    def tries(self, identity: str) -> int:
        """Count the pieces that a line was put into."""
        return int(self._journal.ask("select count(*) from asked where id = ?", identity)[0][0])

    def forget(self, runs: Sequence[str]) -> None:
        """Forget the lines of runs that are done, once their records are safe."""
        self._journal.commit()
        rows = [(run,) for run in runs]
        self._journal.change(
            ("delete from asked where run = ?", rows), ("delete from called where run = ?", rows)
        )

    def tidy(self) -> None:
        """Forget the lines of runs that were done as the last command ended."""
        done = "(select id from rows where state in ('passed', 'missed'))"
        self._journal.change(
            (f"delete from asked where run in {done}", [()]),
            (f"delete from called where run in {done}", [()]),
        )

    def results(self, run: str, number: int, calls: tuple[ToolCall, ...]) -> list[ToolResult]:
        """Return what the calls of a round came to when they were run; nothing if they were not."""
        text = "select results from called where run = ? and number = ? and calls = ?"
        found = self._journal.ask(text, run, number, json.dumps(calls))
        rows = json.loads(found[0][0]) if found else ()
        return [ToolResult(ToolCall(*call), *rest) for call, *rest in rows]

    def called(
        self, run: str, number: int, calls: tuple[ToolCall, ...], results: Sequence[ToolResult]
    ) -> None:
        """Keep what calls came to: no tool is run again because the run goes on later."""
        row = run, number, json.dumps(calls), json.dumps(results)
        self._journal.change(("insert or replace into called values (?, ?, ?, ?)", [row]))
