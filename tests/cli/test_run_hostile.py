"""Datasets of strangers: what is wrong is told by its place before anything is sent."""

import json
import os
import re
import time
from pathlib import Path

import pytest

from tests.cli.command import runner

LONG = 16 << 20
RECIPE = """
endpoint: chat.completions
model: gpt-4.1-mini
dataset: {{file: {name}, id: id}}
messages: [{{user: "Tell of {{{{ row.text }}}}."}}]
{more}
"""
LINES = "collect: {file: all.jsonl, fields: {id: '{{ row_id }}', text: '{{ row.text }}'}}"
TEXTS = "output: {text: '{{ row_id }}.md'}"
SLUGS = "output: {text: '{{ row_id | slug }}.md'}"
NAMED = "output: {text: '{{ row.text }}'}"
HEAD = "id,text\n"
BOMB = "- &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"- &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n"
    for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
MANY = HEAD + "".join(f"{number},x\n" for number in range(5000))


def run(name, content, more=LINES):
    files = {"r.recipe.yaml": RECIPE.format(name=name, more=more), name: content}
    return runner("run", "r.recipe.yaml", "--offline", files=files)


def refused(found, told):
    assert found.code == 2, found.err
    assert re.search(told, found.err), found.err
    assert len(found.err.encode()) <= 4200
    assert "Traceback" not in found.err
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]", found.err)
    assert not Path("out").exists()


FAULTS = {
    "a short row": ("a.csv", HEAD + "1,x\n2\n", r"a\.csv:3:1: expected 2 cells, got 1"),
    "a long row": ("a.csv", HEAD + "1,x\n2,y,z\n", r"a\.csv:3:1: expected 2 cells, got 3"),
    "row 5001 is ragged": ("a.csv", MANY + "5000\n", r"a\.csv:5002:1: expected 2 cells"),
    "row 5001 lacks a field": (
        "a.jsonl",
        '{"id": "x", "text": ""}\n'.replace('"x"', "%d") % 0
        + "".join(f'{{"id": {n}, "text": ""}}\n' for n in range(1, 5000))
        + '{"id": 5000}\n',
        r"a\.jsonl:5001:1: the row 5000 has no field 'text'",
    ),
    "row 5001 is no JSON": (
        "a.jsonl",
        "".join(f'{{"id": {n}, "text": ""}}\n' for n in range(5000)) + "{\n",
        r"a\.jsonl:5001:",
    ),
    "row 5001 has the id of row 1": ("a.csv", MANY + "0,x\n", r"a\.csv:5002:1: the id '0' stands"),
    "a quote is open": ("a.csv", HEAD + '1,"x\n', r"a\.csv:2:1: the row is no CSV"),
    "text after a quote": ("a.csv", HEAD + '1,"x"y\n', r"a\.csv:2:1: the row is no CSV"),
    "a NUL in an id": ("a.jsonl", '{"id": "a\\u0000", "text": ""}\n', r"a\.jsonl:1:1: the id"),
    "an escape in an id": ("a.csv", HEAD + "\x1b[2Jx,y\n", r"a\.csv:2:1: the id"),
    "a bidi sign in an id": ("a.csv", HEAD + "a\u202eb,y\n", r"a\.csv:2:1: the id"),
    "a lone surrogate in an id": ("a.jsonl", '{"id": "\\ud800", "text": ""}\n', r"a\.jsonl:1:"),
    "half a character": ("a.jsonl", '{"id": 1, "text": "\\ud800"}\n', r"a\.jsonl:1:1: .*half a"),
    "an id of spaces": ("a.csv", HEAD + "  ,y\n", r"a\.csv:2:1: the id"),
    "an id without end": ("a.csv", HEAD + "x" * 300 + ",y\n", r"a\.csv:2:1: the id"),
    "ids that are equal": ("a.csv", HEAD + "a,x\nb,x\na,y\n", r"a\.csv:4:1: the id 'a' stands in"),
    "ids equal as text": (
        "a.jsonl",
        '{"id": 1, "text": ""}\n{"id": "1", "text": ""}\n',
        r"a\.jsonl:2:1: the id '1' stands in two rows",
    ),
    "no such id": ("a.csv", "text\nx\n", r"yaml:4:28: .*a\.csv has no field 'id'"),
    "a header twice": ("a.csv", "id,text,id\n", r"a\.csv:1:1: the header names 'id' twice"),
    "a header without a name": ("a.csv", "id,\n1,2\n", r"a\.csv:1:1: the header has no name"),
    "another field": ("a.csv", "id,name\n1,x\n", r"row\.text: no such field|has no field 'text'"),
    "nothing": ("a.csv", "", r"a\.csv:1:1: the dataset holds no rows"),
    "nothing but a header": ("a.csv", HEAD, r"a\.csv:1:1: the dataset holds no rows"),
    "nothing in JSON": ("a.json", "[]", r"a\.json:1:1: the dataset holds no rows"),
    "no list": ("a.json", '{"id": 1}', r"a\.json:1:1: expected a list of rows"),
    "no mappings": ("a.json", '[{"id": 1, "text": ""}, 2]', r"a\.json:1:.*expected a mapping"),
    "null rows": ("a.jsonl", "null\n", r"a\.jsonl:1:1: expected a mapping"),
    "no text": ("a.csv", b"id,text\n1,\xff\xfe\n", r"a\.csv:2:3: the line is not UTF-8"),
    "UTF-16": ("a.csv", (HEAD + "1,x\n").encode("utf-16"), r"a\.csv:1:1: the line is not UTF-8"),
    "UTF-16 in JSON": ("a.json", '[{"id": 1}]'.encode("utf-16"), r"a\.json"),
    "a field twice": (
        "a.jsonl",
        '{"id": 1, "text": "", "text": ""}\n',
        r"a\.jsonl:1:1: the line is no JSON: it names 'text' twice",
    ),
    "NaN": ("a.jsonl", '{"id": 1, "text": NaN}\n', r"a\.jsonl:1:.*NaN"),
    "Infinity": ("a.json", '[{"id": 1, "text": -Infinity}]', r"a\.json"),
    "a number too large": ("a.jsonl", '{"id": 1, "text": 1e999}\n', r"a\.jsonl:1:"),
    "deep JSON": ("a.jsonl", '{"id": 1, "text": ' + "[" * 50_000 + "\n", r"a\.jsonl:1:"),
    "deep JSON, closed": (
        "a.jsonl",
        '{"id": 1, "text": ' + "[" * 300 + "]" * 300 + "}\n",
        r"a\.jsonl:1:1: .*deeper than 200 levels",
    ),
    "deep JSON in a list": ("a.json", "[" * 50_000, r"a\.json"),
    "deep YAML": ("a.yaml", "[" * 20_000, r"a\.yaml"),
    "a bomb in YAML": ("a.yaml", BOMB, r"a\.yaml"),
    "a tag in YAML": ("a.yaml", "- !!python/object/apply:os.system [id]\n", r"a\.yaml:1:"),
    "a key twice in YAML": ("a.yaml", "- {id: 1, id: 2, text: x}\n", r"a\.yaml:1:"),
    "a line without end": ("a.jsonl", b"{" + b" " * LONG, r"a\.jsonl:1:1: the line is longer"),
    "a cell without end": ("a.csv", HEAD.encode() + b"1," + b"x" * LONG, r"a\.csv:2:1: the line"),
    "another kind": ("a.xls", "x", r"expected a dataset, a file of csv, jsonl"),
}


