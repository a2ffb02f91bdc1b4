"""The most that a request can cost is known before it is sent, or that it is not known."""

import pytest

from runner.exchange import JsonBody, Multipart, Part, Request, Spool
from runner.protocol import ceiling, sounds
from runner.protocol.ceiling import Ceiling
from tests.schemas import load

TABLE = load("prices.json")
CHAT = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "Hello"}]}
WAV = sounds.wav_header(480_000) + bytes(480_000)


def most(endpoint, body, *names, seconds=None, prices=TABLE, **fields):
    """The ceiling of a request with this body."""
    held = body if isinstance(body, Multipart) else JsonBody(body)
    model = body.get("model", "") if isinstance(body, dict) else "whisper-1"
    told = {"method": "POST", "path": "/x", "model": model, **fields}
    request = Request(endpoint=endpoint, body=held, **told)
    return ceiling.ceiling(request, names or (model,), prices, lambda spool: seconds)


def test_a_chat_costs_its_bytes_and_its_longest_answer():
    found = most("chat.completions", {**CHAT, "max_completion_tokens": 100})
    assert found.tokens_out == 100
    assert found.tokens_in == pytest.approx(80, abs=30)
    assert found.cost == pytest.approx(found.tokens_in * 2e-6 + 100 * 8e-6)


@pytest.mark.parametrize(
    ("fields", "tokens"),
    [
        ({}, 32768),
        ({"n": 3}, 3 * 32768),
        ({"max_tokens": 5}, 5),
        ({"max_tokens": 5, "n": 2}, 10),
        ({"max_completion_tokens": True}, 32768),
    ],
)
def test_the_longest_answer_is_as_asked_or_as_the_model_gives(fields, tokens):
    assert most("chat.completions", {**CHAT, **fields}).tokens_out == tokens


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({"prompt": "a"}, 16),
        ({"prompt": ["a", "b"], "max_tokens": 10, "n": 2}, 40),
        ({"prompt": [1, 2, 3], "max_tokens": 10, "best_of": 4}, 40),
        ({"prompt": [[1], [2]], "max_tokens": 10}, 20),
    ],
)
def test_a_completion_answers_each_prompt(body, tokens):
    asked = {"model": "gpt-3.5-turbo-instruct", **body}
    assert most("completions", asked).tokens_out == tokens


@pytest.mark.parametrize(
    ("endpoint", "body", "why"),
    [
        ("chat.completions", {**CHAT, "model": "llama3"}, "the price of llama3 is not known"),
        ("responses", {**CHAT, "tools": [{"type": "web_search"}]}, "the tool web_search"),
        ("responses", {**CHAT, "tools": [{"type": "mcp", "server_label": "x"}]}, "the tool mcp"),
        ("chat.completions", {**CHAT, "web_search_options": {}}, "a search of gpt-4.1"),
        ("chat.completions", {**CHAT, "model": "gpt-4o-search-preview"}, "a search of gpt-4o"),
        ("responses", {**CHAT, "service_tier": "ultrafast"}, "at the service_tier ultrafast"),
        ("images.generations", {"model": "gpt-image-2", "prompt": "x"}, "a picture of gpt-image-2"),
        ("batches", {"input_file_id": "f"}, "a call of batches"),
        ("fine_tuning.jobs", {"model": "gpt-4.1"}, "a call of fine_tuning.jobs"),
        ("raw", {"model": "gpt-4.1"}, "a call of raw"),
    ],
)
def test_what_has_no_bound_says_why_and_the_way_out(endpoint, body, why):
    found = most(endpoint, body)
    assert found.cost is None
    assert why in found.why
    assert found.hint


def test_an_answer_without_a_known_end_must_be_bounded():
    own = {"models": {"mine": {"input": 1e-6, "output": 1e-6}}}
    asked = {**CHAT, "model": "mine"}
    found = most("chat.completions", asked, prices=own)
    assert (found.cost, found.hint.partition(" ")[0]) == (None, "set")
    assert most("chat.completions", {**asked, "max_tokens": 9}, prices=own).cost is not None


def test_what_is_free_costs_nothing():
    assert most("models", {}) == most("files.delete", {}) == Ceiling()
    assert most("raw", None, method="GET") == Ceiling()


def test_a_raw_call_is_what_its_path_says():
    body = {**CHAT, "max_tokens": 5}
    assert most("raw", body, path="/chat/completions") == most("chat.completions", body)


def test_a_model_of_the_body_goes_before_that_of_the_recipe():
    body = {**CHAT, "model": "gpt-4", "max_tokens": 5}
    told = most("chat.completions", body, "gpt-4.1", model="gpt-4.1")
    assert told == most("chat.completions", body)


