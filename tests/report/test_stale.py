"""What changed since an output was made is named, and nothing else is."""

import json

import pytest

from runner.report.stale import Change, Standing, as_json, changes, line, summary


def record(**parts):
    """A sidecar of a recipe that reads a prompt, a hook file and a variable."""
    digests = {
        "recipe": "r",
        "meaning": "m",
        "request": "q",
        "row": None,
        "inputs": {"prompt.md": "p"},
        "hooks": {"hooks.py": "h"},
        "values": {"city": "c"},
    }
    for name in {*digests} & {*parts}:
        digests[name] = parts.pop(name)
    asked = {"provider": "openai", "model": "gpt-4.1", **parts.pop("asked", {})}
    return {"sha256": digests, "asked": asked, "recipe": "a.recipe.yaml", "passed": True, **parts}


def told(was, now, **disk):
    return [change.message for change in changes(was, now, disk.get)]


def test_what_is_as_it_was_is_fresh():
    assert told(record(), record()) == []


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ({"meaning": "x", "recipe": "x"}, ["a.recipe.yaml changed"]),
        ({"recipe": "x"}, []),
        ({"inputs": {"prompt.md": "x"}, "request": "x"}, ["prompt.md changed"]),
        ({"hooks": {"hooks.py": "x"}}, ["hooks.py changed"]),
        ({"hooks": {}}, ["hooks.py is gone"]),
        ({"hooks": {"hooks.py": "h", "b.py": "b"}}, ["b.py is new"]),
        ({"hooks": None}, []),
        ({"values": {"city": "x"}, "request": "x"}, ["the value of city changed"]),
        ({"values": {"other": "x"}}, []),
        ({"row": "x", "request": "x"}, ["its row changed"]),
        ({"asked": {"model": "gpt-5.1"}}, ["model changed from gpt-4.1 to gpt-5.1"]),
        ({"asked": {"provider": "azure"}}, ["provider changed from openai to azure"]),
        ({"asked": {"model": None, "provider": ""}}, []),
        ({"request": "x"}, ["the request changed"]),
        ({"request": ""}, []),
        ({"request": "x", "hooks": {"hooks.py": "x"}}, ["hooks.py changed", "the request changed"]),
    ],
)
def test_the_part_that_changed_is_named(now, words):
    assert told(record(), record(**now)) == words


def test_several_parts_are_all_named():
    now = record(meaning="x", inputs={"prompt.md": "x"}, values={"city": "x"}, request="x")
    words = ["a.recipe.yaml changed", "prompt.md changed", "the value of city changed"]
    assert told(record(), now) == words


def test_a_run_that_missed_an_expectation_is_stale():
    assert told(record(passed=False), record()) == ["missed an expectation"]


def test_what_another_recipe_made_is_stale():
    was = record()
    was["recipe"] = "b.recipe.yaml"
    assert told(was, record()) == ["made by b.recipe.yaml"]


def test_a_file_that_is_read_late_is_looked_up_on_disk():
    was = record(inputs={"prompt.md": "p", "late.md": "l", "https://x.example/a.png": "a"})
    assert told(was, record(), **{"late.md": "l"}) == []
    assert told(was, record(), **{"late.md": "x"}) == ["late.md changed"]
    assert told(was, record()) == ["late.md is gone"]


def test_a_file_that_is_new_counts_where_the_request_may_have_changed():
    now = record(inputs={"prompt.md": "p", "new.md": "n"})
    assert told(record(), now) == []
    assert told(record(request="x"), now) == ["new.md is new"]


def test_of_an_earlier_sidecar_the_bytes_of_the_recipe_count():
    was = record()
    del was["asked"], was["sha256"]["meaning"], was["sha256"]["values"]
    assert told(was, record()) == []
    assert told(was, record(recipe="x")) == ["a.recipe.yaml changed"]


STALE = Standing("a.yaml", "a", "out/a.md", (Change("input", "p.md", "p.md changed"),), "changed")
FRESH = Standing("b.yaml", "b", "out/b.md")


def test_it_is_told_in_words():
    assert line(STALE) == "out/a.md: p.md changed"
    words = "1 of 2 outputs stale · 1 request not compared: replies, fetched files or rows decide"
    assert summary([STALE, FRESH], 0) == words
    assert summary([], 1) == "0 of 0 outputs stale · 1 run without outputs"


def test_it_is_told_to_machines():
    found = json.loads(as_json([STALE, FRESH], 3))
    assert found["totals"] == {"outputs": 2, "stale": 1, "runs_without_outputs": 3}
    assert [row["state"] for row in found["outputs"]] == ["stale", "fresh"]
    assert found["outputs"][0]["changed"] == [
        {"part": "input", "name": "p.md", "message": "p.md changed"}
    ]
