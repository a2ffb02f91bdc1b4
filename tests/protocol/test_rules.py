"""What model families refuse: the table of the API's habits, row by row."""

from __future__ import annotations

import pytest

from runner.protocol.rules import Refusal, base, faults
from tests.schemas import load

CHAT = "chat.completions"
FAMILIES = load("models.json")
FUNCTION = [{"type": "function", "function": {"name": "get_weather"}}]
SAMPLING = {
    "temperature": 0.2,
    "top_p": 0.5,
    "presence_penalty": 1,
    "frequency_penalty": 1,
    "logprobs": True,
    "top_logprobs": 2,
    "logit_bias": {"5": 1},
}


def refused(endpoint, model, **body):
    """Name what is refused, as dotted paths."""
    found = faults(endpoint, model, body, FAMILIES)
    return [".".join(map(str, refusal.path)) for refusal in found]


def one(endpoint, model, **body):
    """Return the only refusal."""
    (found,) = faults(endpoint, model, body, FAMILIES)
    return found


@pytest.mark.parametrize("model", ["o1-mini", "o1-preview", "o1-mini-2024-09-12"])
def test_the_first_reasoning_models_take_hardly_anything(model):
    body = {
        **SAMPLING,
        "tools": FUNCTION,
        "response_format": {"type": "json_object"},
        "max_tokens": 5,
        "reasoning_effort": "low",
    }
    assert sorted(refused(CHAT, model, **body)) == sorted(body)
    assert refused(CHAT, model, max_completion_tokens=5) == []


