"""A simulated batch answers its lines as if each had been sent by itself."""

import json

import pytest

from tests import openapi
from tests.protocol.simulated.asking import NOON
from tests.protocol.simulated.working import Service, jsonl

CHAT = "/v1/chat/completions"


@pytest.fixture
def service():
    return Service()


def line(name, question="Hi", url=CHAT, **body):
    asked = {"model": "gpt-4.1", "messages": [{"role": "user", "content": question}]} | body
    return {"custom_id": name, "method": "POST", "url": url, "body": asked}


def begin(service, *lines, endpoint=CHAT, **fields):
    lines = lines or (line("a", "What is the capital of Sweden?"), line("b"))
    name = service.upload(jsonl(*lines), "batch")
    body = {"input_file_id": name, "endpoint": endpoint, "completion_window": "24h"}
    return service.ask("POST /batches", body | fields)


def state(service, batch):
    return service.ask(f"GET /batches/{batch['id']}")


def rows(service, name):
    content = b"".join(service.reply(f"GET /files/{name}/content").chunks)
    return {row["custom_id"]: row for row in map(json.loads, content.splitlines())}


def test_a_batch_goes_through_its_states(service):
    batch = begin(service, metadata={"a": "b"})
    assert (batch["status"], batch["metadata"]) == ("validating", {"a": "b"})
    seen = []
    for seconds in (5, 15, 5):
        service.later(seconds)
        seen.append(state(service, batch)["status"])
    assert seen == ["in_progress", "finalizing", "completed"]
    done = state(service, batch)
    assert done == state(service, batch)
    begun = ("in_progress_at", "finalizing_at", "completed_at")
    assert [done[name] - int(NOON) for name in begun] == [5, 20, 25]
    assert done["request_counts"] == {"total": 2, "completed": 2, "failed": 0}
    assert "error_file_id" not in done


def test_its_output_holds_the_answers(service):
    batch = begin(service)
    service.later(25)
    name = state(service, batch)["output_file_id"]
    found = rows(service, name)
    assert set(found) == {"a", "b"}
    assert found["a"]["error"] is None
    assert found["a"]["response"]["status_code"] == 200
    assert "Stockholm" in str(found["a"]["response"]["body"]["choices"])
    assert service.ask(f"GET /files/{name}")["purpose"] == "batch_output"


def test_answers_come_in_an_order_of_their_own(service):
    names = [str(number) for number in range(20)]
    batch = begin(service, *map(line, names))
    service.later(25)
    found = list(rows(service, state(service, batch)["output_file_id"]))
    assert found != names
    assert sorted(found) == sorted(names)


def test_lines_that_are_refused_go_into_a_file_of_errors(service):
    batch = begin(service, line("good"), line("bad", temperature=9))
    service.later(25)
    done = state(service, batch)
    assert (done["status"], done["request_counts"]) == (
        "completed",
        {"total": 2, "completed": 1, "failed": 1},
    )
    assert list(rows(service, done["output_file_id"])) == ["good"]
    bad = rows(service, done["error_file_id"])["bad"]["response"]
    assert (bad["status_code"], bad["body"]["error"]["param"]) == (400, "temperature")


def test_without_a_good_line_there_is_no_output(service):
    batch = begin(service, line("bad", temperature=9))
    service.later(25)
    assert "output_file_id" not in state(service, batch)


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/v1/responses", {"input": "What is the capital of Sweden?", "messages": None}),
        ("/v1/embeddings", {"input": "Stockholm", "messages": None}),
        ("/chat/completions", {}),
    ],
)
def test_other_endpoints_are_answered_too(service, url, body):
    batch = begin(service, line("a", url=url, **body), endpoint=url)
    service.later(25)
    found = rows(service, state(service, batch)["output_file_id"])
    assert found["a"]["response"]["status_code"] == 200


def test_its_usage_is_that_of_all_lines(service):
    batch = begin(service)
    service.later(25)
    done = state(service, batch)
    used = [
        row["response"]["body"]["usage"] for row in rows(service, done["output_file_id"]).values()
    ]
    assert done["usage"]["total_tokens"] == sum(one["total_tokens"] for one in used) > 0


