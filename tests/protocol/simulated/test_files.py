"""The simulated service keeps files, lists them, and gives them back."""

import pytest

from runner.exchange import Multipart, Part, Request, Spool
from runner.protocol.simulated import files, simulate
from tests import openapi
from tests.protocol.simulated.asking import NOON, error, value
from tests.protocol.simulated.working import TRAINING, Service


@pytest.fixture
def service():
    return Service()


def test_a_file_is_kept(service):
    known = value(service.form("a.jsonl", TRAINING, purpose="fine-tune"))
    assert known == service.ask(f"GET /files/{known['id']}")
    assert known == {
        "id": known["id"],
        "object": "file",
        "bytes": len(TRAINING),
        "created_at": int(NOON),
        "filename": "a.jsonl",
        "purpose": "fine-tune",
        "status": "processed",
    }


def test_it_comes_back_as_it_was_sent(service):
    name = service.upload()
    reply = service.reply(f"GET /files/{name}/content")
    assert (reply.status, b"".join(reply.chunks)) == (200, TRAINING)
    assert dict(reply.headers)["content-type"] == "application/octet-stream"
    picture = service.upload(b"\x89PNG\0\xff", "evals", "a.png")
    assert b"".join(service.reply(f"GET /files/{picture}/content").chunks) == b"\x89PNG\0\xff"


@pytest.mark.parametrize("purpose", ["assistants", "vision", "user_data"])
def test_files_of_some_purposes_are_not_given_back(service, purpose):
    name = service.upload(purpose=purpose)
    assert service.refused(f"GET /files/{name}/content")[0] == 400


def test_the_same_file_twice_is_two(service):
    assert service.upload() != service.upload()


def test_what_is_deleted_gives_no_name_to_another(service):
    other = service.upload(purpose="evals")
    first = service.upload()
    service.ask(f"DELETE /files/{other}")
    again = service.upload()
    service.ask(f"DELETE /files/{again}")
    assert again not in {first, service.upload()}
    assert service.ask(f"GET /files/{first}")["id"] == first


def test_what_is_deleted_is_gone(service):
    name = service.upload()
    gone = {"id": name, "object": "file", "deleted": True}
    assert service.ask(f"DELETE /files/{name}") == gone
    for call in (f"GET /files/{name}", f"GET /files/{name}/content", f"DELETE /files/{name}"):
        assert service.refused(call)[0] == 404
    assert service.ask("GET /files")["data"] == []


def test_a_file_lives_as_long_as_it_was_told(service):
    life = {"expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"}
    known = value(service.form("a.jsonl", TRAINING, purpose="batch", **life))
    assert known["expires_at"] == known["created_at"] + 3600
    service.later(3599)
    assert service.ask("GET /files")["data"] == [known]
    service.later(2)
    assert service.refused(f"GET /files/{known['id']}")[0] == 404
    assert service.ask("GET /files")["data"] == []


@pytest.mark.parametrize(
    ("fields", "name", "content", "param"),
    [
        ({}, "a.jsonl", b"x", "purpose"),
        ({"purpose": "fun"}, "a.jsonl", b"x", "purpose"),
        ({"purpose": "batch"}, "a.txt", b"x", "file"),
        ({"purpose": "batch"}, "a.jsonl", b"", "file"),
        ({"purpose": "batch"}, "", b"x", "file"),
        (
            {"purpose": "batch", "expires_after[seconds]": "3600"},
            "a.jsonl",
            b"x",
            "expires_after[anchor]",
        ),
        (
            {
                "purpose": "batch",
                "expires_after[anchor]": "created_at",
                "expires_after[seconds]": "60",
            },
            "a.jsonl",
            b"x",
            "expires_after[seconds]",
        ),
    ],
)
def test_what_the_service_would_not_take_is_refused(service, fields, name, content, param):
    status, _, found = error(service.form(name, content, **fields))
    assert (status, found) == (400, param)


def test_without_a_form_there_is_no_file(service):
    assert service.refused("POST /files", {"purpose": "batch"}) == (400, "file")


def test_lists_come_in_pages_the_newest_first(service):
    names = [service.upload(purpose=purpose) for purpose in ("batch", "batch", "fine-tune")]
    page = service.ask("GET /files", None, ("limit", "2"))
    assert [row["id"] for row in page["data"]] == [names[2], names[1]]
    assert (page["first_id"], page["last_id"], page["has_more"]) == (names[2], names[1], True)
    rest = service.ask("GET /files", None, ("limit", "2"), ("after", names[1]))
    assert ([row["id"] for row in rest["data"]], rest["has_more"]) == ([names[0]], False)
    of_one = service.ask("GET /files", None, ("purpose", "batch"), ("order", "asc"))
    assert [row["id"] for row in of_one["data"]] == names[:2]


@pytest.mark.parametrize(
    "field", [("limit", "0"), ("limit", "x"), ("limit", "10001"), ("after", "file-none")]
)
def test_a_page_that_cannot_be_is_refused(service, field):
    service.upload()
    assert service.refused("GET /files", None, field) == (400, field[0])


def test_only_so_many_bytes_are_kept(service, monkeypatch):
    monkeypatch.setattr(files, "MOST", 100)
    first, second = service.upload(b"a" * 60, "evals"), service.upload(b"b" * 60, "evals")
    assert service.refused(f"GET /files/{first}/content")[0] == 404
    assert service.ask(f"GET /files/{first}")["bytes"] == 60
    assert service.reply(f"GET /files/{second}/content").chunks == (b"b" * 60,)


def test_of_a_file_on_disk_its_size_is_known(service):
    spool = Spool("/no/where", 1 << 30, "00" * 32)
    form = Multipart((Part("purpose", b"evals"), Part("file", spool, "a.bin")))
    known = value(simulate(Request("POST", "/files", "files", form), service.world))
    assert known["bytes"] == 1 << 30
    assert service.refused(f"GET /files/{known['id']}/content")[0] == 404


@openapi.needs_openapi
def test_the_replies_are_the_official_ones(service):
    name = service.upload()
    one = "/files/{file_id}"
    assert not openapi.reply_faults("GET", one, service.ask(f"GET /files/{name}"))
    assert not openapi.reply_faults("GET", "/files", service.ask("GET /files"))
    assert not openapi.reply_faults("DELETE", one, service.ask(f"DELETE /files/{name}"))
    assert not openapi.reply_faults("GET", "/files", service.ask("GET /files"))