@pytest.mark.parametrize(("name", "content", "told"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_told_by_its_place_and_nothing_is_sent(name, content, told):
    began = time.monotonic()
    refused(run(name, content), told)
    assert time.monotonic() - began < 10


PATHS = {
    "a way out": (TEXTS, "../../x", "may not hold '..'"),
    "two dots": (NAMED, "..", r"\.\."),
    "a place": (NAMED, "/etc/x.md", "'/'"),
    "a backslash": (NAMED, "a\\b.md", r"'\\\\'|backslash|may not hold"),
    "a dot-file": (NAMED, ".bashrc", "dot"),
    "a device": (NAMED, "con.md", "reserved"),
    "a sidecar": (NAMED, "a.md.run.json", "sidecar"),
    "a line break": (NAMED, "a\nb.md", "control|may not hold"),
    "no name": (NAMED, "", "no path|empty|none|dot|is missing"),
}


@pytest.mark.parametrize(("more", "value", "told"), PATHS.values(), ids=PATHS)
def test_no_cell_leads_a_file_elsewhere(more, value, told):
    row = {"id": value, "text": "x"} if more == TEXTS else {"id": "1", "text": value}
    for before in ("", '{"id": "0", "text": "y.md"}\n'):
        refused(run("a.jsonl", before + json.dumps(row) + "\n", more), told)


def test_rows_that_would_write_one_file_are_told_though_their_ids_differ():
    found = run("a.csv", HEAD + "A b,x\na-b,y\n", SLUGS)
    refused(found, r"row a-b \(a\.csv:3\): it would write a-b\.md, as another row does")


KIND = {
    "a template": "{{ 7*7 }} {% for x in y %} {# #}",
    "a formula": '=HYPERLINK("http://x")',
    "markup": "<script>alert(1)</script>",
    "a workflow command": "::set-output name=x::y",
    "a NUL": "x\0y",
    "an escape": "\x1b]0;x\x07\x1b[31m",
    "a huge number": 10**400,
    "a deep list": json.loads("[" * 40 + "]" * 40),
    "null": None,
    "words of Jinja": "__class__.__mro__",
}


@pytest.mark.parametrize("value", KIND.values(), ids=KIND)
def test_what_cells_hold_is_data(value):
    row = json.dumps({"id": "1", "text": value})
    recipe = RECIPE.format(name="a.jsonl", more=LINES).replace("text }}.", "text | string }}.")
    files = {"r.recipe.yaml": recipe, "a.jsonl": row}
    found = runner("run", "r.recipe.yaml", "--offline", files=files)
    assert found.code == 0, found.err
    assert "\x1b" not in found.out + found.err
    (line,) = Path("out/all.jsonl").read_text().splitlines()
    assert json.loads(line)["text"] == value


@pytest.mark.parametrize("content", ["\ufeff" + HEAD + "1,x\n", "id,text\r\n1,x\r\n"])
def test_marks_and_line_ends_of_other_systems_are_no_harm(content):
    assert run("a.csv", content).code == 0
    assert json.loads(Path("out/all.jsonl").read_text()) == {"id": "1", "text": "x"}


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "link", "outside", "nothing", "dot"])
def test_what_is_no_file_of_the_project_is_refused(kind, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "rows.csv"
    other.write_text(HEAD + "1,x\n")
    name = {"device": "/dev/zero", "outside": f"../{other.parent.name}/rows.csv", "dot": ".a.csv"}
    place = Path("a.csv")
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "link":
        place.symlink_to(other)
    elif kind == "dot":
        Path(".a.csv").write_text(HEAD + "1,x\n")
    recipe = RECIPE.format(name=name.get(kind, "a.csv"), more=LINES)
    found = runner("run", "r.recipe.yaml", "--offline", files={"r.recipe.yaml": recipe})
    refused(found, r"r\.recipe\.yaml:4:")