@pytest.mark.parametrize(
    ("lines", "endpoint", "code", "number"),
    [
        ((line("a"), line("a")), CHAT, "invalid_request", 2),
        ((line("a"), {"custom_id": "b"}), CHAT, "invalid_request", 2),
        ((line("a"),), "/v1/responses", "mismatched_url", 1),
    ],
)
def test_a_broken_file_fails_the_batch(service, lines, endpoint, code, number):
    batch = begin(service, *lines, endpoint=endpoint)
    assert batch["status"] == "validating"
    service.later(5)
    failed = state(service, batch)
    assert (failed["status"], failed["failed_at"]) == ("failed", int(NOON) + 5)
    first = failed["errors"]["data"][0]
    assert (first["code"], first["line"]) == (code, number)


@pytest.mark.parametrize(
    ("asked", "code"), [("failed", "simulated_failure"), ("full", "token_limit_exceeded")]
)
def test_a_failure_can_be_asked_for(service, asked, code):
    batch = begin(service, metadata={"simulate": asked})
    service.later(5)
    failed = state(service, batch)
    assert (failed["status"], failed["errors"]["data"][0]["code"]) == ("failed", code)
    assert "output_file_id" not in failed


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_of_a_batch_that_ends_early_half_is_answered(service, end):
    batch = begin(service, *map(line, "abcde"), metadata={"simulate": end})
    service.later(25)
    done = state(service, batch)
    assert done["status"] == end
    assert done["request_counts"] == {"total": 5, "completed": 3, "failed": 2}
    good, bad = (rows(service, done[f"{name}_file_id"]) for name in ("output", "error"))
    assert sorted([*good, *bad]) == list("abcde")
    assert {row["response"] for row in bad.values()} == {None}
    assert {row["error"]["code"] for row in bad.values()} == {f"batch_{end}"}


def test_a_batch_can_be_stopped_and_takes_its_time(service):
    batch = begin(service)
    service.later(6)
    stopped = service.ask(f"POST /batches/{batch['id']}/cancel")
    assert (stopped["status"], stopped["cancelling_at"]) == ("cancelling", int(NOON) + 6)
    assert service.refused(f"POST /batches/{batch['id']}/cancel")[0] == 400
    service.later(5)
    assert state(service, batch)["status"] == "cancelled"
    service.later(100)
    assert "output_file_id" not in state(service, batch)


def test_batches_are_listed_the_newest_first(service):
    names = [begin(service)["id"] for _ in range(3)]
    service.later(25)
    page = service.ask("GET /batches", None, ("limit", "2"))
    assert [row["id"] for row in page["data"]] == names[:0:-1]
    assert {row["status"] for row in page["data"]} == {"completed"}
    assert page["has_more"] is True


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"input_file_id": None}, 400, "input_file_id"),
        ({"input_file_id": "file-none"}, 404, "input_file_id"),
        ({"endpoint": None}, 400, "endpoint"),
        ({"endpoint": "/v1/models"}, 400, "endpoint"),
        ({"completion_window": "1h"}, 400, "completion_window"),
        ({"metadata": {"simulate": "fun"}}, 400, "metadata.simulate"),
    ],
)
def test_what_the_service_would_not_take_is_refused(service, fields, status, param):
    name = service.upload(jsonl(line("a")), "batch")
    body = {"input_file_id": name, "endpoint": CHAT, "completion_window": "24h"} | fields
    assert service.refused("POST /batches", body) == (status, param)


def test_a_file_for_something_else_is_no_batch(service):
    body = {"input_file_id": service.upload(), "endpoint": CHAT, "completion_window": "24h"}
    assert service.refused("POST /batches", body) == (400, "input_file_id")


def test_there_is_no_other_batch(service):
    assert service.refused("GET /batches/batch_none")[0] == 404
    assert service.refused("POST /batches/batch_none/cancel")[0] == 404


@openapi.needs_openapi
def test_the_replies_are_the_official_ones(service):
    batches = [
        begin(service, line("a"), line("b", temperature=9)),
        begin(service, line("a"), line("a")),
        begin(service, metadata={"simulate": "expired"}),
    ]
    other = begin(service)
    stopped = service.ask(f"POST /batches/{other['id']}/cancel")
    assert not openapi.reply_faults("POST", "/batches/{batch_id}/cancel", stopped)
    for _ in range(7):
        for batch in batches:
            found = state(service, batch)
            assert not openapi.reply_faults("GET", "/batches/{batch_id}", found)
        assert not openapi.reply_faults("GET", "/batches", service.ask("GET /batches"))
        service.later(5)
