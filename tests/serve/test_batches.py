"""Recipes are asked in batches of a server, by HTTP."""

import asyncio
import json
import queue
import threading
import time

import pytest

from runner.engine.suite import Suite
from runner.engine.user.options import Options
from tests.engine.banking import RECIPE, collected, project

pytestmark = pytest.mark.slow
FAST = 100
"""So many of the server's seconds pass in one."""


@pytest.fixture
def base():
    """The base URL of a server whose time flies."""
    pytest.importorskip("aiohttp", reason="aiohttp (extra serve) is not installed")
    from runner.engine.commands import serve

    start = time.time()
    ports: queue.Queue[int] = queue.Queue()
    loop = asyncio.new_event_loop()
    app = serve.application("key-123456", faults=True, now=lambda: start + passed())

    def passed():
        return (time.time() - start) * FAST

    running = loop.create_task(serve.run(app, 0, ports.put))

    def turn():
        try:
            loop.run_until_complete(running)
        except asyncio.CancelledError:
            loop.close()

    thread = threading.Thread(target=turn)
    thread.start()
    yield f"http://127.0.0.1:{ports.get(timeout=20)}/v1"
    loop.call_soon_threadsafe(running.cancel)
    thread.join()


def run(folder, base, monkeypatch, end="", **options):
    monkeypatch.setenv("SERVED_KEY", "key-123456")
    faults = f"headers: {{X-Fault: batch={end}}}" if end else ""
    (folder / "runner.yaml").write_text(
        "defaults: {provider: mine}\nproviders:\n  mine:\n    kind: openai\n"
        f"    base_url: {base}\n    api_key: {{env: SERVED_KEY}}\n    {faults}\n"
    )
    told: list[str] = []
    suite = Suite(Options(out=folder / "out", via="batch", **options), told.append)
    try:
        ready = suite.all_checked([str(folder / "case.recipe.yaml")])
        return [result for _, result in suite.runs(ready)], told
    finally:
        suite.close()


def test_rows_go_there_and_come_back(tmp_path, base, monkeypatch):
    project(tmp_path, count=100, recipe=RECIPE.replace("Describe", "Describe " + "at length " * 40))
    results, told = run(tmp_path, base, monkeypatch)
    assert {one.exit_code for one in results} == {0}
    assert [row["id"] for row in collected(tmp_path)] == [f"s{n}" for n in range(100)]
    assert "1 completed; 100 of 100 requests answered" in told[-1]
    assert (run(tmp_path, base, monkeypatch, resume=True)[0]) == []


def test_what_expires_is_asked_again(tmp_path, base, monkeypatch):
    project(tmp_path, count=4)
    results, _ = run(tmp_path, base, monkeypatch, "expired")
    assert sorted(one.steps[0].attempts for one in results) == [1, 1, 2, 3]
    assert {one.exit_code for one in results} == {0}


def test_they_are_left_and_collected(tmp_path, base, monkeypatch):
    project(tmp_path, count=4)
    results, told = run(tmp_path, base, monkeypatch, no_wait=True)
    assert results == []
    assert "--resume collects" in told[-1]
    results, _ = run(tmp_path, base, monkeypatch, resume=True)
    assert {one.exit_code for one in results} == {0}
    assert len(json.dumps(collected(tmp_path))) > 100
