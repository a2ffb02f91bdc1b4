"""Whatever body an error comes with, it is read, bounded and given a way out."""

import json
import pickle

import pytest

from runner.errors import ApiStatusError
from runner.protocol import hints, wire


def told(error: Exception) -> str:
    return str(error.args[0])


def openai(**fields: object) -> bytes:
    return json.dumps({"error": fields}).encode()


ERRORS = [
    (
        404,
        openai(message="The model x does not exist", type="invalid_request_error", param=None,
               code="model_not_found"),
        "the service answered 404 (model_not_found): The model x does not exist",
        "model_not_found",
        "invalid_request_error",
        "endpoint: models",
    ),
    (
        401,
        openai(message="Incorrect API key provided.", type="invalid_request_error",
               code="invalid_api_key"),
        "the service answered 401 (invalid_api_key): Incorrect API key provided.",
        "invalid_api_key",
        "invalid_request_error",
        "is the provider's key right?",
    ),
    (
        429,
        openai(message="Slow down", type="requests", code="rate_limit_exceeded"),
        "the service answered 429 (rate_limit_exceeded): Slow down",
        "rate_limit_exceeded",
        "requests",
        "ask more slowly",
    ),
    (
        429,
        openai(message="No money", code="insufficient_quota"),
        "the service answered 429 (insufficient_quota): No money",
        "insufficient_quota",
        "insufficient_quota",
        "trying again cannot help",
    ),
    (
        429,
        openai(message="Limit", type="insufficient_quota", code="project_spend_limit_exceeded"),
        "the service answered 429 (project_spend_limit_exceeded): Limit",
        "project_spend_limit_exceeded",
        "insufficient_quota",
        "trying again cannot help",
    ),
    (
        400,
        openai(message="Unknown parameter.", type="invalid_request_error", param="stop",
               code="unknown_parameter"),
        "the service answered 400 (unknown_parameter): Unknown parameter. (param: stop)",
        "unknown_parameter",
        "invalid_request_error",
        "take the field out of `params`",
    ),
    (
        400,
        openai(message="Unrecognized request argument supplied: reasoning_effort"),
        "the service answered 400: Unrecognized request argument supplied: reasoning_effort",
        "",
        "",
        "take the field out of `params`",
    ),
    (
        404,
        openai(code="404", message="Resource not found"),
        "the service answered 404: Resource not found",
        "404",
        "",
        "base URL",
    ),
    (
        404,
        openai(code="DeploymentNotFound", message="No deployment"),
        "the service answered 404 (DeploymentNotFound): No deployment",
        "DeploymentNotFound",
        "",
        "`models`",
    ),
    (
        400,
        openai(
            message="Filtered", code="content_filter",
            innererror={
                "code": "ResponsibleAIPolicyViolation",
                "content_filter_result": {
                    "hate": {"filtered": True, "severity": "high"},
                    "jailbreak": {"filtered": True, "detected": True},
                    "violence": {"filtered": False, "severity": "safe"},
                },
            },
        ),
        "the service answered 400 (content_filter): Filtered",
        "content_filter",
        "",
        "the content filter stopped it: hate (high), jailbreak",
    ),
    (400, openai(message="Bad", code=400, type="bad"),
     "the service answered 400 (bad): Bad", "400", "bad", ""),
    (422, b'{"error": "model missing"}', "the service answered 422: model missing", "", "", ""),
    (404, b'{"error": "Not Found", "code": "x"}',
     "the service answered 404 (x): Not Found", "x", "", "is the id or the name right"),
    (404, openai(message="No File", param="id"),
     "the service answered 404: No File (param: id)", "", "", "is the id or the name right"),
    (404, openai(message="Response with id 'r' not found."),
     "the service answered 404: Response with id 'r' not found.", "", "",
     "is the id or the name right"),
    (404, openai(message="Unknown request URL", code="unknown_url"),
     "the service answered 404 (unknown_url): Unknown request URL", "unknown_url", "",
     "base URL"),
    (404, b'{"detail": "Not Found"}', "the service answered 404: Not Found", "", "", "base URL"),
    (
        422,
        b'{"detail": [{"loc": ["body", "n"], "msg": "too big"}, {"msg": "bad"}]}',
        "the service answered 422: body.n: too big; bad",
        "",
        "",
        "",
    ),
    (
        403,
        b'{"type": "https://x.test/p", "title": "Forbidden", "detail": "No scope", "status": 403}',
        "the service answered 403: Forbidden: No scope",
        "",
        "",
        "may the key's project",
    ),
    (
        400,
        b'{"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}',
        "the service answered 400 (BadRequestError): too long",
        "400",
        "BadRequestError",
        "",
    ),
    (
        400,
        b'[{"error": {"code": 400, "message": "in a list"}}]',
        "the service answered 400: in a list",
        "400",
        "",
        "",
    ),
    (500, openai(message={"a": 1}), "the service answered 500: '{\"a\": 1}'", "", "", "try again"),
    (500, openai(message=None, type=["x"], code=True), "the service answered 500 and said nothing"
     " more", "", "", "try again"),
    (503, b"overloaded\x1b[1m",
     "the service answered 503: overloaded\\x1b[1m", "", "", "try again"),
    (502, b"<html>\nBad</html>", "the service answered 502: HTML, '<html> Bad</html>'", "", "",
     "does the base URL"),
    (504, b"", "the service answered 504 and said nothing more", "", "", "try again"),
    (418, b"null", "the service answered 418 and said nothing more", "", "", ""),
    (418, b"[" * 5000, "the service answered 418: " + "[" * 499 + "…", "", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "message", "code", "kind", "hint"), ERRORS)
