"""Every recipe of the repository replays what is recorded beside it, without any network."""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from runner import run
from runner.cassette import form
from tests.test_recipes import RECIPES, ROOT

FILES = [path for path in (ROOT / "recipes").rglob("cassettes/**/*") if path.is_file()]
TEXTS = [path for path in FILES if path.suffix == ".yaml"]
ANEW = "record it: runner run recipes --offline --cassette auto, or record where a request changed"


@pytest.fixture
def unplugged(monkeypatch):
    """No network: whoever asks for a socket fails."""

    def refuse(*args, **named):
        del args, named
        message = "a replay opens no socket"
        raise AssertionError(message)

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "AZURE_API_KEY", "AZURE_OPENAI_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("unplugged")
@pytest.mark.parametrize("path", RECIPES, ids=lambda p: str(p.relative_to(ROOT / "recipes")))
def test_a_recipe_replays(path, tmp_path):
    result = run(path, cassette="replay", out=tmp_path)
    assert result.exit_code == 0, ANEW


@pytest.mark.usefixtures("unplugged")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("chat", "The OpenAI mission is to create and develop"),
        ("chat.o1-mini", r"The capital of Sweden is \*\*Stockholm\*\*\.$"),
        ("chat.search", "Recent developments in artificial intelligence"),
        ("responses.o1-pro", r"The capital of Sweden is Stockholm\.$"),
        ("responses.gpt-5", r"Amsterdam is the constitutional capital .* The Hague\.$"),
        ("completions", r"\n\nThe answer is the New York Yankees\.$"),
        ("audio.transcriptions", "Your State Farm car policy does not provide coverage"),
        ("azure", "The mission of OpenAI is to ensure"),
        ("files", "file-cj5IFUAN43k3BHd1qRd4lcU2$"),
    ],
)
def test_the_reference_is_answered_as_it_was(name, text, tmp_path):
    path = ROOT / "recipes" / "reference" / f"{name}.recipe.yaml"
    answer = run(path, cassette="replay", out=tmp_path).steps[-1].answer
    assert answer is not None
    assert re.match(text, answer.text or "")


def test_they_are_no_burden():
    assert sum(path.stat().st_size for path in FILES) < 6_000_000


@pytest.mark.parametrize("place", TEXTS, ids=lambda p: str(p.relative_to(ROOT / "recipes")))
def test_a_cassette_has_a_recipe_and_needs_every_file_beside_it(place):
    assert (place.parent.parent / f"{place.stem}.recipe.yaml").is_file()
    content = place.read_bytes()
    assert form.read(content, str(place))
    beside = [path for path in FILES if path.parent == place.with_suffix("")]
    assert [path.name for path in beside if path.name.encode() not in content] == []


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_the_system_sees_no_socket(tmp_path):
    """The runner's own exit code is written beside it: strace may end by a fault of its own."""
    trace, code = tmp_path / "trace", tmp_path / "code"
    replay = [sys.executable, "-m", "runner", "run", "recipes", "--cassette", "replay"]
    replay += ["--jobs", "8", "--out", str(tmp_path / "out")]
    traced = ["strace", "-f", "-qq", "-e", "trace=network", "-e", "signal=none"]
    shown = subprocess.run(
        [*traced, "-o", trace, "sh", "-c", '"$@"; echo $? > "$0"', code, *replay],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in shown.stderr.lower() and "not permitted" in shown.stderr.lower():
        pytest.skip("strace may not trace here")
    assert code.read_text() == "0\n", shown.stderr
    assert trace.read_text() == ""


def test_no_recording_names_a_place_of_ours():
    """What is checked in is the same whoever recorded it."""
    for place in TEXTS:
        assert not re.search(r"127\.0\.0\.1|localhost|/home/|/tmp/", place.read_text("utf-8")), (
            place
        )
        assert Path(place).stat().st_size < 200_000
