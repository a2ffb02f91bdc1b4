"""Totals."""

from runner.errors import ConnectionFailedError
from runner.model import Answer
from runner.report.totals import of_run, state_of, totals
from runner.results import RunResult, StepResult

USAGE = {"input_tokens": 15, "output_tokens": 96}


def run_of(*steps, code=0):
    return RunResult("a.recipe.yaml", "a", steps, code)


def step_of(answer=None, **fields):
    return StepResult("a", "", "passed", answer, **fields)


def test_requests_attempts_tokens_and_cost_are_added_up():
    first = step_of(Answer(status=200, usage=USAGE, cost=0.25, requests=2, attempts=3))
    second = step_of(Answer(status=200, usage=USAGE, cost=0.5))
    whole = totals([run_of(first, second), run_of(second, code=1)])
    assert (whole.passed, whole.missed, whole.failed) == (1, 1, 0)
    assert (whole.requests, whole.attempts) == (4, 5)
    assert (whole.input_tokens, whole.output_tokens, whole.measured) == (45, 288, 3)
    assert (whole.cost, whole.unpriced) == (1.25, 0)


def test_what_was_sent_in_vain_counts_and_has_an_unknown_cost():
    failed = step_of(error=ConnectionFailedError("cut"), sent=2)
    whole = of_run(run_of(failed, code=3))
    assert (whole.failed, whole.requests, whole.attempts, whole.unpriced) == (1, 2, 2, 1)


def test_nothing_is_unknown_of_what_was_not_sent():
    assert of_run(run_of(step_of())).unpriced == 0


def test_a_refusal_of_the_service_is_no_charge_but_an_unknown_price_is_unknown():
    refused = step_of(Answer(status=404))
    unknown = step_of(Answer(status=200, usage=USAGE))
    assert of_run(run_of(refused)).unpriced == 0
    assert of_run(run_of(refused, unknown)).unpriced == 1


def test_the_exit_code_names_the_state():
    assert [state_of(run_of(code=code)) for code in (0, 1, 2, 3, 4, 5, 70)] == [
        "passed",
        "missed",
        *["failed"] * 5,
    ]


def repeat_of(number, code=0, **fields):
    whole = {"repeat": number, "repeats": 5, "passes": 4, **fields}
    return RunResult("a.recipe.yaml", f"a#{number}", (step_of(sent=1),), code, **whole)


def test_the_repeats_of_a_case_count_as_one():
    whole = totals([repeat_of(1, 1), *(repeat_of(number) for number in range(2, 6)), run_of()])
    assert (whole.passed, whole.missed, whole.failed, whole.tolerated) == (2, 0, 0, 1)
    assert whole.requests == 5


def test_a_case_that_passed_too_seldom_is_missed_once():
    whole = totals([repeat_of(1, 1), repeat_of(2, 1), repeat_of(3)])
    assert (whole.passed, whole.missed, whole.failed, whole.tolerated) == (0, 1, 0, 0)


def test_a_failure_is_never_tolerated():
    assert totals([repeat_of(1, 3), repeat_of(2)]).failed == 1


def test_the_repeats_of_two_recipes_are_two_cases():
    other = repeat_of(1)._replace(recipe="b.recipe.yaml")
    assert totals([repeat_of(1), other]).passed == 2
