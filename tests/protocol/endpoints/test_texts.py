import pytest

from runner.errors import BadReplyError
from runner.exchange import JsonBody, Reply
from runner.model import Ask
from runner.protocol import endpoints

HEAD = {"content-type": "application/json"}


def answered(ask, body, status=200, kind="application/json"):
    flow = endpoints.find(ask.endpoint).flow(ask)
    request = next(flow)
    with pytest.raises(StopIteration) as end:
        flow.send(Reply(status, {"content-type": kind}, body))
    return request, end.value.value


def test_a_completion_asks_and_reads_every_choice():
    ask = Ask("completions", "m", prompt="Hi", params={"n": 2})
    body = b'{"choices": [{"text": "a", "finish_reason": "stop"}, {"text": "b"}], "model": "m"}'
    request, answer = answered(ask, body)
    assert (request.method, request.path) == ("POST", "/completions")
    assert request.body == JsonBody({"model": "m", "prompt": "Hi", "n": 2})
    assert (answer.text, answer.texts, answer.finish_reason) == ("a", ("a", "b"), "stop")


def test_a_chat_message_in_a_completion_is_read_too():
    _, answer = answered(
        Ask("completions", "m", prompt="Hi"), b'{"choices": [{"message": {"content": "a"}}]}'
    )
    assert answer.text == "a"


@pytest.mark.parametrize("body", [b"{}", b'{"choices": []}', b'{"choices": [3]}'])
def test_a_completion_without_choices_is_told(body):
    flow = endpoints.find("completions").flow(Ask("completions", "m", prompt="Hi"))
    next(flow)
    with pytest.raises(BadReplyError):
        flow.send(Reply(200, HEAD, body))


def test_an_accepted_status_is_no_completion():
    ask = Ask("completions", "m", prompt="Hi", accepts=(404,))
    _, answer = answered(ask, b'{"error": {"message": "gone"}}', 404)
    assert (answer.status, answer.text) == (404, None)


@pytest.mark.parametrize("name", ["embeddings", "moderations"])
def test_an_input_is_posted_and_the_reply_is_json(name):
    request, answer = answered(Ask(name, "m", input=["a"]), b'{"data": [3]}')
    assert request.path == f"/{name}"
    assert request.body == JsonBody({"model": "m", "input": ["a"]})
    assert answer.json == {"data": [3]}


def test_an_input_without_its_vector_is_told():
    flow = endpoints.find("embeddings").flow(Ask("embeddings", "m", input=["a", "b"]))
    next(flow)
    with pytest.raises(BadReplyError, match="expected 2, one for each input, got 1"):
        flow.send(Reply(200, HEAD, b'{"data": [{"embedding": [1.0]}]}'))


@pytest.mark.parametrize("body", [b"[]", b"{}", b"7", b'"a"', b"null", b'{"data": 7}'])
def test_what_holds_no_vectors_is_told(body):
    flow = endpoints.find("embeddings").flow(Ask("embeddings", "m", input="a"))
    next(flow)
    with pytest.raises(BadReplyError, match="embeddings"):
        flow.send(Reply(200, HEAD, body))


def test_an_accepted_status_of_embeddings_needs_no_vectors():
    ask = Ask("embeddings", "m", input=["a", "b"], accepts=(404,))
    assert answered(ask, b'{"data": []}', 404)[1].status == 404
