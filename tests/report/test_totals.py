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
