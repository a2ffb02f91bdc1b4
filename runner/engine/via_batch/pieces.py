"""Via batch, the pieces: lines gathered in files, each small enough for one batch."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from runner.engine.via_batch.store import INTENDED, Asked, Piece, Store
from runner.errors import RecipeError
from runner.exchange import Body
from runner.protocol import batching
from runner.protocol.batching import Line
from runner.protocol.providers import Provider
from runner.record import Record
from runner.transport.spooling import Writer


class Made(Record):
    """A piece that is ready to be sent, and its content."""

    piece: Piece
    provider: Provider
    body: Body


class _Open:
    """A piece that takes lines."""

    def __init__(self, provider: Provider, line: Line, folder: Path) -> None:
        self.provider = provider
        self.url, self.model = line.url, line.model
        self.writer = Writer(folder)
        self.size = 0
        self.asked: list[Asked] = []

    def add(self, line: Line, run: str) -> None:
        self.writer.write(line.text)
        self.size += len(line.text)
        self.asked.append(Asked(line.id, len(self.asked) + 1, run))


class Pieces:
    """Gathers the lines of a recipe. Threads may share it; `most` is lowered where asked."""

    def __init__(self, store: Store, folder: Path, begun: float) -> None:
        self._store = store
        self._folder = folder
        self._begun = begun
        self._lock = Lock()
        self._open: dict[tuple[str, str, str], _Open] = {}
        self._ids: set[str] = set()
        self._made: list[Made] = []
        self.most = batching.MOST_LINES

    def add(self, provider: Provider, line: Line, run: str) -> None:
        """Take a line, once."""
        lines, size = batching.room(provider, line.url)
        if len(line.text) > size:
            message = f"a request of {len(line.text):,} bytes is too large for a batch"
            raise RecipeError(message, hint="leave --via batch out to ask one by one")
        with self._lock:
            if line.id in self._ids:
                return
            key = provider.name, line.url, line.model
            one = self._open.get(key)
            if one is not None and (
                len(one.asked) >= min(lines, self.most) or one.size + len(line.text) > size
            ):
                self._close(key)
                one = None
            if one is None:
                one = self._open[key] = _Open(provider, line, self._folder)
            one.add(line, run)
            self._ids.add(line.id)

    def _close(self, key: tuple[str, str, str]) -> None:
        """End a piece; it is recorded with all its lines before anything of it is sent."""
        one = self._open.pop(key)
        number, lines = self._store.next(), len(one.asked)
        named = one.provider.name, one.url, one.model
        piece = Piece(number, INTENDED, *named, lines, self._begun)
        self._store.intend(piece, one.asked)
        self._ids -= {asked.id for asked in one.asked}
        self._made.append(Made(piece, one.provider, one.writer.finish()))

    def ready(self) -> list[Made]:
        """Return what is to be sent, in its order."""
        with self._lock:
            for key in list(self._open):
                self._close(key)
            made, self._made = self._made, []
        return made

    def put_back(self, made: list[Made]) -> None:
        """Take what is to be sent later."""
        self._made = made + self._made

    def abandon(self) -> None:
        """Leave nothing of what was not sent."""
        for one in self._open.values():
            one.writer.abandon()
        self._open.clear()
        for made in self._made:
            self._store.release(made.piece.number)
        self._made.clear()
