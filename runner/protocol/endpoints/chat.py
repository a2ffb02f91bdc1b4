"""Chat completions: messages in, a message or tool calls out."""

from __future__ import annotations

from typing import Any

from runner.errors import BadReplyError
from runner.exchange import Json, Reply, Request
from runner.model import Answer, Ask, Citation, Flow, ToolCall
from runner.protocol import flow, wire
from runner.protocol.endpoint import Endpoint, Parts, answer_of, json_body, request, value_of
from runner.protocol.streams.chat import ChatStream


def ask_chat(ask: Ask) -> Flow:
    """Hold a conversation of chat completions."""
    return flow.converse(ask, DIALECT)


def _opening(ask: Ask) -> list[Json]:
    before = ask.history.messages if ask.history else ()
    return [*before, *(ask.messages or ())]


def _request(ask: Ask, items: list[Json], forced: bool) -> Request:
    fields: dict[str, Json] = {"messages": items}
    if ask.tools:
        fields["tools"] = [_tool(tool) for tool in ask.tools]
    if ask.tool_choice is not None:
        fields["tool_choice"] = _choice(ask.tool_choice) if forced else relaxed(ask.tool_choice)
    if ask.response_schema is not None:
        name, schema, strict = ask.response_schema
        fields["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": name, "schema": schema, "strict": strict},
        }
    body = json_body(ask, **fields)
    return request(ask, Parts("POST", "/chat/completions", body, assembler=ChatStream))


def relaxed(choice: Json) -> Json:
    """Let the model answer once a forced tool choice had its round."""
    return choice if choice in ("auto", "none") else "auto"


def _choice(choice: Json) -> Json:
    if isinstance(choice, dict) and set(choice) == {"name"}:
        return {"type": "function", "function": {"name": choice["name"]}}
    return choice


def _tool(tool: Any) -> Json:
    if tool.raw is not None:
        return tool.raw
    function = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool.schema
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _read(ask: Ask, reply: Reply) -> flow.Heard:
    value = value_of(reply, ChatStream)
    answer = answer_of(reply, value)
    if reply.status >= 400:
        return flow.Heard(answer, (), (), ())
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or not choices:
        msg = f"the reply has no choices: {wire.excerpt(value)}"
        raise BadReplyError(msg)
    messages = [_message(choice) for choice in choices]
    calls = tuple(_call(call, i) for i, call in enumerate(messages[0].get("tool_calls") or ()))
    finish = choices[0].get("finish_reason")
    answer = _answer(answer, messages, "tool_calls" if calls and finish == "stop" else finish)
    return flow.Heard(answer, calls, (messages[0],), (messages[0],))


def _message(choice: Json) -> dict[str, Json]:
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        msg = f"a choice of the reply has no message: {wire.excerpt(choice)}"
        raise BadReplyError(msg)
    return message


def _answer(answer: Answer, messages: list[dict[str, Json]], finish: Json) -> Answer:
    texts = tuple(text_of(message.get("content")) for message in messages)
    first = messages[0]
    return answer._replace(
        text=texts[0],
        texts=tuple(text or "" for text in texts),
        finish_reason=finish if isinstance(finish, str) else None,
        refusal=first.get("refusal") or None,
        citations=_citations(first.get("annotations")),
    )


def text_of(content: Json) -> str | None:
    """Read the text of a message's content: a string, or the text parts of a list."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    parts = [part.get("text") for part in content if isinstance(part, dict)]
    return "".join(part for part in parts if isinstance(part, str))


def _call(call: Json, place: int) -> ToolCall:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        msg = f"a tool call of the reply names no function: {wire.excerpt(call)}"
        raise BadReplyError(msg)
    # Some servers leave the id out; the same stand-in is sent back with the assistant's message.
    call["id"] = call.get("id") or f"call_{place}"
    name, arguments = function.get("name"), function.get("arguments")
    return ToolCall(str(call["id"]), str(name), wire.argument_text(arguments))


def _citations(annotations: Json) -> tuple[Citation, ...]:
    found = [note.get("url_citation") for note in annotations or () if isinstance(note, dict)]
    return tuple(citation(note) for note in found if isinstance(note, dict))


def citation(note: dict[str, Json]) -> Citation:
    """Read a url citation of either dialect."""
    start, end = note.get("start_index"), note.get("end_index")
    return Citation(
        str(note.get("url") or ""),
        str(note.get("title") or ""),
        start if isinstance(start, int) else 0,
        end if isinstance(end, int) else 0,
    )


DIALECT = flow.Dialect("chat.completions", _opening, _request, _read, flow.tool_messages)

CHAT = Endpoint(
    name="chat.completions",
    summary="chat: messages, tools, pictures and files in; text, JSON or tool calls out",
    method="POST",
    path="/chat/completions",
    flow=ask_chat,
    takes=(
        "model",
        "messages",
        "continue",
        "tools",
        "tool_choice",
        "max_tool_rounds",
        "on_tool_error",
        "attachments",
        "stream",
        "response_schema",
    ),
    needs=("model", "messages"),
)
ENDPOINTS = {CHAT.name: CHAT}
