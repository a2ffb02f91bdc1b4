"""Changes: what is other than in a baseline, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from runner.exchange import Json
from runner.record import Record
from runner.report.baseline import Cases, Key, Outcome
from runner.report.encoding import Hide, plain, unchanged
from runner.report.records import result_record
from runner.results import RunResult

VERDICTS = ("newly failing", "newly passing", "still failing", "new", "gone")
DRIFTS = ("model", "fingerprint", "cost", "latency", "text")
COST = 0.1
"""The part by which a cost has to change to be told."""
LATENCY = 0.5
"""The same of a latency, which also has to change by so many seconds."""
_EXCERPT = 800
_BEFORE = 200
_MOST = 1_000


class Change(Record):
    """One thing that is other: `kind` is one of `VERDICTS` or `DRIFTS`.

    `was` and `now` are states, names, US dollars, seconds, or texts from where they part; None
    where the case was not there. `run_id` is the case's, without the number of a repeat.
    """

    run_id: str
    kind: str
    was: Json
    now: Json
    recipe: str = ""


class Changes(Record):
    """All that is other since the report `since`; `changes` are bounded, `counts` are not.

    `matched` cases were there before too, `alike` of them did not change at all; `cost` and
    `latency` are the sums of these, before and now, a cost where all are known. `regressions`
    count what fails, and did not, or was not there.
    """

    since: str
    changes: tuple[Change, ...] = ()
    counts: Mapping[str, int] = {}
    matched: int = 0
    alike: int = 0
    regressions: int = 0
    cost: tuple[float, float] | None = None
    latency: tuple[float, float] = (0.0, 0.0)

    def failing(self, on: tuple[str, ...]) -> dict[str, int]:
        """Count what changed that is to fail: regression, a kind of drift, or any drift."""
        kinds = {*on, *(DRIFTS if "drift" in on else ())}
        found = {"regression": self.regressions if "regression" in on else 0}
        found |= {kind: count for kind, count in self.counts.items() if kind in kinds}
        return {kind: count for kind, count in found.items() if count}


class Comparison:
    """Holds runs that come one by one against the outcomes of a baseline."""

    def __init__(self, before: Mapping[Key, Outcome], since: str, hide: Hide = unchanged) -> None:
        self._before = dict(before)
        self._places = {key[1]: key for key in before}
        self._doubled = {key[1] for key in before if self._places[key[1]] != key}
        self._since = since
        self._hide = hide
        self._cases = Cases()
        self._found: list[Change] = []
        self._counts: Counter[str] = Counter()
        self._sums = Sums()
        self._alike = 0
        self._regressions = 0

    def take(self, result: RunResult) -> None:
        """Take a run."""
        outcome = self._cases.take(plain(result_record(result), self._hide))
        if outcome is not None:
            self._compare(outcome)

    def end(self) -> Changes:
        """Tell what is other; what of the baseline did not run is gone."""
        for outcome in self._cases.rest():
            self._compare(outcome)
        for was in self._before.values():
            self._tell(Change(was.case, "gone", was.state, None, was.recipe))
        order = {kind: place for place, kind in enumerate((*VERDICTS, *DRIFTS))}
        return Changes(
            self._since,
            tuple(sorted(self._found, key=lambda change: order[change.kind])),
            {kind: self._counts[kind] for kind in order if self._counts[kind]},
            self._sums.matched,
            self._alike,
            self._regressions,
            self._sums.cost,
            self._sums.latency,
        )

    def _compare(self, now: Outcome) -> None:
        was = self._taken(now)
        fails = now.state != "passed"
        if was is None:
            self._regressions += fails
            self._tell(Change(now.case, "new", None, now.state, now.recipe))
            return
        if now.before:
            now = now._replace(latency=was.latency, fingerprints=was.fingerprints)
        self._sums.add(was, now)
        found = list(_differences(was, now))
        self._regressions += fails and was.state == "passed"
        self._alike += not found
        for change in found:
            self._tell(change)

    def _taken(self, now: Outcome) -> Outcome | None:
        """Take out of the baseline what a case came to; one that moved is known by its name."""
        found = self._before.pop(now.key, None)
        if found is None and now.case in self._places and now.case not in self._doubled:
            return self._before.pop(self._places[now.case], None)
        return found

    def _tell(self, change: Change) -> None:
        self._counts[change.kind] += 1
        if self._counts[change.kind] <= _MOST:
            self._found.append(change)


class Sums:
    """The cost and the latency of the cases that were there before, then and now."""

    def __init__(self) -> None:
        self.matched = 0
        self.latency = (0.0, 0.0)
        self.cost: tuple[float, float] | None = (0.0, 0.0)

    def add(self, was: Outcome, now: Outcome) -> None:
        """Add a case."""
        self.matched += 1
        self.latency = (self.latency[0] + was.latency, self.latency[1] + now.latency)
        if self.cost is None or was.cost is None or now.cost is None:
            self.cost = None
        else:
            self.cost = (self.cost[0] + was.cost, self.cost[1] + now.cost)


def _differences(was: Outcome, now: Outcome) -> Iterator[Change]:
    verdict = _verdict(was.state, now.state)
    if verdict:
        yield Change(now.case, verdict, was.state, now.state, now.recipe)
    if was.models and now.models and set(was.models) != set(now.models):
        yield _named("model", was.models, now.models, now)
    if set(was.fingerprints) != set(now.fingerprints):
        yield _named("fingerprint", was.fingerprints, now.fingerprints, now)
    if was.cost is not None and now.cost is not None and _moved(was.cost, now.cost, COST):
        yield Change(now.case, "cost", was.cost, now.cost, now.recipe)
    if _moved(was.latency, now.latency, LATENCY) and abs(was.latency - now.latency) >= LATENCY:
        yield Change(now.case, "latency", was.latency, now.latency, now.recipe)
    if was.text and now.text and (was.text, was.length) != (now.text, now.length):
        yield Change(now.case, "text", *_parting(was.text, now.text), now.recipe)


def _verdict(was: str, now: str) -> str:
    match was == "passed", now == "passed":
        case True, False:
            return "newly failing"
        case False, True:
            return "newly passing"
        case False, False:
            return "still failing"
    return ""


def _named(kind: str, was: tuple[str, ...], now: tuple[str, ...], of: Outcome) -> Change:
    return Change(of.case, kind, ", ".join(was), ", ".join(now), of.recipe)


def _moved(was: float, now: float, part: float) -> bool:
    return abs(now - was) > part * max(abs(was), 1e-12)


def _parting(was: str, now: str) -> tuple[str, str]:
    """Cut two texts to a piece that shows where they part."""
    pairs = enumerate(zip(was, now, strict=False))
    place = next((place for place, (a, b) in pairs if a != b), min(len(was), len(now)))
    start = max(0, place - _BEFORE)
    return _excerpt(was, start), _excerpt(now, start)


def _excerpt(text: str, start: int) -> str:
    piece = text[start : start + _EXCERPT]
    end = "…" if len(text) > start + _EXCERPT else ""
    return f"{'…' if start else ''}{piece}{end}"
