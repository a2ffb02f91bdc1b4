"""The calls for files and batches, as services of several kinds answer them."""

import json

import pytest

from runner.engine.via_batch.service import Service
from runner.engine.via_batch.store import Piece
from runner.errors import ApiStatusError, BadReplyError, ConnectionFailedError
from runner.exchange import Reply
from tests.engine.playing import Clock, Script, refused, reply

QUOTA = Reply(429, {}, b'{"error": {"code": "credit_balance_exhausted"}}')
PIECE = Piece(1, "uploaded", "openai", "/v1/embeddings", "m", 3, 1000.0, file="file-1")


def service(*outcomes):
    script, clock = Script(*outcomes), Clock()
    return Service(script, clock.sleep), script, clock


def page(*files, more=False, at=2000):
    rows = [{"id": f"batch-{file}", "input_file_id": file, "created_at": at} for file in files]
    return reply({"data": rows, "has_more": more})


def test_a_file_that_is_not_read_yet_is_waited_for():
    pending, done = ({"id": "f", "status": status} for status in ("pending", "processed"))
    made, script, clock = service(reply(pending), reply(pending), reply(done))
    assert made.upload("a.jsonl", b"{}") == "f"
    assert [request.path for request in script.sent] == ["/files", "/files/f", "/files/f"]
    assert clock.waits == [1.0, 4.0]


def test_a_batch_is_found_by_its_file_on_a_later_page():
    made, script, _ = service(page("other", "third", more=True), page("file-1"))
    assert made.find(PIECE) == "batch-file-1"
    assert script.sent[1].query == (("limit", "100"), ("after", "batch-third"))


def test_batches_that_are_older_than_the_piece_are_not_looked_through():
    made, script, _ = service(page("other", more=True, at=1000 - 90_000))
    assert made.find(PIECE) == ""
    assert len(script.sent) == 1


def test_a_batch_that_was_refused_is_not_asked_for_again():
    made, script, _ = service(refused(400, "no such endpoint"))
    with pytest.raises(ApiStatusError, match="no such endpoint"):
        made.create(PIECE, {})
    assert len(script.sent) == 1


@pytest.mark.parametrize("fault", [refused(401), QUOTA])
def test_what_stops_all_is_not_asked_again(fault):
    made, script, _ = service(fault)
    with pytest.raises(ApiStatusError):
        made.create(PIECE, {})
    assert len(script.sent) == 1


@pytest.mark.parametrize(
    "fault",
    [refused(503), refused(429), ConnectionFailedError("reset"), reply({"no": "id"}), reply([])],
)
def test_after_a_fault_nobody_makes_a_batch_that_is_there(fault):
    made, script, _ = service(fault, page("file-1"))
    assert made.create(PIECE, {"a": "b"}) == "batch-file-1"
    assert script.bodies[0]["metadata"] == {"a": "b"}
    assert [request.retries for request in script.sent] == [0, 2]


def test_faults_without_end_are_told():
    made, script, clock = service(*[refused(503), page()] * 4, refused(503))
    with pytest.raises(ApiStatusError, match="503"):
        made.create(PIECE, {})
    assert len(script.sent) == 9
    assert clock.waits == [1.0, 4.0, 16.0, 60.0]


@pytest.mark.parametrize("body", [b"[]", json.dumps({"id": ""}).encode(), b'"a"'])
def test_what_is_no_file_is_an_error(body):
    made, _, _ = service(reply(json.loads(body)))
    with pytest.raises(BadReplyError):
        made.upload("a.jsonl", b"{}")


@pytest.mark.parametrize("identity", ["..", "../../x"])
def test_an_id_that_leads_elsewhere_is_no_reply(identity):
    made, script, _ = service()
    with pytest.raises(BadReplyError, match="which is no id"):
        made.content(identity)
    assert not script.sent
