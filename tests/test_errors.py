"""Errors tell where, what and the way out, and never a key."""

import pickle

import pytest

from runner.errors import ApiStatusError, Fault, Mark, RecipeError, covered


def test_a_fault_points_at_its_place():
    fault = Fault("expected text", Mark("a.yaml", 12, 5, 3), "model", "quote it", "a: [b, c]")
    assert str(fault) == (
        "a.yaml:12:5: model: expected text\n  12 | a: [b, c]\n     |     ^^^\n  hint: quote it"
    )


def test_a_long_line_is_cut_around_its_place():
    fault = Fault("no", Mark("a.yaml", 1, 5001, 4), source="x" * 5000 + "here" + "y" * 5000)
    _, text, caret = str(fault).split("\n")
    start = caret.index("^")
    assert text[start : start + 4] == "here"
    assert len(text) < 120


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key: sk-1234567890 # mine", "key: sk-********** # mine"),
        ("a: Bearer abcdefgh.ij", "a: Bearer ***********"),
        ("a task-force, sk-short", "a task-force, sk-short"),
    ],
)
def test_what_looks_like_a_key_is_covered(text, shown):
    assert covered(text) == shown
    fault = Fault(text, Mark("a.yaml", 1, 1), hint=text, source=text)
    assert str(fault).count(shown) == 3


def test_faults_stand_in_the_order_of_the_file():
    late, early = Fault("b", Mark("a.yaml", 9, 1)), Fault("a", Mark("a.yaml", 2, 1))
    assert RecipeError.of(late, early).faults == (early, late)


def test_errors_travel_between_processes():
    error = ApiStatusError("no", hint="wait", status=429, code="slow")
    found = pickle.loads(pickle.dumps(error))
    assert (str(found), found.status, found.code) == ("no\n  hint: wait", 429, "slow")
