"""The peer of sounds on disk: what anyone would import, and bodies hashed on their way to a file.

`requests` fills one buffer, which is as fast as asyncio's clients are.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import click  # noqa: F401
import jinja2  # noqa: F401
import jsonschema  # noqa: F401
import requests
import yaml  # noqa: F401

Path("bare").mkdir(exist_ok=True)
buffer = memoryview(bytearray(1 << 18))
with requests.Session() as session:
    for number in range(int(sys.argv[1])):
        reply = session.post(
            os.environ["OPENAI_BASE_URL"] + "/audio/speech",
            json={"model": "tts-1", "input": f"hello {number}", "voice": "alloy"},
            headers={"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},
            stream=True,
            timeout=60,
        )
        reply.raise_for_status()
        digest, place = hashlib.sha256(), Path("bare", f".{number}")
        body: Any = reply.raw._fp
        with place.open("wb", buffering=0) as file:
            while count := body.readinto(buffer):
                digest.update(buffer[:count])
                file.write(buffer[:count])
            os.fsync(file.fileno())
        reply.raw.release_conn()
        place.replace(Path("bare", f"{number}.mp3"))
        Path("bare", f"{number}.mp3.sha256").write_text(digest.hexdigest())
