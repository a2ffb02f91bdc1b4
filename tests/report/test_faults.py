"""Faults as text, JSON and annotations."""

import json

from runner.errors import ApiStatusError, Fault, Mark, RecipeError
from runner.report.faults import as_github, as_json, as_text, results_as_github
from runner.results import Check, RunResult, StepResult

FAULT = Fault(
    "expected a number, got the text '0.2'",
    Mark("recipes/ask.yaml", 7, 16, 5),
    "temperature",
    "numbers need no quotes",
    '  temperature: "0.2"',
)
WARNING = Fault("unknown model", severity="warning")


def test_text_is_as_the_fault_says():
    assert as_text([FAULT, WARNING]) == (
        "recipes/ask.yaml:7:16: temperature: expected a number, got the text '0.2'\n"
        '  7 |   temperature: "0.2"\n'
        "    |                ^^^^^\n"
        "  hint: numbers need no quotes\n"
        "warning: unknown model"
    )


def test_text_is_bounded_and_the_rest_is_counted():
    told = as_text([FAULT] * 100, 4096)
    assert len(told.encode()) <= 4096
    shown = told.count("hint:")
    assert 10 < shown < 100
    assert told.endswith(f"… and {100 - shown} more")
    assert as_text([FAULT] * 100).count("hint:") == 100


def test_a_single_fault_is_bounded_and_never_left_out():
    told = as_text([Fault("é\x1b" * 50_000)], 4096)
    assert told.startswith("é\\x1b")
    assert len(told) < 10_000


def test_json_has_a_version_and_counts():
    value = json.loads(as_json([FAULT, WARNING]))
    assert value["schema_version"] == 1
    assert (value["errors"], value["warnings"]) == (1, 1)
    assert value["faults"][0] == {
        "file": "recipes/ask.yaml",
        "line": 7,
        "column": 16,
        "width": 5,
        "severity": "error",
        "where": "temperature",
        "message": "expected a number, got the text '0.2'",
        "hint": "numbers need no quotes",
    }
    assert value["faults"][1]["file"] is None


def test_json_is_ascii_and_hides_secrets_with_quotes_in_them():
    secret = 'pass"é\\word'
    told = as_json([Fault(f"got {secret}\x9b")], lambda text: text.replace(secret, "***"))
    assert told.isascii()
    assert json.loads(told)["faults"][0]["message"] == "got ***\x9b"


def test_github_annotations_name_file_line_and_column():
    assert as_github([FAULT]) == (
        "::error file=recipes/ask.yaml,line=7,col=16,title=runner%3A temperature"
        "::expected a number, got the text '0.2'%0Ahint: numbers need no quotes"
    )
    assert as_github([WARNING]) == "::warning title=runner::unknown model"


def test_github_annotations_cannot_be_broken_out_of():
    fault = Fault("100%\r\n::set-output::x", Mark("a,b:c%.yaml", 1, 1), "x::y,z\n::error")
    told = as_github([fault])
    assert told.count("\n") == 0
    assert told == (
        "::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,title=runner%3A x%3A%3Ay%2Cz%0A%3A%3Aerror"
        "::100%25\\x0d%0A::set-output::x"
    )


def test_github_paths_are_relative():
    fault = FAULT._replace(mark=Mark("/checkout/recipes/ask.yaml", 1, 1))
    assert "file=recipes/ask.yaml," in as_github([fault], "/checkout")
    assert "file=recipes/ask.yaml," in as_github([fault], "/checkout/")
    near = FAULT._replace(mark=Mark("./recipes/ask.yaml", 1, 1))
    assert "file=recipes/ask.yaml," in as_github([near])
    other = FAULT._replace(mark=Mark("/checkout-2/ask.yaml", 1, 1))
    assert "file=/checkout-2/ask.yaml," in as_github([other], "/checkout")


def test_github_annotations_hide_secrets_before_they_are_escaped():
    secret = "p:a,s%s\nword"
    told = as_github([Fault(secret, None, secret)], hide=lambda text: text.replace(secret, "***"))
    assert told == "::error title=runner%3A ***::***"


def test_github_annotations_are_capped():
    lines = as_github([WARNING] * 150).split("\n")
    assert len(lines) == 101
    assert lines[-1] == "… and 50 more"


def test_results_become_annotations():
    missed = Check("text equals", False, "expected 'a', got 'b'", Mark("a.yaml", 3, 5))
    steps = (
        StepResult("a", "", "missed", None, (Check("status equals", True), missed)),
        StepResult("a::b", "b", "failed", error=ApiStatusError("broken", hint="wait")),
        StepResult("a::c", "c", "failed", error=RecipeError.of(FAULT)),
    )
    lines = results_as_github([RunResult("a.yaml", "a", steps, 3)]).split("\n")
    assert lines == [
        "::error file=a.yaml,line=3,col=5,title=runner%3A text equals::expected 'a', got 'b'",
        "::error title=runner%3A a%3A%3Ab::broken%0A  hint: wait",
        as_github([FAULT]),
    ]
