"""JUnit reports, as junitparser and an XML parser read them."""

from xml.etree import ElementTree as Tree

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from runner.errors import ApiStatusError, Fault, Mark, RecipeError, ServiceError, placed
from runner.exchange import Spool
from runner.model import Artifact
from runner.report.encoding import unchanged
from runner.report.junit import Junit
from runner.results import RunResult, StepResult, Written
from tests.report.runs import MISSED, RECIPE, Memory, answer, lines, repeat, run

SKIPPED = RunResult(RECIPE, "idle", (StepResult("idle", "", "skipped"),), 0)


def written(*runs, hide=unchanged):
    report = Junit(hide, Memory())
    assert [report.take(one, lines) for one in runs] == [""] * len(runs)
    return "".join(report.end())


def cases(*runs):
    return list(Tree.fromstring(written(*runs)).iter("testcase"))


def properties(case):
    return {row.get("name"): row.get("value") for row in case.iter("property")}


def test_a_suite_for_each_recipe_and_a_case_for_each_run():
    other = "recipes/other.recipe.yaml"
    read = JUnitXml.fromstring(
        written(
            run("a", place=0),
            run("b", "missed", place=1),
            run("c", recipe=other, place=2),
            run("d", "failed", error=ApiStatusError("broken"), place=3),
            SKIPPED._replace(place=4),
        )
    )
    assert [suite.name for suite in read] == [RECIPE, other]
    first = next(iter(read))
    assert [case.name for case in first] == ["a", "b", "d", "idle"]
    kinds = [[type(result) for result in case.result] for case in first]
    assert kinds == [[], [Failure], [Error], [Skipped]]
    assert (first.tests, first.failures, first.errors, first.skipped) == (4, 1, 1, 1)
    assert (read.tests, read.failures, read.errors, read.skipped) == (5, 1, 1, 1)
    assert (first.time, read.time) == (6.0, 8.0)


def test_cases_stand_in_the_order_in_which_they_were_chosen():
    told = cases(run("b", place=1), run("a", place=0), run("c", recipe="x", place=2))
    assert [case.get("name") for case in told] == ["a", "b", "c"]


def test_a_missed_expectation_says_what_and_where():
    (case,) = cases(run("ask[model=gpt-4.1]", "missed"))
    assert (case.get("name"), case.get("classname")) == ("ask[model=gpt-4.1]", RECIPE)
    assert (case.get("file"), case.get("line"), case.get("time")) == (RECIPE, "7", "2.000")
    (failure,) = case.iter("failure")
    assert failure.get("type") == "text contains"
    assert failure.get("message") == "text contains: expected text with 'Paris', got 'Rome'"
    assert failure.text == (
        f"{RECIPE}:7:5: text contains: expected text with 'Paris', got 'Rome'\n"
        "  7 |   - text: {contains: Paris}\n"
        "    |     ^^^^"
    )


def test_several_misses_are_one_failure():
    other = MISSED._replace(name="status", message="expected 200, got 404")
    (case,) = cases(run("a", "missed", checks=(MISSED, other)))
    (failure,) = case.iter("failure")
    assert (failure.get("message") or "").endswith("got 'Rome' (and 1 more)")
    assert "expected 200, got 404" in (failure.text or "")


def test_an_error_beside_a_miss_is_an_error():
    error = ApiStatusError("broken\nbadly", hint="wait")
    (case,) = cases(run("a", "failed", error=error, checks=(MISSED,)))
    assert [child.tag for child in case][:2] == ["properties", "error"]
    (told,) = case.iter("error")
    assert (told.get("type"), told.get("message")) == (
        "ApiStatusError",
        "broken badly (and 1 more)",
    )
    assert "hint: wait" in (told.text or "")
    assert "got 'Rome'" in (told.text or "")


def test_a_fault_of_a_later_step_has_its_line():
    error = RecipeError.of(Fault("bad", Mark(RECIPE, 12, 3)))
    (case,) = cases(run("a", "failed", error=error))
    assert case.get("line") == "12"


def test_a_miss_in_a_file_that_is_built_on_has_no_line_of_the_recipe():
    mark = Mark("recipes/shared.yaml", 99, 1)
    (case,) = cases(run("a", "missed", checks=(MISSED._replace(mark=mark),)))
    assert case.get("line") == "1"


