"""Dataset: the rows of a file, read one at a time, each with its id and its line."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from runner.engine.reading.files import STDIN, shown
from runner.engine.rows.ids import LONGEST_ID, wrong_id
from runner.errors import Fault, Mark, RecipeError, RecipeSchemaError
from runner.exchange import Json
from runner.protocol import json_text
from runner.recipe.checking.words import nearest
from runner.record import Record

LONGEST = 16 << 20
"""The longest line, in bytes, and cell."""
TABLES = ("tsv", "tab", "txt", "xls", "xlsx", "ods")
"""The endings of tables that are not read."""

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_canonical = json.JSONEncoder(sort_keys=True).encode


class Row(Record):
    """One row: its number from 1, its id, its fields, and the line of the file it begins on."""

    place: int
    id: str
    values: Mapping[str, Json]
    line: int

    @property
    def digest(self) -> str:
        """The SHA-256 of what it holds."""
        text = _canonical([self.id, self.values])
        return hashlib.sha256(text.encode()).hexdigest()


class Dataset(Record):
    """A file of rows. `name` is how people know it, `field` what names a row, "" its number.

    `mark` is the place in the recipe that names it, `id_mark` that which names the field.
    """

    path: Path
    name: str
    kind: str
    field: str
    mark: Mark
    id_mark: Mark | None = None

    def rows(self, wrong: Callable[[RecipeError], None] | None = None) -> Iterator[Row]:
        """Read the rows one at a time; RecipeError at the first that is wrong.

        `wrong` is told of it instead where the rows after it can be read.
        """
        for place, (line, values) in enumerate(KINDS[self.kind](self), 1):
            try:
                row = self._row(place, line, values)
            except RecipeError as error:
                if wrong is None:
                    raise
                wrong(error)
                continue
            yield row

    def _row(self, place: int, line: int, values: Json | RecipeError) -> Row:
        if isinstance(values, RecipeError):
            raise values
        if not isinstance(values, Mapping):
            message = f"expected a mapping of fields, got {_told(values)}"
            raise self.wrong(message, line)
        return Row(place, self._id(place, values, line), values, line)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Read the file line by line: each with its number, its end kept."""
        try:
            with self.path.open("rb") as file:
                for number, line in enumerate(iter(partial(file.readline, LONGEST + 1), b""), 1):
                    if len(line) > LONGEST:
                        message = f"the line is longer than {LONGEST:,} bytes"
                        raise self.wrong(message, number)
                    yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            message = f"the line is not UTF-8 text: {error.reason}"
            raise self.wrong(message, number, "save the file as UTF-8", error.start + 1) from error
        except OSError as error:
            message = f"{self.name} cannot be read: {(error.strerror or str(error)).lower()}"
            raise RecipeSchemaError.of(Fault(message, self.mark, "dataset")) from error

    def _id(self, place: int, values: Mapping[str, Json], line: int) -> str:
        if not self.field:
            return str(place)
        if self.field not in values:
            raise self._without_id(place, values, line)
        value = values[self.field]
        if not isinstance(value, str | int | float):
            told = "null" if value is None else _told(value)
            message = f"{self.field}: {told} is no id"
            raise self.wrong(message, line, "an id is text or a number")
        text = value if isinstance(value, str) else json.dumps(value)
        if fault := wrong_id(text):
            raise self.wrong(fault, line)
        return text

    def _without_id(self, place: int, values: Mapping[str, Json], line: int) -> RecipeError:
        """Blame the recipe where the first row lacks the field, else the row."""
        if place > 1:
            msg = f"the row has no field {self.field!r}, its id"
            return self.wrong(msg, line, self.suggested(self.field, values))
        msg = f"the first row of {self.name} has no field {self.field!r}, its id"
        hint = self.suggested(self.field, values)
        return RecipeSchemaError.of(Fault(msg, self.id_mark or self.mark, "dataset.id", hint))

    def suggested(self, name: str, known: Iterable[str]) -> str:
        """Suggest a field, or say which there are."""
        names = [str(one) for one in known]
        near = nearest(name, names)
        there = f"it has {', '.join(names)}"[:LONGEST_ID] if names else "the row is empty"
        return f"did you mean {near!r}?" if near else there

    def told(self, row: Row, message: str) -> str:
        """Say of a row what is wrong with it."""
        return f"row {row.id} ({self.name}:{self._line(row.line)}): {message}"

    def _line(self, line: int) -> int:
        """Return a line of the file; of JSON rows their number is known at first."""
        if self.kind != "json":
            return line
        from runner.engine.rows import starts

        return starts.line_of(self.path, line)

    def wrong(self, message: str, line: int, hint: str = "", column: int = 1) -> RecipeError:
        """Make the error of a line."""
        mark = Mark(self.name, self._line(line), column)
        return RecipeSchemaError.of(Fault(message, mark, "", hint))

    def digest(self) -> str:
        """Return the SHA-256 of the file."""
        found = hashlib.sha256()
        with self.path.open("rb") as file:
            for block in iter(partial(file.read, 1 << 20), b""):
                found.update(block)
        return found.hexdigest()


