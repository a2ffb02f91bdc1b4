"""What each command reads to start: nobody waits for a library that nothing asks for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DUMP = """
import sys
before = set(sys.modules)
from runner.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
read = {name for name in set(sys.modules) - before if getattr(sys.modules[name], "__spec__", None)}
print("MODULES", *sorted(read))
"""
READING = {"click", "yaml", "_yaml"}
FILLING = READING | {"jinja2", "markupsafe"}
PLAIN_RECIPE = "endpoint: chat.completions\nmodel: m\nmessages: [{user: hi}]\n"
NAMED = PLAIN_RECIPE.replace("hi", "'{{ city }}'") + "vars: {city: Amsterdam}\n"
TEMPLATE = NAMED.replace("{{ city }}", "{{ city | upper }}")
JUDGED = PLAIN_RECIPE + "expect: [{text: {contains: loopback}}]\n"
ASIDE = (
    "runner.recipe.templates.sandbox",
    "runner.recipe.functions.signature",
    "runner.recipe.checking.wording",
    "runner.protocol.simulated",
    "runner.protocol.streams",
    "runner.protocol.endpoints.responses",
    "runner.transport.offline",
    "runner.engine.tools.toolbox",
    "runner.engine.writing.saving",
    "runner.engine.commands.show",
)
"""Rooms that a plain run has no use for."""
SLOW = {
    *("asyncio", "csv", "difflib", "email", "encodings.idna", "http.client", "logging"),
    *("multiprocessing", "random", "shutil", "sqlite3", "ssl", "urllib.request"),
}
"""Of the standard library, what a plain run has no use for: each takes 1 to 6 ms of its start."""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    words = [sys.executable, str(Path(__file__).parent / "bench" / "server.py")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        server.terminate()


def read(folder, *words: str, recipe: str = PLAIN_RECIPE, base: str = "") -> set[str]:
    """Run a command and return the modules that it read."""
    (folder / "a.recipe.yaml").write_text(recipe, encoding="utf-8")
    environ = os.environ | {"OPENAI_API_KEY": "sk-sentinel-0123456789", "OPENAI_BASE_URL": base}
    done = subprocess.run(
        [sys.executable, "-c", DUMP, *words],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not done.returncode, done.stderr
    return {*done.stdout.rpartition("MODULES ")[2].split()}


def libraries(names: set[str]) -> set[str]:
    """Name the libraries among modules; compiled ones bring modules of their own at the top."""
    tops = {name.partition(".")[0] for name in names}
    tops -= {"runner", *sys.stdlib_module_names}
    return {name for name in tops if not name.endswith("__mypyc")}


def rooms(names: set[str]) -> set[str]:
    return {name for name in names if name.startswith("runner.")}


def test_the_version_needs_nothing_but_click(tmp_path):
    names = read(tmp_path, "--version")
    assert libraries(names) == {"click"}
    assert rooms(names) == {"runner.__main__", "runner.cli", "runner.cli.streams"}


@pytest.mark.parametrize(
    ("recipe", "allowed"),
    [(PLAIN_RECIPE, READING), (NAMED, READING), (JUDGED, READING), (TEMPLATE, FILLING)],
    ids=["plain", "a name alone", "expectations", "a filter"],
)
def test_check_reads_no_library_of_the_network(tmp_path, recipe, allowed):
    assert libraries(read(tmp_path, "check", "a.recipe.yaml", recipe=recipe)) <= allowed


def test_a_template_that_needs_jinja_has_it(tmp_path):
    assert "jinja2" in libraries(read(tmp_path, "check", "a.recipe.yaml", recipe=TEMPLATE))


@pytest.mark.parametrize("recipe", [PLAIN_RECIPE, NAMED], ids=["plain", "a name alone"])
def test_a_run_offline_reads_no_library_of_the_network(tmp_path, recipe):
    names = read(tmp_path, "run", "a.recipe.yaml", "--offline", recipe=recipe)
    assert libraries(names) <= READING


@pytest.mark.parametrize("recipe", [PLAIN_RECIPE, NAMED, JUDGED], ids=["plain", "named", "judged"])
def test_a_run_reads_what_carries_it_and_no_more(tmp_path, service, recipe):
    names = read(tmp_path, "run", "a.recipe.yaml", recipe=recipe, base=service)
    assert "runner.transport.connection" in names
    assert libraries(names) <= READING
    assert not names & SLOW
    assert not {room for room in rooms(names) if room.startswith(ASIDE)}


def test_a_run_without_expectations_reads_none(tmp_path, service):
    names = read(tmp_path, "run", "a.recipe.yaml", base=service)
    assert not {room for room in rooms(names) if room.startswith("runner.expect")}
