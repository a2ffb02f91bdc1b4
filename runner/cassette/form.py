"""Form: a cassette as the text of its file, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from runner.cassette import Recording
from runner.cassette.shape import SHAPE
from runner.cassette.writing import written
from runner.errors import Fault, Mark, RecipeSchemaError
from runner.exchange import Json
from runner.recipe import schema, source
from runner.recipe.source import LINE_END, Map, Seq

HEAD = """\
# Recorded by runner: what was asked, and what it was answered. `--cassette record` makes it anew.
cassette: 1
recordings:
"""
ENDED = "%Y-%m-%dT%H:%M:%SZ"
CURE = "record it anew: --cassette record"


def text_of(recordings: Iterable[str]) -> str:
    """Write a cassette of recordings that are written."""
    return HEAD + "".join(recordings)


def entry(one: Recording) -> str:
    """Write one recording, as an item of the list."""
    tree: dict[str, Json] = {"run": one.run, "ordinal": one.ordinal} if one.run else {}
    tree["recorded"] = stamp(one.time)
    if one.source:
        tree["source"] = one.source
    tree |= {"request": one.request, "reply": one.reply}
    return "  - " + written(tree, 4)[4:]


def stamp(time: float) -> str:
    """Write a time, in UTC."""
    return datetime.fromtimestamp(time, UTC).strftime(ENDED)


def read(content: bytes, file: str) -> list[Recording]:
    """Read a cassette; RecipeError with every fault where it is none."""
    if not content.removeprefix(HEAD.encode()).strip():
        return []
    tree = source.parse(content, file)
    faults = schema.check(tree, SHAPE)
    if not isinstance(tree, Map) or faults:
        lines = LINE_END.split(content.decode("utf-8", "replace"))
        found = faults or [Fault("expected a cassette", Mark(file, 1, 1))]
        raise RecipeSchemaError.of(*(_placed(fault, file, lines) for fault in found))
    recordings = tree["recordings"]
    return [_recording(row, _mark(recordings, n)) for n, row in enumerate(recordings)]


def _placed(fault: Fault, file: str, lines: list[str]) -> Fault:
    mark = fault.mark or Mark(file, 1, 1)
    hint = fault.hint or CURE
    return fault._replace(mark=mark, hint=hint, source=lines[mark.line - 1][:400])


def _mark(recordings: Json, place: int) -> Mark | None:
    return recordings.marks[place] if isinstance(recordings, Seq) else None


def _recording(row: Json, mark: Mark | None) -> Recording:
    told = row.get("recorded", "")
    try:
        time = datetime.strptime(told, ENDED).replace(tzinfo=UTC).timestamp() if told else 0.0
    except ValueError as error:
        fault = Fault(f"{told!r} is no time", mark, "recorded", "write 2026-01-31T12:00:00Z")
        raise RecipeSchemaError.of(fault) from error
    return Recording(
        row.get("run", ""),
        row.get("ordinal", 0),
        time,
        row["request"],
        row["reply"],
        row.get("source", ""),
        mark,
    )


def sorted_by_run(recordings: Iterable[Recording]) -> list[Recording]:
    """Put recordings in an order that does not depend on which thread was first.

    Runs of one recipe at the same time differ by what stands from `[` on in their names; what one
    of them asks stays in its own order.
    """
    return sorted(recordings, key=lambda one: _natural(one.run))


def _natural(run: str) -> tuple[tuple[int, str], ...]:
    cell = run[_cell(run) :]
    return tuple((int(d), "") if d else (-1, t) for d, t in re.findall(r"(\d+)|(\D+)", cell))


def _cell(run: str) -> int:
    found = re.search(r"[\[#]", run)
    return found.start() if found else len(run)
