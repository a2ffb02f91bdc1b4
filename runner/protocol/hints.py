"""Hints: the way out of an error that the service answered with."""

from __future__ import annotations

import re


def hint(
    status: int, words: tuple[str, ...], message: str, *, is_azure: bool = False, param: str = ""
) -> str:
    """Name the way out. `words` are the error's type and code; "" where nothing is known."""
    for word in reversed(words):  # The code says more than the type.
        if word in _BY_WORD:
            return _BY_WORD[word]
    for pattern, way in _BY_TEXT:
        if re.search(pattern, message, re.IGNORECASE):
            return way
    if status == 401 and is_azure:
        return "is the provider's key right, and for this resource?"
    if status == 404 and (param or _is_own(words[-1])):
        return _ABSENT
    return _BY_STATUS.get(status, _AGAIN if status >= 500 else "")


def _is_own(code: str) -> bool:
    """Whether an error's code is an API's own, of what was asked for, and not of the path."""
    return bool(code) and not code.isdecimal() and code != "unknown_url"


HTML = "does the base URL point at the API? it usually ends in /v1"
_AGAIN = "the fault is the service's own: try again later"
_MODEL = "`runner run` a recipe with `endpoint: models` shows the names that the key may use"
_ABSENT = "is the id or the name right, and does the key's project have it still?"
_FIELD = "take the field out of `params`: this model or server does not know it"
_BLOCKED = "the service's moderation stopped it: change the prompt, asked again it fails again"
_BY_WORD = {
    "insufficient_quota": "the account's credit or limit is used up: trying again cannot help",
    "model_not_found": _MODEL,
    "DeploymentNotFound": "map the model to a deployment under the provider's `models`",
    "context_length_exceeded": "shorten the messages or lower the token limit",
    "unknown_parameter": _FIELD,
    "unsupported_parameter": _FIELD,
    "unsupported_value": "leave the field out, or give the value that the message names",
    "content_filter": "the content filter stopped it: reword the messages",
    "moderation_blocked": _BLOCKED,
    "content_policy_violation": _BLOCKED,
    "image_content_policy_violation": _BLOCKED,
    "image_generation_user_error": "change the prompt or the pictures: asked again it fails again",
    "unsupported_country_region_territory": "the service is not offered from this place",
}
_BY_TEXT = (
    (r"unrecognized request argument|unknown parameter|extra inputs are not permitted", _FIELD),
    (r"only supported in v1/responses", "use `endpoint: responses` for this model"),
    (r"not a chat model|v1/completions", "use the endpoint that the message names"),
    (r"\bno such \w+|\bwith id\b.*not found", _ABSENT),
    (r"model\b.*(not found|does not exist)", _MODEL),
)
_BY_STATUS = {
    401: "is the provider's key right?",
    403: "may the key's project use this model, from this place?",
    404: "has this server what the path names? its base URL usually ends in /v1",
    408: "try again, or give a longer `timeout`",
    413: "the request is too large for the service: send less at once",
    429: "ask more slowly: lower `--jobs`, or set the provider's `limits` in runner.yaml",
}
