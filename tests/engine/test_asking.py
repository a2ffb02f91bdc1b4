"""Models are asked what expectations want to know; what that takes is counted."""

import json

import pytest

from runner.errors import ServiceError
from runner.exchange import Reply
from runner.report.totals import of_run
from tests.engine.playing import HELLO, calls, chat, play, refused, reply

JUDGED = HELLO + "expect: [{judge: {model: gpt-4.1-mini, rubric: 'Says {{ text }}.'}}]\n"
NEAR = HELLO + "expect: [{text: {similar_to: {text: Hello, model: text-embedding-3-small}}}]\n"


def verdict(score, reason="so", **message):
    return chat(json.dumps({"reason": reason, "score": score}), **message)


def vectors(*rows):
    data = [{"index": place, "embedding": row} for place, row in enumerate(rows)]
    usage = {"prompt_tokens": 4, "total_tokens": 4}
    return reply({"data": data, "model": "text-embedding-3-small", "usage": usage})


def judging_of(played):
    """What the judges of the last step used."""
    found = played.result.steps[-1].judging
    assert found is not None
    return found


def check_of(played):
    (check,) = played.result.steps[0].checks
    return check


def test_a_judge_gets_rubric_answer_and_a_schema(tmp_path):
    played = play(tmp_path, JUDGED, chat("Hi"), verdict(0.9, "it does"))
    body = played.script.bodies[1]
    assert (body["model"], body["messages"][0]["role"]) == ("gpt-4.1-mini", "system")
    assert body["messages"][0]["content"].endswith("Rubric:\nSays Hi.")
    assert body["messages"][1]["content"].split("\n")[1:-1] == ["Hi"]
    assert body["response_format"]["json_schema"]["name"] == "verdict"
    assert set(body) == {"model", "messages", "response_format"}
    assert check_of(played)[1:] == (
        True,
        "",
        check_of(played).mark,
        "gpt-4.1-mini gave 0.9: it does",
    )
    assert played.result.exit_code == 0
    assert [request.ordinal for request in played.script.sent] == [0, 1]
    assert len({request.run_id for request in played.script.sent}) == 1


def test_what_was_asked_counts_in_the_run_and_not_in_the_reply(tmp_path):
    played = play(tmp_path, JUDGED, chat("Hi"), verdict(0.9)._replace(attempts=3))
    step, used = played.result.steps[0], judging_of(played)
    assert (step.sent, step.attempts, used.requests) == (2, 4, 1)
    assert played.answer.usage["total_tokens"] == used.usage["total_tokens"] == 5
    whole = of_run(played.result)
    assert (whole.requests, whole.attempts, whole.input_tokens) == (2, 4, 6)
    assert whole.cost == pytest.approx(played.answer.cost + used.cost)
    assert not whole.unpriced


def test_a_price_that_is_unknown_is_not_nothing(tmp_path):
    text = JUDGED.replace("gpt-4.1-mini", "mine")
    other = json.loads(verdict(1).body) | {"model": "mine"}
    played = play(tmp_path, text, chat("Hi"), reply(other))
    assert judging_of(played).cost is None
    assert of_run(played.result).unpriced == 1


def test_params_of_the_judge_go_along_and_may_replace_the_schema(tmp_path):
    params = "params: {temperature: 0, response_format: {type: text}}"
    text = JUDGED.replace("}}]", f", {params}}}}}]")
    body = play(tmp_path, text, chat("Hi"), verdict(1)).script.bodies[1]
    assert (body["temperature"], body["response_format"]) == (0, {"type": "text"})


@pytest.mark.parametrize(
    "text",
    ['{"score": 1, "reason": "x"}', 'Sure!\n```json\n{"score": 0.7}\n```', 'x {"score": 1}.'],
)
def test_a_verdict_is_found_within_a_text(tmp_path, text):
    assert play(tmp_path, JUDGED, chat("Hi"), chat(text)).result.exit_code == 0


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (chat("I like it"), "its verdict cannot be read: expected JSON with a score from 0 to 1"),
        (verdict(2), "a score from 0 to 1"),
        (chat(None, refusal="I will not"), "it refused: I will not"),
        (refused(500), "the service answered 500"),
        (ServiceError("nobody there"), "nobody there"),
        (reply({"choices": []}), "the reply has no choices"),
    ],
)
@pytest.mark.parametrize("negated", [False, True])
def test_a_judge_that_fails_is_an_error_and_no_miss(tmp_path, outcome, why, negated):
    text = JUDGED.replace("[{judge", "[{not: {judge").replace("}}]", "}}}]") if negated else JUDGED
    played = play(tmp_path, text, chat("Hi"), outcome)
    assert (played.states, played.result.exit_code) == ([("", "failed")], 3)
    assert str(played.error).startswith("gpt-4.1-mini, asked to judge: ")
    assert why in str(played.error)
    assert played.answer.text == "Hi"
    assert of_run(played.result).requests == 2
    assert b"Hi" in (tmp_path / "out/.runner/failed/case.body").read_bytes()


