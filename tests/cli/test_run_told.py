"""What is told beside a run: of its faults, its tools, its reports; the totals are last."""

import pytest

from tests.cli.command import HELLO, HOOK, runner

BAD = {"a.recipe.yaml": HELLO + "modle: x\nparams: {temperature: warm}\n"}
TOOL = HELLO + "tools: [look]\ntool_choice: look\n"
PROJECT = {"runner.yaml": "hooks: [hooks.py]\n", "a.recipe.yaml": TOOL}


def hooked(body, recipe=TOOL):
    return {**PROJECT, "hooks.py": HOOK.format(body), "a.recipe.yaml": recipe}


def test_faults_are_counted_and_nothing_was_sent():
    told = runner("run", "a.recipe.yaml", files=BAD)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("a.recipe.yaml:4:1: unknown key 'modle'")
    assert told.err.endswith("\n2 faults, nothing was sent\n")
    assert "nothing was sent" not in runner("run", "a.recipe.yaml", "-q").err
    assert "nothing was sent" not in runner("show", "a.recipe.yaml").err


def test_github_gets_the_faults_as_a_check_gives_them():
    told = runner("run", "a.recipe.yaml", "--format", "github", files=BAD)
    assert told.code == 2
    assert told.out.count("::error file=a.recipe.yaml,line=") == 2
    assert told.out == runner("check", "a.recipe.yaml", "--format", "github").out
    assert told.err == "2 faults, nothing was sent\n"
    told = runner("run", "nowhere.yaml", "--format", "github")
    assert told.out.startswith("::error title=runner::nowhere.yaml: no such file or folder")


def test_github_gets_warnings_and_each_but_once():
    recipe = HELLO.replace("gpt-4.1", "gpt-6-luna") + "params: {temperature: 0.2}\nrepeat: 3\n"
    files = {"a.recipe.yaml": recipe}
    told = runner("run", "a.recipe.yaml", "--offline", "--format", "github", files=files)
    assert told.out.count("::warning file=a.recipe.yaml,line=4,") == 1
    assert "warning" not in told.err
    assert runner("run", "a.recipe.yaml", "--offline").err.count("warning: temperature: ") == 1


def test_a_hook_that_raises_is_told_though_the_run_goes_on():
    told = runner("run", "a.recipe.yaml", "--offline", files=hooked("1 / 0"))
    assert told.code == 0
    assert told.err.splitlines()[0] == (
        "hooks.py:6:1: warning: a: the tool look failed: ZeroDivisionError: division by zero;"
        " the model was told"
    )
    assert runner("run", "a.recipe.yaml", "--offline", "-q").err == ""
    told = runner("run", "a.recipe.yaml", "--offline", "--format", "github")
    assert told.out.startswith("::warning file=hooks.py,line=6,")
    told = runner(
        "run", "a.recipe.yaml", "--offline", files={"a.recipe.yaml": TOOL + "on_tool_error: fail\n"}
    )
    failed = "a: hooks.py:6: the tool look failed: ZeroDivisionError: division by zero\n"
    assert (told.code, told.err[: len(failed)]) == (4, failed)


def test_what_a_hook_raises_shows_no_secret_and_steers_no_terminal():
    body = "raise ValueError('tok-0123456789\\n::error::\\x1b[31m')"
    files = hooked(body, TOOL + "secrets: [TOKEN]\nheaders: {X: '{{ env.TOKEN }}'}\n")
    env = {"TOKEN": "tok-0123456789", "GITHUB_ACTIONS": "true"}
    for flags in ((), ("-v",), ("--format", "github")):
        told = runner("run", "a.recipe.yaml", "--offline", *flags, files=files, env=env)
        assert "ValueError: *** ::error::\\x1b[31m; the model was told" in told.err + told.out
        assert "tok-0123456789" not in told.err
        assert "\n::error" not in told.err + told.out


def test_of_rows_a_hook_s_failure_is_told_once_per_cause():
    body = "raise KeyError(__import__('random').random())"
    files = hooked(body, TOOL + "dataset: r.csv\ncollect: {file: a.jsonl}\n")
    rows = {"r.csv": "n\n" + "1\n" * 20}
    told = runner("run", "a.recipe.yaml", "--offline", "--jobs", "4", files={**files, **rows})
    assert told.err.count("the tool look failed: KeyError: ") == 1


def test_more_is_said_of_each_step_and_call_and_the_totals_are_last():
    told = runner("run", "a.recipe.yaml", "--offline", "-v", files=hooked("pass"))
    call, step, totals = told.err.splitlines()
    assert call == "a: tool look {} gave seen"
    assert step.startswith("a: passed · status 200 · gpt-4.1 · request ")
    assert totals.startswith("1 passed · 2 requests · ")


def test_reports_are_told_before_the_totals():
    report = ("--report", "html=r/a.html", "--report", "junit=a.xml")
    told = runner("run", "a.recipe.yaml", "--offline", *report, files={"a.recipe.yaml": HELLO})
    assert told.err.splitlines()[:-1] == ["wrote r/a.html", "wrote a.xml"]
    assert told.err.splitlines()[-1].startswith("1 passed")
    assert runner("run", "a.recipe.yaml", "--offline", "-q", *report).err == ""


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("hello", "hello.recipe.yaml"),
        ("hello.recipe.yml", "hello.recipe.yaml"),
        ("helo.recipe.yaml", "hello.recipe.yaml"),
        ("sub/other.recipe.yaml", "sub/other.yaml"),
        ("none/hello", ""),
        ("nope.recipe.yaml", ""),
        ("runer.yaml", ""),
    ],
)
def test_a_recipe_that_may_be_meant_is_named(named, meant):
    files = {"hello.recipe.yaml": HELLO, "sub/other.yaml": HELLO, "runner.yaml": ""}
    for command in ("run", "check"):
        told = runner(command, named, files=files)
        assert told.code == 2
        hint = f"\n  hint: did you mean {meant}?" if meant else ""
        assert told.err == f"{named}: no such file or folder{hint}\n"


def test_a_recipe_in_the_place_of_a_command_is_run():
    told = runner("a.recipe.yaml", "--offline", files={"a.recipe.yaml": HELLO})
    assert told.code == 2
    assert "did you mean: runner run a.recipe.yaml --offline" in told.err
    assert "did you mean 'run'?" in runner("rum").err


def test_a_bad_address_of_the_environment_is_named():
    env = {"OPENAI_BASE_URL": "127.0.0.1:1/v1", "OPENAI_API_KEY": "sk-sentinel-0123456789"}
    told = runner("run", "a.recipe.yaml", files={"a.recipe.yaml": HELLO}, env=env)
    assert told.code == 2
    assert told.err == (
        "OPENAI_BASE_URL: expected an address that begins with http:// or https://,"
        " got '127.0.0.1:1/v1'\n"
    )


def test_how_tools_are_registered_is_told_where_none_is():
    told = runner("list", "tools")
    assert (told.code, told.out) == (0, "(none)\n")
    assert "@hook" in told.err
    assert "--hooks FILE" in told.err
    assert runner("list", "tools", "--json").err == ""


def test_simulated_runs_take_no_time():
    told = runner("run", ".", "--offline", files={"a.recipe.yaml": HELLO, "b.recipe.yaml": HELLO})
    assert [line.split()[3:] for line in told.out.splitlines()] == [["tokens"]] * 2
