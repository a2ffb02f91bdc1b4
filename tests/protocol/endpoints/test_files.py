"""Files are uploaded as forms, and read back as they are."""

import pytest

from runner.errors import BadReplyError, RecipeError
from runner.exchange import Part, Reply, Spool
from runner.model import Ask, File
from runner.protocol import endpoints
from tests import openapi
from tests.protocol.play import play, reply

KNOWN = {
    "id": "file-1",
    "object": "file",
    "bytes": 3,
    "created_at": 1,
    "filename": "a.jsonl",
    "purpose": "fine-tune",
    "status": "processed",
}
FILE = File("a.jsonl", "application/jsonl", b"abc")
ID = {"files.retrieve", "files.content", "files.delete"}


def ask(name, *replies, **asked):
    asked = {"id": "file-1"} | asked if name in ID else asked
    return play(endpoints.find(name).flow(Ask(name, **asked)), *replies)


def upload(*files, **asked):
    return ask("files", reply(KNOWN), files=files or (FILE,), **asked)


def test_a_file_goes_as_a_form_its_fields_first():
    params = {"purpose": "batch", "expires_after": {"anchor": "created_at", "seconds": 3600}}
    played = upload(params=params, extra={"new": True})
    [request] = played.requests
    assert (request.method, request.path) == ("POST", "/files")
    assert request.body.parts == (
        Part("purpose", b"batch"),
        Part("expires_after[anchor]", b"created_at"),
        Part("expires_after[seconds]", b"3600"),
        Part("new", b"true"),
        Part("file", b"abc", "a.jsonl", "application/jsonl"),
    )
    assert played.answer.text == "file-1"
    assert played.answer.json == KNOWN


def test_what_lies_on_disk_stays_there():
    spool = Spool("/tmp/a", 1 << 30, "00")
    [request] = upload(FILE._replace(body=spool)).requests
    assert request.body.parts[-1].body == spool


def test_the_recipe_may_name_the_field():
    [request] = upload(FILE._replace(field="upload")).requests
    assert request.body.parts[-1].name == "upload"


@pytest.mark.parametrize("files", [(), (FILE, FILE)])
def test_one_file_is_uploaded_at_a_time(files):
    with pytest.raises(RecipeError, match=f"takes one file, got {len(files)}"):
        ask("files", files=files)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("files.retrieve", "GET /files/file-1"),
        ("files.content", "GET /files/file-1/content"),
        ("files.delete", "DELETE /files/file-1"),
    ],
)
def test_a_file_is_named_in_the_path(name, call):
    [request] = ask(name, reply(KNOWN)).requests
    assert f"{request.method} {request.path}" == call
    assert request.body is None
    [request] = ask(name, reply(KNOWN), id="a/..b?c").requests
    assert "/files/a%2F..b%3Fc" in request.path


@pytest.mark.parametrize("name", ["files.retrieve", "files.delete"])
def test_its_text_is_its_id(name):
    answer = ask(name, reply(KNOWN)).answer
    assert (answer.text, answer.texts) == ("file-1", ("file-1",))


def test_an_upload_without_an_id_is_told():
    with pytest.raises(BadReplyError, match="the reply has no id"):
        ask("files", reply({"object": "file"}), files=(FILE,))


def test_a_deletion_may_answer_with_nothing():
    """Azure answers 204."""
    answer = ask("files.delete", Reply(204, {}, b"")).answer
    assert (answer.status, answer.text, answer.json) == (204, None, None)


def test_a_refusal_that_is_accepted_has_no_text():
    answer = ask("files.retrieve", reply({"id": "x", "error": {}}, 404), accepts=(404,)).answer
    assert (answer.status, answer.text) == (404, None)


OCTETS = "application/octet-stream"


@pytest.mark.parametrize(
    ("kind", "body", "text", "json"),
    [
        (OCTETS, b'{"a": 1}\n{"a": 2}\n', '{"a": 1}\n{"a": 2}\n', None),
        (OCTETS, b'{"usage": {"total_tokens": 3}}', '{"usage": {"total_tokens": 3}}', None),
        ("application/json", b'{"a": 1}', '{"a": 1}', {"a": 1}),
        ("application/json", b'{"a": 1}\n{}', '{"a": 1}\n{}', None),
        (OCTETS, b"\x89PNG\r\n\x1a\n\0", None, None),
        (OCTETS, b"", "", None),
    ],
)
def test_content_is_bytes_and_text_where_it_is_text(kind, body, text, json):
    played = ask("files.content", Reply(200, {"content-type": kind}, body))
    assert played.requests[0].spools
    answer = played.answer
    assert (answer.body, answer.text, answer.json, answer.usage) == (body, text, json, None)


def test_content_that_lies_on_disk_is_read_where_it_is_not_too_large():
    reply = Reply(200, {"content-type": OCTETS}, Spool("/tmp/a", 3, "00"))
    played = ask("files.content", reply, b"abc")
    assert played.effects[1] == reply.body
    assert (played.answer.body, played.answer.text) == (reply.body, "abc")
    large = reply._replace(body=Spool("/tmp/a", 1 << 30, "00"))
    answer = ask("files.content", large).answer
    assert (answer.body, answer.text) == (large.body, None)


def test_a_list_is_read_to_its_end():
    first = reply({"data": [KNOWN], "has_more": True})
    last = reply({"data": [KNOWN | {"id": "file-2"}], "has_more": False})
    played = ask("files.list", first, last, params={"purpose": "fine-tune"})
    assert played.answer.text == "file-1\nfile-2"
    assert {request.path for request in played.requests} == {"/files"}


@openapi.needs_openapi
def test_the_form_is_the_official_one():
    parts = upload(params={"purpose": "fine-tune"}).requests[0].body.parts
    form = {part.name: part.body.decode() for part in parts}
    assert openapi.request_faults("POST", "/files", form, "multipart/form-data") == []
