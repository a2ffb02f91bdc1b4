"""Responses: items in, items out; and what can be done with a stored response."""

from __future__ import annotations

from runner.errors import ApiStatusError, BadReplyError
from runner.exchange import Json, Reply, Request
from runner.model import Answer, Ask, Citation, Flow, Tool, ToolCall
from runner.model import ToolResult as Result
from runner.protocol import flow, wire
from runner.protocol.endpoint import Endpoint, Parts, answer_of, json_body, request, value_of
from runner.protocol.endpoints import items
from runner.protocol.endpoints.chat import citation, relaxed
from runner.protocol.streams.responses import ResponsesStream


def ask_responses(ask: Ask) -> Flow:
    """Hold a conversation of responses."""
    return flow.converse(ask, DIALECT)


def _opening(ask: Ask) -> list[Json]:
    before: list[Json] = []
    if ask.history is not None:
        same = ask.history.dialect == DIALECT.name
        before = list(ask.history.items) if same else items.of(ask.history.messages)
    if ask.messages is not None:
        return before + items.of(ask.messages)
    if isinstance(ask.input, list):
        return before + ask.input
    return before if ask.input is None else [*before, {"role": "user", "content": ask.input}]


def _request(ask: Ask, said: list[Json], forced: bool) -> Request:
    fields: dict[str, Json] = {"input": said} if said else {}
    if forced and ask.history is None and isinstance(ask.input, str):
        fields["input"] = ask.input
    if ask.tools:
        fields["tools"] = [_tool(tool) for tool in ask.tools]
    if ask.tool_choice is not None:
        fields["tool_choice"] = _choice(ask.tool_choice) if forced else relaxed(ask.tool_choice)
    body = json_body(ask, **fields)
    if ask.response_schema is not None:
        name, schema, strict = ask.response_schema
        form = {"type": "json_schema", "name": name, "schema": schema, "strict": strict}
        body.value["text"] = {**body.value.get("text", {}), "format": form}
    return request(ask, Parts("POST", "/responses", body, assembler=ResponsesStream))


def _choice(choice: Json) -> Json:
    if isinstance(choice, dict) and set(choice) == {"name"}:
        return {"type": "function", "name": choice["name"]}
    return choice


def _tool(tool: Tool) -> Json:
    if tool.raw is not None:
        return tool.raw
    form: dict[str, Json] = {"type": "function", "name": tool.name}
    if tool.description:
        form["description"] = tool.description
    form["parameters"] = tool.schema
    if tool.strict is not None:
        form["strict"] = tool.strict
    return form


def _read(ask: Ask, reply: Reply) -> flow.Heard:
    value = value_of(reply, ResponsesStream)
    answer = answer_of(reply, value)
    if reply.status >= 400:
        return flow.Heard(answer, (), (), ())
    output = value.get("output") if isinstance(value, dict) else None
    if not isinstance(output, list):
        msg = f"the reply has no output: {wire.excerpt(value)}"
        raise BadReplyError(msg)
    if value.get("status") in ("failed", "cancelled"):
        raise failure(value, reply)
    found = [item for item in output if isinstance(item, dict)]
    calls = tuple(_call(item) for item in found if item.get("type") == "function_call")
    answer = _answer(answer, value, found, bool(calls))
    return flow.Heard(answer, calls, tuple(output), tuple(_said(answer, calls)))


def failure(value: dict[str, Json], reply: Reply) -> ApiStatusError:
    """Word a response that ended badly though its HTTP status is fine."""
    error = value.get("error")
    error = error if isinstance(error, dict) else {}
    code = str(error.get("code") or "")
    message = wire.printable(str(error.get("message") or "no reason given"))
    told = f"the response {value.get('status')}" + (f" ({code})" if code else "")
    return ApiStatusError(f"{told}: {message}", status=reply.status, code=code)


