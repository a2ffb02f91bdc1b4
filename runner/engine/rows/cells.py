"""Cells: the rows of a CSV file, as mappings from its header's names to cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runner.errors import RecipeError

if TYPE_CHECKING:
    from runner.engine.rows.dataset import Dataset

PARTED = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""What other tables are parted by."""
QUOTED = "a comma within a cell needs quotes around the cell"


def records(dataset: Dataset, longest: int) -> Iterator[tuple[int, dict[str, str] | RecipeError]]:
    """Read the rows of a CSV file, each with its line; one of another length is given as wrong."""
    csv.field_size_limit(longest)
    reader = csv.reader((line for _, line in dataset.lines()), strict=True)
    header = _cells(dataset, reader)
    if header is None:
        return
    _check_header(dataset, header)
    begin, is_first = reader.line_num + 1, True
    while (cells := _cells(dataset, reader)) is not None:
        if cells and is_first:
            _check_parted(dataset, header, cells)
            is_first = False
        if cells and len(cells) != len(header):
            found = f"expected {len(header)} cells, got {len(cells)}"
            yield begin, dataset.wrong(found, begin, QUOTED)
        elif cells:
            yield begin, dict(zip(header, cells, strict=True))
        begin = reader.line_num + 1


def _cells(dataset: Dataset, reader: Any) -> list[str] | None:
    begin = reader.line_num + 1
    try:
        return next(reader, None)
    except csv.Error as error:
        if "new-line character" in str(error):
            message = "a carriage return stands alone: no line of a CSV file ends so"
            hint = "save the file with line ends of LF or CRLF; within a cell it needs quotes"
            raise dataset.wrong(message, begin, hint) from error
        message = f"the row is no CSV: {error}"
        raise dataset.wrong(message, begin, "is a quote not closed?") from error


def _check_parted(dataset: Dataset, header: list[str], first: list[str]) -> None:
    """Find a table whose cells are parted by what parts none here: each row would be one cell."""
    found = [sign for sign in PARTED if len(header) == 1 and sign in header[0]]
    if found and (len(first) > 1 or found[0] in first[0]):
        message = f"the header is parted by {PARTED[found[0]]}: a CSV file needs commas"
        raise dataset.wrong(message, 1, "save it with commas between the cells")


def _check_header(dataset: Dataset, header: list[str]) -> None:
    counts = Counter(header)
    twice = next((name for name in header if counts[name] > 1), None)
    if twice is not None:
        msg = f"the header names {twice!r} twice"
        raise dataset.wrong(msg, 1)
    if "" in header:
        place = header.index("") + 1
        msg = f"the header has no name for column {place}"
        raise dataset.wrong(msg, 1)
