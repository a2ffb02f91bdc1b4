"""The console."""

import pytest

from runner.errors import ApiStatusError, Mark, ServiceError
from runner.model import Answer, Artifact, ToolCall, ToolResult
from runner.protocol.usage import money
from runner.report import console
from runner.report.totals import Totals
from runner.results import Check, RunResult, StepResult, Written

ANSWER = Answer(
    status=200,
    text="Amsterdam.",
    usage={"input_tokens": 15, "output_tokens": 96, "total_tokens": 111},
    cost=0.0012,
    latency=0.42,
    model="gpt-4.1",
    request_id="req_1",
    finish_reason="stop",
)
FILE = Written("out/canals.md", "text", "0" * 64, 1234)
STEP = StepResult("chat", "", "passed", ANSWER, (), (FILE,), None, 1)
RUN = RunResult("chat.recipe.yaml", "chat", (STEP,), 0)


def run_of(code=0, **fields):
    return RUN._replace(steps=(STEP._replace(**fields),), exit_code=code)


def marked(text, kind):
    return f"<{kind}>{text}</>"


def test_the_summary_states_requests_attempts_tokens_and_cost():
    assert console.summary([RUN]) == "1 passed · 1 request · 1 attempt · 15 + 96 tokens · $0.0012"


def test_the_summary_counts_what_runs_came_to():
    told = console.summary([RUN, RUN, run_of(1), run_of(3)], marked)
    assert told.startswith("<passed>2 passed</> · <missed>1 missed</> · <failed>1 failed</> · ")
    assert told.endswith("4 requests · 4 attempts · 60 + 384 tokens · $0.0048")


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (ANSWER._replace(cost=None), "15 + 96 tokens · cost unknown"),
        (ANSWER._replace(cost=0.0), "15 + 96 tokens · $0"),
        (ANSWER._replace(usage=None), "tokens unknown · $0.0012"),
        (
            ANSWER._replace(requests=2, attempts=3),
            "2 requests · 3 attempts · 15 + 96 tokens · $0.0012",
        ),
    ],
)
def test_what_is_unknown_is_never_told_as_nothing(answer, end):
    assert console.summary([run_of(answer=answer)]).endswith(end)


def test_a_cost_that_is_known_in_part_is_a_least():
    told = console.summary([RUN, run_of(answer=ANSWER._replace(cost=None))])
    assert told.endswith("at least $0.0012, some prices unknown")


def test_the_summary_of_nothing():
    assert console.summary([]) == "nothing ran · 0 requests · 0 attempts · 0 + 0 tokens · $0"


@pytest.mark.parametrize(
    ("cost", "shown"),
    [
        (0, "$0"),
        (0.0012, "$0.0012"),
        (0.00000123, "$0.0000012"),
        (0.000999, "$0.00100"),
        (0.0099, "$0.0099"),
        (0.0123, "$0.0123"),
        (0.5, "$0.5000"),
        (1.234, "$1.23"),
        (1234.5, "$1,234.50"),
    ],
)
def test_money_keeps_two_figures(cost, shown):
    assert money(cost) == shown


def test_counts_of_thousands_are_parted():
    assert console.summary_of(Totals(passed=6000, requests=6000)).startswith(
        "6,000 passed · 6,000 "
    )


def test_a_line_for_each_run():
    assert console.line(RUN) == "ok      chat.recipe.yaml  0.4 s  111 tokens  out/canals.md"
    missed = run_of(1, files=(FILE, FILE, FILE))._replace(run_id="chat::ask[nova]#2")
    assert console.line(missed) == (
        "missed  chat.recipe.yaml[nova]#2  0.4 s  111 tokens  out/canals.md  (and 2 more)"
    )
    failed = run_of(3, answer=None, files=())
    assert console.line(failed) == "failed  chat.recipe.yaml  0.0 s"
    assert console.line(failed, marked) == "<failed>failed</>  chat.recipe.yaml  0.0 s"


def test_the_files_that_were_written_have_a_line_each():
    big = FILE._replace(path="out/a.png", size=2_500_000)
    assert console.files(run_of(files=(FILE, big))) == (
        "wrote out/canals.md (1.2 kB)\nwrote out/a.png (2.5 MB)"
    )
    assert console.files(run_of(files=())) == ""


def test_what_was_kept_of_a_failure_was_not_written():
    rest = FILE._replace(path="out/.runner/failed/a.body", part="failed")
    assert console.files(run_of(files=(rest,))) == ""
    told = console.kept(run_of(files=(FILE, rest)))
    assert told == "the reply is kept in out/.runner/failed/a.body (1.2 kB)"


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (5 * 10**12, "5000.0 GB")]
)
def test_sizes(count, shown):
    assert console.size(count) == shown


def test_data_is_the_last_text_exactly():
    later = STEP._replace(answer=Answer(json={"deleted": True}))
    result = RUN._replace(steps=(STEP._replace(answer=ANSWER._replace(text="\x1b[31mé")), later))
    assert console.data(result) == "\x1b[31mé"


