"""The peer of pictures on disk: aiohttp, several requests at once, decoded, hashed, synced, named.

It imports nothing else and writes no sidecars: what ours cost is within the ratio.
"""

import asyncio
import hashlib
import json
import os
import sys
from binascii import a2b_base64
from pathlib import Path

import aiohttp

FOLDER = Path("bare")


async def picture(session: aiohttp.ClientSession, number: int) -> None:
    """Ask for one picture and write it as a file."""
    asked = {"model": "gpt-image-1", "prompt": f"a cat {number}", "size": "1024x1024"}
    async with session.post(os.environ["OPENAI_BASE_URL"] + "/images/generations", json=asked) as r:
        r.raise_for_status()
        told = json.loads(await r.read())
    content = a2b_base64(told["data"][0]["b64_json"])
    digest, place = hashlib.sha256(content), FOLDER / f".{number}"
    with place.open("wb", buffering=0) as file:
        file.write(content)
        os.fsync(file.fileno())
    place.replace(FOLDER / f"{number}.png")
    assert digest.hexdigest()


async def main(count: int, at_once: int) -> None:
    """Ask for so many pictures, a few at once."""
    numbers = iter(range(count))
    headers = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}

    async def work() -> None:
        for number in numbers:
            await picture(session, number)

    async with aiohttp.ClientSession(headers=headers) as session:
        await asyncio.gather(*(work() for _ in range(at_once)))


FOLDER.mkdir(exist_ok=True)
asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
