"""The fields of a request are alike, whether it goes as JSON or as a form."""

import json

import pytest

from runner.exchange import JsonBody, Multipart, Part, Spool
from runner.protocol.asked import fields
from runner.protocol.endpoint import query_of

ASKED = {
    "model": "whisper-1",
    "prompt": "true to life",
    "stream": True,
    "n": 3,
    "include": ["logprobs"],
    "chunking_strategy": {"type": "server_vad"},
}
FILE = Part("file", b"x", "a.wav", "audio/wav")


def test_a_form_is_read_as_it_was_written():
    parts = [Part(name, text.encode()) for name, text in query_of(ASKED)]
    assert fields(Multipart((FILE, *parts))) == ASKED


def test_json_is_what_it_says():
    assert fields(JsonBody(ASKED)) == fields(json.dumps(ASKED).encode()) == ASKED


@pytest.mark.parametrize("body", [None, b"", b"oops", b"[1]", JsonBody([1]), Spool("x", 1, "f")])
def test_what_is_no_object_has_no_fields(body):
    assert fields(body) == {}
