"""From Python: recipes are loaded and run, results are records, failures are raised."""

import hashlib
import os
import pickle
import signal
from pathlib import Path
from typing import Any

import pytest

import runner
from runner.errors import (
    ApiStatusError,
    HookError,
    Mark,
    RecipeError,
    RecipeSchemaError,
    RunnerError,
    SettingsError,
)
from runner.results import RunResult, SuiteResult
from tests.engine.playing import HELLO, written
from tests.faults.faults import FAULTS
from tests.faults.server import FaultServer

KEY = "sk-sentinel-0123456789"


@pytest.fixture(scope="module")
def server():
    with FaultServer(FAULTS) as server:
        yield server


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def at(server, monkeypatch):
    def point(fault):
        monkeypatch.setenv("OPENAI_BASE_URL", server.base(fault))
        monkeypatch.setenv("OPENAI_API_KEY", KEY)

    return point


def answer(result: RunResult | SuiteResult) -> Any:
    return result.steps[0].answer


def recipe(text=HELLO, name="a.recipe.yaml"):
    written(Path(), {name: text})
    return name


def test_the_names_of_the_package():
    assert sorted(runner.__all__) == ["errors", "hook", "load", "run", "runs"]
    assert runner.errors.RunnerError is RunnerError
    assert callable(runner.hook)
    with pytest.raises(AttributeError, match="'nothing'"):
        runner.nothing  # noqa: B018
    assert (Path(runner.__file__).parent / "py.typed").is_file()


def test_a_run_gives_its_result(at, capsys):
    at("none")
    result = runner.run(recipe())
    assert isinstance(result, RunResult)
    assert (result.exit_code, result.recipe, result.run_id) == (0, "a.recipe.yaml", "a")
    (step,) = result.steps
    assert (step.state, step.sent) == ("passed", 1)
    assert answer(result).text == "Hello there"
    assert answer(result).usage["total_tokens"] == 5
    assert answer(result).cost > 0
    assert answer(result).latency > 0
    assert pickle.loads(pickle.dumps(result)) == result
    assert capsys.readouterr() == ("", "")


CELLS = HELLO.replace("model: gpt-4.1", "model: '{{ model }}'") + "matrix: {model: [a, b]}\n"


def test_several_runs_give_a_result_of_them_all():
    result = runner.run(recipe(CELLS + "repeat: 2\n"), offline=True, jobs=3)
    assert isinstance(result, SuiteResult)
    assert (result.exit_code, result.recipe, result.run_id) == (0, "a.recipe.yaml", "a")
    names = ["a[model=a]#1", "a[model=a]#2", "a[model=b]#1", "a[model=b]#2"]
    assert [one.run_id for one in result.runs] == names
    assert [step.run_id for step in result.steps] == names
    assert pickle.loads(pickle.dumps(result)) == result


def test_the_runs_of_a_recipe_that_runs_once_are_that_one():
    result = runner.run(recipe(), offline=True)
    assert result.runs == (result,)
    narrowed = runner.run(recipe(CELLS), vars={"model": "b"}, offline=True)
    assert isinstance(narrowed, RunResult)
    assert narrowed.cell == {"model": "b"}


def test_rows_give_a_result_of_them_all_and_go_on():
    written(Path(), {"d.csv": "word\none\n"})
    name = recipe(HELLO + "dataset: d.csv\ncollect: all.jsonl\n")
    result = runner.run(name, offline=True)
    assert isinstance(result, SuiteResult)
    assert [one.row_id for one in result.runs] == ["1"]
    with pytest.raises(SettingsError, match="a ran before: its one row is done"):
        runner.run(name, offline=True)
    assert runner.run(name, offline=True, resume=True).runs == ()
    assert len(runner.run(name, offline=True, fresh=True).runs) == 1


def test_what_missed_among_several_is_in_the_result():
    expect = 'expect: [{that: "{{ run == 1 }}"}]\nrepeat: 2\n'
    assert runner.run(recipe(HELLO + expect), offline=True).exit_code == 1
    assert runner.run(recipe(HELLO + expect + "pass: 1\n"), offline=True).exit_code == 0


def test_what_failed_among_several_is_raised_once_all_were_made(at, server):
    at("status-503")
    before = len(server.log)
    with pytest.raises(ApiStatusError):
        runner.run(recipe(CELLS), retries=0)
    assert len(server.log) == before + 2
    found = runner.runs(recipe(CELLS), retries=0)
    assert [one.exit_code for one in found] == [3, 3]


def test_stale_makes_those_alone():
    name = recipe(CELLS + "output: {text: '{{ model }}.md'}\n")
    assert len(runner.run(name, offline=True, stale=True).runs) == 2
    assert runner.run(name, offline=True, stale=True).runs == ()
    Path("out/b.md").unlink()
    assert isinstance(runner.run(name, offline=True, stale=True), RunResult)


def test_offline_needs_nothing():
    result = runner.run(Path(recipe()), offline=True)
    assert "simulated" in answer(result).text


def test_values_are_of_any_type():
    name = recipe(HELLO.replace("Hello", "'{{ v.a[1] }}'"))
    result = runner.run(name, vars={"v": {"a": [1, "two"]}}, offline=True)
    assert "two" in answer(result).text


