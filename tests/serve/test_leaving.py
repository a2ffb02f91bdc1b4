"""A client that leaves early, or speaks no HTTP, is no fault of the server's to be reported."""

import asyncio
import json
import logging

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="aiohttp (extra serve) is not installed")

ASK = {
    "model": "gpt-6-luna",
    "messages": [{"role": "user", "content": "Tell a story of a hundred words."}],
    "stream": True,
}
EVENT = {"type": "response.create"}


async def leave_a_stream(base):
    async with aiohttp.ClientSession() as session:
        reply = await session.post(f"{base}/chat/completions", json=ASK, headers=SLOW)
        assert await reply.content.readline()
        reply.close()
    await asyncio.sleep(1)


SLOW = {"X-Fault": "slow"}


async def leave_a_session(base):
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{base}/realtime?model=gpt-realtime-2")
        assert json.loads((await socket.receive()).data)["type"] == "session.created"
        for _ in range(50):
            await socket.send_json(EVENT)
        socket._response.connection.transport.abort()
    await asyncio.sleep(0.5)


async def speak_no_http(base):
    port = int(base.rpartition(":")[2].partition("/")[0])
    for words in (b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: abc\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(words)
        assert (await reader.read()).startswith(b"HTTP/1.0 400 ")
        writer.close()


@pytest.mark.parametrize("leave", [leave_a_stream, leave_a_session, speak_no_http])
def test_who_leaves_is_let_go_quietly(leave, caplog):
    from runner.engine.commands import serve

    async def play():
        ports: asyncio.Queue[int] = asyncio.Queue()
        app = serve.application(faults=True)
        running = asyncio.create_task(serve.run(app, 0, ports.put_nowait))
        try:
            await leave(f"http://127.0.0.1:{await ports.get()}/v1")
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    with caplog.at_level(logging.ERROR):
        asyncio.run(play())
    assert caplog.records == []
