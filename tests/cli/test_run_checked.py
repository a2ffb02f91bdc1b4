"""`runner run`: all is checked before the first request, and the command line has the last word."""

import json
from pathlib import Path

import pytest

from tests.cli.command import HELLO, HOOK, at, runner

ONE = {"a.recipe.yaml": HELLO}
TWO = {**ONE, "b.recipe.yaml": HELLO}


def test_a_broken_second_recipe_lets_nothing_be_sent(server):
    files = {**ONE, "b.recipe.yaml": "endpoint: chat.completions\nmodle: x\n"}
    before = len(server.log)
    told = runner("run", ".", files=files, env=at(server, "none"))
    assert told.code == 2
    assert "did you mean 'model'" in told.err
    assert len(server.log) == before


def test_a_key_that_the_second_recipe_lacks_lets_nothing_be_sent(server):
    files = {**ONE, "b.recipe.yaml": "provider: azure\n" + HELLO}
    before = len(server.log)
    told = runner("run", ".", files=files, env=at(server, "none"))
    assert told.code == 2
    assert "AZURE_OPENAI_ENDPOINT is not set" in told.err
    assert "--offline" in told.err
    assert len(server.log) == before


def test_without_a_key_nothing_is_sent():
    told = runner("run", "a.recipe.yaml", files=ONE)
    assert told.code == 2
    assert told.err.startswith("OPENAI_API_KEY is not set")


@pytest.mark.parametrize("second", ["b.recipe.yaml", "a.recipe.yaml"])
def test_two_results_on_one_path_are_known_before_sending(server, second):
    text = HELLO + "output: {text: same.md}\n"
    steps = "steps:\n" + "".join(
        f"  - {{name: s{i}, endpoint: models, output: {{json: same.md}}}}\n" for i in (1, 2)
    )
    files = {"a.recipe.yaml": text, "b.recipe.yaml": text if second.startswith("b") else steps}
    before = len(server.log)
    told = runner("run", ".", files=files, env=at(server, "none"))
    assert told.code == 2
    assert "same.md" in told.err
    assert "b.recipe.yaml:" in told.err
    assert len(server.log) == before


def test_the_items_of_a_step_have_paths_of_their_own():
    step = "{for_each: [1, 2], endpoint: models, output: {text: %s}}"
    one, each = step % "same.md", step % "'{{ loop.index }}.md'"
    told = runner("run", "a.recipe.yaml", "--offline", files={"a.recipe.yaml": f"steps: [{one}]\n"})
    assert told.code == 2
    assert "the outputs of 2 items would be written to out/same.md" in told.err
    told = runner(
        "run", "a.recipe.yaml", "--offline", files={"a.recipe.yaml": f"steps: [{each}]\n"}
    )
    assert told.code == 0


def test_steps_that_exclude_each_other_may_share_a_path():
    step = "{endpoint: models, output: {text: same.md}, if: '{{ x == %s }}'}"
    text = f"vars: {{x: 1}}\nsteps:\n  - {step % 1}\n  - {step % 2}\n"
    told = runner("run", "a.recipe.yaml", "--offline", files={"a.recipe.yaml": text})
    assert told.code == 0


def test_two_results_on_one_path_that_only_show_later_are_an_error():
    each = "for_each: '{{ [steps.first.status, 2] }}', output: {text: a.md}"
    text = f"steps:\n  - {{name: first, endpoint: models}}\n  - {{endpoint: models, {each}}}\n"
    told = runner("run", "a.recipe.yaml", "--offline", files={"a.recipe.yaml": text})
    assert told.code == 3
    assert "two results would be written to out/a.md" in told.err
    assert "3 requests" in told.err


def test_dry_run_sends_nothing_and_needs_no_key(server):
    files = {"a.recipe.yaml": HELLO + "headers: {X-A: b}\n"}
    env = {"OPENAI_BASE_URL": server.base("none")}
    before = len(server.log)
    told = runner("run", "a.recipe.yaml", "--dry-run", files=files, env=env)
    assert told.code == 0
    assert told.out.startswith(f"POST {server.base('none')}/chat/completions\nX-A: b\n\n{{")
    assert '"Hello"' in told.out
    assert len(server.log) == before


