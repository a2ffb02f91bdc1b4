"""The summary of a step, as Markdown."""

import re
from html import unescape

import pytest

from runner.errors import ApiStatusError
from runner.report.changes import Change, Changes
from runner.report.encoding import tamed, unchanged
from runner.report.github import Summary, block, cell
from tests.report.runs import MISSED, lines, repeat, run

ODD = "`|<script>*_[x](http://a.b)@octocat#1\\!\n| --- |\n::error::x\x1b"


def written(*runs, changes=None, hide=unchanged, limit=900_000):
    summary = Summary(hide, limit)
    for one in runs:
        assert summary.take(one, lines) == ""
    return "".join(summary.end(changes))


def rows(text):
    return [line for line in text.split("\n") if line.startswith(("| ✅", "| ❌", "| ⛔"))]


def test_it_counts_and_shows_what_failed_first():
    text = written(run("a"), run("b", "missed"), run("c", "failed", error=ApiStatusError("no")))
    assert text.startswith("### runner: ✅ 1 passed · ❌ 1 missed · ⛔ 1 failed\n\n3 requests")
    assert rows(text) == [
        "| ❌ missed | <code>b</code> | 2.0 s | 111 | &#36;0&#46;0100 |",
        "| ⛔ failed | <code>c</code> | 2.0 s |  |  |",
        "| ✅ passed | <code>a</code> | 2.0 s | 111 | &#36;0&#46;0100 |",
    ]


def test_why_it_failed_stands_below():
    text = written(run("b", "missed"))
    assert "<details><summary>❌ <code>b</code></summary>\n\n<pre>recipes/ask" in text
    assert "  7 |   - text: {contains: Paris}\n    |     ^^^^</pre>" in text


def test_nothing_in_a_cell_is_markdown_html_or_a_mention():
    told = cell(ODD)
    assert told.startswith("<code>")
    assert told.endswith("</code>")
    inner = told.removeprefix("<code>").removesuffix("</code>")
    assert not re.search(r"[<>`*_|\[\]\\@!~\x1b\n]|#(?!\d)|&(?!#)|:|\.", inner)


def test_nothing_in_a_block_is_html():
    assert block("</pre><b>&") == "<pre>&lt;/pre&gt;&lt;b&gt;&amp;</pre>"


def test_what_models_said_makes_no_row_of_its_own():
    check = MISSED._replace(message=ODD)
    text = written(run(ODD, "missed", checks=(check,)))
    assert len(rows(text)) == 1
    assert "<script" not in text
    assert "\x1b" not in text


def test_misses_that_are_tolerated_are_shown_as_passed():
    text = written(repeat(1, "missed"), *(repeat(number) for number in range(2, 6)))
    assert "✅ 1 passed\n" in text
    assert "1 miss" not in text.split("\n")[0]
    assert rows(text)[0].startswith("| ✅ passed | <code>ask&#35;1</code>")
    assert rows(text)[0].endswith("(a miss, tolerated) |")
    assert "<details>" not in text


def test_what_changed_is_told():
    changes = Changes("old.json", (Change("a|b", "newly failing", "passed", "missed"),), {"x": 1})
    text = written(run("a"), changes=changes)
    assert "**Since** <code>old&#46;json</code>: " in text
    assert "| newly failing | <code>a&#124;b</code> | <code>passed → missed</code> |" in text


def test_many_runs_are_bounded_and_what_is_missing_is_told():
    runs = [run(f"a{number}", "missed" if number % 2 else "passed") for number in range(1_000)]
    text = written(*runs)
    assert len(rows(text)) == 300
    assert "… of 1,000 cases 300 runs are shown" in text
    assert len(text.encode()) < 900_000


def test_it_fits_into_what_room_there_is():
    text = written(*(run(f"a{number}", "missed") for number in range(100)), limit=4_000)
    assert len(text.encode()) <= 4_000
    assert text.endswith("… the rest does not fit into a summary\n")


def test_secrets_are_hidden():
    secret = "s|e`c<r>e.t"
    text = written(
        run(secret, "missed", checks=(MISSED._replace(message=secret),)),
        hide=lambda text: text.replace(secret, "***"),
    )
    assert "***" in text
    assert secret not in unescape(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("::error::x", "\\x3a:error::x"),
        ("a\n  ::set-output name=x::y", "a\n  \\x3a:set-output name=x::y"),
        ("a ##[error]b", "a #\\x23[error]b"),
        ("a::b", "a::b"),
        ("# a\n## b", "# a\n## b"),
        (": a", ": a"),
    ],
)
def test_no_line_of_a_log_is_a_command(text, told):
    assert tamed(text) == told
