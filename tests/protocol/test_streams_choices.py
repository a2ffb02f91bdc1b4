"""Every field that a chunk may bring finds its place in the completion."""

from typing import Any

import pytest

from runner.errors import BadReplyError
from runner.protocol.streams.chat import ChatStream
from tests.protocol.chunks import END, USED, chunk, play, say, sse


def message(*events: object, end: str = END) -> Any:
    return play(sse(*events, end=end))[1]["choices"][0]["message"]


@pytest.mark.parametrize(
    "event",
    [
        {"choices": [{"delta": {"role": None, "content": "x"}, "finish_reason": "stop"}]},
        {"choices": [{"delta": {"content": "x", "finish_reason": "stop"}}]},
        {"choices": [{"index": None, "delta": {"content": "x"}, "finish_reason": "stop"}]},
        {"choices": [{"message": {"content": "x", "role": "assistant"}, "finish_reason": "stop"}]},
        {
            "choices": [
                {
                    "delta": {"content": "x"},
                    "message": {"content": "all"},
                    "finish_reason": "stop",
                }
            ]
        },
        {"choices": [{"delta": {"content": [{"text": "x"}, {"t": 1}]}, "finish_reason": "stop"}]},
        {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}], "error": None},
    ],
)
def test_a_choice_of_any_shape_is_read(event):
    body = play(sse({"choices": []}, {"choices": [{}]}, event, end=""))[1]
    assert body["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "x"},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]


def test_the_first_id_and_model_that_say_something_count():
    first = {"id": "", "model": "", "created": 0, "choices": [], "prompt_filter_results": [1]}
    late = {**chunk(reason="stop"), "id": "c2", "model": "n"}
    body = play(sse(first, say("a", service_tier="t", obfuscation="zz"), late))[1]
    assert {**body, "choices": 0} == {
        "id": "c1",
        "object": "chat.completion",
        "created": 5,
        "model": "m",
        "prompt_filter_results": [1],
        "service_tier": "t",
        "choices": 0,
    }


@pytest.mark.parametrize(
    "events",
    [
        [chunk(reason="stop", usage=USED)],
        [chunk(reason="stop", usage=None), {"choices": [], "usage": USED}],
        [chunk(reason="stop"), {"usage": USED}],
        [{"choices": [{"delta": {}, "finish_reason": "stop", "usage": USED}]}],
        [{"choices": [{"delta": {"usage": USED}, "finish_reason": "stop"}]}],
        [chunk(reason="stop", x_groq={"usage": USED})],
        [say("a", usage={"total_tokens": 1}), say("b", usage=USED), chunk(reason="stop")],
    ],
)
def test_usage_is_found_wherever_it_stands(events):
    assert play(sse(*events, end=""))[1]["usage"] == USED


def test_without_usage_there_is_none():
    assert "usage" not in play(sse(chunk(reason="stop")))[1]


def test_several_choices_are_kept_apart_and_all_must_end():
    def two(index: int, text: str, reason: object = None) -> dict:
        choice = {"index": index, "delta": {"content": text}, "finish_reason": reason}
        return {"choices": [choice]}

    events = [two(1, "b"), two(0, "a"), two(1, "B", "length"), two(0, "A")]
    stream = ChatStream()
    assert stream.feed(sse(*events, end="")) == "aA"
    with pytest.raises(BadReplyError, match="the stream was cut"):
        stream.finish()
    body = play(sse(*events, two(0, "", "stop"), end=""))[1]
    assert [choice["message"]["content"] for choice in body["choices"]] == ["aA", "bB"]
    assert [choice["finish_reason"] for choice in body["choices"]] == ["stop", "length"]


def test_a_refusal_is_shown_and_kept_apart():
    text, body = play(sse(chunk({"refusal": "I "}), chunk({"refusal": "won't"}, "stop")))
    assert text == "I won't"
    assert body["choices"][0]["message"] == {
        "role": "assistant",
        "content": None,
        "refusal": "I won't",
    }


def test_reasoning_annotations_and_other_fields_are_kept():
    found = message(
        chunk({"reasoning_content": "th", "name": "n"}),
        chunk({"reasoning_content": "ink", "name": "n", "annotations": [1]}),
        chunk({"content": "x", "annotations": [2], "odd": {"a": 1}}, "stop"),
    )
    assert found == {
        "role": "assistant",
        "content": "x",
        "reasoning_content": "think",
        "name": "n",
        "annotations": [1, 2],
        "odd": {"a": 1},
    }


def test_logprobs_and_filter_results_of_a_choice_are_joined():
    def piece(text: str, logprobs: object, **fields: object) -> dict:
        return {"choices": [{"delta": {"content": text}, "logprobs": logprobs, **fields}]}

    events = [
        piece("a", {"content": [1], "refusal": None}),
        piece("b", None),
        piece("c", {"content": [2], "refusal": None}, content_filter_results={"hate": 1}),
        {"choices": [{"finish_reason": "stop", "index": 0, "content_filter_offsets": 3}]},
    ]
    assert play(sse(*events))[1]["choices"][0] == {
        "index": 0,
        "message": {"role": "assistant", "content": "abc"},
        "logprobs": {"content": [1, 2], "refusal": None},
        "finish_reason": "stop",
        "content_filter_results": {"hate": 1},
        "content_filter_offsets": 3,
    }


def test_audio_is_joined_with_its_transcript():
    found = message(
        chunk({"audio": {"id": "a", "transcript": "he"}}),
        chunk({"audio": {"data": "AAEC", "transcript": "llo"}}),
        chunk({"audio": {"data": "Aw=="}}),
        chunk({"audio": {"expires_at": 9}}, "stop"),
    )
    audio = {"id": "a", "transcript": "hello", "data": "AAECAw==", "expires_at": 9}
    assert found == {"role": "assistant", "content": None, "audio": audio}


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [(["AA==", "AQ=="], "AAE="), (["AA", "EC"], "AAEC"), (["AA=", "="], "AA=="), (["A"], "A")],
)
def test_audio_may_come_padded_or_cut_anywhere(pieces, whole):
    events = [chunk({"audio": {"data": piece}}) for piece in pieces]
    assert message(*events)["audio"]["data"] == whole


def test_old_text_completions_are_put_together_too():
    events = [
        {"id": "t", "object": "text_completion", "choices": [{"index": 0, "text": "ab"}]},
        {"object": "text_completion", "choices": [{"text": "c", "finish_reason": "stop"}]},
    ]
    text, body = play(sse(*events))
    assert text == "abc"
    assert body["object"] == "text_completion"
    assert body["choices"] == [
        {"index": 0, "text": "abc", "logprobs": None, "finish_reason": "stop"}
    ]
