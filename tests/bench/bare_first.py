"""The peer of a first token: bare requests, each token printed as it comes."""

import json
import os

import requests

reply = requests.post(
    os.environ["OPENAI_BASE_URL"] + "/chat/completions",
    json={
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
    },
    headers={"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},
    stream=True,
    timeout=60,
)
for line in reply.iter_lines():
    if line.startswith(b"data: {"):
        for choice in json.loads(line[6:])["choices"]:
            print(choice["delta"].get("content", ""), end="", flush=True)
