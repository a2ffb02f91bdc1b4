"""What changed, as text."""

from runner.report.changes import Change, Changes
from runner.report.since import between, diff, failing, told

FOUND = (
    Change("a", "newly failing", "passed", "missed"),
    Change("b", "newly passing", "failed", "passed"),
    Change("c", "new", None, "missed"),
    Change("d", "gone", "passed", None),
    Change("e", "model", "m-1", "m-2"),
    Change("e", "fingerprint", "", "fp_2"),
    Change("e", "cost", 0.01, 0.013),
    Change("e", "latency", 1.0, 2.5),
    Change("e", "text", "one\ntwo\nthree", "one\n2\nthree"),
)


def changes_of(*found, **fields):
    counts: dict[str, int] = {}
    for change in found:
        counts[change.kind] = counts.get(change.kind, 0) + 1
    return Changes("old.json", found, counts, **fields)


def test_each_kind_is_told():
    text = told(changes_of(*FOUND, matched=4, alike=2, cost=(0.1, 0.2), latency=(4.0, 5.0)))
    assert text.split("\n") == [
        "since old.json: 1 newly failing · 1 newly passing · 1 new · 1 not run · 1 other model · "
        "1 other fingerprint · 1 other cost · 1 other latency · 1 other text · 2 as before · "
        "cost $0.1000 → $0.2000 (+100%) · time 4.0 s → 5.0 s (+25%)",
        "  newly failing      a  passed → missed",
        "  newly passing      b  failed → passed",
        "  new                c  missed",
        "  not run            d  passed",
        "  other model        e  m-1 → m-2",
        "  other fingerprint  e  none → fp_2",
        "  other cost         e  $0.0100 → $0.0130 (+30%)",
        "  other latency      e  1.0 s → 2.5 s (+150%)",
        "  other text         e",
        "       one",
        "      -two",
        "      +2",
        "       three",
    ]


def test_cases_of_one_name_are_told_apart_by_their_files():
    same = (Change("a[m=1]", "new", None, "passed", f"{folder}/a.recipe.yaml") for folder in "xy")
    assert told(changes_of(*same)).split("\n")[1:] == [
        "  new                x/a.recipe.yaml[m=1]  passed",
        "  new                y/a.recipe.yaml[m=1]  passed",
    ]


def test_what_fails_a_run_is_told():
    changes = changes_of(*FOUND, regressions=2)
    assert failing(changes, ("regression", "model")) == (
        "--fail-on regression, model: 2 regressions · 1 other model"
    )
    assert failing(changes, ("drift",)).startswith("--fail-on drift: 1 other model · 1 other fi")
    assert not failing(changes_of(regressions=1), ("model",))


def test_nothing_that_changed_is_told_in_a_line():
    assert told(changes_of(matched=3, alike=3)) == "since old.json: 3 as before"


def test_many_of_a_kind_are_counted():
    many = changes_of(*(Change(f"a{n}", "new", None, "passed") for n in range(50)))
    rows = told(many._replace(counts={"new": 5_000})).split("\n")
    assert len(rows) == 22
    assert rows[-1] == "  … and 4,980 more new"


def test_a_long_diff_is_bounded():
    rows = diff(Change("a", "text", "", "\n".join(f"line {n}" for n in range(500))))
    assert len(rows) == 31
    assert rows[-1] == "… and 470 more lines"


def test_what_models_said_steers_no_terminal():
    odd = Change("a\x1b[2J", "text", "one", "\x1b[31mtwo")
    other = Change("b", "model", "m", "\x1b]0;x")
    assert "\x1b" not in told(changes_of(odd, other))


def test_a_change_is_told_in_a_line():
    assert [between(change) for change in FOUND[:4]] == [
        "passed → missed",
        "failed → passed",
        "missed",
        "passed",
    ]
