"""What is shown of how far runs are."""

import io
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from runner.cli.progress import Meter, Waiting
from runner.report.progress import Progress
from runner.report.totals import Totals
from tests.cli.command import at
from tests.faults.faults import good
from tests.faults.server import FaultServer

RECIPE = """
endpoint: chat.completions
model: gpt-4.1-mini
dataset: items.csv
messages: [{user: "Describe {{ row.name }}."}]
collect: {file: all.jsonl}
"""
FOUND = Progress(1_000, 412, Totals(409, failed=3), rate=14.0)


class Terminal(io.StringIO):
    """What is written where somebody looks."""

    def isatty(self) -> bool:
        return True


def watched(monkeypatch):
    """Let a terminal be standard error, from within the test: pytest puts its own there before."""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return made


def until(found):
    """Wait until something is so."""
    end = time.monotonic() + 5
    while not found():
        assert time.monotonic() < end
        time.sleep(0.01)


def shown(terminal, after=0.0):
    meter = Meter(lambda seconds: FOUND, print, after)
    meter.begin()
    until(lambda: "rows" in terminal.getvalue() or "412" in terminal.getvalue())
    with meter.aside():
        print("something else", file=sys.stderr)
    meter.close()
    return terminal.getvalue()


def test_the_line_stays_at_its_place_and_leaves_nothing(monkeypatch):
    terminal = watched(monkeypatch)
    told = shown(terminal)
    assert "412/1,000 rows" in told
    assert "\n" not in told.partition("something else")[0]
    assert told.partition("something else")[0].endswith("\r\x1b[2K")
    rest = told.partition("something else\n")[2]
    assert rest == "" or rest.endswith("\r\x1b[2K")


def test_failures_are_red_unless_colours_are_unwanted(monkeypatch):
    terminal = watched(monkeypatch)
    assert "\x1b[31m3 failed" in shown(terminal)
    terminal.truncate(0)
    monkeypatch.setenv("NO_COLOR", "1")
    told = shown(terminal)
    assert "3 failed" in told
    assert "\x1b[31m" not in told


@pytest.mark.parametrize("term", ["dumb", None])
def test_elsewhere_there_are_plain_lines_now_and_then(monkeypatch, term):
    watched(monkeypatch)
    if term:
        monkeypatch.setenv("TERM", term)
    else:
        monkeypatch.setattr(sys, "stderr", io.StringIO())
    lines: list[str] = []
    meter = Meter(lambda seconds: FOUND, lines.append)
    assert meter._tell(1.0) == 4.0
    assert not lines
    assert meter._tell(5.0) == 5.0
    assert lines == ["412/1,000 rows · 3 failed · 14 rows/s · 42 s left"]
    assert meter._tell(600.0) == 30.0
    assert meter._tell(90_000.0) == 60.0


def test_of_what_is_done_at_once_nothing_is_shown(monkeypatch):
    terminal = watched(monkeypatch)
    meter = Meter(lambda seconds: FOUND, print)
    meter.begin()
    meter.close()
    assert terminal.getvalue() == ""


def waited(terminal, shows=lambda: True):
    """Wait for a host, and print something meanwhile."""
    waiting = Waiting(terminal, lambda text, kind: text, shows, patience=0.0)
    with waiting("api.example.com"):
        if shows():
            until(lambda: "waiting" in terminal.getvalue())
        with waiting.aside():
            terminal.write("something else\n")
    return terminal.getvalue()


def test_whom_a_request_waits_for_is_shown_until_it_comes():
    told = waited(Terminal())
    assert told.startswith("\r\x1b[2Kwaiting for api.example.com, 0 s")
    before, _, after = told.partition("something else\n")
    assert before.endswith("\r\x1b[2K")
    assert after == "" or after.endswith("\r\x1b[2K")
    assert "\n" not in before


def test_nothing_is_shown_beside_an_answer_that_is_printed_as_it_comes():
    assert waited(Terminal(), shows=lambda: False) == "something else\n"


def test_of_what_is_answered_soon_nothing_is_shown():
    terminal = Terminal()
    with Waiting(terminal, lambda text, kind: text)("api.example.com"):
        pass
    assert terminal.getvalue() == ""


def ever_slower(first):
    """Answer some at once, all others so late that Ctrl-C finds them under way."""
    count = itertools.count()

    def answer(talk):
        talk.pause(0.05 if next(count) < first else 2.0)
        good(talk)

    return answer


def seen(command, env, wanted):
    """Run a command on a terminal; Ctrl-C once a text is seen. Return what was shown, its code."""
    terminal, its = os.openpty()
    process = subprocess.Popen(command, env=env, stdout=its, stderr=its)
    os.close(its)
    told, asked = b"", False
    with suppress(OSError):
        while piece := os.read(terminal, 65_536):
            told += piece
            if wanted in told and not asked:
                process.send_signal(signal.SIGINT)
                asked = True
    os.close(terminal)
    return told.decode(), process.wait(10)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2", "8"])
def test_ctrl_c_drains_and_the_rest_is_resumed(jobs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = 60
    Path("r.recipe.yaml").write_text(RECIPE)
    Path("items.csv").write_text("name\n" + "".join(f"item {n}\n" for n in range(rows)))
    command = [sys.executable, "-P", "-m", "runner", "run", "r.recipe.yaml", "--jobs", jobs]
    with FaultServer({"slow": ever_slower(8), "chat": good}) as server:
        env = {**os.environ, **at(server, "slow"), "TERM": "xterm", "COLUMNS": "200"}
        told, code = seen(command, env, b"/60 rows")
        assert code == 130, told
        assert "stopping: what is under way is finished first" in told
        assert f"to go on: runner run r.recipe.yaml --jobs {jobs} --resume" in told
        done = Path("out/all.jsonl").read_text().splitlines()
        assert 0 < len(done) < rows
        assert "failed" not in told
        env |= at(server, "chat")
        subprocess.run([*command, "--resume"], env=env, check=True, capture_output=True)
    lines = [json.loads(line) for line in Path("out/all.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [str(n + 1) for n in range(rows)]


def test_signals_are_left_as_they_were():
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def late(talk):
    """Answer after more than anybody waits for without a word."""
    talk.pause(2.6)
    good(talk)


@pytest.mark.slow
@pytest.mark.parametrize(("flags", "is_shown"), [((), True), (("-q",), False)])
def test_a_single_request_that_takes_long_is_told_on_a_terminal(flags, is_shown, tmp_path):
    (tmp_path / "a.yaml").write_text(
        "endpoint: chat.completions\nmodel: m\nmessages: [{user: x}]\n"
    )
    command = [sys.executable, "-P", "-m", "runner", "run", str(tmp_path / "a.yaml"), *flags]
    with FaultServer({"late": late}) as server:
        env = {**os.environ, **at(server, "late"), "TERM": "xterm"}
        told, code = seen(command, env, b"never said")
        apart = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert code == 0, told
    assert (re.search(r"waiting for 127\.0\.0\.1:\d+, 2 s", told) is not None) == is_shown
    assert "waiting" not in apart.stdout + apart.stderr
