"""Via batch, the desk: the batches of one recipe: lines go out, replies come back.

What a run asks is either answered already, or under way, or gathered for the next batch; in the
latter two cases the run ends here (`PutAside`), to be made anew when its reply is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from runner.engine.via_batch.pieces import Made, Pieces
from runner.engine.via_batch.replies import Replies
from runner.engine.via_batch.service import Service
from runner.engine.via_batch.store import CREATED, INTENDED, UPLOADED, Piece, Store
from runner.errors import ApiStatusError, JobFailedError
from runner.exchange import Body, Json, Reply, Request, Spool
from runner.protocol import batching
from runner.protocol.batching import FULL, Line
from runner.protocol.providers import Provider

if TYPE_CHECKING:
    from runner.engine.costs.budget import Budget
    from runner.transport.ledger import Ticket

GONE = 404
CROWDED = 60.0
"""Seconds until a batch is made again that found no room."""


class PutAside(BaseException):
    """A run asks what is not answered yet."""


class Desk:
    """The batches of a recipe. `services` gives what asks a provider, by its name."""

    def __init__(  # noqa: PLR0913, PLR0917  what is kept, whom to ask, and who hears
        self,
        store: Store,
        pieces: Pieces,
        name: str,
        services: Callable[[str], Service],
        budget: Budget | None,
        tell: Callable[[str], None],
    ) -> None:
        self.store = store
        self.stands: dict[int, tuple[str, int, int]] = {}
        self._pieces = pieces
        self._replies = Replies()
        self._name = name
        self._services = services
        self._budget = budget
        self._tell = tell
        self._tickets: dict[str, Ticket] = {}
        self._lock = Lock()
        self._is_crowded = False

    def post(self, run: str, line: Line, provider: Provider, request: Request) -> Reply:
        """Answer a request where its reply is there, else gather its line."""
        if self.store.is_open(line.id):
            raise PutAside
        final, tries = self._replies.is_final(line.id), self.store.tries(line.id)
        if final or (final is False and tries > request.retries):
            return self._answered(line, provider, request, tries)
        self._hold(line, provider, request)
        self._pieces.add(provider, line, run)
        raise PutAside

    def _answered(self, line: Line, provider: Provider, request: Request, tries: int) -> Reply:
        found = self._replies.outcome(line.id)
        reply = found.reply(tries)
        with self._lock:
            ticket = self._tickets.pop(line.id, None)
        if ticket is not None and self._budget is not None:
            self._budget.settle(ticket, request, provider, reply if found.status else None)
        if found.status:
            return reply
        code = f" ({found.code})" if found.code and found.code not in found.message else ""
        error = JobFailedError(f"{found.message}{code}", hint="--resume asks again")
        error.attempts = tries
        raise error

    def _hold(self, line: Line, provider: Provider, request: Request) -> None:
        """Hold back what a line may cost; BudgetError where a limit would be passed."""
        if self._budget is None or line.id in self._tickets:
            return
        ticket = self._budget.hold(request, provider)
        with self._lock:
            self._tickets[line.id] = ticket

    def recover(self) -> None:
        """Take up what an earlier command left: nothing that was made is made again."""
        if self.store.left:
            self._tell(self.store.left_told(self._name))
        self.store.tidy()
        for piece in self.store.pieces():
            if piece.state == INTENDED:
                self.store.release(piece.number)
            elif piece.state == UPLOADED:
                self._create(piece, self._services(piece.provider).find(piece))
            elif piece.is_over and self.store.is_needed(piece.number):
                self._load(piece)

    def submit(self, rest: Callable[[float], bool]) -> None:
        """Send what was gathered; where batches were refused room, one after the other.

        `rest` lets time pass, and says whether more is to be sent after it.
        """
        made = self._pieces.ready()
        wait, most = (CROWDED, 1) if self._is_crowded else (0.0, len(made))
        sent = 0
        if not (self._is_crowded and self.open):
            while sent < min(most, len(made)) and rest(wait):
                self._send(made[sent])
                sent += 1
        self._pieces.put_back(made[sent:])

    def _send(self, made: Made) -> None:
        piece, service = made.piece, self._services(made.provider.name)
        name = f"runner-{self.store.name}-{piece.number}.jsonl"
        piece = piece._replace(state=UPLOADED, file=service.upload(name, made.body))
        self.store.update(piece)
        if isinstance(made.body, Spool):
            Path(made.body.path).unlink(missing_ok=True)
        self._create(piece)

    def _create(self, piece: Piece, batch: str = "") -> None:
        """Make the batch of a piece whose file is there, unless it was made already."""
        told = {"runner": self.store.name, "piece": str(piece.number), "recipe": self._name[:500]}
        batch = batch or self._services(piece.provider).create(piece, told)
        self.store.update(piece._replace(state=CREATED, batch=batch))

    @property
    def open(self) -> list[Piece]:
        """List the pieces that the service has not ended, and that a run waits for."""
        created = (one for one in self.store.pieces() if one.state == CREATED)
        return [one for one in created if self.store.is_needed(one.number)]

    def look(self) -> frozenset[str]:
        """Ask how all stand; return the runs of which replies came now."""
        runs: set[str] = set()
        for piece in self.open:
            told = self._told(piece)
            if told is None:
                runs |= self._forgotten(piece)
                continue
            self.stands[piece.number] = _standing(told, piece)
            if told.get("status") in batching.OVER:
                runs |= self._ended(piece, told)
        return frozenset(runs)

    def _told(self, piece: Piece) -> Mapping[str, Json] | None:
        """Ask how a batch stands; None where the service knows of none from an earlier command."""
        service = self._services(piece.provider)
        try:
            return service.retrieve(piece.batch)
        except ApiStatusError as error:
            if error.status == GONE and service.forgets:
                return None
            raise

    def _forgotten(self, piece: Piece) -> set[str]:
        """Let the runs of a piece that nobody works at be made anew."""
        told = "the simulated service keeps no batch from one command to the next"
        self._tell(f"{self._name}: {told}: {piece.lines:,} requests are asked again")
        runs = {one.run for one in self.store.asked(piece.number)}
        self.store.release(piece.number)
        return runs

    def _ended(self, piece: Piece, told: Mapping[str, Json]) -> set[str]:
        """Take the replies of a piece that is over; return its runs."""
        reasons = batching.complaints(told)
        asked = self.store.asked(piece.number)
        runs = {one.run for one in asked}
        if any(one.code == FULL for one in reasons) and (piece.lines > 1 or len(self.open) > 1):
            self._is_crowded = True
            self._pieces.most = max(1, piece.lines // 2)
            self.store.release(piece.number)
            self._tell(f"{self._name}: {self._full(piece)}")
            return runs
        files = (str(told.get(f"{name}_file_id") or "") for name in ("output", "error"))
        output, errors = files
        piece = piece._replace(state=told["status"], output=output, errors=errors)
        piece = piece._replace(told=json.dumps(reasons))
        self._load(piece)
        self.store.update(piece)
        return runs

    def _full(self, piece: Piece) -> str:
        """Say that a piece found no room, and when its lines are sent again."""
        requests = f"{piece.lines:,} request{'s' * (piece.lines != 1)}"
        when = "once another batch has ended" if self.open else f"in {CROWDED:.0f} s"
        return f"the service has no room for {requests} yet; trying again {when}"

    def _load(self, piece: Piece) -> None:
        service = self._services(piece.provider)
        bodies = [self._content(service, one) for one in (piece.output, piece.errors) if one]
        self._replies.take(piece, bodies, self.store.asked(piece.number))

    def _content(self, service: Service, identity: str) -> Body:
        try:
            return service.content(identity)
        except ApiStatusError as error:
            if error.status != GONE:
                raise
            self._tell(f"{self._name}: {identity} is gone: what it answered is asked again")
            return b""

    def settle(self, runs: Iterable[str]) -> None:
        """Forget runs that are done, and let go of replies that none waits for."""
        self.store.forget(list(runs))
        for number in self._replies.held:
            if not self.store.is_needed(number):
                self._replies.drop(number)

    def close(self) -> None:
        """Leave nothing of what was not sent."""
        self._pieces.abandon()


def _standing(told: Mapping[str, Json], piece: Piece) -> tuple[str, int, int]:
    counts = told.get("request_counts")
    done = counts if isinstance(counts, dict) else {}
    found = [done.get(name) for name in ("completed", "failed")]
    answered = sum(one for one in found if isinstance(one, int))
    return str(told.get("status") or ""), answered, piece.lines
