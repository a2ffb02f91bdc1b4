"""What a reply used is found in its bytes."""

import json

import pytest

from runner.exchange import Reply, Spool
from runner.protocol import charged
from tests.schemas import load

TABLE = load("prices.json")
USED = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}


def reply(value, status=200):
    body = value if isinstance(value, bytes | Spool) else json.dumps(value).encode()
    return Reply(status, {}, body)


def cost(value, status=200, *names):
    return charged.charged(reply(value, status), names or ("gpt-4.1",), TABLE)


def test_a_reply_costs_what_it_used():
    assert cost({"model": "gpt-4.1", "usage": USED}) == pytest.approx(10 * 2e-6 + 20 * 8e-6)


def test_the_model_that_answered_goes_before_the_one_that_was_asked():
    assert cost({"model": "gpt-4", "usage": USED}) == cost({"usage": USED}, 200, "gpt-4")


def test_a_stream_tells_in_its_last_event():
    rows = [{"choices": [], "usage": None}, {"choices": [], "usage": USED}]
    events = b"".join(b"data: %s\n\n" % json.dumps(row).encode() for row in rows)
    assert cost(events + b"data: [DONE]\n\n") == cost({"usage": USED})


def test_a_responses_stream_tells_within_its_response():
    used = {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30}
    row = {"type": "response.completed", "response": {"usage": used, "metadata": {}}}
    assert cost(b"event: x\ndata: %s\n\n" % json.dumps(row).encode()) == cost({"usage": USED})


def test_what_a_model_writes_of_usage_is_no_usage():
    text = '{"usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}}'
    body = {"usage": USED, "choices": [{"message": {"content": text}}]}
    assert cost(body) == cost({"usage": USED})


def test_a_schema_that_names_usage_is_no_usage():
    body = {"usage": USED, "tools": [{"parameters": {"usage": {"type": "object"}}}]}
    assert cost(body) == cost({"usage": USED})


def test_seconds_are_priced():
    body = {"text": "x", "usage": {"type": "duration", "seconds": 60}}
    assert cost(body, 200, "whisper-1") == pytest.approx(0.006)


@pytest.mark.parametrize("body", [{"choices": []}, b"ID3...", Spool("/x", 9, ""), b'"usage": {'])
def test_what_does_not_tell_is_not_known(body):
    assert cost(body) is None


@pytest.mark.parametrize(("status", "known"), [(400, 0.0), (429, 0.0), (500, 0.0), (504, None)])
def test_a_refusal_is_free_unless_it_may_have_been_worked_on(status, known):
    assert cost({"error": {}}, status) == known


def test_an_unknown_price_is_not_known():
    assert cost({"usage": USED}, 200, "llama3") is None


def test_a_reply_is_priced_at_its_tier():
    plain = cost({"model": "gpt-4.1", "usage": USED})
    assert cost({"service_tier": "default", "usage": USED}) == plain
    assert cost({"service_tier": "priority", "usage": USED}) == pytest.approx(1.75 * plain)
    assert cost({"service_tier": "ultrafast", "usage": USED}) is None
