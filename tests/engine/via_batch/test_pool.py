"""Runs by way of batches come to what they come to live."""

import json

import pytest

from runner.errors import BudgetError, SettingsError
from tests import openapi
from tests.engine.banking import RECIPE, TOOL, WRITING, Bank, Command, collected, project

OTHER = "{{ range(100000) | random }}"
NAMES = [f"s{number}" for number in range(5)]


def test_rows_are_asked_in_one_batch_and_written_as_live(tmp_path):
    project(tmp_path, recipe=WRITING)
    bank = Bank()
    done = Command(tmp_path, bank)
    assert done.codes == dict.fromkeys(NAMES, 0)
    assert [len(made) for made in bank.made] == [5]
    batch = [row["text"] for row in collected(tmp_path)]
    assert [row["id"] for row in collected(tmp_path)] == NAMES
    assert (tmp_path / "out" / "s3.md").read_text() == batch[3]
    live = Command(tmp_path, Bank(), via="live", fresh=True)
    assert live.codes == done.codes
    assert [row["text"] for row in collected(tmp_path)] == batch
    assert not list((tmp_path / "out" / ".runner").glob("spool*"))


def test_it_costs_half(tmp_path):
    project(tmp_path)
    Command(tmp_path, Bank())
    half = [row["cost"] for row in collected(tmp_path)]
    Command(tmp_path, Bank(), via="live", fresh=True)
    assert half == pytest.approx([row["cost"] / 2 for row in collected(tmp_path)])


def test_what_is_done_is_resumed_without_a_request(tmp_path):
    project(tmp_path)
    bank = Bank()
    Command(tmp_path, bank)
    again = Command(tmp_path, bank, resume=True)
    assert (again.sent, again.results, again.before) == ([], [], (5, 0))


def test_batches_can_be_left_and_collected_later(tmp_path):
    project(tmp_path)
    bank = Bank()
    left = Command(tmp_path, bank, no_wait=True)
    assert left.results == []
    assert "1 batch is under way, of 5 requests" in left.told[-1]
    early = Command(tmp_path, bank, no_wait=True, resume=True)
    assert early.results == []
    assert not any(call.startswith("POST") for call in early.sent)
    bank.seconds += 100
    late = Command(tmp_path, bank, no_wait=True, resume=True)
    assert late.codes == dict.fromkeys(NAMES, 0)
    assert [len(made) for made in bank.made] == [5]


def test_what_is_under_way_is_not_asked_live(tmp_path):
    project(tmp_path)
    bank = Bank()
    Command(tmp_path, bank, no_wait=True)
    with pytest.raises(SettingsError, match="batches are under way"):
        Command(tmp_path, bank, via="live", resume=True)


def test_fresh_names_the_batches_that_it_leaves(tmp_path):
    project(tmp_path)
    bank = Bank()
    Command(tmp_path, bank, no_wait=True)
    anew = Command(tmp_path, bank, fresh=True)
    assert "left to themselves: batch_offline_" in anew.told[0]
    assert set(bank.lines.values()) == {2}


def test_what_is_asked_anew_one_by_one_names_them_too_and_goes_on_alone(tmp_path):
    project(tmp_path)
    bank = Bank()
    Command(tmp_path, bank, no_wait=True)
    anew = Command(tmp_path, bank, via="live", fresh=True)
    assert "left to themselves: batch_offline_" in anew.told[0]
    assert "they go on, and are charged" in anew.told[0]
    assert anew.codes == dict.fromkeys(NAMES, 0)
    again = Command(tmp_path, bank, via="live", resume=True)
    assert (again.sent, again.before) == ([], (5, 0))


def test_some_rows_are_not_asked_anew_while_batches_of_others_are_under_way(tmp_path):
    project(tmp_path)
    bank = Bank()
    Command(tmp_path, bank, no_wait=True)
    assert not (tmp_path / "out" / "all.jsonl.run.json").exists()
    with pytest.raises(SettingsError, match="batches are under way"):
        Command(tmp_path, bank, keyword="row=s3", fresh=True)
    bank.seconds += 100
    assert Command(tmp_path, bank, resume=True).codes == dict.fromkeys(NAMES, 0)
    assert Command(tmp_path, bank, keyword="row=s3", fresh=True).codes == {"s3": 0}
    assert [len(made) for made in bank.made] == [5, 1]
    assert [row["id"] for row in collected(tmp_path)] == NAMES
    assert (tmp_path / "out" / "all.jsonl.run.json").exists()


