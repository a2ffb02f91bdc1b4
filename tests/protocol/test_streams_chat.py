"""A streamed chat completion becomes the completion it is pieces of, or is known to be cut."""

import json
import pickle

import pytest

from runner.errors import ApiStatusError, BadReplyError
from runner.protocol.streams.chat import ChatStream
from tests.protocol.chunks import END, USED, chunk, play, say, sse

PLAIN = (
    chunk({"role": "assistant", "content": "", "refusal": None}),
    say("Hé"),
    say("llo "),
    say("😀"),
    say(" “there”"),
    chunk(reason="stop"),
    {**chunk(), "choices": [], "usage": USED},
)
TEXT = "Héllo 😀 “there”"
WHOLE = {
    "id": "c1",
    "object": "chat.completion",
    "created": 5,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": TEXT, "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": USED,
}
RAW = "".join(
    f"data: {json.dumps(event, ensure_ascii=bool(at % 2))}\n\n" for at, event in enumerate(PLAIN)
)
BODY = (RAW + END).encode()


def test_a_stream_becomes_a_completion():
    assert play(BODY) == (TEXT, WHOLE)


@pytest.mark.parametrize(
    "body",
    [
        BODY.replace(b"\n", b"\r\n"),
        BODY.replace(b"\n", b"\r"),
        BODY.replace(b"data: ", b"data:"),
        BODY.replace(b"data: ", b"data:   "),
        b"\xef\xbb\xbf" + BODY,
        b"\r\n\n" + BODY,
        BODY.replace(b"data: {", b": keep-alive\n\ndata: {"),
        BODY.replace(b"data: {", b"event: message\nid: 4\ndata: {"),
        BODY.replace(b'{"id"', b'{\ndata: "id"'),
        BODY.replace(b"data: [DONE]\n\n", b"[DONE]\n"),
        BODY.replace(b"data: [DONE]\n\n", b"data: [DONE]"),
        BODY.replace(b"data: [DONE]\n\n", b""),
        BODY + b'data: {"error": "late"}\n\ndata: {broken',
        BODY.replace(b"data: {", b"data: \n\ndata: null\n\nevent: ping\n\ndata: {"),
    ],
)
def test_the_form_of_the_events_makes_no_difference(body):
    assert play(body) == (TEXT, WHOLE)
    assert play(*(body[at : at + 1] for at in range(len(body)))) == (TEXT, WHOLE)


@pytest.mark.parametrize("cut", range(len(BODY) + 1))
def test_a_cut_between_blocks_changes_nothing(cut):
    assert play(BODY[:cut], BODY[cut:]) == (TEXT, WHOLE)


@pytest.mark.parametrize("size", [1, 2, 3, 50, 100, 333])
def test_blocks_of_any_size_change_nothing(size):
    assert play(*(BODY[at : at + size] for at in range(0, len(BODY), size))) == (TEXT, WHOLE)


def test_events_without_blank_lines_between_them_are_read_at_the_end():
    assert play(BODY.replace(b"\n\n", b"\n")) == ("", WHOLE)
    assert play(BODY.replace(b"\n\n", b"\n").removesuffix(b"data: [DONE]\n")) == ("", WHOLE)


PROOF = BODY.index(b"\n\n", BODY.index(b'"finish_reason": "stop"'))
"""Where the event ends that proves the answer whole."""


@pytest.mark.parametrize("cut", range(len(BODY)))
def test_a_stream_that_stops_early_is_never_taken_for_whole(cut):
    stream = ChatStream()
    shown = stream.feed(BODY[:cut])
    if cut >= PROOF:
        assert stream.finish()["choices"] == WHOLE["choices"]
        return
    with pytest.raises(BadReplyError, match="the stream was cut") as caught:
        stream.finish()
    assert TEXT.startswith(shown)
    # The end of the body may prove an event whole that its bytes alone did not.
    assert TEXT.startswith(caught.value.partial)
    assert caught.value.partial.startswith(shown)


def test_text_is_handed_on_with_the_block_that_brings_it():
    stream = ChatStream()
    assert [stream.feed(sse(event, end="")) for event in PLAIN] == [
        "",
        "Hé",
        "llo ",
        "😀",
        " “there”",
        "",
        "",
    ]


def test_many_plain_chunks_keep_their_order_among_others():
    events = [say(str(at)) if at % 3 else say(str(at), extra=at) for at in range(300)]
    text, body = play(sse(*events))
    assert text == "".join(map(str, range(300)))
    assert body["choices"][0]["message"]["content"] == text
    assert body["extra"] == 297