@pytest.mark.parametrize("role", ["system", "developer"])
def test_the_first_reasoning_models_take_no_instructions(role):
    talk = [{"role": role, "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    assert one(CHAT, "o1-mini", messages=talk) == Refusal(
        ("messages", 0, "role"), f"o1-mini refuses the role {role!r}", "use a user message"
    )


@pytest.mark.parametrize("model", ["o1", "o3", "o3-mini", "o4-mini", "o3-2025-04-16"])
def test_reasoning_models_refuse_sampling(model):
    body = {**SAMPLING, "max_tokens": 5, "parallel_tool_calls": False}
    assert sorted(refused(CHAT, model, **body)) == sorted(body)
    assert refused(CHAT, model, messages=[{"role": "system", "content": "x"}]) == []
    assert refused(CHAT, model, temperature=1) == ["temperature"]


@pytest.mark.parametrize(
    ("model", "expected"), [("o1", []), ("o3-mini", []), ("o3", ["stop"]), ("o4-mini", ["stop"])]
)
def test_only_o3_and_o4_refuse_stop(model, expected):
    assert refused(CHAT, model, stop=["."]) == expected


@pytest.mark.parametrize("model", ["gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-5-2025-08-07"])
def test_gpt_5_refuses_sampling_that_differs_from_its_own(model):
    body = {**SAMPLING, "max_tokens": 5, "stop": "."}
    assert sorted(refused(CHAT, model, **body)) == sorted(body)
    taken = {"temperature": 1, "top_p": 1.0, "presence_penalty": 0, "frequency_penalty": 0}
    assert refused(CHAT, model, **taken, tools=FUNCTION) == []


@pytest.mark.parametrize(
    ("model", "effort", "expected"),
    [
        ("o3", "minimal", ["reasoning_effort"]),
        ("o3", "high", []),
        ("gpt-5", "minimal", []),
        ("gpt-5", "none", ["reasoning_effort"]),
        ("gpt-5.1", "none", []),
        ("gpt-5.1", "xhigh", ["reasoning_effort"]),
        ("gpt-5.1", "minimal", ["reasoning_effort"]),
        ("gpt-5.2", "xhigh", []),
        ("gpt-5.2", "max", ["reasoning_effort"]),
        ("gpt-6.1-terra", "max", []),
    ],
)
def test_each_family_has_its_efforts(model, effort, expected):
    assert refused(CHAT, model, reasoning_effort=effort) == expected


@pytest.mark.parametrize("model", ["gpt-5.1", "gpt-5.2", "gpt-5.2-2025-12-11"])
def test_without_reasoning_these_sample_as_they_are_told(model):
    body = {**SAMPLING, "max_tokens": 5, "stop": "."}
    assert refused(CHAT, model, **body) == []
    assert refused(CHAT, model, **body, reasoning_effort="none") == []
    assert sorted(refused(CHAT, model, **body, reasoning_effort="low")) == sorted(body)


@pytest.mark.parametrize(
    "model", ["gpt-5.4", "gpt-5.4-mini", "gpt-5.5", "gpt-5.6-sol", "gpt-6-luna"]
)
def test_later_ones_must_be_told_not_to_reason(model):
    body = {**SAMPLING, "max_tokens": 5, "stop": "."}
    assert sorted(refused(CHAT, model, **body)) == sorted(body)
    assert refused(CHAT, model, **body, reasoning_effort="none") == []


@pytest.mark.parametrize(
    ("model", "absent", "low"),
    [
        ("gpt-5", [], []),
        ("gpt-5.1", [], []),
        ("gpt-5.2", [], ["tools"]),
        ("gpt-5.4", [], ["tools"]),
        ("gpt-5.5", [], ["tools"]),
        ("gpt-5.6", ["tools"], ["tools"]),
        ("gpt-5.6-luna", ["tools"], ["tools"]),
        ("gpt-6.2-astra", ["tools"], ["tools"]),
    ],
)
def test_function_tools_and_reasoning_do_not_go_together_on_chat(model, absent, low):
    assert refused(CHAT, model, tools=FUNCTION) == absent
    assert refused(CHAT, model, tools=FUNCTION, reasoning_effort="low") == low
    assert "tools" not in refused(CHAT, model, tools=FUNCTION, reasoning_effort="none")
    assert refused(CHAT, model, tools=[{"type": "custom"}], reasoning_effort="low") == []
    assert refused("responses", model, tools=FUNCTION, reasoning={"effort": "low"}) == []


@pytest.mark.parametrize(
    "model",
    [
        "gpt-5-chat-latest",
        "gpt-4.1",
        "gpt-4.1-nano-2025-04-14",
        "gpt-4o",
        "gpt-4o-mini",
        "gpt-4",
        "gpt-4-turbo",
        "gpt-4-0613",
        "gpt-3.5-turbo",
    ],
)
def test_models_that_do_not_reason_refuse_an_effort(model):
    body = {"reasoning_effort": "low", "web_search_options": {}}
    assert sorted(refused(CHAT, model, **body)) == sorted(body)
    assert refused(CHAT, model, **SAMPLING, max_tokens=5, tools=FUNCTION) == []
    assert refused("responses", model, reasoning={"effort": "low"}) == ["reasoning.effort"]
    assert refused("responses", model, temperature=0.2) == []


@pytest.mark.parametrize(
    "model", ["gpt-4o-search-preview", "gpt-4o-mini-search-preview", "gpt-5-search-api"]
)
def test_search_models_refuse_sampling(model):
    body = {**SAMPLING, "n": 2}
    assert sorted(refused(CHAT, model, **body)) == sorted(body)
    assert refused(CHAT, model, web_search_options={}) == []


@pytest.mark.parametrize(
    "model", ["gpt-audio", "gpt-audio-mini", "gpt-4o-audio-preview", "gpt-4o-mini-audio-preview"]
)
def test_audio_models_want_audio_and_no_pictures_or_json(model):
    spoken = {"modalities": ["text", "audio"], "audio": {"voice": "nova", "format": "mp3"}}
    heard = {"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}
    seen = {"role": "user", "content": [{"type": "image_url", "image_url": {}}]}
    assert refused(CHAT, model, messages=[{"role": "user", "content": "Hi"}]) == ["messages"]
    assert refused(CHAT, model, messages=[heard]) == []
    assert refused(CHAT, model, messages=[seen], **spoken) == ["messages.0.content.0"]
    for kind, expected in (("json_object", ["response_format.type"]), ("text", [])):
        assert refused(CHAT, model, **spoken, response_format={"type": kind}) == expected


@pytest.mark.parametrize(
    "model",
    [
        "o1-pro",
        "o1-pro-2025-03-19",
        "o3-pro",
        "gpt-5-pro",
        "gpt-5.2-pro",
        "gpt-5.5-pro-2026-04-23",
        "gpt-5.1-codex-max",
        "codex-mini-latest",
        "o3-deep-research",
    ],
)
def test_some_models_are_only_on_responses(model):
    assert one(CHAT, model, temperature=0.2, tools=FUNCTION) == Refusal(
        ("model",),
        f"{model} is not served on chat.completions",
        "ask the endpoint responses, or name a model for chat.completions",
    )
    assert refused("responses", model, max_output_tokens=300, reasoning={"effort": "low"}) == []


@pytest.mark.parametrize(
    ("model", "effort", "expected"),
    [
        ("o1-pro", "low", ["temperature", "top_logprobs", "top_p"]),
        ("o3", "low", ["temperature", "top_logprobs", "top_p"]),
        ("gpt-5", "low", ["temperature", "top_logprobs", "top_p"]),
        ("gpt-5.1", "low", ["temperature", "top_logprobs", "top_p"]),
        ("gpt-5.1", "none", []),
        ("gpt-5.4", "none", []),
        ("gpt-6-luna", "low", ["temperature", "top_logprobs", "top_p"]),
    ],
)
def test_on_responses_reasoning_models_refuse_sampling_likewise(model, effort, expected):
    body = {"temperature": 0.2, "top_p": 0.5, "top_logprobs": 2, "reasoning": {"effort": effort}}
    assert sorted(refused("responses", model, **body)) == expected


def test_on_responses_the_effort_left_out_counts_as_each_family_has_it():
    assert refused("responses", "gpt-5.1", temperature=0.2) == []
    assert refused("responses", "gpt-5.4", temperature=0.2) == ["temperature"]


@pytest.mark.parametrize(
    "model", ["llama3.3", "gpt-oss-20b", "my-o1", "gpt-50", "gpt-7", "", "ft:"]
)
@pytest.mark.parametrize("endpoint", [CHAT, "responses", "models", "raw"])
def test_an_unknown_name_is_refused_nothing(endpoint, model):
    body = {**SAMPLING, "max_tokens": 5, "tools": FUNCTION, "reasoning_effort": "low"}
    assert refused(endpoint, model, **body, messages=[{"role": "system"}]) == []


def test_a_fine_tuned_model_goes_by_its_base():
    assert base("ft:gpt-4o-mini-2024-07-18:acme:suffix:abc123") == "gpt-4o-mini-2024-07-18"
    assert base("gpt-4o") == "gpt-4o"
    assert refused(CHAT, "ft:gpt-4.1:acme::a1", reasoning_effort="low") == ["reasoning_effort"]


def test_what_is_null_was_not_asked():
    assert refused(CHAT, "gpt-5", temperature=None, stop=None, logprobs=None) == []


@pytest.mark.parametrize(
    ("model", "body", "message", "hint"),
    [
        ("gpt-5", {"temperature": 0.2}, "gpt-5 refuses temperature 0.2", "use 1, or leave it out"),
        ("gpt-5", {"stop": "."}, "gpt-5 refuses stop", "leave it out"),
        ("gpt-5", {"max_tokens": 5}, "gpt-5 refuses max_tokens", "use max_completion_tokens"),
        (
            "o3",
            {"reasoning_effort": "max"},
            "o3 refuses reasoning_effort 'max'",
            "use low, medium or high, or leave it out",
        ),
        (
            "gpt-5.4",
            {"top_p": 0.5},
            "gpt-5.4 refuses top_p 0.5",
            "leave it out, or say reasoning_effort: none",
        ),
        (
            "gpt-6-luna",
            {"tools": FUNCTION},
            "gpt-6-luna refuses function tools on chat.completions without reasoning_effort: none",
            "ask the endpoint responses, or say reasoning_effort: none",
        ),
        (
            "gpt-5.2",
            {"tools": FUNCTION, "reasoning_effort": "high"},
            "gpt-5.2 refuses function tools on chat.completions with reasoning_effort high",
            "ask the endpoint responses, or say reasoning_effort: none",
        ),
    ],
)
def test_a_refusal_says_what_and_the_way_out(model, body, message, hint):
    found = one(CHAT, model, **body)
    assert (found.message, found.hint) == (message, hint)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": "Hello"},
        {"messages": ["Hello", None]},
        {"messages": [{"role": "user", "content": ["a", None]}]},
        {"tools": ["get_weather"], "modalities": None, "reasoning": "low"},
    ],
)
@pytest.mark.parametrize("model", ["o1-mini", "gpt-audio", "gpt-6-luna"])
def test_odd_bodies_do_no_harm(model, body):
    assert isinstance(faults(CHAT, model, body, FAMILIES), list)


