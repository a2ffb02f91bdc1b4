"""Chat completions: messages in, a message or tool calls out."""

from __future__ import annotations

from functools import partial
from typing import Any

from runner.errors import BadReplyError
from runner.exchange import Assembler, Json, Reply, Request
from runner.model import Answer, Ask, Citation, Flow, ToolCall
from runner.protocol import flow, wire
from runner.protocol.endpoint import (
    CONVERSES,
    Endpoint,
    Parts,
    answer_of,
    json_body,
    lacking,
    request,
    value_of,
)


def ask_chat(ask: Ask) -> Flow:
    """Hold a conversation of chat completions."""
    form = _spoken_form(ask)
    own = DIALECT._replace(read=partial(_read, asked=form)) if form else DIALECT
    return flow.converse(ask, own)


def _spoken_form(ask: Ask) -> str:
    """Tell the media type that an answer is to be spoken in; "" where it is not."""
    form = ask.extra.get("audio", ask.params.get("audio"))
    if not isinstance(form, dict):
        return ""
    if "audio" not in (ask.extra.get("modalities", ask.params.get("modalities")) or ()):
        return ""
    from runner.protocol import sounds

    return sounds.FORMATS.get(str(form.get("format")), "")


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
    return request(ask, Parts("POST", "/chat/completions", body, assembler=assembler))


def relaxed(choice: Json) -> Json:
    """Let the model answer once a forced tool choice had its round."""
    if not isinstance(choice, dict) or choice.get("type") != "allowed_tools":
        return choice if choice in ("auto", "none") else "auto"
    inner = choice.get("allowed_tools")
    if isinstance(inner, dict):
        return {**choice, "allowed_tools": {**inner, "mode": "auto"}}
    return {**choice, "mode": "auto"}


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


def assembler() -> Assembler:
    """Make what puts a stream together."""
    from runner.protocol.streams.chat import ChatStream

    return ChatStream()


def _read(reply: Reply, asked: str = "") -> flow.Heard:
    value = value_of(reply, assembler)
    answer = answer_of(reply, value)
    if reply.accepted:
        return flow.Heard(answer, (), (), ())
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or not choices:
        raise lacking(value, "choices")
    messages = [_message(choice) for choice in choices]
    calls = tuple(_call(call) for call in messages[0].get("tool_calls") or ())
    finish = choices[0].get("finish_reason")
    called = calls and finish in (None, "stop", "function_call")
    answer = _answer(answer, messages, "tool_calls" if called else finish)
    said = messages[0]
    if not isinstance(said.get("audio"), dict):
        return flow.Heard(answer, calls, (said,), (said,))
    from runner.protocol import spoken

    own, neutral = spoken.remembered(said)
    answer = answer._replace(artifacts=spoken.artifacts(messages, asked))
    return flow.Heard(answer, calls, (own,), (neutral,))


def _message(choice: Json) -> dict[str, Json]:
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        msg = f"a choice of the reply has no message: {wire.excerpt(choice)}"
        raise BadReplyError(msg)
    # It goes back as it came, but for what the service could not do without.
    calls = _identified(message.get("tool_calls"))
    role = {} if message.get("role") else {"role": "assistant"}
    return {**message, **role, **({"tool_calls": calls} if calls else {})}


def _identified(calls: Json) -> list[dict[str, Json]]:
    """Give every call an id of its own, under which its result goes back."""
    found = calls if isinstance(calls, list) else []
    for call in found:
        if not isinstance(call, dict) or not isinstance(_payload(call), dict):
            msg = f"a tool call of the reply names no function: {wire.excerpt(call)}"
            raise BadReplyError(msg)
    ids = flow.distinct(call.get("id") for call in found)
    return [{"type": "function", **call, "id": i} for call, i in zip(found, ids, strict=True)]


def _payload(call: dict[str, Json]) -> Json:
    return call.get("function") or call.get("custom")


def _answer(answer: Answer, messages: list[dict[str, Json]], finish: Json) -> Answer:
    texts = tuple(_told(message) for message in messages)
    first = messages[0]
    return answer._replace(
        text=texts[0],
        texts=tuple(text or "" for text in texts),
        finish_reason=finish if isinstance(finish, str) else None,
        refusal=first.get("refusal") or None,
        citations=_citations(first.get("annotations")),
    )


def _told(message: dict[str, Json]) -> str | None:
    """Return what a message says: its text, else the transcript of its sound."""
    text, audio = text_of(message.get("content")), message.get("audio")
    if text or not isinstance(audio, dict) or not isinstance(audio.get("transcript"), str):
        return text
    return str(audio["transcript"])


def text_of(content: Json) -> str | None:
    """Read the text of a message's content: a string, or the text parts of a list."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    parts = [part.get("text") for part in content if isinstance(part, dict)]
    return "".join(part for part in parts if isinstance(part, str))


def _call(call: dict[str, Json]) -> ToolCall:
    function = _payload(call)
    written = function.get("arguments", function.get("input"))
    return ToolCall(call["id"], str(function.get("name") or ""), wire.argument_text(written))


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
    takes=("model", "messages", *CONVERSES),
    needs=("model", "messages"),
    gives=("text", "audio", "json", "parsed", "citations", "body"),
    makes=_spoken_form,
    kind_by="audio.format",
)
ENDPOINTS = {CHAT.name: CHAT}
