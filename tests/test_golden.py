"""What the command says, held as files: `CASE.out .err .code` in `golden/`, beside what it reads.

A case checks `CASE.yaml`, or `CASE/recipe.yaml` where it needs more files; `CASE.args` holds other
words after `runner`. Set RUNNER_GOLDEN=write to write what the command says now, and read the
difference.
"""

import json
import os
import re
import shlex
import shutil
import socket
from pathlib import Path

import pytest

from runner.__main__ import main

GOLDEN = Path(__file__).parent / "golden"
WRITE = os.environ.get("RUNNER_GOLDEN") == "write"
ENDINGS = ("out", "err", "code")
SOURCES = ("*.args", "*.yaml", "*/recipe.yaml")
CASES = sorted(
    {
        place.parent.name if place.name == "recipe.yaml" else place.stem
        for pattern in SOURCES
        for place in GOLDEN.glob(pattern)
    }
)
CODES = {place.stem: place.read_text(encoding="utf-8") for place in GOLDEN.glob("*.code")}
BROKEN = [case for case in CASES if CODES.get(case) == "2\n"]
MASKS = (
    (re.compile(r'("(?:latency|created)": )[\d.e-]+'), r"\1…"),
    (re.compile(r"\b\d+\.\d s\b"), "… s"),
    (re.compile(r"(: latency [^\n]*, got )[\d.]+"), r"\1…"),
    (re.compile(r"\b(file|ftjob)-offline-[0-9a-f]+"), r"\1-offline-…"),
)


def arguments(case):
    """The words after `runner`."""
    own = GOLDEN / f"{case}.args"
    if own.exists():
        return shlex.split(own.read_text(encoding="utf-8"))
    single = (GOLDEN / f"{case}.yaml").exists()
    return ["check", f"{case}.yaml" if single else f"{case}/recipe.yaml"]


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the folder, which no project holds."""
    told = shutil.ignore_patterns("*.args", *(f"*.{ending}" for ending in ENDINGS))
    place = tmp_path_factory.mktemp("here") / "golden"
    return shutil.copytree(GOLDEN, place, symlinks=True, ignore=told)


@pytest.fixture
def runner(copied, monkeypatch, capsys):
    """Call the command in a copy of the folder, without a key; tell what it says, and its code."""
    monkeypatch.chdir(copied)
    for name in os.environ.keys() - {"PATH", "SYSTEMROOT", "TMPDIR"}:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "80")

    def called(*words):
        monkeypatch.setattr("sys.argv", ["runner", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return (*capsys.readouterr(), f"{ended.value.code}\n")

    return called


def masked(text):
    """Leave out what no two runs share."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def files(folder):
    """Every file of a folder, with its content."""
    return {place: place.read_bytes() for place in folder.rglob("*") if place.is_file()}


def faults_in(told):
    """The faults that machines are told, in any order; nothing where nothing is printed."""
    if told.startswith("::"):
        return sorted(line for line in told.splitlines() if line.startswith("::error"))
    return sorted(json.loads(told)["faults"], key=str) if told else told


@pytest.mark.parametrize("case", CASES)
def test_the_command_says(case, runner):
    told = dict(zip(ENDINGS, map(masked, runner(*arguments(case))), strict=True))
    places = {ending: GOLDEN / f"{case}.{ending}" for ending in ENDINGS}
    for ending, place in places.items() if WRITE else ():
        place.write_text(told[ending], encoding="utf-8")
    assert told == {ending: place.read_text(encoding="utf-8") for ending, place in places.items()}


@pytest.mark.parametrize("case", [case for case in BROKEN if case != "run-without-a-key"])
def test_what_is_broken_sends_nothing_and_writes_nothing(case, copied, runner, monkeypatch):
    """A run is as wrong as a check: had it asked this service, which refuses, it would be 3."""
    words = [word for word in arguments(case) if word != "--offline"]
    words[0] = "run" if words[0] == "check" else words[0]
    before = files(copied)
    with socket.socket() as service:
        service.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{service.getsockname()[1]}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-golden-never-shown")
        out, err, code = runner(*words)
    tells = {"json", "github"} & {*words}
    told = (GOLDEN / f"{case}.out").read_text(encoding="utf-8") if tells else ""
    assert (faults_in(masked(out)), code) == (faults_in(told), "2\n")
    assert files(copied) == before
    assert "golden-never" not in err


@pytest.mark.parametrize("case", CASES)
def test_a_message_is_short_and_plain(case):
    told = (GOLDEN / f"{case}.err").read_text(encoding="utf-8")
    assert len(told.encode()) <= 4096
    assert not re.search(r"Traceback|NoneType|\b(Key|Value|Type)Error|object at 0x|<class", told)
    assert "1234567890abcdef" not in told


@pytest.mark.parametrize("case", [case for case in BROKEN if (GOLDEN / f"{case}.yaml").exists()])
def test_a_fault_of_a_file_names_its_place(case):
    told = (GOLDEN / f"{case}.err").read_text(encoding="utf-8")
    assert re.match(r"[\w./-]+:\d+:\d+: |--var|OPENAI_API_KEY", told)


def test_nothing_is_left_of_a_case_that_is_gone():
    told = {place.stem for ending in ENDINGS for place in GOLDEN.glob(f"*.{ending}")}
    assert told == set(CASES)
