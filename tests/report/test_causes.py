"""Why rows failed and missed."""

from runner.errors import ApiStatusError, ConnectionFailedError, Mark, StoppedError
from runner.report.causes import MOST, SHOWN, Causes
from runner.results import Check, RunResult, StepResult


def run(name, code, **fields):
    return RunResult("r.recipe.yaml", name, (StepResult(name, "", "failed", **fields),), code)


def failed(name, error):
    return run(name, 3, error=error)


def missed(name, found, line=5):
    check = Check("text contains", False, f"got {found}", Mark("r.recipe.yaml", line, 3))
    return run(name, 1, checks=(check,))


def told(*results):
    causes = Causes()
    for result in results:
        causes.take(result)
    return causes.told().splitlines()


def status(text, code=500):
    return ApiStatusError(text, status=code)


def test_failures_alike_are_one_cause_with_the_first_of_them():
    refused = [ConnectionFailedError(f"no answer after {n} s") for n in (1, 2.5)]
    assert told(
        failed("r[row=a1]", status("no 'chair' at 12:01")),
        failed("r[row=a2]", refused[0]),
        failed("r[row=a3]", status("no 'table' at 12:02")),
        failed("r[row=a4]", status("no 'lamp' at 12:03")),
        failed("r[row=a5]", refused[1]),
    ) == [
        "      3 failed  r[row=a1], r[row=a3], r[row=a4]: no 'chair' at 12:01",
        "      2 failed  r[row=a2], r[row=a5]: no answer after 1 s",
    ]


def test_of_many_the_first_few_are_named():
    ids = [f"r[row={letter}]" for letter in "abcd"]
    rows = told(*(failed(id, status(f"nothing answers {id}")) for id in ids))
    assert rows == ["      4 failed  r[row=a], r[row=b], r[row=c], …: nothing answers r[row=a]"]


def test_whether_a_run_failed_as_none_did_is_known():
    causes = Causes()
    runs = [failed("a", status("no")), failed("b", status("no")), failed("c", status("oh"))]
    assert [causes.take(one) for one in [*runs, missed("d", "x")]] == [True, False, True, False]


def test_statuses_are_told_apart():
    assert len(told(failed("a", status("no", 500)), failed("b", status("no", 502)))) == 2


def test_what_was_missed_is_known_by_its_line():
    assert told(missed("a", "x"), missed("b", "y"), missed("c", "z", line=6)) == [
        "      2 missed  a, b: r.recipe.yaml:5: text contains: got x",
        "      1 missed  c: r.recipe.yaml:6: text contains: got z",
    ]


def test_failures_come_before_misses():
    assert "failed" in told(missed("a", "x"), missed("b", "x"), failed("c", status("no")))[0]


def test_a_run_counts_once_however_many_of_its_steps_failed_alike():
    one = failed("a", status("no"))
    assert told(one._replace(steps=one.steps * 2))[0].startswith("      1 failed")


def test_what_was_stopped_is_no_failure_and_what_passed_neither():
    assert told(failed("a", StoppedError("stopped")), run("b", 0)) == []


def test_failed_runs_are_counted():
    causes = Causes()
    for result in (missed("a", "x"), failed("b", status("no")), failed("c", status("oh"))):
        causes.take(result)
    assert causes.failed == 2


def test_causes_without_end_are_bounded():
    words = ["".join(chr(97 + int(d)) for d in str(n)) for n in range(3 * MOST)]
    rows = told(*(failed(word, status(word)) for word in words))
    assert len(rows) == SHOWN + 1
    assert rows[-1] == f"and {MOST + 1 - SHOWN} more causes"
    assert rows[0].startswith(f"{2 * MOST:>7} failed")


def test_a_message_steers_no_terminal_and_is_bounded():
    (first,) = told(failed("a", status("\x1b[2J" + "x" * 9_000)))
    assert "\x1b" not in first
    assert len(first) < 400
