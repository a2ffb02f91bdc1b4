"""Prospect: what recipes would run: their runs, requests and highest cost, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.engine.costs.forecast import forecast
from runner.engine.prepare import Plan
from runner.engine.selection import nothing_chosen, selection
from runner.engine.suite import Suite
from runner.errors import RecipeError, RunnerError
from runner.protocol.forecast import Forecast, whole
from runner.report.forecast import cost, requests

Row = dict[str, Any]


def rows(suite: Suite, files: list[str]) -> list[Row]:
    """Describe the recipes that are chosen; a broken one by its first fault."""
    found = [row for file in files for row in _rows(suite, file)]
    if files and not found:
        raise nothing_chosen(suite.options)
    return found


def _rows(suite: Suite, file: str) -> Iterator[Row]:
    chosen = selection(suite.options, None)
    try:
        every = suite.plans(file, check=True)
        first = every[0]
        if not chosen.takes_recipe(first.recipe.key("tags") or ()):
            return
        plans = [plan for plan in every if chosen.takes(plan)]
        if plans:
            foreseen = _foreseen(suite, plans)
            if foreseen["cases"]:
                yield {**_described(first), **foreseen}
    except RunnerError as error:
        faults = error.faults if isinstance(error, RecipeError) else ()
        told = faults[0].message if faults else str(error.args[0])
        broken = {"recipe": file, "endpoints": "", "tags": [], "description": f"broken: {told}"}
        yield {**broken, **_told(0, Forecast()), "cases": []}


def _described(found: Plan) -> Row:
    return {
        "recipe": found.recipe.file,
        "endpoints": ", ".join(dict.fromkeys(step.endpoint.name for step in found.steps)),
        "tags": list(found.recipe.key("tags") or ()),
        "description": str(found.recipe.key("description") or ""),
    }


def _foreseen(suite: Suite, plans: list[Plan]) -> Row:
    made = [(plan, *forecast(plan, suite.world(plan))) for plan in plans]
    made = [one for one in made if one[1]]
    every = whole(found for _, _, found in made)
    cases = [
        {"id": plan.recipe.name + plan._replace(row=None).suffix, **_told(count, found)}
        for plan, count, found in made
    ]
    return {**_told(sum(count for _, count, _ in made), every), "cases": cases}


def _told(runs: int, found: Forecast) -> Row:
    return {
        "runs": runs,
        "requests": {"at_least": found.requests, "more": found.more},
        "input_tokens": found.about,
        "cost": {"about": found.likely, "at_most": found.cost, "why": found.why},
    }


def as_text(found: list[Row], *, cases: bool) -> str:
    """Write the rows for people, columns aligned; with `cases` the runs of each under it."""
    cells = [_cells(row["recipe"], row, _words(row)) for row in found]
    if cases:
        cells = [
            line
            for row, own in zip(found, cells, strict=True)
            for line in (own, *(_cells(f"  {case['id']}", case, []) for case in row["cases"]))
        ]
    widths = [max(len(line[place]) for line in cells) for place in range(len(cells[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def _words(row: Row) -> list[str]:
    return [
        row["endpoints"],
        ", ".join(map(str, row["tags"])),
        " ".join(row["description"].split()),
    ]


def _cells(name: str, row: Mapping[str, Any], words: list[str]) -> list[str]:
    """Write a row's cells; of a broken recipe there is nothing to count."""
    runs = row["runs"]
    asks = Forecast(row["requests"]["at_least"], row["requests"]["more"])
    told = [
        f"{runs:,} run{'s' * (runs != 1)}",
        requests(asks),
        cost(row["cost"]["at_most"]),
    ]
    return [name, *(told if runs else [""] * 3), *(words or [""] * 3)]
