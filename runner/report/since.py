"""Since: what is other than in a baseline, as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from itertools import groupby

from runner.protocol.usage import money
from runner.protocol.wire import printable
from runner.report.changes import VERDICTS, Change, Changes
from runner.report.console import Style, named, plain

_MOST = 20
_TEXTS = 5
_DIFF = 30
_KINDS = {"newly failing": "missed", "newly passing": "passed"}
_WORDS = {"gone": "not run", "fingerprint": "other fingerprint", "model": "other model"}


def told(changes: Changes, style: Style = plain) -> str:
    """Say what changed: a line that counts, then each kind with its cases."""
    lines = [style(printable(f"since {changes.since}: {headline(changes)}"), "quiet")]
    for kind, listed in groupby(changes.changes, lambda change: change.kind):
        shown = list(listed)[: _TEXTS if kind == "text" else _MOST]
        lines += [line for change in shown for line in _lines(change, style)]
        more = changes.counts.get(kind, 0) - len(shown)
        lines += [style(f"  … and {more:,} more {word(kind)}", "quiet")] if more > 0 else []
    return "\n".join(lines)


def headline(changes: Changes) -> str:
    """Say in a line how many cases changed, and what all of them cost and took."""
    counts = [f"{count:,} {word(kind)}" for kind, count in changes.counts.items()]
    cells = [*counts, f"{changes.alike:,} as before", *_sums(changes)]
    return " · ".join(cells)


def word(kind: str) -> str:
    """Name a kind of change to people."""
    return _WORDS.get(kind, kind if kind in VERDICTS else f"other {kind}")


def _sums(changes: Changes) -> Iterator[str]:
    """Tell the cost and time of the cases that are in both."""
    if changes.cost is not None and changes.cost[0] != changes.cost[1]:
        yield f"cost {_money(*changes.cost)}"
    if changes.matched and round(changes.latency[0], 1) != round(changes.latency[1], 1):
        yield f"time {_seconds(*changes.latency)}"


def case(change: Change) -> str:
    """Name a case by its recipe's file, as lines of runs do: several may have one name."""
    return named(change.recipe, change.run_id) if change.recipe else change.run_id


def failing(changes: Changes, on: tuple[str, ...]) -> str:
    """Say what of `--fail-on` came true; "" where nothing did."""
    found = [f"{count:,} {_plural(kind, count)}" for kind, count in changes.failing(on).items()]
    return f"--fail-on {', '.join(on)}: {' · '.join(found)}" if found else ""


def _plural(kind: str, count: int) -> str:
    return f"regression{'s' * (count != 1)}" if kind == "regression" else word(kind)


def between(change: Change) -> str:
    """Say in a line what a case was, and what it is now."""
    match change:
        case Change(kind="cost", was=float(was), now=float(now)):
            return _money(was, now)
        case Change(kind="latency", was=float(was), now=float(now)):
            return _seconds(was, now)
        case Change(kind="text"):
            return ""
        case Change(was=None) | Change(now=None):
            return str(change.was or change.now)
    return f"{change.was or 'none'} → {change.now or 'none'}"


def diff(change: Change) -> list[str]:
    """Show how a text changed: the lines that left and those that came, near what stays."""
    rows = unified_diff(
        str(change.was).splitlines(), str(change.now).splitlines(), n=1, lineterm=""
    )
    shown = [row for row in list(rows)[2:] if not row.startswith("@@")]
    rest = len(shown) - _DIFF
    return [*shown[:_DIFF], *([f"… and {rest} more lines"] if rest > 0 else [])]


def _lines(change: Change, style: Style) -> Iterator[str]:
    head = f"  {style(f'{word(change.kind):<17}', _KINDS.get(change.kind, 'quiet'))}"
    yield f"{head}  {printable(case(change))}  {printable(between(change))}".rstrip()
    if change.kind == "text":
        for row in diff(change):
            kind = {"+": "passed", "-": "missed"}.get(row[:1], "quiet")
            yield style(f"      {printable(row)}", kind)


def _money(was: float, now: float) -> str:
    return f"{money(was)} → {money(now)}{_part(was, now)}"


def _seconds(was: float, now: float) -> str:
    return f"{was:.1f} s → {now:.1f} s{_part(was, now)}"


def _part(was: float, now: float) -> str:
    return f" ({(now - was) / was:+.0%})" if was > 0 else ""
