"""Columns: the rows of a parquet file, as JSON values."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner.errors import RecipeError
from runner.exchange import Json

if TYPE_CHECKING:
    from runner.engine.rows.dataset import Dataset

BATCH = 1_000
"""Rows that are held at once."""


def records(dataset: Dataset, parquet: Any) -> Iterator[tuple[int, Json | RecipeError]]:
    """Read the rows of a parquet file, a batch at a time; the row's number stands for its line."""
    from pyarrow import ArrowException

    number = 0
    try:
        with parquet.ParquetFile(dataset.path) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield number, _record(dataset, number, row)
    except (ArrowException, OSError) as error:
        message = f"the file is no parquet: {str(error)[:200]}"
        raise dataset.wrong(message, number + 1) from error


def _record(dataset: Dataset, number: int, row: Mapping[str, Any]) -> Json | RecipeError:
    found: dict[str, Json] = {}
    for name, value in row.items():
        try:
            found[name] = plain(value)
        except ValueError as error:
            message = f"{name}: {error}"
            return dataset.wrong(message, number, "null says that there is none")
    return found


def plain(value: Any) -> Json:
    """Write a cell as JSON has it: times as ISO 8601, bytes as base64, decimals digit by digit.

    ValueError for NaN.
    """
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float) and value - value:
        message = f"{value} is no number that JSON has"
        raise ValueError(message)
    return value
