"""Talks: one question on both dialects, plain and streamed, and how each is answered."""

from __future__ import annotations

from typing import Any

from runner.model import Ask, Tool
from runner.protocol.endpoints.chat import ask_chat
from runner.protocol.endpoints.responses import ask_responses
from tests.protocol.play import called, chat, chat_calls, events, response, said, streamed

USER = {"role": "user", "content": "What is 1 + 2?"}
ADD = Tool("add", "Adds.", {"type": "object"}, runs=True)
MINE = Tool("mine", "Is answered by whoever asked.", {"type": "object"})


def asked(endpoint: str, **fields) -> Ask:
    """A question with the tool `add`."""
    base = {"model": "m", "messages": (USER,), "tools": (ADD,)}
    return Ask(endpoint, **(base | fields))


def chat_stream(*calls, text=None):
    """Answer by a stream of a chat completion."""
    chunk = {"object": "chat.completion.chunk", "choices": []}
    parts = [
        {"index": i, "id": key, "type": "function", "function": {"name": name, "arguments": ""}}
        for i, (key, name, _) in enumerate(calls)
    ]
    pieces = [
        {"tool_calls": [{"index": i, "function": {"arguments": piece}}]}
        for i, (_, _, written) in enumerate(calls)
        for piece in (written[:3], written[3:])
    ]
    deltas = [{"role": "assistant", "content": text}]
    deltas += [{"tool_calls": parts}, *pieces] if calls else []
    finish = "tool_calls" if calls else "stop"
    rows = [chunk | {"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    rows.append(chunk | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    return streamed(events(*rows, done=True))


def responses_stream(*calls, text=None):
    """Answer by a stream of a response."""
    output = [called(*call) for call in calls] or [said(text)]
    rows = [
        {"type": "response.output_item.done", "output_index": i, "item": item}
        for i, item in enumerate(output)
    ]
    whole = {"object": "response", "status": "completed", "output": output}
    return streamed(events(*rows, {"type": "response.completed", "response": whole}, named=True))


DIALECTS: dict[str, Any] = {
    "chat": (ask_chat, "chat.completions", None, lambda *c: chat_calls(*c), chat),
    "chat streamed": (
        ask_chat,
        "chat.completions",
        True,
        chat_stream,
        lambda t: chat_stream(text=t),
    ),
    "responses": (
        ask_responses,
        "responses",
        None,
        lambda *c: response(*(called(*one) for one in c)),
        lambda t: response(said(t)),
    ),
    "responses streamed": (
        ask_responses,
        "responses",
        True,
        responses_stream,
        lambda t: responses_stream(text=t),
    ),
}


class Talk:
    """One dialect: its flow, its replies that call and that answer, its way to tell results."""

    def __init__(self, name):
        self.flow, self.endpoint, self.stream, self.calls, self.text = DIALECTS[name]

    def ask(self, **fields):
        return self.flow(asked(self.endpoint, stream=self.stream, **fields))

    def history(self, body):
        """What is sent, without what a reply held besides."""
        return [brief(item) for item in body["messages" if "messages" in body else "input"]]


def brief(item):
    """Tell an item of either dialect in one way."""
    kind = item.get("type")
    if kind == "function_call":
        return ("call", item["call_id"], item["name"], item["arguments"])
    if kind == "function_call_output":
        return ("result", item["call_id"], item["output"])
    if item["role"] == "tool":
        return ("result", item["tool_call_id"], item["content"])
    made = [
        ("call", call["id"], call["function"]["name"], call["function"]["arguments"])
        for call in item.get("tool_calls") or ()
    ]
    return made[0] if len(made) == 1 else tuple(made) or (item["role"], item["content"])
