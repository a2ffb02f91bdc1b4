"""Responses, simulated: items in, items out, kept for the later requests of the run."""

from __future__ import annotations

from collections.abc import Mapping

from runner.exchange import Json, Request
from runner.protocol.simulated import answers, calls, words
from runner.protocol.simulated.answers import Bounds, Form, Source, Task
from runner.protocol.simulated.lessons import heeded
from runner.protocol.simulated.responses_events import events
from runner.protocol.simulated.responses_refusals import CHECKS, whole
from runner.protocol.simulated.service import (
    Refusal,
    RefusedError,
    Simulated,
    World,
    answer,
    digest,
    hold,
    keep,
    read,
    stream,
)
from runner.protocol.simulated.turns import Said, Turn, hear, of_items

THOUGHT = "Thinking is simulated too: nothing was weighed but the words of the request."


def simulate_response(request: Request, world: World) -> Simulated:
    """Answer items with items."""
    body = read(request)
    hold(CHECKS, body)
    items = [*_before(body, world), *_input(body)]
    if refusal := whole(items, world):
        raise RefusedError(refusal)
    response = _response(body, items, world)
    later = bool(body.get("background")) and not body.get("stream")
    _keep(response, items, world, later)
    if body.get("stream"):
        return stream((event["type"], event) for event in events(response))
    return answer(unfinished(response, "queued") if later else response)


def _before(body: Mapping[str, Json], world: World) -> list[Json]:
    name = body.get("previous_response_id")
    if name is None:
        return []
    kept = world.store.get(f"responses/{name}")
    if kept is None:
        message = f"Previous response with id '{name}' not found."
        refusal = Refusal(message, "previous_response_id", "previous_response_not_found")
        raise RefusedError(refusal)
    return list(kept["items"])


def _input(body: Mapping[str, Json]) -> list[Json]:
    asked = body.get("input", [])
    return [{"role": "user", "content": asked}] if isinstance(asked, str) else asked


def _response(body: Mapping[str, Json], items: list[Json], world: World) -> dict[str, Json]:
    turns = [*_guide(body), *of_items(items)]
    created = int(world.now())
    identity = _identity(body, created, world)
    said = heeded(world, body.get("model", ""), hear(turns))
    output, done = _output(body, said, identity)
    asked = answers.prompt_tokens(turns, body.get("tools"))
    return _echo(body) | {
        "id": f"resp_offline_{identity}",
        "object": "response",
        "created_at": created,
        "completed_at": created if done else None,
        "status": "completed" if done else "incomplete",
        "error": None,
        "incomplete_details": None if done else {"reason": "max_output_tokens"},
        "output": output,
        "usage": _usage(asked, sum(map(_size, output))),
    }


def _identity(body: Mapping[str, Json], created: int, world: World) -> str:
    """Name a response by its request; the same request again gets a name of its own."""
    turn = 0
    while f"responses/resp_offline_{(name := digest(body, created, turn))}" in world.store:
        turn += 1
    return name


def _guide(body: Mapping[str, Json]) -> list[Turn]:
    told = body.get("instructions")
    if isinstance(told, str):
        return [Turn("system", (told,))]
    return of_items(told or ())


def _output(
    body: Mapping[str, Json], said: Said, identity: str
) -> tuple[list[dict[str, Json]], bool]:
    output = [_reasoning(body, identity)] if "reasoning" in body else []
    made = calls.make(calls.functions(body.get("tools")), body, said)
    if made:
        return output + [_call(call, f"{identity}{at}") for at, call in enumerate(made)], True
    kinds = [str(tool.get("type")) for tool in body.get("tools", ())]
    searches = any(kind.startswith("web_search") for kind in kinds)
    searches = searches and body.get("tool_choice") != "none"
    form = (body.get("text") or {}).get("format") or {"type": "text"}
    task = Task(
        said,
        Form(form["type"], form.get("schema")),
        Bounds((), body.get("max_output_tokens")),
        searches,
    )
    written = answers.write(task)
    if searches:
        output.append(_search(said.question, identity))
    return [*output, _message(body, written, identity)], written.whole


def _reasoning(body: Mapping[str, Json], identity: str) -> dict[str, Json]:
    summary = (body["reasoning"] or {}).get("summary")
    told = [{"type": "summary_text", "text": THOUGHT}] if summary else []
    item: dict[str, Json] = {"id": f"rs_offline_{identity}", "type": "reasoning", "summary": told}
    if "reasoning.encrypted_content" in body.get("include", ()):
        item["encrypted_content"] = "c2ltdWxhdGVk"
    return item


def _call(call: calls.Call, identity: str) -> dict[str, Json]:
    return {
        "id": f"fc_offline_{identity}",
        "type": "function_call",
        "status": "completed",
        "call_id": f"call_offline_{identity}",
        "name": call.name,
        "arguments": call.arguments,
    }


def _search(question: str, identity: str) -> dict[str, Json]:
    query = words.topic(question)
    return {
        "id": f"ws_offline_{identity}",
        "type": "web_search_call",
        "status": "completed",
        "action": {"type": "search", "query": query, "queries": [query]},
    }


def _message(body: Mapping[str, Json], written: answers.Written, identity: str) -> dict[str, Json]:
    likely = []
    if "message.output_text.logprobs" in body.get("include", ()):
        likely = answers.logprobs(written.text, body.get("top_logprobs", 0))
    part = {
        "type": "output_text",
        "annotations": [_annotation(source) for source in written.sources],
        "logprobs": likely,
        "text": written.text,
    }
    return {
        "id": f"msg_offline_{identity}",
        "type": "message",
        "status": "completed" if written.whole else "incomplete",
        "content": [part],
        "role": "assistant",
    }


def _annotation(source: Source) -> dict[str, Json]:
    return {"type": "url_citation", **source._asdict()}


def _size(item: Mapping[str, Json]) -> int:
    told = [part["text"] for part in item.get("content", ())]
    return sum(map(words.count, told)) + words.count(item.get("arguments", ""))


def _usage(asked: int, told: int) -> dict[str, Json]:
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": told,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": asked + told,
    }


ECHOED: dict[str, Json] = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "model": None,
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "store": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "metadata": {},
}


def _echo(body: Mapping[str, Json]) -> dict[str, Json]:
    """Repeat the request's settings, each with the value it has where the request is silent."""
    echo = {name: body.get(name, usual) for name, usual in ECHOED.items()}
    reasoning = {"effort": None, "summary": None, **body.get("reasoning", {})}
    text = {"format": {"type": "text"}, "verbosity": "medium", **body.get("text", {})}
    tools = [_tool(tool) for tool in body.get("tools", ())]
    return {**echo, "reasoning": reasoning, "text": text, "tools": tools, "service_tier": "default"}


def _tool(tool: Mapping[str, Json]) -> Mapping[str, Json]:
    if tool.get("type") != "function":
        return tool
    return {"description": None, "strict": True, "parameters": {}, **tool}


def _keep(response: dict[str, Json], items: list[Json], world: World, later: bool) -> None:
    output = response["output"]
    if output[0]["type"] == "reasoning":
        for item in output[1:]:
            keep(world, f"items/{item['id']}", output[0]["id"])
    if response["store"]:
        kept = {"response": response, "items": [*items, *output], "later": later, "polls": 0}
        kept["given"] = len(items)
        keep(world, f"responses/{response['id']}", kept)


def unfinished(response: dict[str, Json], status: str) -> dict[str, Json]:
    """Show a response that is not done."""
    empty: dict[str, Json] = {
        "output": [],
        "usage": None,
        "completed_at": None,
        "incomplete_details": None,
    }
    return response | empty | {"status": status}
