"""`runner stale` names what changed, and `run --stale` makes what is stale, and no more."""

import json
from pathlib import Path

import pytest

from tests.cli.command import HOOK, runner

ASK = """\
endpoint: chat.completions
model: gpt-4.1
messages:
  - system: {include: prompt.md}
  - user: What is {{ topic }}?
tools: [look]
vars: {topic: a canal, aside: 1}
expect: [{text: {min_length: 1}}]
output: {text: answer.md, json: answer.json}
"""
FILES = {
    "runner.yaml": "hooks: [hooks.py]\n",
    "hooks.py": HOOK.format("pass"),
    "prompt.md": "Be short.\n",
    "ask.recipe.yaml": ASK,
}
MANY = """\
endpoint: chat.completions
model: "{{ model }}"
matrix: {model: [gpt-4.1, gpt-6-luna]}
messages: [{user: Hi}]
output: {text: "{{ model }}.md"}
"""
LATE = """\
steps:
  - name: first
    endpoint: images.generations
    model: gpt-image-1
    prompt: A boat.
    params: {n: 2}
    output: {image: "boat-{{ index }}.png"}
  - name: each
    endpoint: chat.completions
    model: gpt-4.1
    for_each: "{{ steps.first.images }}"
    messages: [{user: "{{ item.width }}, {{ loop.index }}"}]
    output: {text: "each-{{ loop.index }}.md"}
  - name: never
    if: "{{ steps.first.status == 500 }}"
    endpoint: chat.completions
    model: gpt-4.1
    messages: [{user: Hi}]
    output: {text: never.md}
  - name: not_now
    if: "{{ 1 > 2 }}"
    endpoint: models
    output: {text: not-now.md}
  - name: spoken
    endpoint: audio.speech
    model: tts-1
    input: Hello
    params: {voice: nova}
"""


@pytest.fixture
def made():
    """What was made offline, once."""
    assert runner("run", ".", "--offline", files=FILES).code == 0


def why(*words, **files):
    """The lines of what is stale."""
    given = {name.replace("_", "."): content for name, content in files.items()}
    return runner("stale", ".", "--offline", *words, files=given).out.splitlines()


def test_what_was_just_made_is_fresh(made):
    told = runner("stale", ".", "--offline")
    assert (told.code, told.out, told.err) == (0, "", "0 of 2 outputs stale\n")


def test_what_was_never_made_is_missing():
    told = runner("stale", ".", "--offline", files=FILES)
    assert told.code == 1
    assert told.out.splitlines() == ["out/answer.md: missing", "out/answer.json: missing"]
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"prompt_md": "Be long.\n"}, "prompt.md changed"),
        ({"hooks_py": HOOK.format("1")}, "hooks.py changed"),
        ({"ask_recipe_yaml": ASK.replace("min_length: 1", "min_length: 2")}, None),
        ({"ask_recipe_yaml": f"# Why.\n{ASK}description: Canals.\n"}, ""),
        ({"ask_recipe_yaml": ASK.replace("aside: 1", "aside: 2")}, ""),
        ({"ask_recipe_yaml": ASK.replace("a canal", "a bridge")}, "the value of topic changed"),
        ({"runner_yaml": "hooks: [hooks.py]\nvars: {other: 1}\n"}, ""),
    ],
)
def test_the_part_that_changed_is_named(made, changed, words):
    words = "ask.recipe.yaml changed" if words is None else words
    expected = [f"out/answer.md: {words}", f"out/answer.json: {words}"] if words else []
    assert why(**changed) == expected


def test_model_and_provider_are_named_too(made):
    words = "ask.recipe.yaml changed, model changed from gpt-4.1 to gpt-5.1"
    told = why(ask_recipe_yaml=ASK.replace("gpt-4.1", "gpt-5.1"))
    assert told[0] == f"out/answer.md: {words}"


def test_the_provider_that_others_were_made_by_is_named():
    project = FILES["runner.yaml"] + "providers: {one: {kind: offline}, two: {kind: offline}}\n"
    runner("run", ".", "--provider", "one", files={**FILES, "runner.yaml": project})
    told = runner("stale", ".", "--provider", "two")
    assert told.out.splitlines()[0] == "out/answer.md: provider changed from one to two"