def test_a_matrix_is_a_batch_for_each_model(tmp_path):
    recipe = """
        matrix: {model: [gpt-4.1, gpt-4.1-mini], word: [a, b]}
        endpoint: chat.completions
        model: "{{ model }}"
        messages: [{user: "{{ word }}"}]
        output: {text: "{{ model }}-{{ word }}.md"}
    """
    project(tmp_path, recipe=recipe)
    bank = Bank()
    done = Command(tmp_path, bank)
    assert len(done.codes) == 4
    assert [len(made) for made in bank.made] == [2, 2]
    assert len(list((tmp_path / "out").glob("*.md"))) == 4
    with pytest.raises(SettingsError, match="case ran before: all 4 runs are done"):
        Command(tmp_path, bank)
    assert Command(tmp_path, bank, resume=True).sent == []


def test_rows_come_in_whatever_order(tmp_path):
    def turned(request, value):
        return value[::-1] if request.endpoint == "files.content" else value

    project(tmp_path, count=12)
    Command(tmp_path, Bank())
    straight = collected(tmp_path)
    Command(tmp_path, Bank(tamper=turned), fresh=True)
    assert collected(tmp_path) == straight


@pytest.mark.parametrize("jobs", [1, 4])
def test_tools_go_in_further_batches(tmp_path, jobs):
    project(tmp_path, recipe=RECIPE + TOOL)
    bank = Bank()
    done = Command(tmp_path, bank, jobs=jobs)
    assert set(done.codes.values()) == {0}
    assert [len(made) for made in bank.made] == [5, 5]
    assert {one.steps[0].sent for one in done.results} == {2}
    live = Command(tmp_path, Bank(), via="live", fresh=True)
    assert [one.steps[0].sent for one in live.results] == [2] * 5


HOOK = """
from pathlib import Path
from runner import hook

@hook
def look(what: str = "") -> str:
    \"\"\"Look.\"\"\"
    with (Path(__file__).parent / "looks").open("a") as file:
        file.write("x")
    return str((Path(__file__).parent / "looks").stat().st_size)
"""


def test_a_tool_runs_once_however_often_its_run_is_made(tmp_path):
    judged = "expect: [{judge: {model: gpt-4.1, rubric: good, at_least: 0}}]\n"
    recipe = f"{RECIPE}tools: [look]\ntool_choice: look\n{judged}"
    project(tmp_path, recipe=recipe, files={"hooks.py": HOOK})
    bank = Bank()
    hooks = (tmp_path / "hooks.py",)
    Command(tmp_path, bank, no_wait=True, hooks=hooks)
    for _ in range(3):
        bank.seconds += 100
        done = Command(tmp_path, bank, no_wait=True, resume=True, hooks=hooks)
    assert set(done.codes.values()) <= {0, 1}
    assert (tmp_path / "looks").read_text() == "x" * 5
    assert [len(made) for made in bank.made] == [5, 5, 5]
    assert max(bank.lines.values()) == 1


def test_steps_go_in_further_batches(tmp_path):
    recipe = """
        dataset: rows.csv
        steps:
          - name: one
            endpoint: chat.completions
            model: gpt-4.1
            messages: [{user: "{{ row.name }}"}]
            output: {text: "{{ row_id }}.one.md"}
          - name: two
            endpoint: embeddings
            model: text-embedding-3-small
            input: "{{ steps.one.text }}"
            output: {json: "{{ row_id }}.json"}
    """
    project(tmp_path, recipe=recipe)
    bank = Bank()
    assert set(Command(tmp_path, bank).codes.values()) == {0}
    assert [len(made) for made in bank.made] == [5, 5]
    assert len(list((tmp_path / "out").glob("?.json"))) == 5


def test_pictures_are_decoded_to_files(tmp_path):
    recipe = """
        endpoint: images.generations
        model: gpt-image-1
        dataset: {file: rows.csv, id: sku}
        prompt: A picture of {{ row.name }}
        params: {size: 1024x1024}
        output: {image: "{{ row_id }}.png"}
    """
    project(tmp_path, recipe=recipe)
    assert set(Command(tmp_path, Bank()).codes.values()) == {0}
    assert {(tmp_path / "out" / f"{name}.png").read_bytes()[:4] for name in NAMES} == {b"\x89PNG"}