def test_retries_and_what_they_cost_are_told(server):
    told = runner("run", "a.recipe.yaml", files=ONE, env=at(server, "status-500*1"))
    assert told.code == 0
    assert "a: status 500: asking again in" in told.err
    assert "1 request · 2 attempts" in told.err


def test_retries_of_the_command_line_beat_the_recipe(server):
    files = {"a.recipe.yaml": HELLO + "retries: 5\n"}
    told = runner(
        "run", "a.recipe.yaml", "--retries", "0", files=files, env=at(server, "status-503")
    )
    assert "1 request · 1 attempt ·" in told.err


def test_a_timeout_of_the_command_line_beats_the_recipe(server):
    files = {"a.recipe.yaml": HELLO + "timeout: 60s\nretries: 0\n"}
    env = at(server, "stalled-head")
    told = runner("run", "a.recipe.yaml", "--timeout", "200ms", files=files, env=env)
    assert told.code == 3
    assert "0.2 s" in told.err


@pytest.mark.parametrize("value", ["abc", "0", "-1s", "1y", "inf"])
def test_a_timeout_that_is_none_is_wrong_usage(value):
    told = runner("run", "a.recipe.yaml", f"--timeout={value}", files=ONE)
    assert told.code == 2
    assert "--timeout" in told.err


def test_a_status_that_is_expected_is_no_failure_and_not_retried(server):
    files = {"a.recipe.yaml": HELLO + 'vars: {w: 503}\nexpect: [{status: "{{ w }}"}]\n'}
    told = runner("run", "a.recipe.yaml", files=files, env=at(server, "status-503"))
    assert told.code == 0
    assert "1 request · 1 attempt" in told.err
    files = {"a.recipe.yaml": HELLO + "expect: [{status: {at_most: 404}}]\n"}
    told = runner("run", "a.recipe.yaml", "--retries=0", files=files, env=at(server, "status-503"))
    assert told.code == 3


def test_fail_fast_stops_after_the_first_failure(server):
    env = at(server, "status-400")
    assert "2 failed" in runner("run", ".", files=TWO, env=env).err
    assert "1 failed" in runner("run", ".", "--fail-fast", env=env).err


def test_of_several_runs_the_gravest_counts(server):
    files = {
        "a.recipe.yaml": HELLO + "expect: [{text: Z}]\n",
        "b.recipe.yaml": "endpoint: raw\nrequest: {path: x}\nexpect: [{status: 200}]\n",
    }
    assert runner("run", ".", files=files, env=at(server, "none")).code == 1
    files["b.recipe.yaml"] = "provider: bad\n" + HELLO
    files["runner.yaml"] = f"providers: {{bad: {{base_url: {server.base('status-400')}}}}}\n"
    told = runner("run", ".", files=files, env=at(server, "none"))
    assert told.code == 3
    assert "1 missed · 1 failed" in told.err


def test_a_warning_is_told_and_the_run_goes_on(server):
    files = {
        "a.recipe.yaml": HELLO.replace("gpt-4.1", "o3") + "params: {temperature: 0.5}\n",
        "runner.yaml": "checks: warn",
    }
    told = runner("run", "a.recipe.yaml", files=files, env=at(server, "none"))
    assert told.code == 0
    assert "warning: " in told.err
    files["runner.yaml"] = "checks: fail"
    assert runner("run", "a.recipe.yaml", files=files, env=at(server, "none")).code == 2
    files["runner.yaml"] = 'checks: "off"'
    told = runner("run", "a.recipe.yaml", files=files, env=at(server, "none"))
    assert "warning" not in told.err


def test_a_hook_that_fails_the_recipe_has_its_exit_code(server):
    files = {
        "hooks.py": HOOK.format("raise OSError('x')"),
        "a.recipe.yaml": HELLO + "tools: [look]\ntool_choice: look\non_tool_error: fail\n",
    }
    told = runner("run", "a.recipe.yaml", "--offline", "--hooks", "hooks.py", files=files)
    assert told.code == 4
    assert "hooks.py:6: the tool look failed: OSError: x" in told.err


