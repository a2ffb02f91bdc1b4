"""A request is described without what is nobody's business, and alike where it is the same."""

from hashlib import sha256

import pytest

from runner.cassette.asked import LONG, asked, fetched
from runner.exchange import JsonBody, Multipart, Part, Request, Spool
from tests.cassette.finding import SECRET, find, nothing


def request(body=None, **more):
    return Request("POST", "/chat/completions", "chat.completions", body, **more)


def test_the_whole_of_a_request_is_told():
    told = asked(
        request(JsonBody({"model": "m"}), query=(("a", "b"),), headers=(("X-Id", "7"),)), nothing
    )
    assert told == {
        "method": "POST",
        "path": "/chat/completions",
        "query": ["a=b"],
        "headers": {"x-id": "7"},
        "json": {"model": "m"},
    }


def test_what_names_a_run_is_no_part_of_it():
    assert asked(request(run_id="a", ordinal=3), nothing) == asked(request(), nothing)


def test_a_secret_is_masked_wherever_it_stands():
    form = Multipart((Part(SECRET, SECRET.encode()), Part("f", b"x", f"{SECRET}.txt")))
    bodies = [JsonBody({SECRET: [SECRET]}), form, SECRET.encode()]
    for body in bodies:
        told = asked(request(body, query=((SECRET, SECRET),), headers=(("x", SECRET),)), find)
        assert SECRET not in str(told)
        assert "***" in str(told)


@pytest.mark.parametrize("name", ["Authorization", "api-key", "Cookie", "X-Auth-Token"])
def test_a_private_header_is_masked_whatever_it_holds(name):
    assert asked(request(headers=((name, "v"),)), nothing)["headers"] == {name.lower(): "***"}


def test_parts_of_a_form_are_told_by_name_kind_and_hash():
    wav = Part("file", b"RIFF", "a.wav", "audio/wav")
    spool = Part("file", Spool("/x", 4, sha256(b"RIFF").hexdigest()), "a.wav", "audio/wav")
    told = asked(request(Multipart((Part("model", b"whisper-1"), wav))), nothing)
    assert told["form"] == [
        {"name": "model", "text": "whisper-1"},
        {
            "name": "file",
            "file": "a.wav",
            "media_type": "audio/wav",
            "bytes": 4,
            "sha256": sha256(b"RIFF").hexdigest(),
        },
    ]
    assert told == asked(request(Multipart((Part("model", b"whisper-1"), spool))), nothing)


def test_a_long_text_is_told_by_its_beginning_and_its_hash():
    long = "x" * LONG
    short, other = (asked(request(JsonBody([long + end])), nothing) for end in "ab")
    assert asked(request(JsonBody([long])), nothing)["json"] == [long]
    assert short != other
    assert len(str(short)) < 400


def test_a_fetch_is_told_by_its_address():
    assert fetched(f"https://a.example/{SECRET}", find) == {"fetch": "https://a.example/***"}
