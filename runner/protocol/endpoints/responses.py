"""Responses: items in, items out; and what can be done with a stored response."""

from __future__ import annotations

from collections.abc import Iterator

from runner.errors import ApiStatusError
from runner.exchange import Assembler, Json, Reply, Request
from runner.model import Answer, Ask, Citation, Flow, Tool, ToolCall
from runner.model import ToolResult as Result
from runner.protocol import flow, wire
from runner.protocol.endpoint import (
    CONVERSES,
    Endpoint,
    Parts,
    answer_of,
    json_body,
    lacking,
    query_of,
    request,
    value_of,
)
from runner.protocol.endpoints import items
from runner.protocol.endpoints.chat import citation, relaxed
from runner.protocol.rules import Refusal
from runner.recipe.normal import ROLES


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
    fields: dict[str, Json] = {} if ask.prompt is None else {"prompt": ask.prompt}
    if said:
        fields["input"] = said if forced or not _is_kept(ask) else _results_at_end(said)
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
    return request(ask, Parts("POST", "/responses", body, assembler=assembler))


def _is_kept(ask: Ask) -> bool:
    """Whether the service adds what is said to a conversation of its own."""
    return "conversation" in {**ask.params, **ask.extra}


def _results_at_end(said: list[Json]) -> list[Json]:
    place = len(said)
    while place and said[place - 1].get("type") == "function_call_output":
        place -= 1
    return said[place:]


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


def assembler() -> Assembler:
    """Make what puts a stream together."""
    from runner.protocol.streams.responses import ResponsesStream

    return ResponsesStream()


def _read(reply: Reply) -> flow.Heard:
    value = value_of(reply, assembler)
    answer = answer_of(reply, value)
    if reply.accepted:
        return flow.Heard(answer, (), (), ())
    if isinstance(value, dict) and value.get("status") in ("failed", "cancelled"):
        raise failure(value, reply)
    found = _output(value)
    if found is None:
        raise lacking(value, "output")
    calls = tuple(_call(item) for item in found if item.get("type") in CALLS)
    return flow.Heard(_answer(answer, value, found), calls, tuple(found), _said(found, calls))


def _output(value: Json) -> list[dict[str, Json]] | None:
    """Return the items of a response, each call with an id of its own; None where it has none."""
    output = value.get("output") if isinstance(value, dict) else None
    if output is None and isinstance(value, dict) and value.get("status") in WAITING:
        return []
    if not isinstance(output, list):
        return None
    found = [item for item in output if isinstance(item, dict)]
    calls = [item for item in found if item.get("type") in CALLS]
    ids = iter(flow.distinct(item.get("call_id") or item.get("id") for item in calls))
    return [{**i, "call_id": next(ids)} if i.get("type") in CALLS else i for i in found]


def failure(value: dict[str, Json], reply: Reply) -> ApiStatusError:
    """Word a response that ended badly though its HTTP status is fine."""
    error = value.get("error")
    error = error if isinstance(error, dict) else {}
    code = str(error.get("code") or "")
    message = wire.printable(str(error.get("message") or "no reason given"))
    told = f"the response {value.get('status')}" + (f" ({code})" if code else "")
    return ApiStatusError(f"{told}: {message}", status=reply.status, code=code)


def _answer(answer: Answer, value: dict[str, Json], found: list[dict[str, Json]]) -> Answer:
    texts, refusal = _texts(found), _refusal(found)
    text = "".join(str(part.get("text") or "") for part in texts) if texts else None
    return answer._replace(
        text=text,
        texts=(text,) if text is not None else (),
        finish_reason=_finish(value, any(item.get("type") in CALLS for item in found)),
        refusal=refusal or None,
        citations=_citations(texts),
    )


def _texts(found: list[dict[str, Json]]) -> list[dict[str, Json]]:
    return [part for part in _parts(found) if part.get("type") == "output_text"]


def _refusal(found: list[dict[str, Json]]) -> str:
    refusals = [part.get("refusal") for part in _parts(found) if part.get("type") == "refusal"]
    return "".join(str(refusal or "") for refusal in refusals)


def _parts(found: list[dict[str, Json]]) -> list[dict[str, Json]]:
    parts: list[dict[str, Json]] = []
    for item in found:
        content = item.get("content") if item.get("type") == "message" else None
        if isinstance(content, str):
            parts.append({"type": "output_text", "text": content})
        elif isinstance(content, list):
            parts += [part for part in content if isinstance(part, dict)]
    return parts


def _finish(value: dict[str, Json], calls: bool) -> str | None:
    """Name why the answer ended in the words of chat completions; None where it has not."""
    status = value.get("status") or "completed"
    if status == "completed":
        return "tool_calls" if calls else "stop"
    details = value.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    return "length" if reason == "max_output_tokens" else reason


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
    written = item.get("arguments", item.get("input"))
    return ToolCall(item["call_id"], str(item.get("name") or ""), wire.argument_text(written))


def _said(found: list[dict[str, Json]], calls: tuple[ToolCall, ...]) -> tuple[Json, ...]:
    """Tell the reply in the chat form."""
    texts = [str(part.get("text") or "") for part in _texts(found)]
    message = flow.said("".join(texts) or None, calls)
    if refusal := _refusal(found):
        message["refusal"] = refusal
    return (message,)


def _results(results: tuple[Result, ...]) -> list[Json]:
    return [
        {"type": "function_call_output", "call_id": result.call.id, "output": result.output}
        for result in results
    ]


def _act(ask: Ask) -> Flow:
    """Retrieve, cancel or delete a stored response."""
    method, tail = ACTS[ask.endpoint]
    query = query_of({**ask.params, **ask.extra})
    parts = Parts(method, f"/responses/{wire.segment(ask.id)}{tail}", query=query)
    reply = yield from flow.send(request(ask, parts))
    value = value_of(reply)
    found = _output(value)
    answer = answer_of(reply, value)
    return answer if reply.accepted or found is None else _answer(answer, value, found)


def _check_input(ask: Ask, _: bool) -> Iterator[Refusal]:
    """Find messages in their short form: `input` holds the API's own items, sent as they are."""
    for place, item in enumerate(ask.input if isinstance(ask.input, list) else ()):
        named = {*item} if isinstance(item, dict) else set()
        short = sorted(named & {*ROLES})
        if short and not named & {"role", "type"}:
            message = f"expected an item of the API, got a mapping with the key {short[0]!r}"
            hint = f"write `- {short[0]}: …` under messages, in place of input"
            yield Refusal(("input", place), message, hint)


CALLS = ("function_call", "custom_tool_call")
WAITING = ("queued", "in_progress")
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
    takes=("model", "messages", "input", "prompt", *CONVERSES),
    needs=("model",),
    one_of=("messages", "input"),
    check=_check_input,
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
