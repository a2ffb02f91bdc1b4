"""What only a model can tell: it is asked, noted, and never guessed."""

import pytest

from runner.errors import RecipeError, ServiceError
from runner.expect import asked, judge
from runner.expect.asking import Finding, Likeness, Rubric

JUDGE = {"judge": {"model": "m", "rubric": "Is it so?", "at_least": 0.5}}
NEAR = {"text": {"similar_to": {"text": "a boat", "model": "e", "at_least": 0.5}}}


def one(expectation, score=0.5, **reply):
    """The check, and the questions that were asked."""
    questions = []

    def ask(question):
        questions.append(question)
        return Finding(question.model, score, "because")

    (check,) = judge([expectation], {"text": "a canal", **reply}, ask=ask)
    return check, questions


def test_a_judge_is_asked_by_model_rubric_and_params():
    wanted = {"judge": {**JUDGE["judge"], "params": {"temperature": 0}}}
    check, questions = one(wanted)
    assert questions == [Rubric("m", "Is it so?", {"temperature": 0})]
    assert check == ("judge", True, "", None, "m gave 0.5: because")


def test_a_low_score_is_missed_with_its_reason():
    check, _ = one(JUDGE, 0.49)
    assert not check.passed
    assert check.message == "expected a score of at least 0.5, m gave 0.49: because"
    assert check.note == "m gave 0.49: because"


@pytest.mark.parametrize(("score", "passed"), [(0.7, True), (0.69, False)])
def test_a_judge_must_be_content_to_seven_tenths_unless_told(score, passed):
    assert one({"judge": {"model": "m", "rubric": "r"}}, score)[0].passed is passed


@pytest.mark.parametrize(("score", "passed"), [(0.5, False), (0.4, True)])
def test_the_opposite_of_a_verdict_says_what_was_found(score, passed):
    check, _ = one({"not": JUDGE}, score)
    assert (check.name, check.passed) == ("not judge", passed)
    assert ("because" in check.message) is not passed


def test_texts_are_compared_by_a_model_where_one_is_named():
    check, questions = one(NEAR, 0.4)
    assert questions == [Likeness("e", "a canal", "a boat")]
    assert check.message == "expected text at least 0.5 like 'a boat', got 0.40: 'a canal'"
    assert one(NEAR, 0.5)[0].passed


@pytest.mark.parametrize(
    "wanted",
    [
        {"json": {"a.0": NEAR["text"]}},
        {"not": {"not": {"json": {"a.0": NEAR["text"]}}}},
        {"tool_calls": [{"name": "f", "result": NEAR["text"]}]},
        {"events": [{"delta": NEAR["text"]}]},
    ],
)
def test_a_model_may_be_asked_wherever_a_check_of_text_stands(wanted):
    calls = [{"name": "f", "arguments": {}, "result": "a canal"}]
    events = [{"type": "x", "delta": "a canal"}]
    check, questions = one(wanted, json={"a": ["a canal"]}, tool_calls=calls, events=events)
    assert check.passed
    assert questions == [Likeness("e", "a canal", "a boat")]


def test_data_that_looks_like_a_check_is_data():
    data = {"similar_to": {"text": "x", "model": "m"}, "judge": {"model": "m"}}
    check, questions = one({"json": {"a": {"equals": data}}}, json={"a": data})
    assert (check.passed, questions) == (True, [])


@pytest.mark.parametrize("wanted", [JUDGE, NEAR, {"not": JUDGE}, {"not": NEAR}])
def test_what_fails_while_asking_is_an_error_and_no_miss(wanted):
    def ask(question):
        message = "no answer"
        raise ServiceError(message)

    with pytest.raises(ServiceError, match="no answer"):
        judge([wanted], {"text": "a canal"}, ask=ask)
    with pytest.raises(RecipeError, match="nothing here can ask"):
        judge([wanted], {"text": "a canal"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"judge": {"model": "m", "rubric": "r", "at_least": 1.5}},
        {"judge": {"model": "m", "rubric": "r", "at_least": "0.5"}},
        {"judge": {"model": "m", "rubric": None}},
        {"judge": {"model": True, "rubric": "r"}},
        {"judge": "m"},
        {"text": {"similar_to": {"text": "a", "model": "", "at_least": 0.5}}},
    ],
)
def test_what_was_rendered_to_nonsense_is_never_asked(wrong):
    with pytest.raises(RecipeError):
        one(wrong)


def test_what_will_be_asked_is_known_before():
    rows = [JUDGE, {"not": NEAR}, {"text": {"similar_to": "x"}}, {"json": {"a": NEAR["text"]}}]
    found = [(endpoint, row["model"]) for endpoint, row in asked(rows)]
    assert found == [("chat.completions", "m"), ("embeddings", "e"), ("embeddings", "e")]


@pytest.mark.parametrize(
    "row",
    [
        {"text": {"contains": ["a", "b"]}},
        {"events": ["a", {"b": "c"}]},
        {"json": {"a": {"equals": {"judge": {"model": "m"}}}}},
        {"text": "a"},
        None,
    ],
)
def test_of_texts_and_data_nobody_is_asked(row):
    assert asked([row]) == []