@pytest.mark.parametrize("model", ["gpt-audio-1.5", "gpt-4o-mini-audio-preview"])
def test_audio_models_are_told_how_to_speak(model):
    spoken = {"modalities": ["text", "audio"]}
    assert one(CHAT, model, **spoken) == Refusal(
        ("modalities",),
        f"{model} needs audio beside modalities",
        "add audio: {voice: nova, format: mp3} under params",
    )
    for form, stream, expected in (
        ("mp3", True, ["audio.format"]),
        ("pcm16", True, []),
        ("mp3", False, []),
        ("mp3", None, []),
    ):
        body = {**spoken, "audio": {"voice": "nova", "format": form}, "stream": stream}
        assert refused(CHAT, model, **body) == expected


@pytest.mark.parametrize(
    "model",
    [
        *("gpt-4.1", "gpt-4.1-mini-2025-04-14", "gpt-4o", "gpt-4", "gpt-3.5-turbo-0125", "gpt-5"),
        *("gpt-6-luna", "gpt-6.2-astra", "o3", "o4-mini", "chatgpt-4o-latest", "gpt-audio"),
        "ft:gpt-4.1-mini:acme::a1",
    ],
)
def test_chat_models_complete_no_prompts(model):
    assert one("completions", model, max_tokens=5) == Refusal(
        ("model",),
        f"{model} is not served on completions",
        "ask the endpoint chat.completions or responses, or name a model for completions",
    )


