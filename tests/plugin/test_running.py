import re
from xml.etree import ElementTree

import pytest
import responses

from tests.plugin.project import ASK, CELLS, MISSED, project, read

__all__ = ["project", "read"]
pytest_plugins = ["pytester"]
URL = "https://api.openai.com/v1/chat/completions"
KEY = "sk-sentinel-0123456789"
REPLY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4.1-2025-04-14",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "To benefit all of humanity."},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
}


def case_in(place):
    """The one case of a JUnit report, and its properties."""
    case = next(ElementTree.parse(place).iter("testcase"))
    return case, {one.get("name"): one.get("value") for one in case.iter("property")}


def test_a_missed_expectation_is_a_failure_with_its_line(project):
    project.write("ask.recipe.yaml", MISSED)
    done = project.offline("--junitxml=junit.xml")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        [
            "*_ recipe ask _*",
            "ask.recipe.yaml:5:5: text contains: expected text containing 'canals', got *",
            "  5 |   - text: {contains: canals}",
            "  the reply: */ask0/answer.md",
            "recipes (offline): 1 missed · 1 request · 1 attempt · 11 + 39 tokens · $0.00033",
            "FAILED ask.recipe.yaml::ask - text contains: expected *",
        ]
    )
    done.stdout.no_fnmatch_line("*.py*")
    case, properties = case_in(project.path / "junit.xml")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message", "").startswith("text contains: expected text containing 'canals'")
    assert properties["model"] == "gpt-4.1"
    assert float(properties["cost"]) == pytest.approx(0.000334)
    assert properties["requests"] == "1"


def test_a_line_is_shown_where_lines_are_asked_for(project):
    project.write("ask.recipe.yaml", MISSED)
    done = project.offline("--tb=line")
    done.stdout.fnmatch_lines(["ask.recipe.yaml:5: text contains: expected *"])


def test_a_recipe_without_a_recording_is_an_error_that_says_how_to_record(project):
    project.write("ask.recipe.yaml", ASK)
    done = project.run("--junitxml=junit.xml")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(
        [
            "*ERROR at setup of recipe ask*",
            "ask: there is no cassette cassettes/ask.yaml to answer POST /chat/completions of ask",
            "  hint: --recipes-record records it; *",
            "recipes (replay): 1 failed *",
            "ERROR ask.recipe.yaml::ask - ask: there is no cassette*",
        ]
    )
    done.stdout.no_fnmatch_line("*.py*")
    case, _ = case_in(project.path / "junit.xml")
    assert case.find("error") is not None
    assert case.find("failure") is None


def test_a_missing_key_is_an_error(project):
    project.write("ask.recipe.yaml", ASK)
    done = project.run("--recipes-live")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*OPENAI_API_KEY*cannot be asked without it"])


def test_what_was_recorded_is_replayed(project, monkeypatch):
    project.write("ask.recipe.yaml", CELLS)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with responses.RequestsMock() as service:
        service.post(URL, json=REPLY)
        project.run("--recipes-record").assert_outcomes(passed=2)
        assert len(service.calls) == 2
    assert "cassettes/ask.yaml" in project.files()
    monkeypatch.delenv("OPENAI_API_KEY")
    done = project.run("--recipes-replay")
    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines(["recipes (replay): 2 passed · * · 20 + 40 tokens · *"])


def test_a_place_that_no_recording_can_have_ends_the_session_before_anything_is_asked(
    project, monkeypatch
):
    project.write("ask.recipe.yaml", CELLS)
    project.write("again.recipe.yaml", CELLS)
    project.write("cassettes", "")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with responses.RequestsMock() as service:
        done = project.run("--recipes-record")
        assert not service.calls
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines(["*no recording can be kept in cassettes/*: cassettes is no folder"])
    assert "\n".join(done.outlines).count("no recording can be kept") == 1
    assert project.run("--recipes-record", "--collect-only").ret == 0