def test_a_budget_stops_the_gathering_and_what_was_gathered_is_asked(tmp_path):
    project(tmp_path)
    bank = Bank()
    done = Command(tmp_path, bank, max_requests=3)
    assert sorted(done.codes.values()) == [0, 0, 0, 5]
    assert isinstance(done.error("s3"), BudgetError)
    assert [len(made) for made in bank.made] == [3]
    again = Command(tmp_path, bank, resume=True, max_requests=10)
    assert again.codes == {"s3": 0, "s4": 0}


def test_money_is_held_back_by_the_prices_of_batches(tmp_path):
    project(tmp_path, recipe=f"{RECIPE}params: {{max_completion_tokens: 1000}}\n")
    done = Command(tmp_path, Bank(), max_cost=0.0125)  # three answers of at most $0.004, and text
    assert sorted(done.codes.values()) == [0, 0, 0, 5]


def test_a_run_that_asks_something_else_each_time_fails(tmp_path):
    project(tmp_path, recipe=RECIPE.replace("name }}.", f"name }}}} {OTHER} {OTHER}."))
    bank = Bank()
    done = Command(tmp_path, bank)
    assert set(done.codes.values()) == {3}
    assert "what this run asks changed while it was answered" in str(done.error("s0"))
    assert [len(made) for made in bank.made] == [5]


def test_a_run_that_asks_something_else_later_is_not_asked_again_either(tmp_path):
    project(tmp_path, recipe=RECIPE.replace("name }}.", f"name }}}} {OTHER} {OTHER}."))
    bank = Bank()
    Command(tmp_path, bank, no_wait=True)
    done = Command(tmp_path, bank, resume=True)
    assert set(done.codes.values()) == {3}
    assert [len(made) for made in bank.made] == [5]


def test_what_changed_is_asked_anew_where_that_is_wanted(tmp_path):
    project(tmp_path)
    bank = Bank()
    Command(tmp_path, bank, no_wait=True)
    project(tmp_path, recipe=RECIPE.replace("Describe", "Sing of"))
    with pytest.raises(SettingsError, match="this changed: recipe"):
        Command(tmp_path, bank, resume=True)
    done = Command(tmp_path, bank, stale=True)
    assert done.codes == dict.fromkeys(NAMES, 0)
    assert "Sing of" in collected(tmp_path)[0]["text"]
    assert [len(made) for made in bank.made] == [5, 5]


@openapi.needs_openapi
def test_what_makes_a_batch_is_the_official_request(tmp_path):
    bodies = {}

    def heed(request, value):
        if request.method == "POST":
            bodies[request.path] = request.body
        assert request.endpoint == "files.content" or not openapi.reply_faults(
            request.method, PATHS.get(request.endpoint, request.path), value
        )
        return value

    project(tmp_path)
    Command(tmp_path, Bank(tamper=heed))
    made = bodies["/batches"].value
    assert not openapi.request_faults("POST", "/batches", made)
    assert (made["endpoint"], made["completion_window"]) == ("/v1/chat/completions", "24h")
    assert {*made["metadata"]} == {"runner", "piece", "recipe"}
    fields = {part.name: part for part in bodies["/files"].parts}
    assert {*fields} == {"purpose", "file"}
    assert fields["purpose"].body == b"batch"
    assert fields["file"].file_name.endswith("-1.jsonl")


PATHS = {"batches.retrieve": "/batches/{batch_id}"}


def test_the_calls_are_those_of_the_service(tmp_path):
    project(tmp_path, recipe=WRITING)
    bank = Bank()
    done = Command(tmp_path, bank)
    assert done.sent[:2] == ["POST /files", "POST /batches"]
    *polls, download = done.sent[2:]
    assert len({*polls}) == 1
    assert polls[0].startswith("GET /batches/batch_offline_")
    assert download.startswith("GET /files/file-offline-")
    assert download.endswith("/content")
    assert json.loads((tmp_path / "out" / "s1.md.run.json").read_text())["passed"] is True