def opened(
    path: Path, kind_of: str, field: str, mark: Mark, id_mark: Mark | None = None
) -> Dataset:
    """Find a file of rows; `kind_of` is the name that tells its kind by its ending."""
    suffix = Path(kind_of).suffix.lower().removeprefix(".")
    kind = {"yml": "yaml", "ndjson": "jsonl"}.get(suffix, suffix)
    if kind not in KINDS:
        message = f"{kind_of}: expected a dataset, a file of {', '.join(KINDS)}"
        hint = "save a table as .csv, with commas between its cells" if kind in TABLES else ""
        raise RecipeSchemaError.of(Fault(message, mark, "dataset", hint))
    return Dataset(path, shown(path), kind, field, mark, id_mark)


def piped(field: str, mark: Mark, id_mark: Mark | None = None) -> Dataset:
    """Take the rows of standard input; they tell by their beginning of what kind they are."""
    from runner.engine.rows.piped import kept

    try:
        path, first = kept()
    except OSError as error:
        message = f"standard input cannot be kept: {(error.strerror or str(error)).lower()}"
        raise RecipeSchemaError.of(Fault(message, mark, "dataset")) from error
    kind = next((kind for start, kind in BEGINNINGS.items() if first.startswith(start)), "csv")
    return Dataset(path, STDIN, kind, field, mark, id_mark)


BEGINNINGS = {b"{": "jsonl", b"[": "json", b"- ": "yaml", b"---": "yaml", b"PAR1": "parquet"}
"""What standard input begins with, by the kind of its rows."""


Lines = Iterable[tuple[int, Any]]


def _csv(dataset: Dataset) -> Lines:
    from runner.engine.rows import cells

    return cells.records(dataset, LONGEST)


def _jsonl(dataset: Dataset) -> Lines:
    for number, line in dataset.lines():
        if line.strip():
            yield number, _parsed(dataset, line, number)


def _parsed(dataset: Dataset, text: str, line: int) -> Json | RecipeError:
    try:
        value = json_text.parse(text, once=True)
        if _HALF.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return dataset.wrong(
            "the line is no JSON: it has a \\u escape that is half a character", line
        )
    except ValueError as error:
        return dataset.wrong(f"the line is no JSON: {error}", line)
    return value


def _tree(dataset: Dataset, parse: Callable[[bytes, str], Any]) -> Any:
    """Read a file that is one list: it is held whole."""
    try:
        tree = parse(dataset.path.read_bytes(), dataset.name)
    except OSError as error:
        raise dataset.wrong((error.strerror or str(error)).lower(), 1) from error
    if not isinstance(tree, list):
        msg = f"expected a list of rows, got {_told(tree)}"
        raise dataset.wrong(msg, 1)
    return tree


def _json(dataset: Dataset) -> Lines:
    from runner.recipe import source

    return enumerate(_tree(dataset, source.parse_json), 1)


def _yaml(dataset: Dataset) -> Lines:
    from runner.recipe import source

    tree = _tree(dataset, source.parse)
    return ((mark.line, row) for mark, row in zip(tree.marks, tree, strict=True))


def _parquet(dataset: Dataset) -> Lines:
    try:
        from pyarrow import parquet
    except ImportError as error:
        hint = "pip install 'runner[parquet]'"
        message = "a parquet file needs the extra `parquet`"
        raise RecipeSchemaError.of(Fault(message, dataset.mark, "dataset", hint)) from error
    from runner.engine.rows.columns import records

    return records(dataset, parquet)


KINDS: Mapping[str, Callable[[Dataset], Lines]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "json": _json,
    "yaml": _yaml,
    "parquet": _parquet,
}
"""How each kind of file gives its rows: the line, and the fields, or what is wrong with these."""


def _told(value: Any) -> str:
    if isinstance(value, list | Mapping):
        return "a list" if isinstance(value, list) else "a mapping"
    return "nothing" if value is None else repr(value)[:60]