def test_of_several_names_the_dearest_counts():
    body = {**CHAT, "model": "deployment", "max_tokens": 5}
    cheap, dear = (most("chat.completions", body, name).cost for name in ("gpt-4.1", "gpt-4"))
    both = most("chat.completions", body, "gpt-4.1", "deployment", "gpt-4")
    assert cheap < dear == both.cost


def test_a_priority_costs_more():
    body = {**CHAT, "max_tokens": 5}
    plain, flex, priority = (
        most("chat.completions", {**body, "service_tier": tier}).cost
        for tier in ("auto", "flex", "priority")
    )
    assert flex == pytest.approx(plain, rel=0.1)
    assert priority > 1.7 * plain


def test_what_is_long_costs_more():
    text = "x" * 273_000
    body = {"model": "gpt-6-luna", "max_output_tokens": 1, "input": text}
    assert most("responses", body).cost > 1.9 * 273_000 * 1.25e-7


def test_what_the_service_reads_by_itself_is_as_long_as_the_model_takes():
    body = {"model": "gpt-4.1", "previous_response_id": "resp_1", "max_output_tokens": 16}
    assert most("responses", body).tokens_in == 1_047_576


def test_pictures_have_a_price_of_their_own():
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": [part]}], "max_tokens": 1}
    assert most("chat.completions", body).cost == pytest.approx(0.05, abs=0.001)


def test_spoken_answers_are_priced_as_sound():
    body = {**CHAT, "model": "gpt-audio", "max_tokens": 100, "modalities": ["text", "audio"]}
    assert most("chat.completions", body).cost > 100 * 6.4e-5


@pytest.mark.parametrize(
    ("body", "cost"),
    [
        ({"model": "tts-1", "input": "x" * 100}, 100 * 1.5e-5),
        ({"model": "gpt-4o-mini-tts", "input": "x" * 99}, 100 * 0.00025),
        ({"model": "gpt-4o-mini-tts", "input": "x" * 99, "speed": 0.25}, 400 * 0.00025),
    ],
)
def test_speech_is_bounded_by_its_letters(body, cost):
    assert most("audio.speech", body).cost == pytest.approx(cost)


def test_a_transcript_is_bounded_by_the_seconds_of_its_sound():
    form = Multipart((Part("model", b"whisper-1"), Part("file", WAV, "a.wav")))
    assert most("audio.transcriptions", form).cost == pytest.approx(10 * 0.0001)


def test_a_sound_on_disk_is_asked_how_long_it_lasts():
    file = Part("file", Spool("/x", 5_000_000, ""), "a.mp3")
    form = Multipart((Part("model", b"whisper-1"), file))
    assert most("audio.transcriptions", form, seconds=60.0).cost == pytest.approx(60 * 0.0001)
    assert most("audio.transcriptions", form).cost == pytest.approx(10_000 * 0.0001)


def test_pictures_to_edit_are_read():
    form = Multipart((Part("model", b"gpt-image-1"), Part("n", b"2"), Part("image", b"x", "a.png")))
    found = most("images.edits", form, model="gpt-image-1")
    assert found.cost == pytest.approx(2 * 6240 * 4e-5 + 25_000 * 1e-5, rel=0.01)


def test_a_picture_may_have_one_price():
    own = {"models": {"mine": {"per_image": 0.5}}}
    body = {"model": "mine", "prompt": "x", "n": 3}
    assert most("images.generations", body, prices=own).cost == 1.5


def test_moderations_are_free_by_any_name():
    assert most("moderations", {"input": "x"}).cost == 0


def test_embeddings_cost_what_they_read():
    body = {"model": "text-embedding-3-small", "input": ["x" * 1000] * 10}
    assert most("embeddings", body).cost == pytest.approx(10_000 * 2e-8, rel=0.05)


def realtime(heard=0, **fields):
    items = ({"type": "message", "content": [{"type": "input_text", "text": "Hello"}]},)
    asked = ceiling.session("gpt-realtime-2.1", fields, items, heard)
    return ceiling.ceiling(asked, ("gpt-realtime-2.1",), TABLE, lambda spool: None)


def test_a_session_is_bounded_by_its_longest_response():
    text = realtime(output_modalities=["text"], max_output_tokens=100)
    assert text.cost == pytest.approx(100 * 2.4e-5 + text.tokens_in * 4e-6)
    assert realtime(max_output_tokens=100).cost > 100 * 6.4e-5
    assert realtime(max_output_tokens="inf").tokens_out == 32_000


def test_what_a_session_heard_is_read_anew():
    before, after = realtime(), realtime(heard=1000)
    assert after.cost - before.cost == pytest.approx(1000 * 3.2e-5)


def test_the_transcription_of_a_session_has_no_price():
    found = realtime(audio={"input": {"transcription": {"model": "whisper-1"}}})
    assert found.cost is None