def test_a_verdict_that_cannot_be_read_is_paid_all_the_same(tmp_path):
    played = play(tmp_path, JUDGED, chat("Hi"), chat("I like it"))
    assert of_run(played.result).input_tokens == 6
    assert not of_run(played.result).unpriced
    assert of_run(play(tmp_path, JUDGED, chat("Hi"), ServiceError("cut")).result).unpriced == 1
    assert not of_run(play(tmp_path, JUDGED, chat("Hi"), refused(404)).result).unpriced


def test_the_same_question_is_asked_once(tmp_path):
    row = "{judge: {model: gpt-4.1-mini, rubric: r}}"
    played = play(tmp_path, HELLO + f"expect: [{row}, {{not: {row}}}]\n", chat(), verdict(1))
    assert [check.passed for check in played.result.steps[0].checks] == [True, False]
    assert all(check.note for check in played.result.steps[0].checks)


def test_texts_are_compared_by_their_embeddings(tmp_path):
    played = play(tmp_path, NEAR, chat("Hi"), vectors([3, 4], [4, 3]))
    assert played.script.bodies[1] == {"model": "text-embedding-3-small", "input": ["Hi", "Hello"]}
    assert check_of(played).note == "text-embedding-3-small gave 0.96"
    assert played.result.exit_code == 0
    assert judging_of(played).cost > 0
    assert play(tmp_path, NEAR, chat("Hi"), vectors([1, 0], [0, 1])).result.exit_code == 1


@pytest.mark.parametrize("found", [[[1, 0]], [[1, 0], [1]], [[0, 0], [1, 0]], [[], []], ["!", "!"]])
def test_embeddings_that_cannot_be_compared_are_an_error(tmp_path, found):
    played = play(tmp_path, NEAR, chat("Hi"), vectors(*found))
    assert played.result.exit_code == 3
    assert "asked to compare texts: " in str(played.error)


def test_nothing_is_asked_of_an_empty_text(tmp_path):
    played = play(tmp_path, NEAR, chat(" "))
    assert (played.result.exit_code, len(played.script.sent)) == (1, 1)
    assert "an empty text has no embedding" in check_of(played).message


def test_an_answer_that_only_calls_is_judged_by_its_json(tmp_path):
    text = JUDGED.replace("{{ text }}", "it") + "tools: [{name: w, parameters: {}}]\n"
    played = play(tmp_path, text, calls("w"), verdict(1))
    assert '"name": "w"' in played.script.bodies[1]["messages"][1]["content"]


def test_a_sound_alone_is_not_judged(tmp_path):
    text = "endpoint: audio.speech\nmodel: tts-1\ninput: Hi\nparams: {voice: nova}\n"
    text += "expect: [{judge: {model: m, rubric: r}}]\n"
    played = play(tmp_path, text, Reply(200, {"content-type": "audio/mpeg"}, b"ID3" + bytes(99)))
    assert (played.result.exit_code, len(played.script.sent)) == (1, 1)
    assert "no text and no picture" in check_of(played).message


def test_the_last_reply_of_steps_is_judged_beside_them(tmp_path):
    text = (
        "model: gpt-4.1\n"
        "steps:\n"
        "  - {name: a, endpoint: chat.completions, messages: [{user: x}]}\n"
        "  - {name: b, endpoint: chat.completions, messages: [{user: y}]}\n"
        "expect: [{judge: {model: gpt-4.1-mini, rubric: 'Not {{ steps.a.text }}.'}}]\n"
    )
    played = play(tmp_path, text, chat("one"), chat("two"), verdict(0.2, "no"))
    assert played.states == [("a", "passed"), ("b", "passed"), ("expect", "missed")]
    said = played.script.bodies[2]["messages"]
    assert said[0]["content"].endswith("Not one.")
    assert said[1]["content"].split("\n")[1] == "two"
    last = played.result.steps[-1]
    assert (last.sent, last.attempts, last.answer) == (1, 1, None)
    whole = of_run(played.result)
    assert (whole.requests, whole.input_tokens, whole.unpriced) == (3, 9, 0)
    assert played.script.sent[2].run_id == "case::expect"
