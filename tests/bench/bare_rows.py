"""The peers of rows: plain requests, aiohttp, or the official client, with the rows' own work.

Each reads the rows, asks for all of them, checks that there is an answer and gathers a line a row.
It keeps no journal, no order and no provenance: what those cost us is within the ratio.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Any

BASE, KEY = os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]
ROWS = [json.loads(line) for line in Path("rows.jsonl").read_text(encoding="utf-8").splitlines()]


def asked(row: dict[str, Any]) -> dict[str, Any]:
    """Build the body of a row's request."""
    text = f"Write one line about {row['topic']}"
    return {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]}


def line(row: dict[str, Any], text: str) -> str:
    """Check an answer and make its line."""
    assert "Hello" in text
    return json.dumps({"id": row["id"], "text": text}) + "\n"


def by_requests(at_once: int) -> list[str]:
    """Ask by the documented use of requests: a session in each thread."""
    import requests

    kept = local()

    def ask(row: dict[str, Any]) -> str:
        session = getattr(kept, "session", None)
        if session is None:
            session = kept.session = requests.Session()
            session.headers["Authorization"] = f"Bearer {KEY}"
        reply = session.post(f"{BASE}/chat/completions", json=asked(row), timeout=60)
        reply.raise_for_status()
        return line(row, reply.json()["choices"][0]["message"]["content"])

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(ask, ROWS))


def by_aiohttp(at_once: int) -> list[str]:
    """Ask by aiohttp: one session, so many tasks."""
    import aiohttp

    async def main() -> list[str]:
        headers = {"Authorization": f"Bearer {KEY}"}
        connector = aiohttp.TCPConnector(limit=at_once)
        async with aiohttp.ClientSession(headers=headers, connector=connector) as session:

            async def ask(row: dict[str, Any]) -> str:
                async with session.post(f"{BASE}/chat/completions", json=asked(row)) as reply:
                    reply.raise_for_status()
                    told = await reply.json()
                return line(row, told["choices"][0]["message"]["content"])

            return await gathered(ask, at_once)

    return asyncio.run(main())


def by_openai(at_once: int) -> list[str]:
    """Ask by the official client, asynchronously."""
    import openai

    async def main() -> list[str]:
        async with openai.AsyncOpenAI(base_url=BASE, api_key=KEY) as client:

            async def ask(row: dict[str, Any]) -> str:
                reply = await client.chat.completions.create(**asked(row))
                return line(row, reply.choices[0].message.content or "")

            return await gathered(ask, at_once)

    return asyncio.run(main())


async def gathered(ask: Callable[[dict[str, Any]], Any], at_once: int) -> list[str]:
    """Ask for all rows, so many at once."""
    rows, found = iter(ROWS), []

    async def work() -> None:
        for row in rows:
            found.append(await ask(row))

    await asyncio.gather(*(work() for _ in range(at_once)))
    return found


WAYS = {"requests": by_requests, "aiohttp": by_aiohttp, "openai": by_openai}

if __name__ == "__main__":
    Path("bare.jsonl").write_text("".join(WAYS[sys.argv[1]](int(sys.argv[2]))), encoding="utf-8")
