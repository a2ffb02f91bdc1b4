"""Journal: what came of each row of a run, so that a run that was stopped goes on where it was.

SQLite, in WAL mode: a record that was committed outlives `kill -9` and a power cut. Records are
committed in groups: what was answered and is not yet committed counts as under way. A journal is
open for one run alone.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import Any

from runner.errors import OutputError, SettingsError
from runner.record import Record

SCHEMA_VERSION = 1
GROUP = 0.05
"""The longest that a record waits for others, in seconds."""
MOST = 2_000
"""The most records that wait."""
TABLES = (
    "create table meta (name text primary key, value text not null) without rowid",
    """create table rows (
  id text primary key, place integer not null, digest text not null, state text not null,
  code integer not null, line text, error text, requests integer not null,
  attempts integer not null, input_tokens integer not null, output_tokens integer not null,
  cost real, seconds real not null, files text not null
) without rowid""",
)


class TornError(SettingsError):
    """A journal that cannot be read."""


class Entry(Record):
    """What came of one row. `id` names it and its cell, `digest` is its content's.

    `line` is what is collected of it, as JSON; `cost` is US dollars, None where it is unknown;
    `files` are the paths that were written.
    """

    id: str
    place: int
    digest: str
    state: str
    code: int
    line: str | None = None
    error: str = ""
    requests: int = 0
    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    seconds: float = 0.0
    files: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the row needs not be asked again."""
        return self.state in ("passed", "missed")