def test_what_others_recorded_stays_where_some_are_recorded_anew(project, monkeypatch):
    project.write("ask.recipe.yaml", CELLS)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with responses.RequestsMock() as service:
        service.post(URL, json=REPLY)
        project.run("--recipes-record")
        project.run("--recipes-record", "-k", "llama").assert_outcomes(passed=1, deselected=1)
        assert len(service.calls) == 3
    project.run().assert_outcomes(passed=2)


def test_enough_of_several_repeats_pass(project):
    repeated = ASK.replace("answer.md", "'{{ run }}.md'") + "repeat: 3\npass: 2\n"
    once = repeated.replace("text: {contains: humanity}", "that: '{{ run != 2 }}'")
    project.write("once.recipe.yaml", once)
    project.write("twice.recipe.yaml", once.replace("!= 2", "== 2"))
    done = project.offline()
    done.assert_outcomes(passed=1, failed=1)
    shown = ["*recipe twice*", "twice#1:", "twice.recipe.yaml:5:*", "twice#3:", "twice.*:5:*"]
    done.stdout.fnmatch_lines(shown)
    done.stdout.fnmatch_lines(["recipes (offline): 1 passed · 1 missed · 6 requests *"])


def test_the_rows_of_a_dataset_are_one_case(project):
    project.write("rows.csv", "name\nParis\ncanals\n")
    rows = "dataset: rows.csv\n" + ASK.replace("What is the OpenAI mission?", "'{{ row.name }}'")
    rows = rows.replace("contains: humanity", "not_contains: canals")
    project.write("ask.recipe.yaml", rows.replace("answer.md", "'{{ row_id }}.md'"))
    done = project.offline()
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*_ recipe ask _*", "ask*2*:", "ask.recipe.yaml:6:5: *"])


def test_each_case_has_a_folder_of_its_own(project):
    project.write("ask.recipe.yaml", CELLS)
    project.offline().assert_outcomes(passed=2)
    names = {str(path.relative_to(project.tmp)) for path in project.tmp.rglob("*.md")}
    assert names == {
        "ask_model_gpt-4.1_0/gpt-4-1.md",
        "ask_model_meta_llama-3.3_0/meta-llama-3-3.md",
    }
    assert not list(project.tmp.rglob(".runner"))
    assert not (project.path / "out").exists()


def test_one_folder_may_be_named_for_all(project):
    project.write("ask.recipe.yaml", ASK)
    project.offline("--recipes-out", "kept").assert_outcomes(passed=1)
    assert (project.path / "kept" / "answer.md").is_file()


def test_hooks_are_read_once(project):
    counting = "with open('read.txt', 'a') as file:\n    file.write('once ')\n"
    project.write("hooks.py", counting)
    project.write("runner.yaml", "hooks: [hooks.py]\n")
    project.write("a.recipe.yaml", ASK)
    project.write("b.recipe.yaml", ASK)
    project.offline().assert_outcomes(passed=2)
    assert (project.path / "read.txt").read_text(encoding="utf-8") == "once "


def test_the_first_failure_may_end_it(project):
    project.write("a.recipe.yaml", MISSED)
    project.write("b.recipe.yaml", ASK)
    done = project.offline("-x")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["recipes (offline): 1 missed *"])


def test_what_failed_last_is_run_again(project):
    project.write("a.recipe.yaml", MISSED)
    project.write("b.recipe.yaml", ASK)
    project.offline("--lf").assert_outcomes(failed=1, passed=1)
    project.write("a.recipe.yaml", ASK)
    project.offline("--lf").assert_outcomes(passed=1)


def test_what_others_tell_of_a_case_stays(project):
    project.write("a.recipe.yaml", ASK)
    adding = "    items[0].user_properties.append(('owner', 'me'))\n"
    hook = "def pytest_collection_modifyitems(items):\n"
    project.write("conftest.py", hook + adding)
    project.offline("--junitxml=junit.xml")
    _, properties = case_in(project.path / "junit.xml")
    assert properties.items() >= {"owner": "me", "requests": "1"}.items()


