"""Cassette: the recordings of one recipe while it runs: what replays takes, what is new is kept."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

from runner.cassette import Find, Recording, form, hidden
from runner.cassette.asked import asked, fetched
from runner.cassette.bodies import restored, stored
from runner.cassette.matching import Shelf, difference, key_of
from runner.errors import Fault, OutputError, RecipeError, ReplayMissError
from runner.exchange import Json, Request, Transport
from runner.transport.tape import LARGEST, Tape

DAY = 86_400.0
HINT = "--cassette auto records what is missing, --cassette record all anew"


class Cassette:
    """One recipe's recordings. Threads may share it; `save` when all is done.

    `find` finds secrets in a text, `max_age` is in seconds. A recording with a `source` was put
    there by hand: it is always replayed, never dropped, and has no age.
    """

    def __init__(  # noqa: PLR0913  one keyword for each thing of the world that it touches
        self,
        place: Path,
        mode: str,
        *,
        find: Find,
        tell: Callable[[str], None],
        now: Callable[[], float] = time.time,
        max_age: float | None = None,
    ) -> None:
        self.mode = mode
        self.find = find
        self._tell = tell
        self._now = now
        self._max_age = max_age
        self._tape = Tape(place)
        self._lock = Lock()
        self._new: list[Recording] = []
        self._problems: list[str] = []
        text = self._tape.text()
        self._is_there = text is not None
        self._old = form.read(text, self._tape.name) if text is not None else []
        self._saved = self._old
        self._stale = [one for one in self._old if self._is_old(one)]
        anew = {"record": self._old, "auto": self._stale}.get(mode, [])
        self._anew = {id(one) for one in anew if not one.source}
        self._shelf = Shelf([one for one in self._old if id(one) not in self._anew])
        if mode == "replay" and self._stale:
            self._warn()

    def wrap(self, inner: Callable[[], Transport], spool: Path | None = None) -> Transport:
        """Return a transport that replays or records; `inner` is made where something is asked."""
        from runner.transport.recording import Recorder
        from runner.transport.replaying import Replayer

        if self.mode == "off":
            return inner()
        recorder = None if self.mode == "replay" else Recorder(self, inner)
        return Replayer(self, recorder, spool)

    def fetching(self, inner: Callable[[str], bytes]) -> Callable[[str], bytes]:
        """Return what fetches from addresses, replayed or recorded."""
        if self.mode == "off":
            return inner

        def fetch(address: str) -> bytes:
            request = fetched(address, self.find)
            found = self._taken("", 0, request)
            if found is not None:
                return self.body(found.reply, found)
            content = inner(address)
            self.keep("", 0, request, {}, content, "")
            return content

        return fetch

    def take(self, request: Request) -> Recording | None:
        """Return the recording that answers a request; None where it is to be asked.

        ReplayMissError where nothing is asked, and nothing recorded.
        """
        return self._taken(request.run_id, request.ordinal, asked(request, self.find))

    def _taken(self, run: str, ordinal: int, request: dict[str, Json]) -> Recording | None:
        with self._lock:
            found = self._shelf.take(run, ordinal, request)
            if found is None and self.mode == "replay":
                raise self._miss(run, ordinal, request)
        return found

    def body(self, tree: dict[str, Json], one: Recording) -> bytes:
        """Return a recorded body, its bytes as they came."""
        try:
            return restored(tree, self._tape.body)
        except ValueError as error:
            raise self.broken(str(error), one) from error

    def broken(self, message: str, one: Recording) -> RecipeError:
        """Make the error of a recording that does not fit together."""
        return RecipeError.of(Fault(message, one.mark, "reply", form.CURE))

    def keep(  # noqa: PLR0913, PLR0917  a request, and what it came to
        self,
        run: str,
        ordinal: int,
        request: dict[str, Json],
        reply: dict[str, Json],
        body: bytes,
        media_type: str,
        part: str = "",
    ) -> None:
        """Record a reply. Its body becomes part of it, or its `part`, or lies beside."""
        if len(body) > LARGEST:
            self._refuse(run, request, f"its body has more than {LARGEST >> 20} MiB")
            return
        made = stored(body, media_type)
        if any(self.find(content.decode("latin-1")) for content in made.files.values()):
            self._refuse(run, request, "a secret is still in its body")
            return
        reply = {**reply, part: made.tree} if part else {**reply, **made.tree}
        one = Recording(run, ordinal, self._now(), request, reply)
        if self.find(form.entry(one)):
            self._refuse(run, request, "a secret is still in it")
            return
        for name, content in made.files.items():
            self._tape.keep(name, content)
        with self._lock:
            self._new.append(one)

    def _refuse(self, run: str, request: dict[str, Json], why: str) -> None:
        with self._lock:
            self._problems.append(f"{_named(run, request, self.find)}: {why}")

    def save(self, *, whole: bool = False) -> None:
        """Write what is new. `whole`: all runs succeeded, so that `record` drops what is unused.

        OutputError where something could not be recorded; the rest is written.
        """
        with self._lock:
            kept = self._merged(whole)
            if kept is not None and kept != self._saved:
                self._write(kept)
                self._saved = kept
            problems, self._problems = self._problems, []
        if problems:
            listed = "".join(f"\n  {line}" for line in problems[:20])
            message = f"{self._tape.name}: {len(problems)} of the recordings not saved:{listed}"
            raise OutputError(message, hint="what is asked and answered may hold no secret")

    def _merged(self, whole: bool) -> list[Recording] | None:
        """Return what the cassette is to hold; None where it stays as it is."""
        records = self.mode == "record"
        if not self._new and not (records and whole):
            return None
        renewed = set(_places(self._new))
        kept = [
            one
            for place, one in zip(_places(self._old), self._old, strict=True)
            if id(one) not in self._anew or not (place in renewed or (records and whole))
        ]
        return form.sorted_by_run([*kept, *self._new])

    def _write(self, recordings: list[Recording]) -> None:
        if not recordings:
            self._tape.remove()
            return
        text = form.text_of(map(form.entry, recordings))
        self._tape.write(text, {name for one in recordings for name in _files(one.reply)})

    def _is_old(self, one: Recording) -> bool:
        if self._max_age is None or one.source:
            return False
        return self._now() - one.time > self._max_age

    def _warn(self) -> None:
        oldest = max(self._now() - one.time for one in self._stale) / DAY
        count = f"{len(self._stale)} of {len(self._old)} recordings are older than --max-age"
        told = f"{self._tape.name}: {count}, the oldest by {oldest:,.1f} days"
        self._tell(f"warning: {told}; --cassette auto asks these anew")

    def _miss(self, run: str, ordinal: int, request: dict[str, Json]) -> ReplayMissError:
        error = ReplayMissError(self._missed(run, ordinal, request), hint=HINT)
        error.attempts = 0
        return error

    def _missed(self, run: str, ordinal: int, request: dict[str, Json]) -> str:
        name = _named(run, request, self.find)
        if not self._is_there:
            return f"there is no cassette {self._tape.name} to answer {name}"
        if count := self._shelf.count(request):
            times = "once" if count == 1 else f"{count} times"
            return f"{self._tape.name}: {name} was recorded {times}, and is asked once more"
        message = f"{self._tape.name}: no recording answers {name}"
        near = self._shelf.nearest(run, ordinal, request)
        if near is None:
            return f"{message}: there are none"
        line = f"line {near.mark.line}" if near.mark else "new"
        message += f"\n  nearest: {line}, {_named(near.run, near.request, self.find)}"
        return f"{message}\n  first difference: {difference(near.request, request)}"


def _named(run: str, request: dict[str, Json], find: Find) -> str:
    # What stands behind the `?` of an address that was handed out may be as good as a key.
    address = str(request.get("fetch", "")).partition("?")[0]
    what = f"{request.get('method', 'GET')} {request.get('path') or address}"
    return hidden(f"{what} of {run}" if run else what, find)


def _places(recordings: Iterable[Recording]) -> list[tuple[str, int, str, int]]:
    """Name the place of each recording: its run and ordinal, and which it is of several there."""
    seen: Counter[tuple[str, int, str]] = Counter()
    places = []
    for one in recordings:
        place = (one.run, one.ordinal, "" if one.run else key_of(one.request))
        places.append((*place, seen[place]))
        seen[place] += 1
    return places


def _files(reply: Json) -> list[str]:
    """List the files beside the cassette that a reply needs."""
    inner = [reply, reply.get("session", {})]
    found = [tree["file"] for tree in inner if "file" in tree]
    return found + [part["file"] for tree in inner for part in tree.get("parts", ())]
