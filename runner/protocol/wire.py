"""Wire: a reply's bytes become JSON or an error in plain words, safe to show."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import quote

from runner.errors import ApiStatusError, BadReplyError, RecipeError
from runner.exchange import Json
from runner.protocol import hints
from runner.protocol.json_text import NotJsonError, mended, parse
from runner.record import Record

_BOM = "\ufeff"
# Compiled where it is first needed: that alone takes longer than most replies take to read.
_UNSAFE = (
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_ESCAPED_SURROGATE = rb"\\u[dD][89a-fA-F]"
_LONGEST = 500


def printable(text: str) -> str:
    """Escape what could steer a terminal or hide text: controls but newline and tab, bidi marks."""
    if text.isprintable():
        return text
    return re.sub(_UNSAFE, _escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def excerpt(value: Json, limit: int = 200) -> str:
    """Show the beginning of something that came, quoted, on one line."""
    if not isinstance(value, str | bytes):
        value = json.dumps(value, ensure_ascii=False, default=str)
    start, more = value[: limit * 4], "…" * (len(value) > limit * 4)
    text = start if isinstance(start, str) else start.decode("utf-8", "replace")
    return f"'{shortened(' '.join(text.split()) + more, limit)}'"


def shortened(text: str, limit: int) -> str:
    """Show a text in no more characters; a `…` says where it was cut, so that masks know."""
    shown = printable(text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def header(headers: Mapping[str, str], *names: str) -> str:
    """Return the first of these headers that a reply has, or ""; names are in lower case."""
    return next((headers[name] for name in names if headers.get(name)), "")


def segment(text: str) -> str:
    """Quote an id as one segment of a path; a model's may have slashes, but leads nowhere."""
    if not text.strip(". ") or {".", ".."} & {*re.split(r"[/\\]", text)}:
        msg = f"an id cannot be {text!r}"
        raise RecipeError(msg, hint="give the id of an object, as the service named it")
    return quote(text, safe=":@")


def arguments(text: str) -> Json:
    """Decode the arguments of a tool call; None where they are no JSON."""
    try:
        return parse(text)
    except ValueError:
        return None


def argument_text(value: Json) -> str:
    """Return a call's arguments as text, whether they came as text, as JSON or not at all."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def decode_json(body: bytes, what: str) -> Json:
    """Decode a reply's JSON. `what` says in a word or two what it came as: its media type, or "".

    Of a key that stands twice the last counts, as everywhere. NaN, infinities, numbers without
    end and bottomless nesting are refused.
    """
    try:
        text = body.decode().removeprefix(_BOM)
    except UnicodeDecodeError as error:
        _refuse(body, what, f"bytes that are no UTF-8 (at byte {error.start})", error)
    try:
        value = parse(text)
    except ValueError as error:
        _refuse(body, what, _kind(text, error), error)
    if b"\\" in body and re.search(_ESCAPED_SURROGATE, body):
        return mended(value)
    return value


def _refuse(body: bytes, what: str, kind: str, error: Exception) -> NoReturn:
    named = f"{kind} ({shortened(what, 80)})" if what else kind
    message = f"expected JSON, got {named}"
    if body.strip():
        message += f": {excerpt(body)}"
    raise BadReplyError(message, hint=hints.HTML if kind == "HTML" else "") from error


def _kind(text: str, error: Exception) -> str:
    start = text.lstrip()[:1]
    if not start:
        return "an empty body"
    if start == "<":
        return "HTML"
    if start in '{["' or not isinstance(error, NotJsonError):
        return f"JSON that cannot be used, as {error}"
    return "text"


class _Told(Record):
    """What an error body tells; "" where it does not."""

    message: str = ""
    kind: str = ""
    code: str = ""
    param: str = ""
    filters: str = ""


def api_error(status: int, body: bytes, headers: Mapping[str, str]) -> ApiStatusError:
    """Make the error of a status from 400 up out of whatever body came with it."""
    try:
        told = _told(parse(body.decode("utf-8", "replace").removeprefix(_BOM)))
    except ValueError:
        told = _Told(_bare(body))
    message = f"the service answered {status}{_label(told)}"
    message += f": {told.message}" if told.message else " and said nothing more"
    if told.param and told.param not in told.message:
        message += f" (param: {told.param})"
    request_id = header(headers, "x-request-id", "apim-request-id")
    if request_id:
        message += f" [request {shortened(request_id, 200)}]"
    hint = hints.HTML if body.lstrip()[:1] == b"<" else _hint(status, told, headers)
    return ApiStatusError(message, hint=hint, status=status, code=told.code, kind=told.kind)


def stream_error(value: Json, partial: str = "") -> ApiStatusError:
    """Make the error that a service put into a stream (or a 200), with the status it stands for."""
    told = _told(value)
    status = _status(told)
    said = told.message or excerpt(value)
    message = f"the service sent an error in its answer{_label(told)}: {said}"
    hint = _hint(status, told, {})
    error = ApiStatusError(message, hint=hint, status=status, code=told.code, kind=told.kind)
    error.partial = partial
    return error


def _hint(status: int, told: _Told, headers: Mapping[str, str]) -> str:
    if told.filters:
        return f"the content filter stopped it: {told.filters}"
    words = (told.kind, told.code)
    is_azure = "apim-request-id" in headers
    return hints.hint(status, words, told.message, is_azure=is_azure, param=told.param)


def _bare(body: bytes) -> str:
    if not body.strip():
        return ""
    if body.lstrip()[:1] == b"<":
        return f"HTML, {excerpt(body)}"
    return shortened(body[: _LONGEST * 4].decode("utf-8", "replace").strip(), _LONGEST)


def _told(value: Json) -> _Told:
    """Read every shape of error body that services are known to send."""
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict):
        return _Told(_said(value))
    node = value.get("error")
    if not isinstance(node, dict):
        node = {"title": node, **value} if isinstance(node, str) and node else value
    kind, code = _word(node.get("type")), _word(node.get("code"))
    inner = node.get("innererror") or node.get("inner_error")
    if code in _QUOTA:
        kind = "insufficient_quota"
    # The type of the event that brings an error, which says nothing of the error.
    kind = "" if kind == "error" else kind
    return _Told(_message(node), kind, code, _word(node.get("param")), _filters(inner))


_QUOTA = {
    "insufficient_quota",
    "billing_hard_limit_reached",
    "credit_balance_exhausted",
    "project_spend_limit_exceeded",
    "organization_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
}


def _message(node: Mapping[str, Any]) -> str:
    parts = [node.get(name) for name in ("message", "title", "detail", "error_description")]
    said = [text for part in parts if part and (text := _said(part))]
    return shortened(": ".join(dict.fromkeys(said)), _LONGEST)


def _said(value: Json) -> str:
    """Word a message that may be text, FastAPI's list of faults, or something else."""
    if isinstance(value, str):
        return shortened(value.strip(), _LONGEST)
    if isinstance(value, dict) and isinstance(value.get("msg"), str):
        place = value.get("loc")
        where = ".".join(map(str, place)) + ": " if isinstance(place, list) and place else ""
        return shortened(where + value["msg"], _LONGEST)
    if isinstance(value, list):
        return shortened("; ".join(_said(item) for item in value[:20]), _LONGEST)
    return "" if value is None else excerpt(value, _LONGEST)


