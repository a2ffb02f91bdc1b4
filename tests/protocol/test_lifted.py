"""Base64 is lifted out of JSON and stands for a word; all else stays as it came."""

from __future__ import annotations

import json

import pytest

from runner.protocol.lifted import LONG, lifted

LARGE = "A" * LONG


def put_back(body: bytes) -> object:
    short, taken = lifted(body)
    text = short.decode()
    for word, view in taken.items():
        text = text.replace(word, str(view, "ascii"))
    return json.loads(text)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("count", [1, 3])
def test_every_long_string_is_taken_and_can_be_put_back(indent, count):
    value = {"created": 1, "data": [{"b64_json": LARGE + str(i)} for i in range(count)], "z": {}}
    body = json.dumps(value, indent=indent).encode()
    short, taken = lifted(body)
    assert len(taken) == count
    assert len(short) < 1000
    assert put_back(body) == value


@pytest.mark.parametrize(
    "value",
    [
        {"b64_json": "short", "x": LARGE},
        {"b64_json": LARGE + "\\/"},
        {"text": f'"b64_json": "{LARGE}"'},
        {"b64_json": None, "other": LARGE},
        {"b64_json": 3, "other": LARGE},
        {"x": [LARGE, "b64_json"], "y": "z" * LONG},
    ],
)
def test_what_is_no_long_base64_is_let_be(value):
    body = json.dumps(value).encode()
    assert lifted(body) == (body, {})


@pytest.mark.parametrize("tail", ["", '"', '"b64_json"', '"b64_json":', '"b64_json": "' + LARGE])
def test_a_body_that_is_cut_is_let_be(tail):
    body = ('{"x": "' + LARGE + '", ' + tail).encode()
    assert lifted(body) == (body, {})
