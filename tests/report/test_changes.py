"""What changed since a baseline."""

import pytest

from runner.report.baseline import read
from runner.report.changes import DRIFTS, Change, Changes, Comparison
from runner.report.encoding import unchanged
from runner.report.lines import JsonLines
from tests.report.runs import RECIPE, answer, lines, repeat, run


def changes(before, now, hide=unchanged):
    report = JsonLines(hide)
    told = [report.take(one, lines) for one in before]
    comparison = Comparison(read(told, "old.json"), "old.json", hide)
    for one in now:
        comparison.take(one)
    return comparison.end()


def found(before, now):
    return [(one.run_id, one.kind, one.was, one.now) for one in changes(before, now).changes]


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("passed", "missed", "newly failing"),
        ("passed", "failed", "newly failing"),
        ("missed", "passed", "newly passing"),
        ("failed", "passed", "newly passing"),
        ("missed", "missed", "still failing"),
        ("missed", "failed", "still failing"),
    ],
)
def test_verdicts_change(was, now, kind):
    assert found([run("a", was)], [run("a", now)]) == [("a", kind, was, now)]


def test_what_is_as_before_is_no_change():
    told = changes([run("a")], [run("a")])
    assert told == Changes("old.json", (), {}, 1, 1, 0, (0.01, 0.01), (1.0, 1.0))


def test_cases_come_and_go():
    told = found([run("a"), run("b", "missed")], [run("a"), run("c")])
    assert told == [("c", "new", None, "passed"), ("b", "gone", "missed", None)]


@pytest.mark.parametrize(
    ("was", "now", "change"),
    [
        ({"model": "a-1"}, {"model": "a-2"}, ("model", "a-1", "a-2")),
        ({"fingerprint": "fp_1"}, {"fingerprint": "fp_2"}, ("fingerprint", "fp_1", "fp_2")),
        ({"fingerprint": "fp_1"}, {}, ("fingerprint", "fp_1", "")),
        ({"cost": 0.01}, {"cost": 0.012}, ("cost", 0.01, 0.012)),
        ({"cost": 0.01}, {"cost": 0.005}, ("cost", 0.01, 0.005)),
        ({"latency": 1.0}, {"latency": 1.9}, ("latency", 1.0, 1.9)),
        ({"text": "Rome."}, {"text": "Paris."}, ("text", "Rome.", "Paris.")),
    ],
)
def test_answers_drift(was, now, change):
    assert found([run(answer=answer(**was))], [run(answer=answer(**now))]) == [("ask", *change)]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({"cost": 0.01}, {"cost": 0.0109}),
        ({"cost": 0.01}, {"cost": None}),
        ({"cost": 0.0}, {"cost": 0.0}),
        ({"latency": 0.01}, {"latency": 0.4}),
        ({"latency": 10.0}, {"latency": 14.0}),
        ({"text": None}, {"text": "Paris."}),
    ],
)
def test_what_changes_little_or_is_not_known_is_no_drift(was, now):
    assert found([run(answer=answer(**was))], [run(answer=answer(**now))]) == []


def test_a_model_that_did_not_answer_is_no_other_model():
    told = found([run("a")], [run("a", "failed", error=ValueError("x"))])
    assert ("a", "newly failing", "passed", "failed") in told
    assert "model" not in [kind for _, kind, _, _ in told]


def test_long_texts_are_cut_to_where_they_part():
    was, now = "x" * 2_000 + "Rome" + "y" * 1_500, "x" * 2_000 + "Paris" + "y" * 1_500
    (change,) = changes([run(answer=answer(text=was))], [run(answer=answer(text=now))]).changes
    assert change.was.startswith("…xxx")
    assert change.was.endswith("yyy…")
    assert "xRomey" in change.was
    assert "xParisy" in change.now
    assert max(len(change.was), len(change.now)) < 900


def test_repeats_are_compared_as_one_case():
    before = [repeat(number) for number in range(1, 6)]
    now = [repeat(number, "missed" if number < 3 else "passed") for number in range(1, 6)]
    assert found(before, now) == [("ask", "newly failing", "passed", "missed")]
    assert found(before, [repeat(1, "missed"), *before[1:]]) == []


def test_texts_of_repeats_are_not_compared():
    now = [repeat(number, answer=answer(text=f"{number}")) for number in range(1, 6)]
    assert found([repeat(number) for number in range(1, 6)], now) == []


def test_recipes_of_one_name_are_told_apart():
    other = "other/ask.recipe.yaml"
    before = [run(), run(recipe=other)]
    (change,) = changes(before, [run(), run("ask", "missed", recipe=other)]).changes
    assert (change.kind, change.recipe) == ("newly failing", other)


def test_a_recipe_that_moved_is_known_by_its_name():
    assert found([run()], [run(recipe="moved/ask.recipe.yaml")]) == []
    assert found([run()], [run(recipe=f"./{RECIPE}")]) == []


def test_a_name_that_two_recipes_have_moves_nowhere():
    before = [run(), run(recipe="other/ask.recipe.yaml")]
    kinds = [kind for _, kind, _, _ in found(before, [run(recipe="moved/ask.recipe.yaml")])]
    assert kinds == ["new", "gone", "gone"]


def test_sums_are_those_of_the_cases_in_both():
    before = [run("a"), run("b"), run("gone")]
    now = [run("a", answer=answer(cost=0.02, latency=3.0)), run("b"), run("new")]
    told = changes(before, now)
    assert (told.matched, told.alike) == (2, 1)
    assert told.cost == pytest.approx((0.02, 0.03))
    assert told.latency == (2.0, 4.0)
    unknown = changes(before, [run("a", answer=answer(cost=None))])
    assert unknown.cost is None


def test_texts_are_compared_as_they_are_written_masked():
    def hide(text):
        return text.replace("secret-1", "***").replace("secret-2", "***")

    before = [run(answer=answer(text="a secret-1"))]
    assert changes(before, [run(answer=answer(text="a secret-2"))], hide).changes == ()


def test_changes_are_bounded_and_counted():
    told = changes([run()], [run(), *(run(f"a{number}") for number in range(1_200))])
    assert len(told.changes) == 1_000
    assert told.counts == {"new": 1_200}


def test_a_regression_is_what_fails_and_did_not():
    before = [run("a"), run("b", "missed")]
    now = [run("a", "missed"), run("b", "missed"), run("c", "missed"), run("d")]
    told = changes(before, now)
    assert told.regressions == 2
    assert told.failing(("regression",))
    assert not changes(before, [run("a"), run("b", "missed"), run("d")]).failing(("regression",))


@pytest.mark.parametrize("kind", DRIFTS)
def test_a_drift_fails_by_its_name_and_as_any(kind):
    told = Changes("", (Change("a", kind, 1, 2),), {kind: 1})
    assert told.failing((kind,))
    assert told.failing(("drift",))
    assert not told.failing(("regression",))
    assert not any(told.failing((other,)) for other in DRIFTS if other != kind)
    assert not told.failing(())