def _word(value: Json) -> str:
    """Return a name or a number as text; a problem's URI or a nested thing names nothing."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    text = str(value)
    return "" if "://" in text or text == "about:blank" else shortened(text, 100)


def _filters(inner: Json) -> str:
    result = inner.get("content_filter_result") if isinstance(inner, dict) else None
    if not isinstance(result, dict):
        return ""
    hit = {
        name: found.get("severity")
        for name, found in result.items()
        if isinstance(found, dict) and found.get("filtered")
    }
    words = [f"{name} ({severity})" if severity else name for name, severity in hit.items()]
    return shortened(", ".join(words), 200)


def _label(told: _Told) -> str:
    word = told.kind if not told.code or told.code.isdecimal() else told.code
    return f" ({word})" if word else ""


def _status(told: _Told) -> int:
    """Return the status that an error without one stands for: what decides on a retry."""
    if told.code.isdecimal() and 400 <= int(told.code[:9]) <= 599:
        return int(told.code)
    for status, words in _STATUSES:
        if told.code in words or told.kind in words:
            return status
    return 500


_STATUSES = (
    (429, {"insufficient_quota", "rate_limit_exceeded", "rate_limit_error", "requests", "tokens"}),
    (401, {"invalid_api_key", "authentication_error"}),
    (404, {"model_not_found", "not_found_error"}),
    (403, {"permission_error", "unsupported_country_region_territory"}),
    (
        400,
        {
            *("invalid_request_error", "image_generation_user_error", "bad_request_error"),
            *("moderation_blocked", "content_policy_violation", "content_filter"),
            *("context_length_exceeded", "string_above_max_length", "invalid_prompt"),
            *("invalid_type", "invalid_value", "missing_required_parameter"),
            *("unknown_parameter", "unsupported_parameter", "unsupported_value"),
            *("invalid_image", "invalid_image_format", "invalid_base64_image"),
            *("invalid_image_url", "invalid_image_mode", "unsupported_image_media_type"),
            *("image_too_large", "image_too_small", "image_parse_error", "image_file_too_large"),
            *("image_content_policy_violation", "empty_image_file"),
            *("failed_to_download_image", "image_file_not_found"),
        },
    ),
    (503, {"server_is_overloaded", "service_unavailable_error", "overloaded_error", "slow_down"}),
)
