"""`python -m runner`: the process ends as its reader, Ctrl-C and SIGTERM want it to."""

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runner.__main__ import main
from tests.faults.faults import FAULTS, good
from tests.faults.server import FaultServer

ROOT = Path(__file__).parent.parent
RUNNER = [sys.executable, "-m", "runner"]
STEPS = """\
steps:
  - {name: slow, endpoint: raw, request: {path: slow}}
finally:
  - {name: tidy, endpoint: raw, request: {path: tidy}}
"""


def slow(talk):
    if talk.seen.path.endswith("/slow"):
        talk.server.asked.set()
        talk.pause(60)
    good(talk)


@pytest.fixture
def server():
    from threading import Event

    with FaultServer({**FAULTS, "slow": slow}) as server:
        server.asked = Event()  # type: ignore[attr-defined]
        yield server


def started(folder, *words, **env):
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env}
    return subprocess.Popen(
        [*RUNNER, *words],
        cwd=folder,
        env=environ,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_it_runs_as_a_module(tmp_path):
    process = started(tmp_path, "--version")
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("runner, version ")


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_a_signal_lets_the_finally_steps_run(tmp_path, server, number, code, word):
    (tmp_path / "a.recipe.yaml").write_text(STEPS)
    env = {"OPENAI_BASE_URL": server.base("slow"), "OPENAI_API_KEY": "sk-sentinel-0123456789"}
    process = started(tmp_path, "run", "a.recipe.yaml", **env)
    assert server.asked.wait(30)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert word in err
    assert "Traceback" not in err
    assert "2 requests" in err
    assert [seen.path for seen in server.log] == ["/fault/slow/slow", "/fault/slow/tidy"]


def test_a_reader_that_goes_away_is_no_failure(tmp_path):
    for i in range(60):
        (tmp_path / f"{i}.recipe.yaml").write_text("endpoint: models\n")
    process = started(tmp_path, "run", ".", "--offline", "-q")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ok ")
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(30) == 0


@pytest.mark.parametrize("words", [("list", "endpoints"), ("schema",)])
def test_nobody_reading_at_all_is_no_failure(tmp_path, words):
    process = started(tmp_path, *words)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(30) == 0


def test_what_lies_in_the_working_directory_is_not_imported(tmp_path):
    for name in ("json", "click", "yaml", "signal", "requests", "hooks", "conftest"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(99)")
    (tmp_path / "a.recipe.yaml").write_text("endpoint: models\n")
    process = started(tmp_path, "run", "a.recipe.yaml", "--offline")
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err


def test_the_command_ends_with_its_code(monkeypatch, capsys):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(sys, "argv", ["runner", "schema", "nothing"])
    try:
        with pytest.raises(SystemExit) as caught:
            main()
        handler = signal.getsignal(signal.SIGTERM)
        assert callable(handler)
        with pytest.raises(KeyboardInterrupt) as ended:
            handler(signal.SIGTERM, None)
    finally:
        signal.signal(signal.SIGTERM, before)
        gc.unfreeze()
    assert caught.value.code == 2
    assert ended.value.args == (signal.SIGTERM,)
    assert "no schema is named 'nothing'" in capsys.readouterr().err