def test_standard_input_is_a_recipe():
    told = runner("run", "-", "--offline", given=HELLO)
    assert told.code == 0
    assert "Hello" in told.out


def test_outputs_of_a_recipe_from_standard_input_know_it():
    runner("run", "-", "--offline", given=HELLO + "output: {text: a.md}\n")
    sidecar = json.loads(Path("out/a.md.run.json").read_text())
    assert sidecar["recipe"] == "-"
    assert len(sidecar["sha256"]["recipe"]) == 64


@pytest.mark.parametrize(
    ("flags", "project", "place"),
    [
        ((), "", "out/a.md"),
        (("--out", "build/x"), "defaults: {out: made}", "build/x/a.md"),
        ((), "defaults: {out: made}", "project/made/a.md"),
    ],
)
def test_outputs_lie_where_the_user_says(flags, project, place):
    files = {"project/a.recipe.yaml": HELLO + "output: {text: a.md}\n"}
    if project:
        files["project/runner.yaml"] = project
    assert runner("run", "project", "--offline", *flags, files=files).code == 0
    assert Path(place).is_file()


def test_nothing_is_written_through_a_link_out_of_the_folder():
    Path("out").mkdir()
    Path("elsewhere").mkdir()
    Path("out/link").symlink_to("../elsewhere")
    files = {"a.recipe.yaml": HELLO + "output: {text: link/a.md}\n"}
    told = runner("run", "a.recipe.yaml", "--offline", files=files)
    assert told.code == 2
    assert "a.recipe.yaml:4:" in told.err
    assert not list(Path("elsewhere").iterdir())


def test_two_projects_have_providers_of_their_own(server):
    project = "providers: {mine: {base_url: %s, api_key: {env: %s}}}\ndefaults: {provider: mine}\n"
    files = {
        "a/runner.yaml": project % (server.base("none"), "KEY_A"),
        "a/a.recipe.yaml": HELLO,
        "b/runner.yaml": project % (server.base("early-hints"), "KEY_B"),
        "b/b.recipe.yaml": HELLO,
    }
    env = {"KEY_A": "key-a-0123", "KEY_B": "key-b-0123"}
    before = len(server.log)
    assert runner("run", ".", files=files, env=env).code == 0
    seen = [(one.path.split("/")[2], one.headers["authorization"]) for one in server.log[before:]]
    assert seen == [("none", "Bearer key-a-0123"), ("early-hints", "Bearer key-b-0123")]


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("afile", "--out afile: afile is no folder"),
        ("afile/deep", "--out afile/deep: afile is no folder"),
        ("/proc/nope", "--out /proc/nope: /proc cannot be written to"),
        ("full", "a.recipe.yaml:4:16: output: full/a.md is a folder"),
    ],
)
def test_a_place_that_no_output_can_have_is_known_before_sending(server, out, told):
    Path("full/a.md").mkdir(parents=True)
    files = {"afile": "", "a.recipe.yaml": HELLO + "output: {text: a.md}\n"}
    before = len(server.log)
    found = runner("run", "a.recipe.yaml", "--out", out, files=files, env=at(server, "none"))
    assert found.code == 2
    assert found.err.startswith(told)
    assert len(server.log) == before


def test_a_folder_of_the_project_file_s_that_is_none_is_named_where_it_stands():
    files = {"runner.yaml": "defaults: {out: afile}\n", "afile": "", **ONE}
    told = runner("run", "a.recipe.yaml", "--offline", files=files)
    assert told.code == 2
    assert told.err.startswith("runner.yaml:1:17: defaults.out: afile is no folder")


def test_what_writes_nothing_needs_no_folder_to_write_to():
    told = runner("run", "a.recipe.yaml", "--offline", files={"out": "", **ONE})
    assert (told.code, told.out.startswith("[simulated]")) == (0, True)


def test_looking_alone_needs_no_folder_to_write_to():
    Path("out/a.md").mkdir(parents=True)
    files = {"a.recipe.yaml": HELLO + "output: {text: a.md}\n"}
    assert [runner(do, "a.recipe.yaml", files=files).code for do in ("check", "show")] == [0, 0]


