"""Annotations of GitHub."""

from runner.errors import ApiStatusError, Fault, Mark, RecipeError, ServiceError, placed
from runner.report.annotations import MOST, Annotations, as_github
from runner.results import Check, RunResult, StepResult
from tests.report.runs import repeat, run

FAULT = Fault(
    "expected a number, got the text '0.2'",
    Mark("recipes/ask.yaml", 7, 16, 5),
    "temperature",
    "numbers need no quotes",
)
WARNING = Fault("unknown model", severity="warning")


def test_github_annotations_name_file_line_and_column():
    assert as_github([FAULT]) == (
        "::error file=recipes/ask.yaml,line=7,col=16,endColumn=21,title=runner%3A temperature"
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


def test_github_paths_are_those_of_the_repository():
    assert "file=sub/recipes/ask.yaml," in as_github([FAULT], lambda file: f"sub/{file}")
    near = FAULT._replace(mark=Mark("./recipes/ask.yaml", 1, 1))
    assert "file=recipes/ask.yaml," in as_github([near])


def test_github_annotations_hide_secrets_before_they_are_escaped():
    secret = "p:a,s%s\nword"
    told = as_github([Fault(secret, None, secret)], hide=lambda text: text.replace(secret, "***"))
    assert told == "::error title=runner%3A ***::***"


def test_as_many_are_annotations_as_github_shows_and_the_rest_is_told():
    lines = as_github([WARNING] * 12 + [FAULT] * 11 + [Fault("::error::x")]).split("\n")
    assert sum(line.startswith("::warning ") for line in lines) == MOST
    assert sum(line.startswith("::error ") for line in lines) == MOST
    assert lines[10] == "warning: unknown model"
    assert lines[-2] == "\\x3a:error::x"
    assert lines[-1] == "… and 2 more warnings and 2 more errors: GitHub shows 10 of a step"


def test_what_is_told_is_bounded():
    lines = as_github([WARNING] * 5_000).split("\n")
    assert len(lines) == 101
    assert lines[-1].startswith("… and 4990 more warnings: ")


def test_a_run_becomes_annotations():
    missed = Check("text equals", False, "expected 'a', got 'b'", Mark("a.yaml", 3, 5))
    steps = (
        StepResult("a", "", "missed", None, (Check("status equals", True), missed)),
        StepResult("a::b", "b", "failed", error=ApiStatusError("broken", hint="wait")),
        StepResult("a::c", "c", "failed", error=RecipeError.of(FAULT)),
    )
    assert Annotations().of_run(RunResult("a.yaml", "a", steps, 3)).split("\n") == [
        "::error file=a.yaml,line=3,col=5,title=runner%3A text equals::expected 'a', got 'b'",
        "::error file=a.yaml,line=1,col=1,title=runner%3A a%3A%3Ab::broken%0A  hint: wait",
        as_github([FAULT]),
    ]


def test_misses_of_a_case_are_told_once_they_are_too_many():
    annotations = Annotations()
    assert annotations.of_run(repeat(1, "missed")) == ""
    assert annotations.of_run(repeat(2)) == ""
    assert annotations.of_run(repeat(3, "missed")).count("::error file=") == 2
    assert annotations.of_run(repeat(4, "missed")).count("::error file=") == 1
    assert annotations.of_run(repeat(5)) == ""


def test_an_error_that_knows_its_place_is_shown_there():
    error = placed(ServiceError("no verdict", hint="ask again"), Mark("a.yaml", 7, 5))
    told = Annotations().of_run(run("ask", "failed", error=error))
    assert told == "::error file=a.yaml,line=7,col=5,title=runner::no verdict%0Ahint: ask again"
