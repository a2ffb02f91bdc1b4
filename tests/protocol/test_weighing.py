"""About how many tokens a request takes, and what a reply says that it took."""

import base64

import pytest

from runner.exchange import JsonBody, Multipart, Part, Reply, Request, Spool
from runner.protocol.weighing import used, weigh


def asking(body):
    return Request("POST", "/x", "chat.completions", body)


def chat(text="", **fields):
    return asking(JsonBody({"messages": [{"role": "user", "content": text}], **fields}))


def test_four_bytes_are_a_token():
    more = weigh(chat("a" * 4000)).given - weigh(chat()).given
    assert more == pytest.approx(1000)


@pytest.mark.parametrize("name", ["max_completion_tokens", "max_output_tokens", "max_tokens"])
def test_the_longest_answer_counts_for_each_choice(name):
    assert weigh(chat(**{name: 100})).made == 100
    assert weigh(chat(**{name: 100, "n": 3})).made == 300
    assert weigh(chat()).made == 0


def test_a_picture_is_not_counted_by_its_bytes():
    url = "data:image/png;base64," + base64.b64encode(bytes(1 << 20)).decode()
    body = {"messages": [{"content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    assert 700 <= weigh(asking(JsonBody(body))).whole < 800


def test_files_of_a_form_are_not_counted_by_their_bytes():
    parts = (Part("prompt", b"a" * 400), Part("image", Spool("x", 1 << 30, ""), "a.png"))
    assert weigh(asking(Multipart(parts))).whole == 1100


def test_what_has_no_body_weighs_nothing():
    assert weigh(Request("GET", "/models", "models")).whole == 0


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        (b'{"usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}', 5.0),
        (b'{"usage": {"input_tokens": 3, "output_tokens": 2}}', 5.0),
        (b'data: {"choices": []}\n\ndata: {"usage": {"total_tokens": 7}}\n\n', 7.0),
        *((b"{}", None), (b'{"usage": {"type": "duration", "seconds": 3}}', None)),
    ],
)
def test_a_reply_says_what_it_used(body, tokens):
    assert used(Reply(200, {}, body)) == tokens
