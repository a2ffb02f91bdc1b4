"""`runner list recipes` and `run --dry-run` tell what would run."""

import json

import pytest

from tests.cli.command import HELLO, runner

MANY = """\
endpoint: chat.completions
model: "{{ model }}"
tags: [wide]
matrix: {model: [gpt-4.1, gpt-6-luna]}
repeat: 2
messages: [{user: "In {{ model }}"}]
params: {max_completion_tokens: 10}
output: {text: "{{ model }}-{{ run }}.md"}
"""
FILES = {
    "hello.recipe.yaml": HELLO + "params: {max_completion_tokens: 10}\n",
    "many.recipe.yaml": MANY,
    "wrong.recipe.yaml": "endpoint: nothing\n",
}


def listed(*words):
    told = runner("list", "recipes", *words, files=FILES)
    assert (told.code, told.err) == (0, "")
    return told.out


def test_each_recipe_tells_its_runs_requests_and_cost():
    hello, many, wrong = listed().splitlines()
    assert hello.split("  ")[0] == "hello.recipe.yaml"
    assert "1 run   1 request   at most $0.0" in hello
    assert "4 runs  4 requests  at most $0.0" in many
    assert "broken: " in wrong
    assert hello.index("chat.completions") == many.index("chat.completions")


def test_what_is_chosen_alone_is_listed():
    assert listed("-k", "luna and #2", "many.recipe.yaml").startswith("many.recipe.yaml  1 run")
    assert [
        line.split()[0] for line in listed("--tag", "wide", "hello.recipe.yaml", ".").splitlines()
    ] == [
        "many.recipe.yaml",
        "wrong.recipe.yaml",
    ]
    told = runner("list", "recipes", "hello.recipe.yaml", "-k", "nothing")
    assert (told.code, "nothing is chosen by -k 'nothing'" in told.err) == (2, True)


def test_every_run_is_listed_where_it_is_asked_for():
    rows = listed("-v", "many.recipe.yaml").splitlines()[1:]
    assert [row.split()[0] for row in rows] == [
        f"many[model={model}]#{run}" for model in ("gpt-4.1", "gpt-6-luna") for run in (1, 2)
    ]


def test_machines_are_told_all_of_it():
    row = json.loads(listed("--json", "many.recipe.yaml"))["rows"][0]
    assert (row["runs"], row["requests"]) == (4, {"at_least": 4, "more": False})
    parts = [case["cost"]["at_most"] for case in row["cases"]]
    assert row["cost"]["at_most"] == pytest.approx(sum(parts))
    assert row["cases"][0]["id"] == "many[model=gpt-4.1]#1"


def test_a_dry_run_shows_the_first_request_of_each_run_and_the_sum():
    told = runner("run", "many.recipe.yaml", "--dry-run", files=FILES)
    assert told.code == 0
    assert [line for line in told.out.splitlines() if line.startswith("#")] == [
        f"# many.recipe.yaml[model={m}]#{n}" for m in ("gpt-4.1", "gpt-6-luna") for n in (1, 2)
    ]
    assert told.out.count('"model": "gpt-6-luna"') == 2
    assert told.err.startswith("4 runs · 4 requests · about ")
    assert "tokens in · at most 40 out · about $0.0" in told.err
    assert "before the answers, at most $0.0" in told.err


def test_a_dry_run_of_what_depends_on_replies_says_so():
    steps = """\
    steps:
      - {name: one, endpoint: models}
      - {name: two, endpoint: models.retrieve, id: "{{ steps.one.text }}"}
    """
    told = runner("run", "a.recipe.yaml", "--dry-run", files={"a.recipe.yaml": steps})
    assert told.out == "GET https://api.openai.com/v1/models\n"
    assert told.err == (
        "1 run · 2 requests · free · time depends on the service, 1 at once · nothing was sent\n"
    )
    rows = HELLO.replace("Hello", '"{{ row.word }}"') + "dataset: rows.csv\n"
    files = {"b.recipe.yaml": rows, "rows.csv": "word\nCanal\nBridge\n"}
    told = runner("run", "b.recipe.yaml", "--dry-run", files=files)
    assert told.out.startswith("# b.recipe.yaml[row=1]\nPOST ")
    assert (told.out.count("Canal"), told.out.count("Bridge")) == (1, 0)
    assert told.err.startswith("2 rows · 2 requests")
