"""Progress: how far the runs of a command are, in one line that fits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from runner.protocol.usage import money
from runner.protocol.wire import printable
from runner.record import Record
from runner.report.totals import Totals

WINDOW = 60.0
"""The speed is that of so many last seconds."""
BAR = 16
HELD = 32
"""What holds runs back is cut to so many columns where there are few."""
SEPARATOR = " · "
STOPPING = "stopping; the next Ctrl-C stops at once"


class Progress(Record):
    """How far runs are: `done` of `total` by this command, `before` by one before it.

    `whole` is what those that are done came to, `rate` how many are done in a second, None where
    that is not known yet. `holding` is the limit that holds them back now. `word` is what they are.
    """

    total: int
    done: int
    whole: Totals
    before: int = 0
    seconds: float = 0.0
    rate: float | None = None
    holding: str = ""
    stopping: bool = False
    word: str = "rows"


class Pace:
    """Learns how many runs are done in a second, of late."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque([(0.0, 0)])

    def rate(self, seconds: float, done: int) -> float | None:
        """Learn how many are done by now; return how many are in a second."""
        last = self._marks[-1][0]
        if seconds - last >= 1:
            self._marks.append((seconds, done))
        while len(self._marks) > 2 and seconds - self._marks[1][0] >= WINDOW:
            self._marks.popleft()
        since, before = self._marks[0]
        return (done - before) / (seconds - since) if done > before and seconds > since else None


class _Cell(Record):
    """A part of the line, long and short. The one of the highest `rank` gives way first."""

    text: str
    short: str = ""
    rank: int = 0
    kind: str = ""


def line(found: Progress, width: int | None = None) -> str:
    """Say how far the runs are; in no more than `width` columns, where there is one."""
    return SEPARATOR.join(text for text, _ in parts(found, width))


def parts(found: Progress, width: int | None = None) -> list[tuple[str, str]]:
    """Return the parts of the line, each with its kind: passed, missed, failed, quiet or none."""
    cells = [cell for cell in _cells(found) if cell.text]
    if width is None:
        return [(cell.text, cell.kind) for cell in cells]
    told, room = [], width
    for cell in _fitting([_Cell(_bar(found), rank=9, kind="passed"), *cells], width):
        text = _cut(cell.text, room)
        told += [(text, cell.kind)] if text else []
        room -= len(cell.text) + len(SEPARATOR)
    return told


def _fitting(cells: list[_Cell], width: int) -> list[_Cell]:
    """Let cells give way until the rest fits: first the bar, then long words, then the least."""
    for give in (_without(9), _shortened, *map(_without, range(8, 0, -1))):
        if _length(cells) <= width:
            break
        cells = give(cells)
    return cells


def _without(rank: int) -> Callable[[list[_Cell]], list[_Cell]]:
    return lambda cells: [cell for cell in cells if cell.rank != rank]


def _shortened(cells: list[_Cell]) -> list[_Cell]:
    return [cell._replace(text=cell.short or cell.text) for cell in cells]


def _length(cells: list[_Cell]) -> int:
    return sum(len(cell.text) for cell in cells) + len(SEPARATOR) * max(len(cells) - 1, 0)


def _cut(text: str, room: int) -> str:
    """Cut a text; of what three columns cannot show nothing is left."""
    return text if len(text) <= room else f"{text[: room - 1]}…" if room > 3 else ""


def _cells(found: Progress) -> list[_Cell]:
    whole, done = found.whole, f"{found.before + found.done:,}/{found.total:,}"
    tokens = whole.input_tokens + whole.output_tokens
    unknown = "at least " if whole.unpriced else ""
    left = _left(found)
    holding = f"held by {printable(found.holding)}" if found.holding else ""
    held = STOPPING if found.stopping else holding
    return [
        _Cell(f"{done} {found.word}", done),
        _Cell(f"{whole.failed:,} failed" if whole.failed else "", kind="failed"),
        _Cell(f"{whole.missed:,} missed" if whole.missed else "", kind="missed"),
        _Cell(speed(found.rate, found.word), speed(found.rate), 4),
        _Cell(f"{tokens:,} tokens" if tokens else "", f"{rounded(tokens)} tokens", 6, "quiet"),
        _Cell(unknown + money(whole.cost) if whole.cost else "", money(whole.cost), 5, "quiet"),
        _Cell(f"{left} left" if left else "", rank=2),
        _Cell(held, _cut(held, HELD), kind="missed"),
    ]


def _left(found: Progress) -> str:
    """Say how long the rest takes at this pace."""
    rest = found.total - found.before - found.done
    return duration(rest / found.rate) if found.rate and rest > 0 and not found.stopping else ""


def _bar(found: Progress) -> str:
    part = min((found.before + found.done) / found.total, 1.0) if found.total else 1.0
    full = int(part * BAR)
    return "━" * full + "╌" * (BAR - full)


def speed(rate: float | None, word: str = "") -> str:
    """Say how many are done in a second, a minute or an hour."""
    if not rate:
        return ""
    count, unit = next(
        (count, unit)
        for count, unit in ((rate, "s"), (rate * 60, "min"), (rate * 3600, "h"))
        if count >= 1 or unit == "h"
    )
    told = f"{count:,.0f}" if count >= 10 else f"{count:.1f}"
    return f"{told} {word}/{unit}" if word else f"{told}/{unit}"


def rounded(count: int) -> str:
    """Show a number by some three of its figures."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return (
                f"{count / size:.0f}{unit}" if count >= 10 * size else f"{count / size:.1f}{unit}"
            )
    return str(count)


def duration(seconds: float) -> str:
    """Show a time that something takes."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s" if minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours < 48 else f"{hours // 24} days"
