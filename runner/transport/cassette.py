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
from runner.report.progress import duration
from runner.transport.tape import LARGEST, Tape, unkept

SURE = 2 << 20
"""A cassette of so many bytes can be read again, whatever stands in it."""
HINT = "--cassette auto records what is missing, --cassette record all anew"


class Cassette:
    """One recipe's recordings. Threads may share it; `save` when all is done.

    `find` finds secrets in a text, `max_age` is in seconds, `closed` says why nothing can be kept.
    A recording with a `source` was put there by hand: it is always replayed, never dropped, and has
    no age. `replayed` counts the requests that were answered, `recorded` the replies now kept.
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
        closed: str = "",
    ) -> None:
        self.mode = mode
        self.find = find
        self._tell = tell
        self._now = now
        self._max_age = max_age
        self._closed = closed
        self._tape = Tape(place)
        self._lock = Lock()
        self._new: list[Recording] = []
        self._problems: list[str] = []
        self.replayed = self.recorded = 0
        self._text = self._tape.text()
        self._old = form.read(self._text, self._tape.name) if self._text is not None else []
        replays = mode == "replay"
        self._shelf = Shelf([one for one in self._old if replays or not self._is_asked_anew(one)])
        stale = [one for one in self._old if self._is_old(one)]
        if replays and stale:
            self._warn(stale)

    @property
    def name(self) -> str:
        """Name the cassette as messages do."""
        return self._tape.name

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to replay: all is asked."""
        return not self._shelf.recordings

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
        found = self._taken(request.run_id, request.ordinal, asked(request, self.find))
        with self._lock:
            self.replayed += found is not None
        return found

    def _taken(self, run: str, ordinal: int, request: dict[str, Json]) -> Recording | None:
        with self._lock:
            found = self._shelf.take(run, ordinal, request)
            if found is None and self.mode == "replay":
                raise self._miss(run, ordinal, request)
            if found is None and self._closed:
                raise unkept(self.name, self._closed)
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
        if any(self.find(content.decode("utf-8", "replace")) for content in made.files.values()):
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
            if self._new or (whole and self.mode == "record"):
                with self._tape.locked():
                    self._write(whole)
            problems, self._problems = self._problems, []
        if problems:
            listed = "".join(f"\n  {line}" for line in problems[:20])
            message = f"{self._tape.name}: {len(problems)} of the recordings not saved:{listed}"
            raise OutputError(message, hint="what is asked and answered may hold no secret")

    def _write(self, whole: bool) -> None:
        """Write what is new beside what stays of the rest, which others may have written since."""
        drops = whole and self.mode == "record"
        others = self._others()
        renewed = set(_places(self._new))
        kept = [
            one
            for place, one in zip(_places(others), others, strict=True)
            if not self._is_asked_anew(one) or not (drops or place in renewed)
        ]
        recordings = form.sorted_by_run([*kept, *self._new])
        text = form.text_of(map(form.entry, recordings)).encode() if recordings else None
        if text is not None and len(text) > SURE:
            self._fits(text)
        if text != self._text:
            self._tape.write(
                text, _named_files(recordings), None if drops else _named_files(others)
            )
        self.recorded = len(self._new)
        self._old, self._text = kept, text

    def _fits(self, text: bytes) -> None:
        """Refuse to write what could not be read again."""
        try:
            form.read(text, self._tape.name)
        except RecipeError as error:
            message = f"{self._tape.name}: not saved: {error.faults[0].message}"
            hint = "record fewer runs in one recipe: a matrix or a dataset may be cut in two"
            raise OutputError(message, hint=hint) from error

    def _others(self) -> list[Recording]:
        """Return what the file holds now that is not of our making."""
        text = self._tape.text()
        if text == self._text:
            return self._old
        own = set(map(form.entry, self._new))
        found = form.read(text, self._tape.name) if text is not None else []
        return [one for one in found if form.entry(one) not in own]

    def _is_asked_anew(self, one: Recording) -> bool:
        return not one.source and (self.mode == "record" or self._is_old(one))

    def _is_old(self, one: Recording) -> bool:
        if self._max_age is None or one.source:
            return False
        return self._now() - one.time > self._max_age

    def _warn(self, stale: list[Recording]) -> None:
        oldest = duration(max(self._now() - one.time for one in stale))
        count = f"{len(stale)} of {len(self._old)} recordings are older than --max-age"
        told = f"{self._tape.name}: {count}, the oldest is from {oldest} ago"
        self._tell(f"warning: {told}; --cassette auto asks these anew")

    def _miss(self, run: str, ordinal: int, request: dict[str, Json]) -> ReplayMissError:
        error = ReplayMissError(self._missed(run, ordinal, request), hint=HINT)
        error.attempts = 0
        return error

    def _missed(self, run: str, ordinal: int, request: dict[str, Json]) -> str:
        name = _named(run, request, self.find)
        if self._text is None:
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


def _named_files(recordings: Iterable[Recording]) -> set[str]:
    """List the files beside the cassette that these recordings need."""
    trees = [tree for one in recordings for tree in (one.reply, one.reply.get("session", {}))]
    found = {tree["file"] for tree in trees if "file" in tree}
    return found | {part["file"] for tree in trees for part in tree.get("parts", ())}
