"""A server of the offline service, in a thread of its own."""

import asyncio
import queue
import threading

import pytest

KEY = "test-key-1234"


@pytest.fixture(scope="session")
def served():
    """The base URL of a server that wants KEY and obeys faults."""
    pytest.importorskip("aiohttp", reason="aiohttp (extra serve) is not installed")
    from runner.engine.commands import serve

    ports: queue.Queue[int] = queue.Queue()
    loop = asyncio.new_event_loop()
    running = loop.create_task(serve.run(serve.application(KEY, faults=True), 0, ports.put))

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
