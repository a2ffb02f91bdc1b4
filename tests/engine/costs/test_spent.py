"""What was answered is counted and priced, though no answer came of it."""

import json

import pytest

from runner.errors import ConnectionFailedError, HookError, ToolLoopError
from runner.report import console, records
from tests.engine.playing import CHAT, calls, chat, play, refused

TOOLS = f"{CHAT}messages: [{{user: Hello}}]\ntools: [{{name: look, returns: seen}}]\n"
FAILS = TOOLS.replace("returns: seen", 'returns: "{{ 1 // 0 }}"') + "on_tool_error: fail\n"
PRICE = (3 * 2 + 2 * 8) / 1e6
"""Of one reply of gpt-4.1: three tokens and two."""


def told(played):
    whole = json.loads(records.as_json([played.result]))
    return console.summary([played.result]), whole["totals"], whole["runs"][0]["steps"][0]["spent"]


@pytest.mark.parametrize(
    ("text", "replies", "rounds", "error"),
    [
        (FAILS, [calls("look")], 1, HookError),
        (TOOLS + "max_tool_rounds: 1\n", [calls("look")] * 2, 2, ToolLoopError),
    ],
)
def test_a_tool_loop_that_fails_says_what_its_replies_cost(tmp_path, text, replies, rounds, error):
    played = play(tmp_path, text, *replies)
    assert isinstance(played.error, error)
    assert played.answer is None
    line, totals, spent = told(played)
    assert f"{3 * rounds} + {2 * rounds} tokens" in line
    assert totals["cost"] == pytest.approx(PRICE * rounds)
    assert spent["cost"] == pytest.approx(PRICE * rounds)
    assert spent["usage"]["total_tokens"] == 5 * rounds


def test_a_refusal_after_a_paid_reply_costs_nothing_more(tmp_path):
    line, totals, _ = told(play(tmp_path, TOOLS, calls("look"), refused(400)))
    assert "2 requests" in line
    assert totals["cost"] == pytest.approx(PRICE)


def test_what_broke_off_after_a_paid_reply_may_cost_more(tmp_path):
    played = play(tmp_path, TOOLS, calls("look"), ConnectionFailedError("cut"))
    line, totals, spent = told(played)
    assert "3 + 2 tokens" in line
    assert "at least $" in line
    assert totals["cost"] is None
    assert spent["cost"] == pytest.approx(PRICE)


def test_stopped_between_rounds_the_first_is_counted(tmp_path):
    line, _, _ = told(play(tmp_path, TOOLS, calls("look"), KeyboardInterrupt()))
    assert "3 + 2 tokens" in line


def test_an_answer_leaves_nothing_to_be_counted_again(tmp_path):
    line, _, spent = told(play(tmp_path, TOOLS, calls("look"), chat("Hi")))
    assert "6 + 4 tokens" in line
    assert spent is None