def _answer(answer: Answer, value: dict[str, Json], found: list[Json], calls: bool) -> Answer:
    parts = _parts(found)
    texts = [part for part in parts if part.get("type") == "output_text"]
    refusals = [str(part.get("refusal")) for part in parts if part.get("type") == "refusal"]
    text = "".join(str(part.get("text") or "") for part in texts) if texts else None
    return answer._replace(
        text=text,
        texts=(text,) if text is not None else (),
        finish_reason=_finish(value, calls),
        refusal="".join(refusals) or None,
        citations=_citations(texts),
    )


def _parts(found: list[Json]) -> list[dict[str, Json]]:
    contents = [item.get("content") for item in found if item.get("type") == "message"]
    return [part for parts in contents for part in parts or () if isinstance(part, dict)]


def _finish(value: dict[str, Json], calls: bool) -> str | None:
    """Name why the answer ended in the words of chat completions."""
    status = value.get("status")
    if status == "incomplete":
        reason = (value.get("incomplete_details") or {}).get("reason")
        return "length" if reason == "max_output_tokens" else reason
    if status in ("queued", "in_progress"):
        return None
    return "tool_calls" if calls else "stop"


def _citations(texts: list[dict[str, Json]]) -> tuple[Citation, ...]:
    """Read the citations; their indices count from the start of the joined text."""
    found: list[Citation] = []
    before = 0
    for part in texts:
        for note in part.get("annotations") or ():
            if isinstance(note, dict) and note.get("type") == "url_citation":
                one = citation(note)
                found.append(one._replace(start=one.start + before, end=one.end + before))
        before += len(str(part.get("text") or ""))
    return tuple(found)


def _call(item: dict[str, Json]) -> ToolCall:
    identity = item.get("call_id") or item.get("id") or ""
    item.setdefault("call_id", identity)
    return ToolCall(str(identity), str(item.get("name")), wire.argument_text(item.get("arguments")))


def _said(answer: Answer, calls: tuple[ToolCall, ...]) -> list[Json]:
    """Tell the reply in the chat form."""
    message: dict[str, Json] = {"role": "assistant", "content": answer.text}
    if calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in calls
        ]
    return [message]


def _results(results: tuple[Result, ...]) -> list[Json]:
    return [
        {"type": "function_call_output", "call_id": result.call.id, "output": result.output}
        for result in results
    ]


def _act(ask: Ask) -> Flow:
    """Retrieve, cancel or delete a stored response."""
    method, tail = ACTS[ask.endpoint]
    parts = Parts(method, f"/responses/{wire.segment(ask.id)}{tail}")
    reply = yield from flow.send(request(ask, parts))
    value = value_of(reply)
    if ask.endpoint == "responses.delete" or reply.status >= 400 or "output" not in value:
        return answer_of(reply, value)
    found = [item for item in value["output"] or () if isinstance(item, dict)]
    calls = any(item.get("type") == "function_call" for item in found)
    return _answer(answer_of(reply, value), value, found, calls)


ACTS = {
    "responses.retrieve": ("GET", ""),
    "responses.cancel": ("POST", "/cancel"),
    "responses.delete": ("DELETE", ""),
}
DIALECT = flow.Dialect("responses", _opening, _request, _read, _results)

RESPONSES = Endpoint(
    name="responses",
    summary="responses: items or messages in; items out; built-in tools, reasoning",
    method="POST",
    path="/responses",
    flow=ask_responses,
    takes=(
        "model",
        "messages",
        "input",
        "prompt",
        "continue",
        "tools",
        "tool_choice",
        "max_tool_rounds",
        "on_tool_error",
        "attachments",
        "stream",
        "response_schema",
    ),
    needs=("model",),
)
ENDPOINTS = {"responses": RESPONSES} | {
    name: Endpoint(
        name=name,
        summary=f"{name.partition('.')[2]} a stored response",
        method=method,
        path=f"/responses/{{id}}{tail}",
        flow=_act,
        takes=("id",),
        needs=("id",),
    )
    for name, (method, tail) in ACTS.items()
}
