"""The peer of a cold start: what anyone would import to do the same, and the call itself."""

import os

import click  # noqa: F401
import jinja2  # noqa: F401
import jsonschema  # noqa: F401
import requests
import yaml  # noqa: F401

reply = requests.post(
    os.environ["OPENAI_BASE_URL"] + "/chat/completions",
    json={"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]},
    headers={"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},
    timeout=60,
)
reply.raise_for_status()
print(reply.json()["choices"][0]["message"]["content"])