def test_what_was_made_offline_is_simulated_and_not_stale_for_that(made):
    told = runner("stale", ".")
    assert (told.code, told.out, told.err) == (0, "", "0 of 2 outputs stale · 2 simulated\n")
    (row, _) = json.loads(runner("stale", ".", "--json").out)["outputs"]
    assert (row["state"], row["simulated"]) == ("fresh", True)
    told = runner("run", ".", "--stale")
    assert told.err.startswith(
        "2 outputs were made offline: --stale makes none anew for that alone"
    )
    told = runner("stale", ".", files={"ask.recipe.yaml": ASK.replace("gpt-4.1", "gpt-5.1")})
    assert told.out.splitlines()[0] == "out/answer.md: ask.recipe.yaml changed"


def test_a_provider_s_own_name_for_the_model_is_no_change_to_what_was_simulated(made):
    named = "defaults: {provider: mine}\nproviders: {mine: {base_url: 'http://127.0.0.1:9/v1',"
    files = {"runner.yaml": f"{FILES['runner.yaml']}{named} models: {{gpt-4.1: llama}}}}}}\n"}
    told = runner("stale", ".", files=files)
    assert (told.code, told.out) == (0, "")


def test_another_name_for_the_model_is_told():
    provider = "providers: {local: {kind: offline, models: {gpt-4.1: NAME}}}\n"
    project = FILES["runner.yaml"] + provider
    files = {**FILES, "runner.yaml": project.replace("NAME", "one")}
    runner("run", ".", "--provider", "local", files=files)
    told = runner(
        "stale", ".", "--provider", "local", files={"runner.yaml": project.replace("NAME", "two")}
    )
    assert told.out.splitlines()[0] == "out/answer.md: model changed from one to two"


def test_an_output_that_was_changed_by_hand_is_stale(made):
    Path("out/answer.md").write_text("mine")
    assert why() == ["out/answer.md: changed since it was written"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "has no sidecar"),
        ("{", "its sidecar cannot be read"),
        ("[]", "its sidecar cannot be read"),
        ('{"sha256": {}, "schema_version": 1}', "its sidecar cannot be read"),
        ('{"sha256": {}, "schema_version": 2}', "its sidecar has the schema version 2"),
    ],
)
def test_a_sidecar_that_tells_nothing_makes_an_output_stale(made, content, words):
    place = Path("out/answer.md.run.json")
    place.unlink()
    if content is not None:
        place.write_text(content)
    assert why() == [f"out/answer.md: {words}"]


def test_a_missed_expectation_is_stale_until_it_holds(made):
    wrong = ASK.replace("min_length: 1", "equals: no")
    runner("run", ".", "--offline", files={"ask.recipe.yaml": wrong})
    assert why()[0] == "out/answer.md: missed an expectation"


def test_only_what_is_stale_is_made_and_why_is_told(made):
    told = runner("run", ".", "--offline", "--stale", files={"many.recipe.yaml": MANY})
    assert "2 passed · 2 requests" in told.err
    assert "out/gpt-4.1.md: missing" in told.err
    wider = MANY.replace("gpt-6-luna]", "gpt-6-luna, gpt-5.1]")
    told = runner("run", ".", "--offline", "--stale", files={"many.recipe.yaml": wider})
    assert told.err.splitlines()[0] == "out/gpt-5.1.md: missing"
    assert "1 passed · 1 request" in told.err
    told = runner("run", ".", "--offline", "--stale")
    assert (told.code, told.err.splitlines()[0]) == (0, "nothing is stale")


def test_a_run_that_is_stale_in_part_is_made_whole(made):
    Path("out/answer.json").unlink()
    told = runner("run", ".", "--offline", "--stale")
    assert told.err.splitlines()[0] == "out/answer.json: missing"
    assert why() == []


def test_runs_without_outputs_are_counted_and_not_made(made):
    files = {"bare.recipe.yaml": "endpoint: models\n"}
    told = runner("run", ".", "--offline", "--stale", files=files)
    assert "1 run without outputs: --stale makes none of these" in told.err
    assert "0 requests" in told.err
    assert runner("stale", ".", "--offline").err.endswith(" · 1 run without outputs\n")


def test_chosen_recipes_alone_are_looked_at(made):
    files = {"many.recipe.yaml": MANY}
    told = runner("stale", ".", "--offline", "-k", "luna", files=files)
    assert told.out == "out/gpt-6-luna.md: missing\n"


@pytest.fixture
def late():
    """What was made at paths that depend on replies."""
    told = runner("run", "late.recipe.yaml", "--offline", files={"late.recipe.yaml": LATE})
    assert told.code == 0