def test_a_value_that_nothing_reads_is_an_error():
    with pytest.raises(RecipeError, match="nothing reads the variable 'v'"):
        runner.run(recipe(), vars={"v": 1}, offline=True)


def test_outputs_lie_where_they_are_wanted():
    result = runner.run(recipe(HELLO + "output: {text: a.md}\n"), offline=True, out="made")
    (file,) = result.steps[0].files
    content = Path("made/a.md").read_bytes()
    assert (file.path, file.size) == ("made/a.md", len(content))
    assert file.sha256 == hashlib.sha256(content).hexdigest()


def test_a_missed_expectation_is_in_the_result():
    result = runner.run(recipe(HELLO + "expect: [{text: Z}]\n"), offline=True)
    assert result.exit_code == 1
    assert not result.steps[0].checks[0].passed


def test_a_failed_service_is_raised(at, server):
    at("status-503")
    before = len(server.log)
    with pytest.raises(ApiStatusError) as caught:
        runner.run(recipe(), retries=0)
    assert caught.value.status == 503
    assert len(server.log) == before + 1


@pytest.mark.parametrize("timeout", [0.2, "200ms"])
def test_a_deadline_is_kept(at, timeout):
    at("stalled-head")
    with pytest.raises(RunnerError, match=r"0\.2 s"):
        runner.run(recipe(), timeout=timeout, retries=0)


def test_a_deadline_that_is_none_is_a_wrong_setting():
    with pytest.raises(SettingsError, match="timeout"):
        runner.run(recipe(), timeout="soon", offline=True)


def test_what_is_wrong_is_raised_before_anything_is_sent(at, server):
    at("none")
    before = len(server.log)
    with pytest.raises(RecipeSchemaError) as caught:
        runner.run(recipe("endpoint: models\nmodle: x\n"))
    (fault,) = caught.value.faults
    assert fault.mark == Mark("a.recipe.yaml", 2, 1, 5)
    with pytest.raises(SettingsError, match="no provider"):
        runner.run(recipe(), provider="nobody")
    assert len(server.log) == before


def test_without_a_key_it_is_a_wrong_setting():
    with pytest.raises(SettingsError, match="OPENAI_API_KEY is not set"):
        runner.run(recipe())


HOOKS = """\
from runner import hook


@hook
def look() -> str:
    raise ValueError("odd")
"""


def test_hooks_may_be_named():
    written(Path(), {"hooks.py": HOOKS})
    name = recipe(HELLO + "tools: [look]\non_tool_error: fail\n")
    with pytest.raises(HookError, match="ValueError: odd"):
        runner.run(name, hooks=["hooks.py"], offline=True)
    with pytest.raises(RecipeError, match="look"):
        runner.run(name, offline=True)


def test_functions_of_this_process_are_registered():
    from runner.engine.tools.hooks import REGISTERED

    before = list(REGISTERED)

    @runner.hook
    def peek() -> str:
        return "seen"

    try:
        result = runner.run(recipe(HELLO + "tools: [peek]\n"), offline=True)
    finally:
        REGISTERED[:] = before
    (call,) = answer(result).tool_calls
    assert (call.call.name, call.output) == ("peek", "seen")


def test_ctrl_c_is_ctrl_c(at):
    written(
        Path(),
        {
            "hooks.py": HOOKS.replace(
                'raise ValueError("odd")', f"import os; os.kill(os.getpid(), {signal.SIGINT:d})"
            )
        },
    )
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        runner.run(recipe(HELLO + "tools: [look]\n"), hooks=["hooks.py"], offline=True)
    assert os.getpid()


def test_loading_sends_nothing(at, server):
    at("none")
    before = len(server.log)
    plan = runner.load(recipe(HELLO + "vars: {a: 1}\n"))
    assert plan.recipe.name == "a"
    assert [step.endpoint.name for step in plan.steps] == ["chat.completions"]
    assert plan.values.values == {"a": 1}
    assert len(server.log) == before


def test_loading_takes_values_and_placeholders():
    name = recipe("secrets: [TOKEN]\nheaders: {X: '{{ env.TOKEN }} {{ v }}'}\n" + HELLO)
    assert runner.load(name, vars={"v": "b"}, offline=True).values.values == {"v": "b"}
    with pytest.raises(RecipeError, match="TOKEN is not set"):
        runner.load(name, vars={"v": "b"})


def test_recordings_have_an_age_from_python_too(tmp_path):
    place = tmp_path / "ask.recipe.yaml"
    place.write_text("endpoint: models\n")
    with pytest.raises(SettingsError, match="--max-age soon: expected a duration"):
        runner.run(place, cassette="replay", max_age="soon")


def test_a_budget_holds_from_python_too(tmp_path):
    place = tmp_path / "a.recipe.yaml"
    place.write_text("endpoint: models\n", encoding="utf-8")
    with pytest.raises(runner.errors.BudgetError):
        runner.run(place, offline=True, max_requests=0)
    with pytest.raises(runner.errors.SettingsError, match="needs a limit"):
        runner.run(place, offline=True, untrusted=True)
    assert runner.run(place, offline=True, untrusted=True, max_requests=1).exit_code == 0