def test_those_on_responses_alone_are_sent_there():
    hint = "ask the endpoint responses, or name a model for completions"
    assert one("completions", "o1-pro").hint == hint


@pytest.mark.parametrize(
    "model", ["gpt-3.5-turbo-instruct", "gpt-3.5-turbo-instruct-0914", "davinci-002", "babbage-002"]
)
def test_what_completes_a_prompt_holds_no_talk(model):
    assert refused("completions", model, max_tokens=5) == []
    for endpoint in (CHAT, "responses"):
        hint = f"ask the endpoint completions, or name a model for {endpoint}"
        assert one(endpoint, model, max_tokens=5).hint == hint


@pytest.mark.parametrize("model", ["gpt-50", "gpt-oss-20b", "llama3.3", "o10"])
def test_of_others_nothing_is_known_on_completions(model):
    assert refused("completions", model) == []


def test_the_oldest_embedding_has_one_size():
    body = {"dimensions": 256}
    assert refused("embeddings", "text-embedding-ada-002", **body) == ["dimensions"]
    assert refused("embeddings", "text-embedding-3-small", **body) == []


def test_what_hangs_on_a_field_that_is_not_known_is_let_pass():
    body = {"temperature": 0.2}
    assert faults(CHAT, "gpt-5.1", {**body, "reasoning_effort": "low"}, FAMILIES)
    assert faults(CHAT, "gpt-5.1", body, FAMILIES, {"reasoning_effort"}) == []