def test_a_pair_of_surrogates_cut_between_chunks_is_joined():
    body = sse(r'{"choices": [{"delta": {"content": "a\ud83d"}}]}', end="")
    rest = sse(r'{"choices": [{"delta": {"content": "\ude00b\ud83d"}, "finish_reason": "stop"}]}')
    stream = ChatStream()
    assert (stream.feed(body), stream.feed(rest)) == ("a", "😀b")
    assert stream.finish()["choices"][0]["message"]["content"] == "a😀b�"


@pytest.mark.parametrize(
    ("event", "status", "words"),
    [
        ('{"error": {"message": "boom", "code": "server_error"}}', 500, "(server_error): boom"),
        ('{"error": {"message": "slow", "code": 429}}', 429, "slow"),
        ('{"error": "boom"}', 500, "boom"),
        ('{"object": "error", "message": "boom", "code": 400}', 400, "boom"),
        ('{"choices": [{"delta": {"content": "z"}}], "error": {"message": "boom"}}', 500, "boom"),
    ],
)
@pytest.mark.parametrize("end", ["", END])
def test_an_error_within_a_stream_is_the_services_own(event, status, words, end):
    stream = ChatStream()
    stream.feed(sse(say("a"), end=""))
    with pytest.raises(ApiStatusError) as caught:
        stream.feed(sse(say("b"), event, end=end))
    assert (caught.value.status, caught.value.partial) == (status, "ab")
    assert str(caught.value.args[0]).endswith(words)


def test_an_event_named_error_is_an_error():
    with pytest.raises(ApiStatusError, match="boom"):
        ChatStream().feed(b'event: error\ndata: {"message": "boom"}\n\n')


@pytest.mark.parametrize(
    "bad",
    [
        '{"choices": [',
        '{"a": 1} {"b": 2}',
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": ' + "[" * 300 + "]" * 300 + "}",
        '{"a": ' * 100_000 + "1" + "}" * 100_000,
        "hello",
    ],
)
@pytest.mark.parametrize("size", [13, 10_000_000])
def test_an_event_that_is_no_json_is_an_error_that_keeps_the_text(bad, size):
    body = sse(say("a"), say("b"), bad, say("c"))
    stream = ChatStream()
    with pytest.raises(BadReplyError, match="no JSON that can be used, as it") as caught:  # noqa: PT012
        for at in range(0, len(body), size):
            stream.feed(body[at : at + size])
    assert caught.value.partial == "ab"
    assert len(str(caught.value)) < 600
    with pytest.raises(BadReplyError, match="no JSON that can be used"):
        stream.finish()


@pytest.mark.parametrize("bad", ["[1]", '"text"', "3"])
def test_an_event_that_is_no_object_is_an_error(bad):
    with pytest.raises(BadReplyError, match="is no chunk"):
        ChatStream().feed(sse(bad))


def test_line_ends_within_an_event_are_line_ends_not_blanks():
    with pytest.raises(BadReplyError, match="breaks off"):
        ChatStream().feed(b'data: {\n"choices": []}\n\n')


@pytest.mark.parametrize("size", [1, 1000])
def test_a_plain_reply_is_taken_though_a_stream_was_asked_for(size):
    reply = b' \n{"object": "chat.completion", "choices": [{"message": {"content": "x"}}]}'
    pieces = [reply[at : at + size] for at in range(0, len(reply), size)]
    assert play(*pieces) == ("", json.loads(reply))


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b'{"error": {"message": "boom"}}', ApiStatusError, "boom"),
        (b'{"choices": [', BadReplyError, "breaks off"),
        (b"<html>no</html>", BadReplyError, "expected JSON, got HTML"),
        (b"", BadReplyError, "the stream was cut before any text came.*nothing came at all"),
        (b"upstream gone", BadReplyError, "the stream was cut.*it began 'upstream gone'"),
        (b"data: [DONE]\n\n", BadReplyError, "the stream ended without an answer"),
        (sse({"choices": []}), BadReplyError, "the stream ended without an answer"),
    ],
)
def test_what_is_no_answer_is_an_error(body, error, words):
    with pytest.raises(error, match=words):
        play(body)


def test_finishing_twice_gives_the_same():
    stream = ChatStream()
    stream.feed(BODY)
    assert stream.finish() == stream.finish() == WHOLE


def test_the_class_itself_is_the_factory_and_pickles():
    assert pickle.loads(pickle.dumps(ChatStream)) is ChatStream
