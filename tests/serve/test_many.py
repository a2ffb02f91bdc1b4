"""Many clients of the offline server at once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

import pytest

from tests.serve.conftest import KEY

CHAT = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "What is a canal?"}]}
DRAW = {"model": "gpt-image-1", "prompt": "A canal", "size": "1024x1024"}
ASKED = [
    ("chat/completions", CHAT),
    ("chat/completions", {**CHAT, "stream": True}),
    ("responses", {"model": "gpt-4.1", "input": "What is a canal?"}),
    ("embeddings", {"model": "text-embedding-3-small", "input": "canal"}),
    ("images/generations", DRAW),
]


@pytest.mark.extra
@pytest.mark.slow
def test_64_clients_of_the_offline_server_are_all_answered_alike(served):
    def ask(number: int) -> tuple[int, int]:
        path, body = ASKED[number % len(ASKED)]
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        asked = Request(f"{served}/{path}", json.dumps(body).encode(), headers)
        with urlopen(asked, timeout=60) as reply:
            assert reply.status == 200
            return number % len(ASKED), len(reply.read())

    before = threading.active_count()
    with ThreadPoolExecutor(64) as pool:
        sizes = list(pool.map(ask, range(640)))
    assert len(set(sizes)) == len(ASKED)
    assert threading.active_count() <= before + 64
