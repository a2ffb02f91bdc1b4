"""Standard output and error that take no more, or have no letters for what is said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import HELLO
from tests.engine.playing import written

ROOT = Path(__file__).parents[2]
FULL = "standard output: no space left on device\n  hint: not all was printed; "
CLOSED = "standard output: it is closed\n"
ANSWER = "A model would answer “Hello” here"
ROWS = "dataset: rows.csv\noutput: {text: '{{ row_id }}.md'}\n"


def called(words, shell, **env):
    """Run the command in a process of its own, its streams as a shell leads them."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **env}
    line = f"exec {sys.executable} -m runner {words} {shell}"
    done = subprocess.run(
        ["sh", "-c", line], env=environ, capture_output=True, timeout=60, check=False
    )
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("utf-8", "replace")


@pytest.fixture(autouse=True)
def hello():
    written(Path(), {"a.recipe.yaml": HELLO})


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["latin-1", "the letters of C"],
)
def test_characters_that_it_cannot_take_are_escaped(env):
    code, out, err = called("run a.recipe.yaml --offline", "", **env)
    assert code == 0
    assert r"A model would answer \u201cHello\u201d here" in out
    assert "1 passed" in err


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(("shell", "told"), [(">/dev/full", FULL), (">&-", CLOSED)])
def test_that_it_takes_no_more_is_told_beside_what_was_asked(form, shell, told, unbuffered):
    words = f"run a.recipe.yaml --offline --format {form}"
    code, _, err = called(words, shell, PYTHONUNBUFFERED=unbuffered)
    assert code == 3
    assert err.startswith(told)
    assert "\n1 passed · 1 request · " in err
    assert err.count("standard output") == 1


def test_a_stream_that_cannot_be_shown_is_no_failure_of_the_service():
    written(Path(), {"a.recipe.yaml": HELLO + "stream: true\n"})
    code, _, err = called("run a.recipe.yaml --offline", ">/dev/full")
    assert code == 3
    assert err.startswith(FULL)
    assert "\n1 passed · 1 request · " in err


@pytest.mark.parametrize("words", ["list endpoints", "schema", "check a.recipe.yaml --json", "-h"])
def test_where_nothing_was_asked_it_is_wrong_usage(words):
    code, _, err = called(words, ">/dev/full", PYTHONUNBUFFERED="1")
    assert (code, err.count("\n")) == (2, 2)
    assert err.startswith(FULL)


def test_what_was_written_stays_and_what_would_be_shown_is_not_asked_any_more():
    files = {"b.recipe.yaml": HELLO + ROWS, "rows.csv": "a\n1\n2\n", "c.recipe.yaml": HELLO}
    written(Path(), files)
    code, _, err = called("run b.recipe.yaml a.recipe.yaml c.recipe.yaml --offline", ">/dev/full")
    assert code == 3
    assert "3 passed · 3 requests · " in err
    assert all(ANSWER in Path(f"out/{row}.md").read_text() for row in (1, 2))


@pytest.mark.parametrize("shell", ["2>&-", "2>/dev/full"])
def test_that_standard_error_takes_nothing_is_no_failure(shell):
    code, out, err = called("run a.recipe.yaml --offline", shell, PYTHONIOENCODING="utf-8")
    assert (code, err) == (0, "")
    assert "A model would answer" in out


def test_no_file_takes_the_number_of_a_stream_that_is_closed():
    written(Path(), {"a.recipe.yaml": HELLO + "output: {text: a.md}\n"})
    code, _, _ = called("run a.recipe.yaml --offline", "<&- >&- 2>&-")
    assert code == 0
    assert ANSWER in Path("out/a.md").read_text()
