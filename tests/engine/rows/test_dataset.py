"""The rows of a file: read one at a time, told with their lines."""

import io
import json
import time
from decimal import Decimal
from types import SimpleNamespace

import pytest

from runner.engine.rows import columns, dataset
from runner.errors import Mark, RecipeError

MARK = Mark("r.recipe.yaml", 3, 1)


def rows(tmp_path, name, content, field=""):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(dataset.opened(path, name, field, MARK).rows())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'n,t\n1,x\n2,"y, z"\n'),
        ("a.csv", '\ufeffn,t\r\n1,x\r\n2,"y, z"'),
        ("a.jsonl", '{"n": "1", "t": "x"}\n\n{"n": "2", "t": "y, z"}\n'),
        ("a.json", '[{"n": "1", "t": "x"}, {"n": "2", "t": "y, z"}]'),
        ("a.yaml", "- {n: '1', t: x}\n- {n: '2', t: 'y, z'}\n"),
    ],
)
def test_every_kind_gives_the_same_rows(tmp_path, name, content):
    found = rows(tmp_path, name, content, "n")
    assert [row.values for row in found] == [{"n": "1", "t": "x"}, {"n": "2", "t": "y, z"}]
    assert [(row.place, row.id) for row in found] == [(1, "1"), (2, "2")]


def test_parquet_gives_json_values(tmp_path):
    pyarrow = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    from pyarrow import parquet

    table = pyarrow.table({"n": [1, 2], "t": ["x", None]})
    parquet.write_table(table, tmp_path / "a.parquet")
    found = list(dataset.opened(tmp_path / "a.parquet", "a.parquet", "n", MARK).rows())
    assert [row.values for row in found] == [{"n": 1, "t": "x"}, {"n": 2, "t": None}]
    assert [row.id for row in found] == ["1", "2"]


def test_decimals_of_parquet_keep_their_digits():
    assert columns.plain([Decimal("1.10"), Decimal("1E+2"), 1.5]) == ["1.10", "100", 1.5]


def test_a_cell_may_hold_line_breaks_and_lines_are_still_right(tmp_path):
    found = rows(tmp_path, "a.csv", 'n\n"a\nb"\nc\n')
    assert [(row.line, row.values["n"]) for row in found] == [(2, "a\nb"), (4, "c")]


def test_a_row_without_an_id_field_is_its_number(tmp_path):
    assert [row.id for row in rows(tmp_path, "a.jsonl", "{}\n{}\n")] == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "content", "line", "told"),
    [
        ("a.csv", "a,b\n1,2\n3\n", 3, "expected 2 cells, got 1"),
        ("a.csv", "a,a\n1,2\n", 1, "names 'a' twice"),
        ("a.csv", "a,\n1,2\n", 1, "no name for column 2"),
        ("a.csv", 'a\n1\n"x\n', 3, "no CSV"),
        ("a.csv", b"a\n\xff\n", 2, "not UTF-8"),
        ("a.jsonl", '{"a": 1}\n{"a": \n', 2, "no JSON"),
        ("a.jsonl", '{"a": NaN}\n', 1, "NaN"),
        ("a.jsonl", "[1]\n", 1, "expected a mapping of fields, got a list"),
        ("a.json", '[{"a": 1},\n\n {"a":\n1}, 2]', 4, "expected a mapping of fields, got 2"),
        ("a.jsonl", '{"a": 1}\n{"a": "\\ud800"}\n', 2, "half a character"),
        ("a.csv", "a,b\r1,2\r", 1, "a carriage return stands alone"),
        ("a.json", '{"a": 1}', 1, "expected a list of rows, got a mapping"),
        ("a.yaml", "- {a: 1}\n- 2\n", 2, "expected a mapping of fields, got 2"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path, name, content, line, told):
    with pytest.raises(RecipeError) as caught:
        rows(tmp_path, name, content)
    (fault,) = caught.value.faults
    assert told in fault.message
    assert fault.mark is not None
    assert (fault.mark.file.rpartition("/")[2], fault.mark.line) == (name, line)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('" "', "the id is empty"),
        ('"a\\u001bb"', r"the id 'a\\x1bb' holds '\\x1b', which cannot be printed"),
        ('"' + "x" * 201 + '"', "the id 'x{60}…' is longer than 200 characters: 201"),
    ],
)
def test_an_id_that_is_no_name_is_refused_and_why_is_told(tmp_path, value, told):
    with pytest.raises(RecipeError, match=told):
        rows(tmp_path, "a.jsonl", f'{{"n": {value}}}\n', "n")


@pytest.mark.parametrize("value", ["null", "[1]", '{"a": 1}'])
def test_an_id_is_text_or_a_number(tmp_path, value):
    with pytest.raises(RecipeError, match="is no id"):
        rows(tmp_path, "a.jsonl", f'{{"n": {value}}}\n', "n")


def test_an_id_that_a_row_lacks_is_told(tmp_path):
    with pytest.raises(RecipeError) as caught:
        rows(tmp_path, "a.jsonl", '{"n": 1}\n{"m": 2}\n', "n")
    assert caught.value.faults[0].hint == "it has m"


def test_an_unknown_ending_is_told(tmp_path):
    with pytest.raises(RecipeError, match="csv, jsonl, json, yaml, parquet"):
        rows(tmp_path, "a.xls", "")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_parquet_gives_no_number_that_json_lacks(tmp_path, value):
    pyarrow = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"n": [1.0, value]}), tmp_path / "a.parquet")
    with pytest.raises(RecipeError, match=f"a.parquet:2:1: n: {value} is no number") as caught:
        list(dataset.opened(tmp_path / "a.parquet", "a.parquet", "", MARK).rows())
    assert caught.value.faults[0].hint == "null says that there is none"


@pytest.mark.parametrize("content", ["a\n1\n", '{"a": "1"}\n', '[{"a": "1"}]', "- a: '1'\n"])
def test_standard_input_tells_its_kind_itself(monkeypatch, content):
    stdin = SimpleNamespace(buffer=io.BytesIO(content.encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    found = dataset.piped("", MARK)
    try:
        assert [row.values for row in found.rows()] == [{"a": "1"}]
        assert [row.values for row in found.rows()] == [{"a": "1"}]
    finally:
        found.path.unlink()


def test_the_digest_is_of_the_content():
    one = dataset.Row(1, "a", {"x": 1, "y": 2}, 2)
    assert one.digest == one._replace(place=7, line=9, values={"y": 2, "x": 1}).digest
    assert one.digest != one._replace(values={"x": 1, "y": "2"}).digest
    assert json.dumps(one.digest)


def test_a_header_of_many_columns_is_read_quickly(tmp_path):
    names = [f"c{n}" for n in range(50_000)]
    content = f"{','.join(names)}\n{','.join(['1'] * 50_000)}\n"
    started = time.process_time()
    (row,) = rows(tmp_path, "a.csv", content)
    assert len(row.values) == 50_000
    assert time.process_time() - started < 5