def test_data_is_json_where_there_is_no_text_and_nothing_where_all_failed():
    value = Answer(json={"é": [1]})
    assert console.data(run_of(answer=value)) == '{\n  "é": [\n    1\n  ]\n}'
    assert console.data(run_of(3, state="failed")) is None


def test_the_json_that_holds_pictures_is_no_data():
    drawn = Answer(json={"data": []}, artifacts=(Artifact("image", "image/png", b"x"),))
    assert console.data(run_of(answer=drawn)) is None


def test_a_missed_expectation_says_expected_found_and_where():
    check = Check("text contains", False, "expected 'a', got 'b'", Mark("r.yaml", 7, 5, 4))
    assert console.missed(check, "  - text: {contains: a}") == (
        "r.yaml:7:5: text contains: expected 'a', got 'b'\n"
        "  7 |   - text: {contains: a}\n"
        "    |     ^^^^"
    )


def test_problems_are_the_missed_checks_and_the_failure():
    checks = (
        Check("status equals", True),
        Check("text equals", False, "expected 'a', got 'b'", Mark("r.yaml", 2, 1)),
    )
    error = ApiStatusError("the service answered 404", hint="check the model", status=404)
    asked = []

    def lines(file, number):
        asked.append((file, number))
        return "- text: a"

    told = console.problems(run_of(3, checks=checks, error=error), lines)
    assert asked == [("r.yaml", 2)]
    assert told == (
        "r.yaml:2:1: text equals: expected 'a', got 'b'\n  2 | - text: a\n    | ^\n"
        "  the reply: out/canals.md\n"
        "chat: the service answered 404\n  hint: check the model"
    )
    assert console.problems(RUN) == ""


def test_an_error_that_is_none_of_ours_is_called_a_fault_of_ours():
    told = console.failure(STEP._replace(error=KeyError("x")))
    assert told == "chat: a fault of ours: KeyError: 'x'"


def test_only_the_first_line_is_coloured():
    error = ApiStatusError("broken", hint="wait")
    assert console.failure(STEP._replace(error=error), marked) == (
        "<failed>chat: broken</>\n  hint: wait"
    )


HOSTILE = "\x1b]0;owned\x07\x9b31m\u202e\rx"


def test_nothing_that_was_said_steers_the_terminal():
    called = ToolResult(ToolCall(HOSTILE, HOSTILE, HOSTILE), None, HOSTILE)
    answer = ANSWER._replace(
        model=HOSTILE, request_id=HOSTILE, finish_reason=HOSTILE, tool_calls=(called,)
    )
    check = Check(HOSTILE, False, HOSTILE, Mark(HOSTILE, 1, 1))
    result = RunResult(
        HOSTILE,
        HOSTILE,
        (
            StepResult(
                HOSTILE,
                HOSTILE,
                "failed",
                answer,
                (check,),
                (FILE._replace(path=HOSTILE),),
                ApiStatusError(HOSTILE, hint=HOSTILE),
            ),
        ),
        3,
    )
    told = [
        console.summary([result]),
        console.line(result),
        console.files(result),
        console.problems(result, lambda file, number: HOSTILE),
        console.details([result]),
    ]
    for text in told:
        assert not set("\x1b\x07\x9b\u202e\r") & set(text)
    assert sum("\\x1b]0;owned\\x07" in text for text in told) == 4


def test_a_message_is_bounded():
    check = Check("text equals", False, "x" * 100_000)
    assert len(console.missed(check)) < 5_000


def test_a_secret_is_masked_before_it_is_covered_or_cut():
    text = "x" * 3_995 + "sk-0123456789?tail"
    result = run_of(checks=(Check("text", False, text),), error=ServiceError(text))
    told = console.problems(result, hide=lambda text: text.replace("sk-0123456789?tail", "***"))
    assert told.count("x***") == 2
    assert "sk-" not in told


def test_details_tell_of_every_step():
    checks = (Check("a", True), Check("b", False))
    assert console.details([run_of(checks=checks)]) == (
        "chat: passed · status 200 · gpt-4.1 · request req_1 · 0.42 s · finish_reason stop"
        " · 1 attempt · $0.0012 · 1 of 2 checks hold"
    )


TIDY = StepResult("chat::tidy", "tidy", "passed", ANSWER, final=True)
STOP = StepResult("chat::stop", "stop", "skipped", final=True)


def test_after_a_failure_it_is_said_what_finally_did():
    failed = STEP._replace(state="failed", error=ApiStatusError("No."))
    told = console.problems(RUN._replace(steps=(failed, TIDY, STOP)), style=marked)
    assert told == "<failed>chat: No.</>\n<quiet>finally: tidy passed · stop skipped</>"


@pytest.mark.parametrize("steps", [(STEP, TIDY, STOP), (STEP._replace(state="failed"),)])
def test_else_there_is_nothing_to_say_of_it(steps):
    assert "finally" not in console.problems(RUN._replace(steps=steps))


def test_a_step_that_tidied_several_is_named_once_for_each_end():
    failed = STEP._replace(state="failed")
    steps = (failed, TIDY, TIDY, TIDY._replace(state="failed"))
    told = console.problems(RUN._replace(steps=steps)).splitlines()
    assert told[-1] == "finally: tidy passed · tidy failed"