LATER = """
steps:
  - name: draw
    endpoint: images.generations
    model: gpt-image-2.6-sunburst
    prompt: A canal
    output: {image: a.png}
  - name: look
    endpoint: chat.completions
    model: gpt-4.1
    messages: [{user: ["Say {{ steps.draw.json.created }}", image: %s]}]
"""


@pytest.mark.parametrize(
    ("image", "code"), [("none.png", 2), ("out/a.png", 0), ("'{{ steps.draw.files[0] }}'", 0)]
)
def test_a_file_of_a_later_step_is_looked_for_unless_an_earlier_one_may_write_it(image, code):
    told = runner("run", "a.recipe.yaml", "--offline", files={"a.recipe.yaml": LATER % image})
    assert (told.code, "no file is named none.png" in told.err) == (code, code == 2), told.err
    assert Path("out").exists() == (code == 0)


def test_a_recipe_that_is_wrong_is_told_of_before_hooks_that_are():
    files = {"h.py": "1 / 0", "a.recipe.yaml": HELLO + "expect: [{text: {matches: '(['}}]\n"}
    told = runner("check", "a.recipe.yaml", "--hooks", "h.py", files=files)
    assert told.code == 2
    assert "no regular expression" in told.err
    assert "division" not in told.err


@pytest.mark.parametrize("mode", ["record", "auto"])
@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("cassettes", "cassettes is no folder"),
        ("cassettes/a", "cassettes/a is no folder"),
        ("cassettes/a.yaml/x", "is a folder"),
    ],
)
def test_a_place_that_no_recording_can_have_is_known_before_sending(server, mode, place, told):
    files = {"a.recipe.yaml": HELLO, "b.recipe.yaml": HELLO, place: ""}
    before = len(server.log)
    found = runner("run", ".", "--cassette", mode, files=files, env=at(server, "none"))
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        f"no recording can be kept in cassettes/a.yaml: {told}\n"
        "  hint: recordings stand beside the recipe: let files be written there, or record a copy"
        " of it\n"
    )
    assert len(server.log) == before


def test_no_recording_goes_where_a_link_leads(server, tmp_path_factory):
    Path("cassettes").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    before = len(server.log)
    words = ("run", "a.recipe.yaml", "--cassette", "record")
    found = runner(*words, files={"a.recipe.yaml": HELLO}, env=at(server, "none"))
    assert found.code == 2
    assert "no cassette is written through a link" in found.err
    assert len(server.log) == before


def test_where_recordings_are_is_told():
    files = {"a.recipe.yaml": HELLO, "b.recipe.yaml": HELLO}
    words = ("run", ".", "--offline", "--cassette")
    assert "\nrecorded 2 replies in 2 files below cassettes/\n" in (
        "\n" + runner(*words, "record", files=files).err
    )
    assert "recorded" not in runner(*words, "auto").err
    Path("cassettes/b.yaml").unlink()
    assert "recorded 1 reply in cassettes/b.yaml\n" in runner(*words, "auto").err
    assert "recorded" not in runner(*words, "record", "-q").err


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--offline", "--provider", "openay"), "no provider is named 'openay'; there are openai,"),
        (("--allow-path", "nope"), "--allow-path nope: no such folder"),
        (("--allow-path", ""), "--allow-path '': no such folder"),
        (("--out", ""), "--out: expected a folder or an address, got an empty text"),
        (("--events", "ev/a"), "--events ev/a: no session is run here to write it from"),
        (("--dry-run", "--json"), "--dry-run and --format json: nothing is sent"),
        (("--dry-run", "--report", "json=x.json"), "--dry-run and --report: nothing is sent"),
        (("--dry-run", "--events", "ev/a"), "--dry-run and --events: nothing is sent"),
        (("--dry-run", "--baseline", "x.json"), "--dry-run and --baseline: nothing is sent"),
    ],
)
def test_a_flag_that_would_do_nothing_is_wrong_usage(flags, told):
    found = runner("run", "a.recipe.yaml", "--offline", *flags, files={"a.recipe.yaml": HELLO})
    assert found.code == 2
    assert found.err.startswith(told)
    assert [place.name for place in Path().iterdir()] == ["a.recipe.yaml"]