def test_outputs_whose_paths_depend_on_replies_are_found(late):
    told = json.loads(runner("stale", ".", "--offline", "--json").out)
    names = [row["output"] for row in told["outputs"]]
    assert [name for name in names if not name.startswith("out/late-spoken")] == [
        *("out/boat-1.png", "out/boat-2.png", "out/each-1.md", "out/each-2.md")
    ]
    assert [name for name in names if name.startswith("out/late-spoken")]
    assert told["totals"]["stale"] == 0
    states = {row["output"]: row["request"] for row in told["outputs"]}
    assert (states["out/boat-1.png"], states["out/each-1.md"]) == ("same", "unknown")


def test_one_of_them_that_is_gone_is_missed(late):
    for name in ("boat-1.png", "boat-1.png.run.json"):
        (Path("out") / name).unlink()
    assert why() == ["out/boat-1.png: missing"]


def test_what_is_left_of_more_of_them_is_no_output(late):
    fewer = LATE.replace("n: 2", "n: 1")
    assert "out/boat-1.png: late.recipe.yaml changed" in why(late_recipe_yaml=fewer)
    runner("run", ".", "--offline")
    assert Path("out/boat-2.png").exists()
    assert why() == []


def test_none_of_them_is_told_by_its_template():
    told = runner("stale", ".", "--offline", files={"late.recipe.yaml": LATE})
    assert "out/boat-{{ index }}.png: missing" in told.out
    assert "out/never.md: missing" in told.out
    assert "not-now" not in told.out


def test_a_hook_is_not_called_and_nothing_is_sent(made):
    """The service would refuse every connection; the hook would end the process."""
    files = {"hooks.py": HOOK.format("raise SystemExit(9)")}
    env = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    told = runner("stale", ".", files=files, env=env)
    assert told.code == 1


def test_a_recipe_that_is_wrong_is_no_answer():
    told = runner("stale", ".", files={"a.recipe.yaml": "endpoint: nothing\n"})
    assert (told.code, told.out) == (2, "")
    assert "expected an endpoint" in told.err
    assert json.loads(runner("stale", ".", "--json").out)["faults"]


def test_each_row_of_a_dataset_stands_by_itself():
    rows = (
        "endpoint: chat.completions\nmodel: gpt-4.1\ndataset: rows.csv\n"
        'messages: [{user: "{{ row.word }}"}]\noutput: {text: "{{ row_id }}.md"}\n'
    )
    runner("run", ".", "--offline", files={"a.recipe.yaml": rows, "rows.csv": "word\none\ntwo\n"})
    assert why() == []
    assert why(rows_csv="word\none\nother\n") == ["out/2.md: its row changed"]


def test_a_collected_file_stands_by_all_that_it_was_made_from():
    rows = (
        "endpoint: chat.completions\nmodel: gpt-4.1\ndataset: rows.csv\n"
        'messages: [{user: "{{ row.word }}"}]\ncollect: {file: all.jsonl}\n'
    )
    files = {"a.recipe.yaml": rows, "rows.csv": "word\none\ntwo\n"}
    assert runner("stale", ".", "--offline", files=files).out == "out/all.jsonl: missing\n"
    runner("run", ".", "--offline")
    assert runner("stale", ".", "--offline").err.startswith("0 of 1 outputs stale")
    assert why(rows_csv="word\none\nother\n") == ["out/all.jsonl: the dataset changed"]
    Path("rows.csv").write_text("word\none\ntwo\n")
    assert why(a_recipe_yaml=f"{rows}params: {{seed: 1}}\n") == [
        "out/all.jsonl: a.recipe.yaml changed"
    ]
    Path("out/all.jsonl").write_text("{}\n")
    assert why(a_recipe_yaml=rows) == ["out/all.jsonl: changed since it was written"]
    Path("out/all.jsonl.run.json").unlink()
    assert why() == ["out/all.jsonl: has no sidecar: it was not finished"]


def test_of_a_dataset_the_rows_with_stale_outputs_are_made():
    rows = (
        "endpoint: chat.completions\nmodel: gpt-4.1\ndataset: rows.csv\n"
        'messages: [{user: "{{ row.word }}"}]\noutput: {text: "{{ row_id }}.md"}\n'
    )
    runner("run", ".", "--offline", files={"a.recipe.yaml": rows, "rows.csv": "word\none\ntwo\n"})
    Path("out/2.md").unlink()
    told = runner("run", ".", "--offline", "--stale", files={"a.recipe.yaml": f"# Why.\n{rows}"})
    assert told.err.splitlines()[0] == "out/2.md: missing"
    assert "1 passed · 1 request" in told.err
    assert (
        "2 passed"
        in runner(
            "run",
            ".",
            "--offline",
            "--stale",
            files={"a.recipe.yaml": rows + "params: {seed: 1}\n"},
        ).err
    )
