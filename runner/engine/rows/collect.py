"""Collect: one line a run in one file, in the dataset's order, whatever order the answers come in.

The file grows as the run goes: a line is added once every row before it is settled. What waits for
its turn is in the journal. At the end the file gets its sidecar.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from runner.engine.prepare import Plan
from runner.errors import Fault, RecipeSchemaError
from runner.exchange import Json
from runner.recipe import template
from runner.recipe.source import Map

KINDS = ("jsonl", "csv")


_written = json.JSONEncoder(ensure_ascii=False).encode


def line_of(written: Map, scope: Mapping[str, Any], own: Mapping[str, Json]) -> dict[str, Json]:
    """Make the fields of a line; without `fields`, those of `own`, and the text or JSON."""
    fields = written.get("fields")
    if fields is not None:
        filled: dict[str, Json] = template.kept(fields)(scope)
        return filled
    reply = scope["reply"]
    told = "text" if reply.get("text") is not None else "json"
    return {**own, told: reply.get(told)}


def own_of(plan: Plan) -> dict[str, Json]:
    """Return what names a run among those of its recipe: its cell, its repeat, its row."""
    run: dict[str, Json] = {"run": plan.run} if plan.run else {}
    return {**plan.cell.values, **run, **({"id": plan.row.id} if plan.row is not None else {})}


def path_of(written: Map, context: Mapping[str, Any]) -> str:
    """Return the path of a collected file, or raise `RecipeError` at its place."""
    mark = written.marks["file"][1]
    return template.path(written["file"], context, at=("collect", "file"), mark=mark)


def kind_of(written: Map, path: str) -> str:
    """Return the kind of a collected file by its ending."""
    kind = path.rpartition(".")[2].lower()
    if kind in KINDS:
        return kind
    message = f"{path}: expected a file of {' or '.join(KINDS)}"
    raise RecipeSchemaError.of(Fault(message, written.marks["file"][1], "collect"))


def rendered(kind: str, line: Mapping[str, Json], header: Sequence[str] | None) -> str:
    """Write a line as a file of its kind holds it; before the first of a csv stands its header."""
    if kind == "jsonl":
        return _written(line) + "\n"
    names = [*line] if header is None else header
    told = _row([_cell(line.get(name)) for name in names])
    return told if header is not None else _row(names) + told


def _row(cells: Sequence[str]) -> str:
    import csv

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _cell(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