def test_a_plan_of_setups_asks_nobody(project):
    project.write("a.recipe.yaml", ASK)
    done = project.run("--setup-plan")
    assert done.ret == pytest.ExitCode.OK
    done.stdout.fnmatch_lines(["*a.recipe.yaml::a*", "*0 requests*"])


def test_a_budget_ends_the_session(project, monkeypatch):
    project.write("runner.yaml", "defaults: {max_cost: 0.0000001}\n")
    project.write("a.recipe.yaml", ASK)
    project.write("b.recipe.yaml", ASK)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with responses.RequestsMock() as service:
        done = project.run("--recipes-live")
        assert not service.calls
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(
        ["recipes (live): 1 failed *", "!* stopped before a request that may cost *!"]
    )


def test_ctrl_c_ends_the_session(project):
    project.write("runner.yaml", "hooks: [hooks.py]\n")
    hook = "from runner import hook\n\n\n@hook\ndef stop() -> str:\n    raise KeyboardInterrupt\n"
    project.write("hooks.py", hook)
    project.write("a.recipe.yaml", ASK + "tools: [stop]\ntool_choice: stop\n")
    project.write("b.recipe.yaml", ASK)
    with pytest.raises(KeyboardInterrupt):
        project.offline()


def test_the_mode_may_be_a_setting_that_a_flag_beats(project):
    project.write("pytest.ini", "[pytest]\nrecipes_mode = offline\n")
    project.write("a.recipe.yaml", ASK)
    project.run().assert_outcomes(passed=1)
    project.run("--recipes-replay").assert_outcomes(errors=1)


@pytest.mark.parametrize(
    ("setting", "words", "told"),
    [
        ("", ["--recipes-live", "--recipes-record"], "--recipes-live and --recipes-record: choose"),
        ("recipes_mode = fast", [], "recipes_mode = fast: expected one of replay, live, offline"),
        ("", ["-p", "xdist", "-n2", "--recipes-record"], "--recipes-record: several processes"),
    ],
)
def test_what_cannot_be_is_refused(project, setting, words, told):
    project.write("pytest.ini", f"[pytest]\n{setting}\n")
    project.write("a.recipe.yaml", ASK)
    done = project.run(*words)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert told in "\n".join(done.errlines)


def test_without_recipes_nothing_is_told(project):
    project.write("test_it.py", "def test_it(): pass\n")
    done = project.run()
    done.assert_outcomes(passed=1)
    done.stdout.no_fnmatch_line("recipes*")


@pytest.mark.slow
def test_several_processes_share_the_work_and_the_plugin_can_be_left_out(project, monkeypatch):
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    project.write("ask.recipe.yaml", CELLS)
    project.write("missed.recipe.yaml", MISSED)
    run = project.pytester.runpytest_subprocess
    done = run("-n2", "--recipes-offline", "--strict-markers", "-Werror")
    done.assert_outcomes(passed=2, failed=1)
    done.stdout.fnmatch_lines(
        [
            "missed.recipe.yaml:5:5: text contains: *",
            "recipes (offline): 2 passed · 1 missed · 3 requests · 3 attempts · *",
            "FAILED missed.recipe.yaml::missed - text contains: expected *",
        ]
    )
    assert not re.search(r"\.py\b", done.stdout.str().partition("FAILURES")[2])
    assert run("-p", "no:recipe_runner").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_secret_is_shown_nowhere(project, monkeypatch):
    monkeypatch.setenv("TOKEN", "hush-hush-0815")
    asked = MISSED.replace("What is the OpenAI mission?", '"My token is {{ env.TOKEN }}"')
    project.write("ask.recipe.yaml", f"{asked}secrets: [TOKEN]\n")
    done = project.offline("--junitxml=junit.xml")
    done.assert_outcomes(failed=1)
    told = f"{done.stdout}{done.stderr}{(project.path / 'junit.xml').read_text()}"
    assert "token is ***" in told
    assert "hush-hush" not in told