class Journal:
    """The journal of one recipe below one folder of outputs."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._waiting: list[Entry] = []
        self._since = 0.0
        self._lock = RLock()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _own(place.parent)
            self._base = sqlite3.connect(
                place, timeout=0, isolation_level=None, check_same_thread=False
            )
            self._open()
        except sqlite3.Error as error:
            self._let_go()
            raise _wrong(place, error) from error
        except SettingsError:
            self._let_go()
            raise
        except OSError as error:
            message = f"{place}: {(error.strerror or str(error)).lower()}"
            raise SettingsError(message, hint="a journal is kept below --out") from error

    def _open(self) -> None:
        """Take the journal for this run alone, and make its tables."""
        base = self._base
        base.execute("pragma locking_mode = exclusive")
        base.execute("pragma journal_mode = wal")
        base.execute("pragma synchronous = full")
        base.execute("begin immediate")
        there = base.execute("select count(*) from sqlite_master where name = 'rows'").fetchone()
        for text in TABLES if not there[0] else ():
            base.execute(text)
        if not there[0]:
            base.execute("insert into meta values ('schema_version', ?)", (str(SCHEMA_VERSION),))
        base.execute("commit")
        if there[0]:
            self._check()

    def _check(self) -> None:
        """Refuse a journal that is torn, or another version's."""
        (told,) = self._base.execute("pragma quick_check(1)").fetchone()
        if told != "ok":
            raise sqlite3.DatabaseError(told)
        if self.told().get("schema_version") != str(SCHEMA_VERSION):
            message = f"{self.place} was written by another version"
            raise SettingsError(message, hint="move it away, or give another --out")

    def told(self) -> dict[str, str]:
        """Return what the run was started with."""
        return {str(name): str(value) for name, value in self.ask("select name, value from meta")}

    def tell(
        self, values: Mapping[str, str], *, anew: bool = False, forgets: Iterable[str] = ()
    ) -> None:
        """Keep what the run is started with, in place of what an earlier one was.

        At the same moment rows are forgotten: `anew` all, else those named.
        """
        self.change(
            *((text, [()]) for text in ("delete from rows where 1",) if anew),
            ("delete from rows where id = ?", ((name,) for name in forgets)),
            ("delete from meta where name != 'schema_version'", [()]),
            ("insert or replace into meta values (?, ?)", [*values.items()]),
        )

    def entry(self, name: str) -> Entry | None:
        """Return what came of a row, None where it was not asked."""
        found = self.ask("select * from rows where id = ?", name)
        return _entry(found[0]) if found else None

    def entries(self) -> Iterator[Entry]:
        """Return what came of each row, in the dataset's order."""
        self.commit()
        with self._lock:
            found = self._base.execute("select * from rows order by place, id")
        while rows := self._some(found):
            yield from map(_entry, rows)

    def _some(self, found: sqlite3.Cursor) -> list[tuple[Any, ...]]:
        """Return some more rows of a query: however many it finds, few are held."""
        with self._lock:
            return found.fetchmany(MOST)

    def counts(self) -> dict[str, int]:
        """Count the rows by what came of them."""
        self.commit()
        return dict(self.ask("select state, count(*) from rows group by state"))

    def record(self, entry: Entry) -> None:
        """Take one record; it is committed with others within `GROUP` seconds or at `commit`."""
        with self._lock:
            if not self._waiting:
                self._since = time.monotonic()
            self._waiting.append(entry)
        if len(self._waiting) >= MOST or self.is_due():
            self.commit()

    def is_due(self) -> bool:
        """Whether records have waited long enough."""
        return bool(self._waiting) and time.monotonic() - self._since >= GROUP

    def commit(self) -> None:
        """Make what was taken last; OutputError where the disk does not hold it."""
        with self._lock:
            if self._waiting:
                self._commit()

    def _commit(self) -> None:
        rows = [
            (*entry[:-1], json.dumps(entry.files) if entry.files else "[]")
            for entry in self._waiting
        ]
        marks = ", ".join("?" * len(Entry._fields))
        self.change((f"insert or replace into rows values ({marks})", rows))
        self._waiting.clear()

    def change(self, *deeds: tuple[str, Iterable[Sequence[Any]]]) -> None:
        """Change tables by all of these, or by none; OutputError where the disk is full."""
        with self._lock:
            try:
                self._base.execute("begin")
                for text, rows in deeds:
                    self._base.executemany(text, rows)
                self._base.execute("commit")
            except sqlite3.Error as error:
                with contextlib.suppress(sqlite3.Error):
                    self._base.execute("rollback")
                message = f"{self.place}: {error}"
                raise OutputError(message, hint="make room; --resume goes on from here") from error

    def ask(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds."""
        try:
            with self._lock:
                return self._base.execute(text, values).fetchall()
        except sqlite3.Error as error:
            raise _wrong(self.place, error) from error

    def is_awaited(self) -> bool:
        """Whether rows wait for batches of the service."""
        there = self.ask("select 1 from sqlite_master where name = 'asked'")
        return bool(there and self.ask("select 1 from asked limit 1"))

    def close(self) -> None:
        """Commit what waits, and let go of the journal; no file but its own is left."""
        try:
            self.commit()
        finally:
            with contextlib.suppress(sqlite3.Error):
                self._base.execute("pragma wal_checkpoint(truncate)")
            self._let_go()

    def _let_go(self) -> None:
        # Closed under another thread's query it would take the process with it.
        with self._lock, contextlib.suppress(AttributeError, sqlite3.Error):
            self._base.close()  # It may not have been opened.


def _entry(found: tuple[object, ...]) -> Entry:
    entry = Entry(*found)  # type: ignore[arg-type]  # the table's columns are its fields
    return entry._replace(files=tuple(json.loads(str(found[-1]))))


def _own(folder: Path) -> None:
    """Refuse links among what a run keeps for itself: SQLite would write where they lead."""
    for place in filter(Path.is_symlink, folder.iterdir()):
        message = f"{place} is a link, which may lead anywhere"
        raise SettingsError(message, hint="remove it: a run makes its own files there")


def _wrong(place: Path, error: sqlite3.Error) -> SettingsError:
    """Say why a journal cannot be used."""
    told = str(error)
    if "locked" in told:
        message = f"{place} is open: another run that keeps it is under way"
        return SettingsError(message, hint="wait until it ends, or give another --out")
    if isinstance(error, sqlite3.OperationalError):
        is_full = "full" in told or "I/O" in told
        hint = "make room" if is_full else "the journal is kept below --out: can it be written?"
        return SettingsError(f"{place}: {told}", hint=hint)
    message = f"{place} is torn, or no journal of a run: {told.splitlines()[0]}"
    hint = (
        "move it away: --resume then goes by the outputs that stand whole; "
        "--fresh replaces it, unless -k chooses rows"
    )
    return TornError(message, hint=hint)
