"""Simulated chat completions: what is answered, in which shape, plain and streamed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.protocol.simulated import words
from tests import openapi
from tests.protocol.simulated.asking import (
    PERSON,
    PIXEL,
    TIME_SCHEMA,
    chat,
    events,
    message,
    said,
    shape_faults,
    value,
    weather,
)

FORCED = {"type": "function", "function": {"name": "get_weather"}}
STRICT = {
    "type": "json_schema",
    "json_schema": {"name": "person", "strict": True, "schema": PERSON},
}
ROUND: list[Any] = [
    {"role": "user", "content": "What is the weather like in Paris?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "call_1",
                "type": "function",
                "function": {"name": "get_weather", "arguments": "{}"},
            }
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": '{"celsius": 14}'},
]
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "picture": {"content": [{"type": "image_url", "image_url": {"url": PIXEL}}]},
    "choices": {"n": 3},
    "cut": {"max_tokens": 3},
    "stopped": {"stop": ["model", "answer"]},
    "logprobs": {"logprobs": True, "top_logprobs": 2},
    "forced call": {"tools": [weather()], "tool_choice": FORCED},
    "parallel calls": {"content": "Weather in Paris and Oslo?", "tools": [weather()]},
    "results": {"messages": ROUND, "tools": [weather()]},
    "strict": {"response_format": STRICT},
    "object": {"content": "Give me json", "response_format": {"type": "json_object"}},
    "search": {"content": "What is new?", "web_search_options": {}},
    "audio in": {
        "content": [{"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}]
    },
}
STREAMED = {name: fields | {"stream": True} for name, fields in KINDS.items()} | {
    "usage": {"stream": True, "stream_options": {"include_usage": True}}
}


@pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS)
def test_every_kind_of_answer_has_our_shape(fields):
    reply = chat(**fields)
    assert reply.status == 200
    assert shape_faults("chat", value(reply)) == []


@pytest.mark.parametrize("fields", STREAMED.values(), ids=STREAMED)
def test_every_kind_of_stream_has_our_shape_and_an_end(fields):
    *chunks, done = events(chat(**fields))
    assert done == "[DONE]"
    assert [shape_faults("chunk", chunk) for chunk in chunks] == [[]] * len(chunks)


@openapi.needs_openapi
@pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS)
def test_every_kind_of_answer_satisfies_the_official_schema(fields):
    assert openapi.faults("CreateChatCompletionResponse", value(chat(**fields))) == []


@openapi.needs_openapi
@pytest.mark.parametrize("fields", STREAMED.values(), ids=STREAMED)
def test_every_kind_of_stream_satisfies_the_official_schema(fields):
    *chunks, _ = events(chat(**fields))
    for chunk in chunks:
        assert openapi.faults("CreateChatCompletionStreamResponse", chunk) == []


def joined(chunks: list[Any]) -> dict[int, dict[str, Any]]:
    """Put a stream together again: by choice, its texts, calls, annotations and finish."""
    found: dict[int, dict[str, Any]] = {}
    for choice in (choice for chunk in chunks for choice in chunk["choices"]):
        whole = found.setdefault(choice["index"], {"text": "", "calls": {}, "notes": []})
        delta = choice["delta"]
        whole["text"] += delta.get("content") or ""
        whole["notes"] += delta.get("annotations", [])
        whole["finish"] = choice["finish_reason"]
        for part in delta.get("tool_calls", []):
            call = whole["calls"].setdefault(part["index"], {"id": "", "name": "", "arguments": ""})
            call["id"] += part.get("id", "")
            call["name"] += part["function"].get("name", "")
            call["arguments"] += part["function"]["arguments"]
    return found


@pytest.mark.parametrize("fields", KINDS.values(), ids=KINDS)
def test_a_stream_tells_what_the_plain_answer_says(fields):
    plain = value(chat(**fields))
    streamed = joined(events(chat(**fields, stream=True))[:-1])
    assert len(streamed) == len(plain["choices"])
    for choice in plain["choices"]:
        whole, told = streamed[choice["index"]], choice["message"]
        assert whole["text"] == (told["content"] or "")
        assert whole["finish"] == choice["finish_reason"]
        assert whole["notes"] == told["annotations"]
        calls = [call["function"] for call in told.get("tool_calls", [])]
        assert [(c["name"], c["arguments"]) for c in whole["calls"].values()] == [
            (call["name"], call["arguments"]) for call in calls
        ]


def test_the_first_delta_of_each_choice_has_the_role_and_only_that_one():
    chunks = events(chat(n=2, stream=True))[:-1]
    roles = [(c["index"], "role" in c["delta"]) for chunk in chunks for c in chunk["choices"]]
    for place in (0, 1):
        own = [has for index, has in roles if index == place]
        assert own == [True] + [False] * (len(own) - 1)


def test_usage_comes_in_a_last_chunk_when_it_is_asked_for():
    *chunks, last, _ = events(chat(stream=True, stream_options={"include_usage": True}))
    assert last["choices"] == []
    assert last["usage"] == value(chat())["usage"]
    assert all(chunk["usage"] is None for chunk in chunks)
    assert all("usage" not in chunk for chunk in events(chat(stream=True))[:-1])


def test_a_stream_brings_several_words_an_event_and_logprobs_for_just_them():
    chunks = events(chat("What is the OpenAI mission?", stream=True, logprobs=True))[:-1]
    parts = [c for chunk in chunks for c in chunk["choices"] if c["delta"].get("content")]
    assert len(parts) > 5
    for part in parts:
        tokens = [one["token"] for one in part["logprobs"]["content"]]
        assert "".join(tokens) == part["delta"]["content"]


def test_the_same_request_has_the_same_reply_and_another_another():
    assert chat() == chat()
    assert value(chat("Hello"))["id"] != value(chat("Hallo"))["id"]


def test_an_answer_owns_up_and_quotes_the_question():
    assert said(chat("Write a haiku")).startswith(words.MARK)
    assert "“Write a haiku”" in said(chat("Write a haiku"))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the OpenAI mission?", "benefits all of humanity"),
        ("What is the capital of Sweden", "Stockholm"),
        ("what is the capital of the netherlands", "Amsterdam"),
        ("For what team did Piet Kernbom play baseball?", "Yankees"),
    ],
)
def test_well_known_questions_are_answered(question, expected):
    assert expected in said(chat(question))


def test_choices_differ():
    texts = [choice["message"]["content"] for choice in value(chat(n=7))["choices"]]
    assert len(set(texts)) == 7


def test_a_stop_sequence_ends_the_text_before_it():
    whole = said(chat("What is the capital of Sweden?"))
    reply = chat("What is the capital of Sweden?", stop=" is")
    assert said(reply) == whole[: whole.index(" is")]
    assert value(reply)["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_the_limit_cuts_the_text_and_says_so(field):
    whole = said(chat())
    limit: dict[str, Any] = {field: 3}
    reply = chat(**limit)
    assert whole.startswith(said(reply))
    assert said(reply) != whole
    assert value(reply)["choices"][0]["finish_reason"] == "length"
    assert value(reply)["usage"]["completion_tokens"] == 3


def test_a_text_that_just_fits_is_no_cut_one():
    tokens = value(chat())["usage"]["completion_tokens"]
    assert value(chat(max_tokens=tokens))["choices"][0]["finish_reason"] == "stop"
    assert value(chat(max_tokens=tokens - 1))["choices"][0]["finish_reason"] == "length"


def test_usage_adds_up_and_grows_with_the_prompt():
    short, long = value(chat("Hello"))["usage"], value(chat("Hello " * 50))["usage"]
    assert short["total_tokens"] == short["prompt_tokens"] + short["completion_tokens"]
    assert long["prompt_tokens"] > short["prompt_tokens"] + 40


def test_the_system_prompt_is_acknowledged():
    messages = [
        {"role": "system", "content": "You speak like a pirate."},
        {"role": "user", "content": "What is the capital of Sweden?"},
    ]
    assert "You speak like a pirate." in said(chat(messages=messages))


def test_a_picture_is_described_by_what_can_be_known_of_it():
    told = said(chat([{"type": "image_url", "image_url": {"url": PIXEL}}]))
    assert "a picture, image/png, 70 bytes, 1x1" in told


def test_a_picture_by_address_is_named():
    url = "https://upload.wikimedia.org/a/Imagen_de_los_canales_conc%C3%A9ntricos.png"
    told = said(
        chat([{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": url}}])
    )
    assert "a picture at upload.wikimedia.org, “Imagen de los canales concéntricos.png”" in told


def test_what_was_said_before_is_searched_for_the_answer():
    messages = [
        {"role": "user", "content": "My dog's name is Rex. He loves cheese and long walks."},
        {"role": "user", "content": "What does Rex love besides walks?"},
    ]
    assert "“He loves cheese and long walks.”" in said(chat(messages=messages))


def test_a_forced_function_is_called_with_what_the_text_offers():
    reply = chat("What is the weather like in Paris today?", tools=[weather()], tool_choice=FORCED)
    (call,) = message(reply)["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    assert json.loads(call["function"]["arguments"]) == {"location": "Paris"}
    # The service's own oddity: a forced call ends with `stop`.
    assert value(reply)["choices"][0]["finish_reason"] == "stop"
    assert message(reply)["content"] is None


def test_a_question_about_two_places_makes_two_calls_with_their_own_ids():
    reply = chat("What is the weather in Paris and in New York?", tools=[weather()])
    calls = message(reply)["tool_calls"]
    places = [json.loads(call["function"]["arguments"])["location"] for call in calls]
    assert places == ["Paris", "New York"]
    assert len({call["id"] for call in calls}) == 2
    assert value(reply)["choices"][0]["finish_reason"] == "tool_calls"


def test_parallel_tool_calls_false_makes_one():
    question = "What is the weather in Paris and in New York?"
    reply = chat(question, tools=[weather()], parallel_tool_calls=False)
    assert len(message(reply)["tool_calls"]) == 1


def test_the_tool_whose_name_the_question_has_is_called():
    tools = [weather("get_time", TIME_SCHEMA), weather()]
    (call,) = message(chat("How is the weather in Oslo?", tools=tools))["tool_calls"]
    assert call["function"]["name"] == "get_weather"


def test_no_tool_is_called_when_none_may_be():
    assert "tool_calls" not in message(
        chat("Weather in Oslo?", tools=[weather()], tool_choice="none")
    )


def test_only_allowed_tools_are_called():
    allowed = {
        "mode": "required",
        "tools": [{"type": "function", "function": {"name": "get_time"}}],
    }
    choice = {"type": "allowed_tools", "allowed_tools": allowed}
    tools = [weather(), weather("get_time", TIME_SCHEMA)]
    reply = chat("Weather in Oslo?", tools=tools, tool_choice=choice)
    assert [call["function"]["name"] for call in message(reply)["tool_calls"]] == ["get_time"]


def test_results_end_the_round_and_are_told():
    told = message(chat(messages=ROUND, tools=[weather()]))
    assert "tool_calls" not in told
    assert 'get_weather answered: {"celsius": 14}' in told["content"]


def test_an_empty_result_ends_the_round_too():
    empty = [*ROUND[:2], ROUND[2] | {"content": ""}]
    assert "tool_calls" not in message(chat(messages=empty, tools=[weather()]))


def test_a_model_that_must_call_calls_again_after_results():
    assert message(chat(messages=ROUND, tools=[weather()], tool_choice="required"))["tool_calls"]


def test_a_new_question_calls_again():
    messages = [
        *ROUND,
        {"role": "assistant", "content": "14"},
        {"role": "user", "content": "And weather in Oslo?"},
    ]
    (call,) = message(chat(messages=messages, tools=[weather()]))["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {"location": "Oslo"}


def test_structured_output_fits_its_schema_and_takes_from_the_text():
    text = said(chat("Extract the person: Ada Lovelace is 36 years old.", response_format=STRICT))
    assert json.loads(text) == {"name": "Ada Lovelace", "age": 36}


def test_a_json_object_says_that_it_is_simulated():
    told = json.loads(said(chat("Some json please", response_format={"type": "json_object"})))
    assert told["simulated"] is True
    assert told["question"] == "Some json please"


@pytest.mark.parametrize("fields", [{"web_search_options": {}}, {"model": "gpt-4o-search-preview"}])
def test_a_citation_points_at_its_link_in_the_text(fields):
    told = message(chat("What is new in AI?", **fields))
    (note,) = told["annotations"]
    cited = note["url_citation"]
    link = told["content"][cited["start_index"] : cited["end_index"]]
    assert link == f"[example.com]({cited['url']})"


def test_a_citation_that_was_cut_off_is_not_given():
    assert message(chat("What is new?", web_search_options={}, max_tokens=5))["annotations"] == []


def test_logprobs_join_to_the_text_with_the_alternatives_asked_for():
    choice = value(chat(logprobs=True, top_logprobs=2))["choices"][0]
    likely = choice["logprobs"]["content"]
    assert "".join(one["token"] for one in likely) == choice["message"]["content"]
    assert {len(one["top_logprobs"]) for one in likely} == {2}
    assert all(one["top_logprobs"][0]["token"] == one["token"] for one in likely)
    assert all(one["logprob"] <= 0 for one in likely)


def test_a_seed_changes_the_wording_only_by_its_value():
    texts = {seed: said(chat("Write", seed=seed)) for seed in range(12)}
    assert len(set(texts.values())) > 1
    assert said(chat("Write", seed=3)) == texts[3]