def test_every_shape_of_error_is_read(status, body, message, code, kind, hint):
    error = wire.api_error(status, body, {})
    assert told(error) == message
    assert (error.status, error.code, error.kind) == (status, code, kind)
    assert hint in error.hint
    assert bool(hint) == bool(error.hint)


def test_the_request_id_is_named():
    error = wire.api_error(500, b"", {"apim-request-id": "abc\x1b"})
    assert told(error).endswith(" [request abc\\x1b]")


def test_azure_is_asked_for_its_own_key():
    body = openai(code="401", message="Access denied")
    error = wire.api_error(401, body, {"apim-request-id": "1"})
    assert error.hint == "is the provider's key right, and for this resource?"


def test_what_the_server_says_is_bounded():
    error = wire.api_error(400, openai(message="x" * 10_000, type="t" * 1000, param="p" * 1000), {})
    assert len(told(error)) < 800


@pytest.mark.parametrize(
    ("value", "status", "message"),
    [
        ({"message": "m", "code": 429}, 429, "answer: m"),
        ({"message": "m", "code": "503"}, 503, "answer: m"),
        ({"message": "m", "type": "insufficient_quota"}, 429, "(insufficient_quota): m"),
        ({"message": "m", "code": "invalid_api_key"}, 401, "(invalid_api_key): m"),
        ({"message": "m", "type": "invalid_request_error"}, 400, "(invalid_request_error): m"),
        (
            {"message": "m", "type": "image_generation_user_error", "code": "moderation_blocked"},
            400,
            "(moderation_blocked): m",
        ),
        ({"message": "m", "type": "image_generation_user_error"}, 400, "_user_error): m"),
        ({"message": "m", "code": "content_policy_violation"}, 400, "policy_violation): m"),
        ({"message": "m", "code": "invalid_value"}, 400, "(invalid_value): m"),
        ({"message": "m", "code": "image_too_large"}, 400, "(image_too_large): m"),
        ({"message": "m", "type": "permission_error"}, 403, "(permission_error): m"),
        (
            {"message": "m", "type": "service_unavailable_error", "code": "server_is_overloaded"},
            503,
            "(server_is_overloaded): m",
        ),
        ({"message": "m", "type": "rate_limit_error", "code": "slow_down"}, 429, "(slow_down): m"),
        ({"type": "error", "message": "m", "code": "server_error"}, 500, "(server_error): m"),
        ({"type": "error", "message": "m"}, 500, "answer: m"),
        ("text", 500, "answer: text"),
        ({"odd": 1}, 500, "answer: '{\"odd\": 1}'"),
        ({"message": "m", "code": "9" * 5000}, 500, "9…): m"),
        ({"message": "m", "code": "²"}, 500, "(²): m"),
    ],
)
def test_an_error_in_a_stream_gets_the_status_that_it_stands_for(value, status, message):
    error = wire.stream_error(value, "so far")
    assert error.status == status
    assert told(error).endswith(message)
    assert error.partial == "so far"


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (
            {"type": "image_generation_user_error", "code": "moderation_blocked", "message": "m"},
            "the service's moderation stopped it: change the prompt, asked again it fails again",
        ),
        (
            {"type": "image_generation_user_error", "message": "m"},
            "change the prompt or the pictures: asked again it fails again",
        ),
        ({"type": "invalid_request_error", "message": "m"}, ""),
        ({"type": "server_error", "message": "m"}, hints.hint(500, ("", ""), "")),
    ],
)
def test_the_way_out_is_the_same_in_a_stream_and_in_a_status(value, hint):
    error = wire.stream_error(value)
    assert error.hint == hint
    body = json.dumps({"error": value}).encode()
    assert wire.api_error(error.status, body, {}).hint == hint


def test_a_quota_error_in_a_stream_stops_all():
    assert wire.stream_error({"code": "insufficient_quota"}).stops_all


def test_errors_keep_what_came_when_pickled():
    error = pickle.loads(pickle.dumps(wire.stream_error({"message": "m"}, "so far")))
    assert isinstance(error, ApiStatusError)
    assert (error.partial, error.status) == ("so far", 500)
