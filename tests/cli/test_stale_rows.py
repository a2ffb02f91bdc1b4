"""What `runner stale` says of the rows of a dataset is what `run --stale` does."""

from pathlib import Path

import pytest

from tests.cli.command import runner
from tests.kills.server import CountingServer

ASK = """\
endpoint: chat.completions
model: gpt-4.1
dataset: rows.csv
messages: [{user: "{{ row.word }}"}]
"""
TEXTS = 'output: {text: "{{ row_id }}.md"}\n'
LINES = "collect: {file: all.jsonl}\n"
KINDS = pytest.mark.parametrize(
    "kind", [TEXTS, LINES, TEXTS + LINES], ids=["texts", "lines", "both"]
)
WORDS = [*"abcdefgh"]


def rows(words):
    return "word\n" + "".join(f"{word}\n" for word in words)


def made(kind, *words):
    files = {"r.recipe.yaml": ASK + kind, "rows.csv": rows(WORDS)}
    assert runner("run", "r.recipe.yaml", "--offline", *words, files=files).code == 0


def told(*words, env=None, **files):
    """What `stale` says, held against what `run --stale` says and asks."""
    files = {name.replace("_", "."): content for name, content in files.items()}
    stale = runner("stale", ".", *words, files=files)
    ran = runner("run", ".", "--stale", *words, env=env)
    assert ran.code == 0, ran.err
    assert bool(stale.code) == bool(stale.out)
    causes = {line.partition(": ")[2] for line in stale.out.splitlines()}
    assert all(cause in ran.err for cause in causes)
    assert runner("stale", ".", *words).code == 0
    assert "0 requests" in runner("run", ".", "--stale", *words, env=env).err
    return stale, ran


@pytest.fixture
def service():
    with CountingServer(latency=0) as found:
        yield found


def env(service):
    return {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "sk-nothing-0000"}


@KINDS
def test_what_was_made_offline_is_not_stale_for_that(kind, service):
    made(kind)
    stale, ran = told(env=env(service))
    assert (stale.code, service.asked) == (0, {})
    simulated = {TEXTS: 8, LINES: 1, TEXTS + LINES: 9}[kind]
    assert f" · {simulated} simulated" in stale.err
    assert f"{simulated} output{'s were' if simulated > 1 else ' was'} made offline" in ran.err


@KINDS
def test_what_is_stale_beside_it_is_asked_of_the_service(kind, service):
    made(kind)
    _, ran = told(env=env(service), rows_csv=rows([*WORDS[:-1], "other"]))
    assert "1 request " in ran.err
    assert sum(service.asked.values()) == 1


@KINDS
def test_a_run_that_was_stopped_leaves_what_stands(kind):
    made(kind)
    limit = ("--max-requests", "3")
    assert runner("run", ".", "--offline", "--fresh", *limit).code == 5
    stale, ran = told("--offline")
    if kind == TEXTS:
        assert (stale.code, "0 requests" in ran.err) == (0, True)
    else:
        assert "all.jsonl: has no sidecar: it was not finished" in stale.out
        assert f"{0 if TEXTS in kind else 5} requests" in ran.err


@KINDS
def test_a_journal_that_is_gone_makes_nothing_stale(kind):
    made(kind)
    Path("out/.runner/r.db").unlink()
    stale, ran = told("--offline")
    assert (stale.code, "0 requests" in ran.err) == (0, True)


@KINDS
def test_another_provider_is_a_reason(kind):
    project = "providers: {one: {kind: offline}, two: {kind: offline}}\n"
    files = {"r.recipe.yaml": ASK + kind, "rows.csv": rows(WORDS), "runner.yaml": project}
    assert runner("run", ".", "--provider", "one", files=files).code == 0
    stale, ran = told("--provider", "two")
    assert "provider changed" in stale.out
    assert "8 requests" in ran.err


@KINDS
def test_of_many_rows_the_first_are_named_and_the_others_counted(kind):
    made(kind)
    _, ran = told("--offline", r_recipe_yaml=f"{ASK}{kind}params: {{seed: 1}}\n")
    lines = [line for line in ran.err.splitlines() if line.endswith(": r.recipe.yaml changed")]
    first = ["out/1.md: ", "out/2.md: ", "out/3.md: "] if TEXTS in kind else []
    first = ["out/all.jsonl: ", *first] if LINES in kind else first
    more = {TEXTS: 5, LINES: 0, TEXTS + LINES: 6}[kind]
    rest = [f"and {more} more outputs, likewise: "] if more else []
    assert [line.removesuffix("r.recipe.yaml changed") for line in lines] == first[:3] + rest


@KINDS
def test_a_row_that_missed_is_made_again(kind):
    expect = "expect: [{text: {not_contains: “c”}}]\n"
    files = {"r.recipe.yaml": ASK + kind + expect, "rows.csv": rows(WORDS)}
    assert runner("run", ".", "--offline", files=files).code == 1
    assert runner("stale", ".", "--offline").code == 1
    ran = runner("run", ".", "--offline", "--stale")
    assert "1 missed · 1 request " in ran.err


def test_rows_that_write_nothing_are_never_stale():
    made("")
    stale, ran = told("--offline", rows_csv=rows([*WORDS, "more"]))
    assert stale.err.endswith("0 of 0 outputs stale · 9 runs without outputs\n")
    assert "9 runs without outputs: --stale makes none of these" in ran.err
