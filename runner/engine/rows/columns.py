"""Columns: the rows of a parquet file, as JSON values."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner.exchange import Json

if TYPE_CHECKING:
    from runner.engine.rows.dataset import Dataset

BATCH = 1_000
"""Rows that are held at once."""


def records(dataset: Dataset, parquet: Any) -> Iterator[tuple[int, Json]]:
    """Read the rows of a parquet file, a batch at a time; the row's number stands for its line."""
    from pyarrow import ArrowException

    number = 0
    try:
        with parquet.ParquetFile(dataset.path) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield number, {name: plain(value) for name, value in row.items()}
    except (ArrowException, OSError) as error:
        message = f"the file is no parquet: {str(error)[:200]}"
        raise dataset.wrong(message, number + 1) from error


def plain(value: Any) -> Json:
    """Write a cell as JSON has it: times as ISO 8601, bytes as base64."""
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return float(value) if isinstance(value, Decimal) else value
