"""Each command of the reference, imported, sends what curl itself sends."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from runner.engine.commands import importing
from tests.cli.command import runner
from tests.importer.listening import Heard, listening

COMMANDS = Path(__file__).parent.parent / "data" / "reference"
NAMES = sorted(path.name.removesuffix(".sh") for path in COMMANDS.glob("*.sh"))
SOUND = b"RIFF$\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00"
SOUND += b"\x02\x00\x10\x00data\x00\x00\x00\x00"
LINE = (
    '{"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "P."}]}\n'
)
FILES = {
    "Downloads/wifi2.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
    "Downloads/test.mp3": b"ID3\x04" + b"\0" * 40,
    "your_audio.wav": SOUND,
    "matrix.png": (COMMANDS.parents[2] / "recipes" / "files" / "canals.png").read_bytes(),
    "mydata.jsonl": (LINE * 10).encode(),
}
GIVEN = {
    "audio.transcriptions": ("--file", "test_mp3=Downloads/test.mp3"),
    "chat.image": ("--file", "wifi2_png=Downloads/wifi2.png"),
    "images.edits": ("--file", "image=matrix.png"),
    "images.generations": ("--var", "INSTRUCTIONS=A cat with a hat"),
}
"""What the user has to say: files elsewhere, a variable of the shell, a name that was lost."""
BLANKS = {"[resource]": "resource", "[deployment]": "mine", "[model]": "2024-10-21"}
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with the files of the commands, which is the home too."""
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)


def text_of(name: str) -> str:
    return (COMMANDS / f"{name}.sh").read_text(encoding="utf-8")


def as_typed(name: str, origin: str) -> str:
    """A command as it was before it was flattened, sent to our own server."""
    text = re.sub(r" \\ (?=-)", " ", text_of(name))
    for mark in ("base64_input=", "# Send", "curl "):
        text = re.sub(rf"(?<=\S) {re.escape(mark)}", f"\n{mark}", text)
    text = re.sub(r"\[email\s*protected\]", "image=@matrix.png", text)
    text = text.replace("base64 -i", "base64 -w 0")
    for blank, value in BLANKS.items():
        text = text.replace(blank, value)
    return re.sub(r"https://(api\.openai\.com|resource\.openai\.azure\.com)", origin, text, count=1)


def by_curl(name: str) -> Heard:
    with listening() as (origin, got):
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(Path.cwd()),
            "INSTRUCTIONS": "A cat with a hat",
            "OPENAI_API_KEY": "sentinel-of-the-test",
            "AZURE_API_KEY": "sentinel-of-the-test",
            "no_proxy": "*",
        }
        text = as_typed(name, origin)
        subprocess.run(["bash", "-c", text], env=environ, capture_output=True, timeout=30)
    (heard,) = got
    return heard


def by_recipe(name: str) -> Heard:
    text = text_of(name)
    for blank, value in BLANKS.items() if name == "azure" else ():
        text = text.replace(blank, value)
    Path("one.recipe.yaml").write_text(importing.recipe(text, Path(), "2026-11-22").text, "utf-8")
    with listening() as (origin, got):
        Path("runner.yaml").write_text(
            f"providers:\n  azure: {{kind: azure, base_url: {origin}, api_version: '2024-10-21'}}\n"
        )
        environ = {"OPENAI_BASE_URL": f"{origin}/v1", "OPENAI_API_KEY": "sentinel-of-the-test"}
        environ["AZURE_OPENAI_API_KEY"] = "sentinel-of-the-test"
        flags = ("--retries", "0", "--timeout", "10s")
        told = runner("run", "one.recipe.yaml", *flags, *GIVEN.get(name, ()), env=environ)
    assert got, told.err
    return got[0]


def test_there_are_twenty_one_of_them():
    assert len(NAMES) == 21


@needs_curl
@pytest.mark.parametrize("name", NAMES)
def test_an_imported_command_sends_what_curl_sends(name):
    assert by_recipe(name) == by_curl(name)


@pytest.mark.parametrize("name", NAMES)
def test_an_imported_command_passes_check(name):
    told = runner("import", "curl", str(COMMANDS / f"{name}.sh"), "--out", "one")
    assert told.code == 0
    Path("wifi2.png").write_bytes(FILES["Downloads/wifi2.png"])
    Path("test.mp3").write_bytes(FILES["Downloads/test.mp3"])
    Path("image.png").write_bytes(FILES["matrix.png"])
    checked = runner("check", "one.recipe.yaml", "--offline")
    assert checked.code == 0, checked.err


@pytest.mark.parametrize("name", NAMES)
def test_no_command_becomes_a_raw_call(name):
    text = importing.recipe(text_of(name), Path(), "2026-11-22").text
    assert "endpoint: raw" not in text


@pytest.mark.parametrize("name", NAMES)
def test_no_key_and_no_name_of_one_gets_into_a_recipe(name):
    text = importing.recipe(text_of(name), Path(), "2026-11-22").text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert not re.search(r"(?i)api_key|authorization|bearer", "\n".join(lines))


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_had_to_leave_out(name):
    """Only what is named here is without a word: nothing in those is wrong."""
    quiet = {"models", "audio.speech"}
    warnings = importing.recipe(text_of(name), Path(), "2026-11-22").warnings
    assert bool(warnings) == (name not in quiet)
