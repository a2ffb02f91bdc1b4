"""The exit code of several runs."""

import pytest

from runner.engine.groups import Verdict
from runner.results import RunResult, StepResult


def run(code, number=0, repeats=0, passes=0):
    run_id = f"r#{number}" if number else "r"
    return RunResult(
        "r.recipe.yaml", run_id, (), code, repeat=number, repeats=repeats, passes=passes
    )


@pytest.mark.parametrize(
    ("codes", "passes", "code"),
    [
        ([0, 1, 0], 2, 0),
        ([0, 1, 1], 2, 1),
        ([1, 0, 0], 3, 1),
        ([0, 3, 0], 2, 3),
        ([1, 1], 1, 0),
        ([1, 1, 1], 1, 1),
    ],
)
def test_enough_of_three_repeats(codes, passes, code):
    verdict = Verdict()
    for number, one in enumerate(codes, 1):
        verdict.take(run(one, number, 3, passes))
    assert verdict.code == code


def test_the_gravest_of_several_recipes_counts():
    verdict = Verdict()
    for code in (0, 1, 3, 5):
        verdict.take(run(code))
    assert verdict.code == 3


@pytest.mark.parametrize(("args", "code"), [((), 130), ((15,), 143)])
def test_what_was_stopped_says_so(args, code):
    verdict = Verdict()
    verdict.take(run(3))
    verdict.stop(KeyboardInterrupt(*args))
    assert verdict.code == code


@pytest.mark.parametrize(("sent", "code"), [(0, 2), (1, 3)])
def test_what_was_sent_is_not_denied(sent, code):
    verdict = Verdict()
    step = StepResult("r", "", "passed", sent=sent)
    verdict.take(run(0)._replace(steps=(step,)))
    verdict.take(run(2))
    assert verdict.code == code
