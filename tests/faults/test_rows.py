"""The faults within a run over a dataset: each ends its own row, and no other."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.command import KEY, at, runner
from tests.faults.calls import CALLS, GIVEN
from tests.faults.cases import CLASSES, cases
from tests.faults.classes.row import RIGHT
from tests.faults.every import EVERY
from tests.faults.faults import bomb
from tests.faults.server import FaultServer

STOPPING = ("status-401", "status-403", "retry-401", "echo", "quota", "html-403")
"""What ends a whole run: no other request can succeed."""
HOLDING = ("limited", "wait-", "redirect-", "quota-", "stalled-body")
RECIPE = """
endpoint: chat.completions
model: gpt-4.1
dataset: {file: items.jsonl, id: id}
messages: [{user: "FAULT={{ row.fault }}."}]
retries: 0
timeout: {connect: 5s, idle: 1s, total: 3s}
output: {text: "texts/{{ row_id }}.txt"}
collect: {file: all.jsonl, fields: {id: "{{ row_id }}", answer: "{{ text }}"}}
"""


def mixed(talk):
    """Go wrong as the row says."""
    found = re.search(rb"FAULT=([\w.-]+)\.", talk.seen.body)
    assert found is not None
    EVERY[found[1].decode()](talk)


def chosen():
    """Take some of the faults of each class that chat may meet, and what they end in."""
    for name in CLASSES:
        of_class = [c for c in cases(name) if c.kind == "chat" and "*" not in c.fault]
        for case in [c for c in of_class if c.fault not in STOPPING][:4]:
            # What asks to wait holds every row back; what leads to another path leads out of here.
            if not case.fault.startswith(HOLDING):
                yield case.fault, case.told


@pytest.mark.slow
def test_faults_end_their_own_rows_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bomb()
    bad = dict(chosen())
    names = [*bad, *["none"] * (100 - len(bad))]
    rows = [{"id": f"r{n}", "fault": names[n * 37 % 100]} for n in range(100)]
    files = {"r.recipe.yaml": RECIPE, "items.jsonl": "\n".join(map(json.dumps, rows)) + "\n"}
    right = [r["id"] for r in rows if bad.get(r["fault"], RIGHT) == RIGHT]
    with FaultServer({**EVERY, "mixed": mixed}) as server:
        told = runner("run", "r.recipe.yaml", "--jobs", "8", files=files, env=at(server, "mixed"))
    assert told.code == 3
    lines = [json.loads(line) for line in Path("out/all.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == right
    assert {line["answer"] for line in lines} == {"Hello there"}
    written = {place.stem for place in Path("out/texts").glob("*.txt")}
    assert written == set(right)
    assert len(server.log) == 100
    assert "Traceback" not in told.out + told.err
    assert KEY not in told.out + told.err


@pytest.mark.parametrize(("expect", "code"), [("", 3), ("expect: [{status: 304}]\n", 0)])
def test_a_status_that_brings_no_answer_may_be_expected(tmp_path, monkeypatch, expect, code):
    monkeypatch.chdir(tmp_path)
    recipe = f"endpoint: raw\nrequest: {{method: GET, path: /models}}\n{expect}"
    with FaultServer(EVERY) as server:
        told = runner(
            "run", "r.recipe.yaml", files={"r.recipe.yaml": recipe}, env=at(server, "status-304")
        )
    assert told.code == code
    assert ("answered 304, which brings no whole answer" in told.err) == (code == 3)


KINDS = [kind for kind in CALLS if kind not in ("batch", "realtime")]


@pytest.mark.parametrize("fault", ["status-206", "redirect-300", "status-304", "long-304"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_may_be_expected_of_every_endpoint(tmp_path, monkeypatch, kind, fault):
    monkeypatch.chdir(tmp_path)
    recipe = re.sub("output:.*\n", "", CALLS[kind].recipe)
    recipe += f"expect: [{{status: {fault[-3:]}}}]\n"
    files = {**GIVEN, "r.recipe.yaml": recipe}
    with FaultServer(EVERY) as server:
        told = runner("run", "r.recipe.yaml", files=files, env=at(server, fault))
        assert told.code == 0, told.err
        assert len(server.log) == 1
        assert runner("run", "r.recipe.yaml", env=at(server, "status-204")).code != 0
