"""Case: a run told whole: what was sent, what came back, how it was judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from runner.errors import ApiStatusError, Fault, Mark, RunnerError, covered, faults_of
from runner.exchange import JsonBody, Multipart, Request, Spool
from runner.model import Answer, ToolResult
from runner.record import Record
from runner.report.console import Lines
from runner.report.faults import hidden
from runner.report.html.media import Media
from runner.report.html.rows import error_text
from runner.report.html.trim import Trimmer
from runner.results import Check, RunResult, StepResult, Written

_PRIVATE = frozenset(("set-cookie", "set-cookie2"))
_REQUESTS = 12
_BEATS = 400
_STEPS = 60


Link: TypeAlias = Callable[[str], str]
"""Gives the address of a written file, relative to the report and quoted."""


class Desk(Record):
    """What a case is told with. A `brief` one leaves out what is told twice."""

    trim: Trimmer
    media: Media
    lines: Lines
    link: Link
    brief: bool = False


def case(result: RunResult, desk: Desk) -> dict[str, Any]:
    """Return a run as the page's `case.js` shows it."""
    steps = [_step(step, desk) for step in result.steps[:_STEPS]]
    told = {"began": result.began, "exit": result.exit_code, "steps": steps}
    if len(result.steps) > _STEPS:
        told["more"] = len(result.steps) - _STEPS
    if desk.brief or desk.trim.was_cut:
        told["brief"] = True
    return told


def _step(step: StepResult, desk: Desk) -> dict[str, Any]:
    told = {
        "name": desk.trim.text(step.step or step.run_id, 400),
        "state": step.state,
        "final": step.final,
        "checks": [_check(check, desk) for check in step.checks],
        "files": [_file(file, desk) for file in step.files],
        "error": None if step.error is None else _error(step.error, desk.trim),
        "sent": _requests(step.requests, desk),
        "beats": _beats(step.beats),
        "answer": None if step.answer is None else _answer(step.answer, desk),
        "judging": None if step.judging is None else _judging(step.judging, desk.trim),
    }
    mute = not any(request.body for request in step.requests)
    if mute and step.answer and step.answer.conversation and not desk.brief:
        told["said"] = desk.trim(step.answer.conversation.messages)
    return {name: value for name, value in told.items() if value or name in ("name", "state")}


def _check(check: Check, desk: Desk) -> dict[str, Any]:
    told: dict[str, Any] = {"name": desk.trim.text(check.name, 400), "passed": check.passed}
    if check.message:
        told["message"] = covered(desk.trim.text(check.message))
    if check.note:
        told["note"] = covered(desk.trim.text(check.note))
    if check.mark:
        told |= _place(check.mark, desk, source=not check.passed)
    return told


def _place(mark: Mark, desk: Desk, *, source: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"at": [desk.trim.text(mark.file, 400), mark.line, mark.column]}
    if source:
        told["line"] = covered(desk.trim.text(desk.lines(mark.file, mark.line), 300))
    return told


def _file(file: Written, desk: Desk) -> dict[str, Any]:
    shown = desk.media.of_file(file)
    told: dict[str, Any] = {"path": desk.trim.text(file.path, 500), "size": file.size}
    told |= {"part": file.part, "href": desk.trim.address(desk.link(file.path))}
    return told | ({"kind": shown[0], "media": shown[1]} if shown else {})


def _error(error: Exception, trim: Trimmer) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": type(error).__name__,
        "message": covered(trim.text(error_text(error))),
        "hint": covered(trim.text(error.hint)) if isinstance(error, RunnerError) else "",
    }
    if isinstance(error, ApiStatusError):
        told |= trim({"status": error.status, "code": error.code, "kind": error.kind})
    if found := faults_of(error):
        told |= {"message": "\n".join(_fault(fault, trim) for fault in found), "hint": ""}
    return told


def _fault(fault: Fault, trim: Trimmer) -> str:
    return trim.text(str(hidden(fault, trim.hide)))


def _requests(requests: Sequence[Request], desk: Desk) -> list[dict[str, Any]]:
    """Tell the first requests and the last: those between say what the last one says again."""
    most = 1 if desk.brief else _REQUESTS
    chosen = [*requests[: most - 1], requests[-1]] if len(requests) > most else requests
    told = [_request(request, desk) for request in chosen]
    if len(requests) > len(chosen):
        told[-1]["left"] = len(requests) - len(chosen)
    return told


def _request(request: Request, desk: Desk) -> dict[str, Any]:
    told = {
        "method": request.method,
        "path": desk.trim.text(request.path, 1000),
        "query": desk.trim(request.query),
        "headers": desk.trim(dict(request.headers)),
        "media": desk.media.of_request(request),
    }
    match request.body:
        case JsonBody(value=value):
            told["body"] = desk.trim(value)
        case Multipart(parts=parts):
            told["form"] = [_part(part, desk) for part in parts]
        case bytes() as content if content:
            told["size"] = len(content)
        case Spool(size=size):
            told["size"] = size
    return {name: value for name, value in told.items() if value}


def _part(part: Any, desk: Desk) -> dict[str, Any]:
    told = {"name": desk.trim.text(part.name, 200)}
    if part.file_name or isinstance(part.body, Spool):
        size = part.body.size if isinstance(part.body, Spool) else len(part.body)
        return told | {"file": desk.trim.text(part.file_name, 400), "size": size}
    return told | {"value": desk.trim.text(part.body.decode("utf-8", "replace"))}


def _beats(beats: Sequence[float]) -> list[float]:
    """Tell when the pieces of a stream came: of very many, evenly chosen ones and the last."""
    if len(beats) > _BEATS:
        pace = len(beats) / _BEATS
        beats = [*(beats[int(place * pace)] for place in range(_BEATS - 1)), beats[-1]]
    return [round(beat, 4) for beat in beats]


def _answer(answer: Answer, desk: Desk) -> dict[str, Any]:
    trim = desk.trim
    headers = {name: text for name, text in answer.headers.items() if name not in _PRIVATE}
    told = {
        "status": answer.status,
        "text": None if answer.text is None else trim.text(answer.text),
        "texts": trim(answer.texts) if len(answer.texts) > 1 else None,
        "refusal": trim(answer.refusal),
        "tools": [_tool(result, trim) for result in answer.tool_calls],
        "citations": [trim([one.title, one.url]) for one in answer.citations],
        "finish": trim(answer.finish_reason),
        "model": trim(answer.model),
        "fingerprint": trim(answer.fingerprint),
        "id": trim(answer.request_id),
        "usage": trim(answer.usage),
        "rounds": len(answer.rounds) if len(answer.rounds) > 1 else None,
        "latency": round(answer.latency, 4),
        "ttft": answer.ttft,
        "cost": answer.cost,
        "requests": answer.requests,
        "attempts": answer.attempts,
        "json": None if desk.brief else trim(answer.json),
        "headers": None if desk.brief else trim(headers),
    }
    return {name: value for name, value in told.items() if value not in (None, "", [], {}, 0)}


def _judging(answer: Answer, trim: Trimmer) -> dict[str, Any]:
    """Tell what the models that judged took."""
    told = {"model": answer.model, "usage": answer.usage, "cost": answer.cost}
    return {name: trim(value) for name, value in told.items() if value}


def _tool(result: ToolResult, trim: Trimmer) -> dict[str, Any]:
    arguments = result.call.arguments if result.arguments is None else result.arguments
    return {
        "name": trim(result.call.name),
        "arguments": trim(arguments),
        "output": trim(result.output),
        "failed": result.failed,
    }