def test_properties_tell_model_cost_tokens_and_cell():
    reply = answer(fingerprint="fp_1", request_id="req_1", cost=0.00000206)
    cell = {"model": "gpt-4.1"}
    (case,) = cases(run("a", answer=reply, cell=cell, tags=("chat", "smoke"), row_id="7"))
    assert properties(case) == {
        "requests": "1",
        "attempts": "1",
        "input_tokens": "15",
        "output_tokens": "96",
        "cost": "0.00000206",
        "model": "gpt-4.1-2025-04-14",
        "fingerprint": "fp_1",
        "request_id": "req_1",
        "matrix.model": "gpt-4.1",
        "tags": "chat, smoke",
        "row_id": "7",
    }


def test_the_output_is_bounded_and_names_the_files():
    files = (Written("out/a.png", "image", "00", 1200), Written("out/x", "failed", "00", 3))
    reply = answer(text="x" * 50_000, artifacts=(Artifact("image", "image/png", Spool("", 1, "")),))
    (case,) = cases(run("a", answer=reply, files=files))
    told = case.findtext("system-out") or ""
    assert told.startswith("wrote out/a.png (1.2 kB)\nthe reply is kept in out/x (3 B)\nxxx")
    assert len(told) < 5_000


def test_a_huge_failure_is_bounded():
    checks = tuple(MISSED._replace(message="y" * 9_000) for _ in range(50))
    assert len(written(run("a", "missed", checks=checks))) < 25_000


def test_misses_that_are_tolerated_are_no_failures():
    told = cases(repeat(1, "missed"), *(repeat(number) for number in range(2, 6)))
    assert [case.get("name") for case in told] == [f"ask#{number}" for number in range(1, 6)]
    assert not [case for case in told if case.find("failure") is not None]
    assert "a miss that is tolerated" in (told[0].findtext("system-out") or "")
    assert "got 'Rome'" in (told[0].findtext("system-out") or "")
    verdicts = {properties(case)["case"] for case in told}
    assert verdicts == {"4 of 5 passed, 4 must: passed"}


def test_misses_that_are_too_many_are_failures_that_say_so():
    text = written(repeat(1, "missed"), repeat(2, "missed"), repeat(3), repeat(4), repeat(5))
    root = Tree.fromstring(text)
    assert (root.get("tests"), root.get("failures")) == ("5", "2")
    messages = [failure.get("message") or "" for failure in root.iter("failure")]
    assert len(messages) == 2
    assert all(one.endswith("(3 of 5 passed, 4 must: missed)") for one in messages)


def test_an_error_among_repeats_is_an_error():
    told = cases(repeat(1, "failed", error=ApiStatusError("broken")), repeat(2), repeat(3))
    assert [child.tag for child in told[0] if child.tag == "error"] == ["error"]


def test_a_suite_says_when_it_began():
    root = Tree.fromstring(written(run("a", began=1_700_000_007.5), run("b", began=1_700_000_003)))
    (suite,) = root.iter("testsuite")
    assert suite.get("timestamp") == "2023-11-14T22:13:23"


def test_nothing_is_a_document_too():
    assert JUnitXml.fromstring(written()).tests == 0


SECRET = "sk-<&>\"'-0123456789"


@pytest.mark.parametrize("place", ["id", "message", "answer", "cut"])
def test_secrets_are_hidden_before_they_are_escaped_or_cut(place):
    before = "x" * (290 - len(MISSED.name))
    message = {"message": f"got {SECRET}", "cut": f"{before}{SECRET}"}.get(place, "")
    told = written(
        run(
            SECRET if place == "id" else "a",
            "missed",
            checks=(MISSED._replace(message=message),),
            answer=answer(text=SECRET if place == "answer" else "x" * 3_990 + SECRET),
        ),
        hide=lambda text: text.replace(SECRET, "***"),
    )
    assert "***" in told
    assert "sk-" not in told


def test_what_a_model_says_breaks_no_document():
    odd = "]]></failure>\x00\x1b[31m\ud800<!--"
    reply = answer(text=odd, model=odd, request_id=odd)
    check = MISSED._replace(message=odd, name=odd)
    told = written(run(odd, "missed", answer=reply, checks=(check,), cell={"a": odd}, tags=(odd,)))
    (case,) = Tree.fromstring(told).iter("testcase")
    assert case.get("name") == "]]></failure>\\x00\\x1b[31m\\ud800<!--"


def test_a_case_stands_at_the_line_of_the_error_that_ended_it():
    error = placed(ServiceError("no verdict"), Mark(RECIPE, 9, 5))
    (case,) = cases(run("a", "failed", error=error, checks=(MISSED,)))
    assert case.get("line") == "9"
    (told,) = case.iter("error")
    assert told.text == (
        f"{RECIPE}:7:5: text contains: expected text with 'Paris', got 'Rome'\n"
        "  7 |   - text: {contains: Paris}\n"
        "    |     ^^^^\n"
        f"a: {RECIPE}:9:5: no verdict"
    )
