"""The fields of a form, imported, are what curl itself sends: quotes, semicolons, files of text."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from runner.engine.commands import importing
from runner.importer.parameter import parameter
from runner.importer.shell import Piece
from tests.cli.command import runner
from tests.importer.listening import listening
from tests.protocol.simulated.test_audio import WAV

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
CALL = "curl https://api.openai.com/v1/audio/transcriptions -F model=whisper-1 "
FILE = "-F file=@a.wav "
FIELDS = [
    "language=<lang.txt",
    "prompt=<prompt.txt",
    'prompt=<"prompt.txt";type=text/plain',
    'prompt="high"',
    "prompt=a;b",
    "prompt=a; b",
    'prompt="a;b"',
    "prompt=a;type=text/plain",
    'prompt="a";type=text/plain',
    r'prompt="a \"q\" b"',
    'prompt=a "b" c',
    'prompt="a" b',
    'prompt="a" ; junk',
    "prompt= a ",
    'prompt="a',
    r"prompt=a\b",
    r'prompt="a\b"',
    r'prompt="a\\b"',
    'prompt=\t"a;b"',
    'prompt=a"b;c"d',
    "prompt=x=y;z",
    "prompt={{ 7 * 7 }}",
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("prompt.txt", 'One; "two"\n{{ 3 }}'), ("lang.txt", "en")):
        (tmp_path / name).write_text(text, "utf-8")
    for name in ("a.wav", "b;c.wav"):
        (tmp_path / name).write_bytes(WAV)


def by_curl(command: str) -> Any:
    with listening() as (origin, got):
        text = command.replace("https://api.openai.com", origin)
        environ = {"PATH": os.environ["PATH"], "no_proxy": "*"}
        subprocess.run(["bash", "-c", text], env=environ, capture_output=True, timeout=30)
    (heard,) = got
    return heard.body


def by_recipe(command: str) -> Any:
    text = importing.recipe(command, Path(), "2026-11-22").text
    Path("one.recipe.yaml").write_text(text, "utf-8")
    with listening() as (origin, got):
        environ = {"OPENAI_BASE_URL": f"{origin}/v1", "OPENAI_API_KEY": "sentinel-of-the-test"}
        told = runner("run", "one.recipe.yaml", "--retries", "0", env=environ)
    assert got, told.err
    return got[0].body


@needs_curl
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_read_as_curl_reads_it(field):
    command = f"{CALL}{FILE}-F {shlex.quote(field)}"
    assert by_recipe(command) == by_curl(command)


@needs_curl
@pytest.mark.parametrize(
    "script",
    [
        f'P="a; b"\n{CALL}{FILE}-F "prompt=$P"',
        f'P="a, b"\n{CALL}{FILE}-F "prompt=$P"',
        f'P=\'a; b\'\n{CALL}{FILE}-F "prompt=\\"$P\\""',
        f'P=prompt.txt\n{CALL}{FILE}-F "prompt=<$P"',
        f"{CALL}{FILE}--form-string 'prompt=a; \"b\"'",
        f"{CALL}{FILE}--form-string 'prompt=<prompt.txt'",
        f"{CALL}-F 'file=@\"b;c.wav\"'",
        f"{CALL}-F 'file=@a.wav;type=audio/wav'",
        f"{CALL}-F 'file=@ a.wav; filename=\"a.wav\"'",
    ],
)
def test_a_shell_may_fill_it(script):
    assert by_recipe(script) == by_curl(script)


def test_a_field_from_a_file_is_a_text_of_the_recipe():
    made = importing.recipe(f"{CALL}{FILE}-F 'prompt=<prompt.txt'", Path(), "2026-11-22")
    assert "prompt:\n  file: prompt.txt\n" in made.text
    Path("one.recipe.yaml").write_text(made.text, "utf-8")
    assert runner("check", "one.recipe.yaml").code == 0


@pytest.mark.parametrize(
    ("field", "warned"),
    [
        ("prompt=a; b", True),
        ('prompt="a" b', True),
        ('prompt="a; b"', False),
        ("prompt=a;type=text/plain", False),
    ],
)
def test_what_curl_leaves_out_is_told(field, warned):
    made = importing.recipe(f"{CALL}{FILE}-F {shlex.quote(field)}", Path(), "2026-11-22")
    told = "curl sends the field prompt only up to its first `;` outside of quotes: 'a'"
    assert (told in made.warnings) == warned


def text(letters: str) -> Piece:
    return Piece("text", letters)


HOLE = Piece("variable", "P")


@pytest.mark.parametrize(
    ("value", "word", "settings"),
    [
        ((), (), ()),
        ((text('"'), HOLE, text('; x";type=a')), (HOLE, text("; x")), ("type=a",)),
        ((HOLE, text("; x")), (HOLE,), (" x",)),
        ((text('"'), HOLE), (text('"'), HOLE), ()),
        ((text("a"), text("b;"), HOLE), (text("ab"),), ("P",)),
    ],
)
def test_what_a_shell_fills_in_is_never_taken_apart(value, word, settings):
    assert parameter(value)[:2] == (word, settings)
