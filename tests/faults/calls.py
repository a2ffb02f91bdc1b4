"""A recipe for each kind of endpoint, and what its right answer is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from runner.model import Answer
from runner.results import RunResult
from tests.faults.answers import FILE, LINES, PICTURE, SOUND, VECTORS


class Call(NamedTuple):
    """A recipe; `right` judges the last answer; `out` is the file that it writes, if any.

    `requests` counts what a run sends where nothing goes wrong.
    """

    recipe: str
    right: Callable[[Answer], bool]
    out: str = ""
    requests: int = 1


HELLO = "messages: [{user: Hello}]\n"
CHAT = f"endpoint: chat.completions\nmodel: gpt-4.1\n{HELLO}"
TOOLS = """\
tools:
  - {name: get_time, description: The time., parameters: {zone: {type: string}}, returns: "12:00"}
max_tool_rounds: 2
"""
FLOW = """\
steps:
  - {name: up, endpoint: files, attachments: [a.jsonl], params: {purpose: batch}}
  - name: batch
    endpoint: batches
    params:
      input_file_id: "{{ steps.up.json.id }}"
      endpoint: /v1/chat/completions
      completion_window: 24h
    poll:
      until: "{{ json.status == 'completed' }}"
      fail_if: "{{ json.status == 'failed' }}"
      every: 10s
      timeout: 1m
  - name: read
    endpoint: files.content
    id: "{{ steps.batch.json.output_file_id }}"
    output: {body: out.jsonl}
"""
GIVEN: dict[str, str | bytes] = {
    "a.txt": "a text\n",
    "a.jsonl": '{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", '
    '"body": {"model": "gpt-4.1", "messages": [{"role": "user", "content": "Hello"}]}}\n',
    "a.wav": SOUND,
}


def _said(answer: Answer) -> bool:
    return answer.text == "Hello there"


def _drawn(answer: Answer) -> bool:
    return [one.body for one in answer.artifacts] == [PICTURE]


CALLS = {
    "chat": Call(f"{CHAT}output: {{text: out.txt}}\n", _said, "out.txt"),
    "stream": Call(f"{CHAT}stream: true\noutput: {{text: out.txt}}\n", _said, "out.txt"),
    "responses": Call(
        f"endpoint: responses\nmodel: gpt-4.1\nstream: true\n{HELLO}output: {{text: out.txt}}\n",
        _said,
        "out.txt",
    ),
    "images": Call(
        "endpoint: images.generations\nmodel: gpt-image-1\nprompt: a cat\n"
        "output: {image: out.png}\n",
        _drawn,
        "out.png",
    ),
    "speech": Call(
        "endpoint: audio.speech\nmodel: gpt-4o-mini-tts\ninput: Hello\n"
        "params: {voice: nova, response_format: wav}\noutput: {audio: out.wav}\n",
        lambda answer: [one.body for one in answer.artifacts] == [SOUND],
        "out.wav",
    ),
    "embeddings": Call(
        "endpoint: embeddings\nmodel: text-embedding-3-small\ninput: Hello\n"
        "output: {json: out.json}\n",
        lambda answer: answer.json == VECTORS,
        "out.json",
    ),
    "tools": Call(f"{CHAT}{TOOLS}output: {{text: out.txt}}\n", _said, "out.txt", 2),
    "uploads": Call(
        "endpoint: files\nattachments: [a.txt]\nparams: {purpose: user_data}\n"
        "output: {json: out.json}\n",
        lambda answer: answer.text == FILE["id"],
        "out.json",
    ),
    "transcription": Call(
        "endpoint: audio.transcriptions\nmodel: whisper-1\nattachments: [a.wav]\n"
        "output: {text: out.txt}\n",
        _said,
        "out.txt",
    ),
    "realtime": Call(
        f"endpoint: realtime\nmodel: gpt-realtime\n{HELLO}"
        "params: {output_modalities: [text]}\noutput: {text: out.txt}\n",
        _said,
        "out.txt",
    ),
    "batch": Call(FLOW, lambda answer: answer.body == LINES, "out.jsonl", 4),
}


def is_right(kind: str, result: RunResult) -> bool:
    """Whether the last answer of a run is the right one."""
    answer = result.steps[-1].answer
    return result.exit_code == 0 and answer is not None and CALLS[kind].right(answer)
