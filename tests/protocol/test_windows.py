"""What is longer than a model reads: told where it is certain, and nowhere else."""

from __future__ import annotations

import pytest

from runner.protocol.windows import SLICE, Excess, excess
from tests.schemas import load

FAMILIES = load("models.json")
CHAT = "chat.completions"
MINI = "gpt-4.1-mini"
GPT_4 = 8192
LONG = "word " * (GPT_4 + 1)


def talk(content):
    return {"messages": [{"role": "user", "content": content}]}


def test_a_text_of_more_words_than_tokens_are_read_is_too_long():
    assert excess(CHAT, "gpt-4", talk(LONG), FAMILIES) == Excess("messages", GPT_4 + 1, GPT_4)
    assert excess(CHAT, "gpt-4", talk("word " * GPT_4), FAMILIES) is None


@pytest.mark.parametrize("model", ["gpt-4o", MINI, "gpt-7", "llama3.3", "", "ft:gpt-4o:acme::a1"])
def test_what_others_read_or_nobody_knows_passes(model):
    assert excess(CHAT, model, talk(LONG), FAMILIES) is None


def test_a_tuned_model_reads_as_much_as_its_base():
    assert excess(CHAT, "ft:gpt-4-0613:acme::a1", talk(LONG), FAMILIES) is not None


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, " " * 1_000_000, "=" * 1_000_000, "語" * 1_000_000, f"a{' ' * 999}" * 1000],
    ids=["word", "spaces", "rule", "letters", "columns"],
)
def test_what_may_be_few_tokens_passes(text):
    """A token is 128 bytes at the most, and a run of what is no space may be one token."""
    assert excess(CHAT, "gpt-4", talk(text), FAMILIES) is None
    assert excess(CHAT, "gpt-4", talk(text * 2), FAMILIES) is not None


def test_a_word_between_two_slices_counts_once():
    text = f"{'x' * (SLICE - 3)} words {LONG[: GPT_4 * 5 - 10]}"
    assert len(text.split()) == GPT_4
    assert excess(CHAT, "gpt-4", talk(text), FAMILIES) is None


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        (CHAT, talk([{"type": "text", "text": LONG}])),
        (CHAT, {"messages": talk(LONG[::2])["messages"] * 3}),
        ("responses", {"input": LONG}),
        ("responses", {"input": "Hi", "instructions": LONG}),
        ("responses", {"input": [{"role": "user", "content": [{"type": "t", "text": LONG}]}]}),
        ("responses", {"input": [{"type": "function_call_output", "output": LONG}]}),
    ],
)
def test_all_that_is_read_is_counted_together(endpoint, body):
    found = excess(endpoint, "gpt-4", body, FAMILIES)
    assert found is not None
    assert found.field == ("messages" if endpoint == CHAT else "input")


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("responses", {"input": LONG, "truncation": "auto"}),
        ("responses", {"input": LONG, "context_management": [{"type": "compaction"}]}),
        ("responses", {"input": [{"type": "reasoning", "content": [{"text": LONG}]}]}),
        (CHAT, talk([{"type": "image_url", "image_url": {"url": LONG}}])),
        (CHAT, talk([{"type": "file", "file": {"file_data": LONG}}])),
        (CHAT, {"messages": [], "metadata": {"content": LONG}}),
        (CHAT, {"messages": LONG[:0]}),
        (CHAT, {"messages": [None, 1.5, {"content": None}]}),
        (CHAT, {}),
        ("images.generations", {"prompt": LONG}),
        ("raw", {"input": LONG}),
    ],
)
def test_what_is_not_read_or_is_shortened_there_passes(endpoint, body):
    assert excess(endpoint, "gpt-4", body, FAMILIES) is None


@pytest.mark.parametrize(
    ("endpoint", "model", "field"),
    [("embeddings", "text-embedding-3-small", "input"), ("completions", "davinci-002", "prompt")],
)
def test_texts_that_are_read_apart_are_measured_apart(endpoint, model, field):
    def found(given):
        return excess(endpoint, model, {field: given}, FAMILIES) is not None

    half = "word " * 8_000
    assert not found([half] * 9)
    assert not found([[7] * 8_000] * 9)
    assert not found([])
    for long in (half * 3, [7] * 24_000):
        assert found(long)
        assert found(["Hi", long] if isinstance(long, str) else [[7], long])


def test_what_nests_without_end_is_not_looked_into():
    deep: list[object] = [LONG]
    for _ in range(10_000):
        deep = [deep]
    assert excess(CHAT, "gpt-4", talk(deep), FAMILIES) is None


def test_a_window_is_a_whole_number_of_tokens():
    for row in FAMILIES["windows"]:
        assert row.keys() == {"match", "tokens"}
        assert row["match"].startswith("^")
        assert row["match"].endswith("$")
        assert isinstance(row["tokens"], int)
