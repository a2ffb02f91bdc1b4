"""The recipes of the reference send what its curl commands send, field for field."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from runner.engine.commands.show import VIEWS
from runner.engine.suite import Suite
from runner.engine.user.options import Options
from tests.shell import call

ROOT = Path(__file__).parent.parent
COMMANDS = ROOT / "tests" / "data" / "reference"
RECIPES = ROOT / "recipes" / "reference"
NAMES = [
    "azure",
    "chat",
    "chat.function",
    "chat.image",
    "chat.image-address",
    "chat.o1-mini",
    "chat.search",
    "chat.stream",
    "completions",
    "models",
    "responses.gpt-5",
    "responses.o1-pro",
]
"""The commands that send JSON as it stands, or nothing."""
PLACES = {"[resource]": "resource", "[deployment]": "deployment", "[model]": "2024-10-21"}
"""What the reference leaves to the reader, and what its project file says there."""
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")


def commanded(name: str) -> str:
    """A command of the reference: its lines joined, its blanks filled in."""
    text = (COMMANDS / f"{name}.sh").read_text(encoding="utf-8")
    text = re.sub(r" \\ (?=-)", " ", text)
    picture = base64.b64encode((RECIPES / "files" / "wifi2.png").read_bytes()).decode()
    text = re.sub(r"'\"\$\(base64 -i [^)]*\)\"'", picture, text)
    for place, value in PLACES.items():
        text = text.replace(place, value)
    return text


def shown(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `show --curl` prints for a recipe, in an environment that says nothing."""
    for variable in [name for name in os.environ if "OPENAI" in name]:
        monkeypatch.delenv(variable)
    suite = Suite(Options(), lambda text: None)
    return VIEWS["curl"](suite.checked(str(RECIPES / f"{name}.recipe.yaml")))


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_sends_what_its_command_sends(name, monkeypatch):
    assert call(shown(name, monkeypatch)) == call(commanded(name))


def test_the_picture_is_in_both(monkeypatch):
    assert "data:image/png;base64,iVBOR" in json.dumps(call(commanded("chat.image")).body)


def test_the_context_is_that_of_the_reference(monkeypatch):
    context = json.loads((COMMANDS / "context.json").read_text(encoding="utf-8"))
    messages = call(shown("chat.context", monkeypatch)).body["messages"]
    assert messages[: len(context)] == context
    assert len(messages) == len(context) + 1


class Heard(BaseHTTPRequestHandler):
    """Keeps what it is asked, and answers with nothing."""

    got: list[tuple[str, str, dict[str, str], bytes]]

    def _answer(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.got.append((self.command, self.path, headers, self.rfile.read(size)))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = _answer  # noqa: N815  the names are http.server's

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    handler = type("Own", (Heard,), {"got": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
        yield found
        found.shutdown()


@needs_curl
@pytest.mark.parametrize("name", NAMES)
def test_the_command_runs_when_pasted(name, monkeypatch, server):
    text = shown(name, monkeypatch)
    wanted = call(text)
    host = re.search(r"https://[^/]+", text)
    assert host is not None
    text = text.replace(host[0], f"http://127.0.0.1:{server.server_port}", 1)
    environ = {"PATH": os.environ["PATH"], "no_proxy": "*", wanted.key: "sentinel"}
    done = subprocess.run(
        ["bash", "-c", text], env=environ, capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stdout) == (0, "{}"), done.stderr
    ((method, path, headers, body),) = server.RequestHandlerClass.got
    assert (method, host[0] + path) == (wanted.method, wanted.url)
    assert (json.loads(body) if body else None) == wanted.body
    for header, value in wanted.headers.items():
        assert headers[header] == value.replace("$KEY", "sentinel")
