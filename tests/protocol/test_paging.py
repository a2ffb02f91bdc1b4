"""A list that comes in pages is read to its end, as if it had come in one."""

import json

import pytest

from runner.errors import ApiStatusError, BadReplyError
from runner.exchange import Reply
from runner.model import Ask
from runner.protocol import paging
from tests.protocol.play import play, reply


def page(*ids, **more):
    return reply({"object": "list", "data": [{"id": name} for name in ids], **more})


def read(*pages, **asked):
    return play(paging.read_all(Ask("files.list", **asked), "/files"), *pages)


def test_one_page_is_as_it_came():
    body = b'{"object": "list",  "data": [{"id": "a"}, {"id": "b"}], "has_more": false}'
    played = read(Reply(200, {"content-type": "application/json"}, body))
    assert played.answer.body == body
    assert played.answer.json == json.loads(body)
    assert played.answer.text == "a\nb"
    assert played.answer.texts == ("a\nb",)
    assert [request.query for request in played.requests] == [()]


def test_every_page_is_read():
    played = read(
        page("a", "b", has_more=True, first_id="a", last_id="b"),
        page("c", has_more=True, first_id="c", last_id="c"),
        page("d", has_more=False, first_id="d", last_id="d"),
        params={"limit": 2, "purpose": "batch"},
        extra={"new": 1},
    )
    answer = played.answer
    assert answer.text == "a\nb\nc\nd"
    assert answer.json == {
        "object": "list",
        "data": [{"id": name} for name in "abcd"],
        "has_more": False,
        "first_id": "a",
        "last_id": "d",
    }
    assert json.loads(answer.body) == answer.json
    assert (answer.requests, answer.attempts) == (3, 3)
    asked = (("limit", "2"), ("purpose", "batch"), ("new", "1"))
    assert [request.query for request in played.requests] == [
        asked,
        (*asked, ("after", "b")),
        (*asked, ("after", "c")),
    ]
    assert [request.ordinal for request in played.requests] == [0, 1, 2]


def test_the_recipe_may_say_where_it_begins():
    played = read(page("c", has_more=True), page("d"), params={"after": "b"})
    assert [request.query for request in played.requests] == [(("after", "b"),), (("after", "c"),)]


@pytest.mark.parametrize("rows", [[], [{"id": "a"}], ["a"]])
def test_a_bare_list_is_a_page(rows):
    answer = read(reply(rows)).answer
    assert answer.json == {"object": "list", "data": rows}
    assert answer.text == "\n".join("a" for _ in rows)


def test_a_row_is_told_as_the_endpoint_says():
    played = play(paging.read_all(Ask("x"), "/x", lambda row: row["id"].upper()), page("a", "b"))
    assert played.answer.text == "A\nB"


def test_a_server_that_does_not_heed_after_is_found_out():
    with pytest.raises(BadReplyError, match="repeats itself after 'b'"):
        read(page("a", "b", has_more=True), page("a", "b", has_more=True))


def test_a_list_that_has_more_and_does_not_say_where_is_not_taken_for_whole():
    with pytest.raises(BadReplyError, match="it has more"):
        read(page(has_more=True))


def test_a_list_without_end_ends(monkeypatch):
    monkeypatch.setattr(paging, "PAGES", 2)
    with pytest.raises(BadReplyError, match="more than 2 pages"):
        read(page("a", has_more=True), page("b", has_more=True))


@pytest.mark.parametrize("value", [{}, {"data": None}, {"data": {}}, "x"])
def test_what_is_no_list_is_a_bad_reply(value):
    with pytest.raises(BadReplyError, match="no list"):
        read(reply(value))


def test_a_refusal_on_the_way_is_told():
    with pytest.raises(ApiStatusError, match="gone"):
        read(page("a", has_more=True), reply({"error": {"message": "gone"}}, 404))


def test_one_that_is_accepted_is_the_answer():
    answer = read(reply({"error": {"message": "gone"}}, 404), accepts=(404,)).answer
    assert (answer.status, answer.text) == (404, None)
    assert answer.json["error"]["message"] == "gone"
