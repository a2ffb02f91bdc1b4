"""The offline transport: replies, streams and memory, without a connection."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from runner.exchange import JsonBody, Multipart, Part, Reply, Request
from runner.protocol.flow import body_of
from runner.protocol.streams.chat import ChatStream
from runner.transport.offline import PACE, Offline

BODY = {
    "model": "gpt-4.1",
    "messages": [{"role": "user", "content": "What is the capital of Sweden?"}],
}


class Heard:
    """Keeps the chunks that it is handed."""

    def __init__(self) -> None:
        self.started = False
        self.chunks: list[bytes] = []

    def chunk(self, data: bytes) -> None:
        self.started = True
        self.chunks.append(data)


def noon() -> float:
    return 1_800_000_000.0


def chat(**fields: Any) -> Request:
    body = JsonBody(BODY | fields)
    listens = fields.get("stream", False)
    return Request("POST", "/chat/completions", "chat.completions", body, listens=listens)


def respond(text: str) -> Request:
    body = JsonBody({"model": "gpt-5.1", "input": text})
    return Request("POST", "/responses", "responses", body)


def test_a_reply_has_status_headers_and_body():
    reply = Offline(now=noon).send(chat())
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-request-id"].startswith("req_offline_")
    assert b"Stockholm" in body_of(reply)
    assert not reply.streamed


def test_a_stream_passes_through_the_listener_event_by_event():
    heard = Heard()
    reply = Offline(now=noon).send(chat(stream=True), heard)
    assert reply.streamed
    assert len(heard.chunks) > 4
    assert b"".join(heard.chunks) == reply.body
    assert reply.headers["content-type"].startswith("text/event-stream")


def test_a_stream_is_assembled_to_the_plain_answer():
    heard, stream = Heard(), ChatStream()
    Offline(now=noon).send(chat(stream=True), heard)
    text = "".join(stream.feed(chunk) for chunk in heard.chunks)
    whole = stream.finish()["choices"][0]
    assert whole["message"]["content"] == text == "[simulated] The capital of Sweden is Stockholm."
    assert whole["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("request_", "status"),
    [(chat(), 200), (chat(stream=True, model="no-such-model"), 404), (chat(stream=True, n=0), 400)],
    ids=["plain", "absent model", "refused"],
)
def test_what_is_no_stream_is_not_handed_on(request_, status):
    heard = Heard()
    reply = Offline(now=noon).send(request_, heard)
    assert (reply.status, reply.streamed, heard.started) == (status, False, False)


def test_a_stream_without_a_listener_is_the_body():
    reply = Offline(now=noon).send(chat(stream=True))
    assert not reply.streamed
    assert body_of(reply).endswith(b"data: [DONE]\n\n")


def test_a_stream_is_paced_before_each_event():
    waits: list[float] = []
    heard = Heard()
    Offline(now=noon, pace=waits.append).send(chat(stream=True), heard)
    assert waits == [PACE] * len(heard.chunks)


def test_the_clock_gives_the_times():
    ticks = count(1000.0, 0.5)
    reply = Offline(now=lambda: next(ticks)).send(chat())
    assert reply.elapsed == 1.0
    assert b'"created": 1000' in body_of(reply)


def test_the_same_requests_have_the_same_replies():
    def run() -> list[Reply]:
        offline = Offline(now=noon)
        return [offline.send(one) for one in (chat(), respond("Hello"), respond("Hello"), chat())]

    assert run() == run()


def test_each_transport_has_a_world_of_its_own():
    one, other = Offline(now=noon), Offline(now=noon)
    made = body_of(one.send(respond("Hello"))).split(b'"resp_offline_')[1][:24].decode()
    show = Request("GET", f"/responses/resp_offline_{made}", "responses.retrieve")
    assert (one.send(show).status, other.send(show).status) == (200, 404)


def test_many_threads_may_ask_at_once():
    offline = Offline(now=noon)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: offline.send(respond("Hello")), range(100)))
    assert {reply.status for reply in replies} == {200}
    assert len({body_of(reply).split(b"resp_offline_")[1][:24] for reply in replies}) == 100


def test_a_channel_is_a_simulated_session():
    channel = Offline().open(Request("GET", "/realtime", "realtime", model="m"))
    assert channel.hear(1)["type"] == "session.created"
    assert channel.hear(1) is None
    channel.close()


def test_it_closes_as_often_as_one_likes():
    offline = Offline()
    offline.close()
    offline.close()


def test_it_needs_neither_sockets_nor_anything_heavy():
    heavy = "socket ssl requests urllib3 jsonschema jinja2 yaml rich click"
    code = (
        f"import sys, runner.transport.offline; print(*(set(sys.modules) & set({heavy!r}.split())))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


RULE: dict[str, dict[str, list[str]]] = {"fields": {"temperature": []}}
THINKERS = {"name": "thinkers", "match": "^thinker", "rules": {"chat.completions": [RULE]}}


def test_what_a_family_of_models_refuses_is_refused():
    asked = chat(model="thinker-1", temperature=0.2)
    reply = Offline(now=noon, families={"families": [THINKERS]}).send(asked)
    assert reply.status == 400
    assert json.loads(whole(reply))["error"]["param"] == "temperature"
    assert Offline(now=noon).send(asked).status == 200


def test_a_form_and_a_bare_path_are_refused_alike():
    rules = {"audio.transcriptions": [{"values": {"response_format": ["srt"]}}]}
    tellers = {"name": "tellers", "match": "^thinker", "rules": rules}
    offline = Offline(now=noon, families={"families": [THINKERS, tellers]})
    parts = (Part("model", b"thinker-1"), Part("response_format", b"srt"))
    for endpoint in ("audio.transcriptions", "raw"):
        asked = Request("POST", "/audio/transcriptions", endpoint, Multipart(parts))
        message = json.loads(whole(offline.send(asked)))["error"]["message"]
        assert message == "Unsupported: thinker-1 refuses response_format 'srt'."
    body = JsonBody({"model": "thinker-1", "temperature": 0.2})
    assert offline.send(Request("POST", "/chat/completions", "raw", body)).status == 400


def test_an_endpoint_that_does_not_serve_a_model_has_no_such_thing():
    rules = {"chat.completions": [{"serves": False}]}
    families = {"families": [{"name": "thinkers", "match": "^thinker", "rules": rules}]}
    reply = Offline(now=noon, families=families).send(chat(model="thinker-1"))
    error = json.loads(whole(reply))["error"]
    assert (reply.status, error["param"]) == (404, "model")
    assert error["message"] == "Unsupported: thinker-1 is not served on chat.completions."


def test_what_is_longer_than_the_model_reads_is_refused():
    families = {"families": [], "windows": [{"match": "^reader$", "tokens": 3}]}
    said = [{"role": "user", "content": "one two three four"}]
    offline = Offline(now=noon, families=families)
    reply = offline.send(chat(model="reader", messages=said))
    assert reply.status == 400
    assert json.loads(whole(reply))["error"] == {
        "message": (
            "This model's maximum context length is 3 tokens. However, your messages resulted in"
            " at least 4 tokens. Please reduce the length of the messages."
        ),
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
    }
    assert (
        Offline(now=noon, families=families).send(chat(model="other", messages=said)).status == 200
    )


def whole(reply: Reply) -> bytes:
    assert isinstance(reply.body, bytes)
    return reply.body
