"""A stranger's recipe is data: it reads its own folder, and is believed nothing."""

import io

import pytest

from runner.engine.reading.fetching import Fetching
from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.errors import AddressError, RecipeError, SettingsError
from runner.protocol.providers import Provider
from tests.engine.playing import CHAT, HELLO, written

ASK = f"{CHAT}messages: [{{user: {{file: notes.md}}}}]\n"


def checked(folder, text, environ=None, **options):
    """The first request of a stranger's recipe below a folder, checked."""
    written(folder, {"pr/a.recipe.yaml": text})
    suite = Suite(Options(untrusted=True, **options), lambda _: None)
    suite.environ = environ or {}
    try:
        return suite.all_checked([str(folder / "pr/a.recipe.yaml")])[0]
    finally:
        suite.close()


def ran(folder, text, **options):
    """The result of a stranger's recipe, offline."""
    written(folder, {"pr/a.recipe.yaml": text})
    options = {"offline": True, "max_requests": 9, "out": folder / "out", **options}
    suite = Suite(Options(untrusted=True, **options), lambda _: None)
    try:
        ready = suite.all_checked([str(folder / "pr/a.recipe.yaml")])
        ((_, result),) = suite.runs(ready)
        return result
    finally:
        suite.close()


def test_the_project_file_is_not_read(tmp_path):
    project = "hooks: [boom.py]\nvars: {word: x}\nenv_file: env.txt\ndefaults: {provider: mine}\n"
    written(
        tmp_path, {"pr/runner.yaml": project, "runner.yaml": "a: b: c", "pr/boom.py": "raise 1"}
    )
    found = checked(tmp_path, HELLO, {"OPENAI_API_KEY": "sk-sentinel-0123456789"})
    assert found.plan.settings.project is None
    with pytest.raises(RecipeError, match="word"):
        checked(tmp_path, HELLO.replace("Hello", '"{{ word }}"'))
    with pytest.raises(RecipeError, match="boom"):
        checked(tmp_path, f"{HELLO}tools: [boom]\n")


def test_files_of_its_own_folder_are_read(tmp_path):
    written(tmp_path, {"pr/notes.md": "Hi"})
    assert checked(tmp_path, ASK).first.ask.messages[0]["content"] == "Hi"


def test_what_is_not_heeded_is_no_way_out(tmp_path):
    written(tmp_path, {"notes.md": "Hi"})
    with pytest.raises(RecipeError) as raised:
        checked(tmp_path, HELLO.replace("Hello", "{include: ../notes.md}"))
    assert "--allow-path" in raised.value.faults[0].hint
    assert "runner.yaml" not in raised.value.faults[0].hint


@pytest.mark.parametrize("path", ["../notes.md", "/etc/hostname", "link.md", "deep/link.md"])
def test_files_elsewhere_are_not(tmp_path, path):
    written(tmp_path, {"notes.md": "Hi", "runner.yaml": "", "pr/deep/x": ""})
    for place in ("link.md", "deep/link.md"):
        (tmp_path / "pr" / place).symlink_to(tmp_path / "notes.md")
    with pytest.raises(RecipeError, match=r"outside|link"):
        checked(tmp_path, ASK.replace("notes.md", path))


@pytest.mark.parametrize("key", ["extends: ../all.yaml\n", "x-a: {include: ../all.yaml}\n"])
def test_what_it_builds_on_lies_in_its_folder_too(tmp_path, key):
    written(tmp_path, {"all.yaml": "model: gpt-4.1\n", "runner.yaml": ""})
    if key.startswith("x-a"):
        key = "vars: {a: {include: ../all.yaml}}\n"
    with pytest.raises(RecipeError, match="outside"):
        checked(tmp_path, key + HELLO)


def test_the_command_line_is_the_user_s_own_word(tmp_path):
    written(tmp_path, {"notes.md": "Hi"})
    text = ASK.replace("notes.md", "../notes.md")
    assert checked(tmp_path, text, allow_paths=(tmp_path,)).first is not None
    hook = "from runner import hook\n\n@hook\ndef f(a: str) -> str:\n    'F.'\n    return a\n"
    written(tmp_path, {"own.py": hook})
    found = checked(tmp_path, f"{HELLO}tools: [f]\n", hooks=(tmp_path / "own.py",))
    assert found.first.ask.tools[0].name == "f"


def test_a_recipe_that_is_a_link_out_of_its_folder_is_not_read(tmp_path):
    written(tmp_path, {"secret.yaml": "password: hunter2hunter2", "pr/x": ""})
    (tmp_path / "pr/b.recipe.yaml").symlink_to(tmp_path / "secret.yaml")
    suite = Suite(Options(untrusted=True), lambda _: None)
    with pytest.raises(RecipeError, match="link out of its folder") as raised:
        suite.all_checked([str(tmp_path / "pr/b.recipe.yaml")])
    assert "hunter2" not in str(raised.value)


SECRETIVE = "env: [TOKEN]\n" + HELLO.replace("Hello", '"{{ env.TOKEN }}"')


def test_the_environment_is_granted_by_name(tmp_path):
    environ = {"TOKEN": "sentinel-value"}
    with pytest.raises(RecipeError, match="--allow-env TOKEN") as raised:
        checked(tmp_path, SECRETIVE, environ)
    assert "sentinel" not in str(raised.value)
    found = checked(tmp_path, SECRETIVE, environ, allow_env=("TOKEN",))
    assert found.first.ask.messages[0]["content"] == "sentinel-value"


def test_a_default_stands_for_what_is_not_granted(tmp_path):
    text = SECRETIVE.replace("[TOKEN]", "[{TOKEN: nothing}]")
    found = checked(tmp_path, text, {"TOKEN": "sentinel-value"})
    assert found.first.ask.messages[0]["content"] == "nothing"


def test_a_key_is_never_granted(tmp_path):
    text = SECRETIVE.replace("TOKEN", "OPENAI_API_KEY")
    with pytest.raises(RecipeError, match="a provider's key"):
        checked(tmp_path, text, {"OPENAI_API_KEY": "sk-x"}, allow_env=("OPENAI_API_KEY",))


def test_a_judge_asks_for_no_more_than_the_recipe_may(tmp_path):
    params = '{model: gpt-4.1, rubric: Kind?, params: {store: "{{ status == 200 }}"}}'
    result = ran(tmp_path, f"{HELLO}expect: [{{judge: {params}}}]\n")
    assert "store keeps what was said" in str(result.steps[0].error)


def test_what_a_later_step_became_is_judged_before_it_is_sent(tmp_path):
    text = """\
        steps:
          - {name: one, endpoint: chat.completions, model: gpt-4.1, messages: [{user: Hello}]}
          - name: two
            endpoint: responses
            model: gpt-4.1
            input: Hello
            params: {previous_response_id: "{{ steps.one.json.id }}"}
    """
    result = ran(tmp_path, text)
    assert [(step.state, step.sent) for step in result.steps] == [("passed", 1), ("failed", 0)]
    assert "a stored response" in str(result.steps[1].error)


def test_a_conversation_of_its_own_goes_on(tmp_path):
    text = """\
        steps:
          - {name: one, endpoint: responses, model: gpt-4.1, input: Hello}
          - {name: two, continue: one, messages: [{user: And then?}]}
    """
    assert ran(tmp_path, text).exit_code == 0


def test_pictures_that_a_reply_only_names_are_not_fetched():
    fetching = Fetching(lambda _: None, {}, untrusted=True)
    with pytest.raises(AddressError, match="nothing is fetched"):
        fetching(Provider("openai", "openai"))("https://example.com/a.png?sig=1")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_requests": None}, "--untrusted needs a limit"),
        ({"cassette": "record"}, "would write beside"),
        ({"cassette": "auto"}, "would write beside"),
    ],
)
def test_a_run_needs_a_limit_and_records_nothing(tmp_path, options, message):
    with pytest.raises(SettingsError, match=message):
        ran(tmp_path, HELLO, **options)


def test_outputs_do_not_follow_a_link_of_the_checkout(tmp_path, monkeypatch):
    written(tmp_path, {"elsewhere/x": ""})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SettingsError, match="is a link"):
        ran(tmp_path, f"{HELLO}output: {{text: a.md}}\n", out=None)
    assert ran(tmp_path, f"{HELLO}output: {{text: a.md}}\n").exit_code == 0


def test_the_spool_does_not_follow_a_link_either(tmp_path):
    written(tmp_path, {"elsewhere/x": "", "out/x": ""})
    (tmp_path / "out/.runner").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SettingsError, match="is a link"):
        ran(tmp_path, HELLO)


ROWS = f"{HELLO}dataset: rows.csv\n".replace("Hello", '"{{ row.a }}"')


@pytest.mark.parametrize("name", ["a.db", "a.db-wal", "last-failed.json", "failed/a.body"])
def test_nothing_that_a_run_keeps_for_itself_is_written_through_a_link(tmp_path, name):
    written(tmp_path, {"elsewhere/x": "", "pr/rows.csv": "a\n1\n", "out/.runner/failed/x": ""})
    (tmp_path / "out/.runner" / name).symlink_to(tmp_path / "elsewhere/new.db")
    with pytest.raises(SettingsError, match="is a link"):
        ran(tmp_path, ROWS)
    assert [one.name for one in (tmp_path / "elsewhere").iterdir()] == ["x"]


def test_extra_is_refused_before_anything_is_sent(tmp_path):
    steps = (
        "steps:\n"
        "  - {name: one, endpoint: responses, model: gpt-4.1, input: Hello}\n"
        "  - name: two\n"
        '    if: "{{ steps.one.text }}"\n'
        "    endpoint: responses\n"
        "    model: gpt-4.1\n"
        "    input: Hello\n"
        "    extra: {input: [{type: item_reference, id: msg_1}]}\n"
    )
    with pytest.raises(RecipeError) as raised:
        checked(tmp_path, steps)
    (fault,) = raised.value.faults
    assert "a.recipe.yaml:8:12: extra: a stranger's recipe may not send" in str(fault)


LATER = """\
steps:
  - {name: one, endpoint: responses, model: gpt-4.1, input: Hello}
  - {name: two, if: "{{ steps.one.text == 'x' }}", %s}
"""


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("endpoint: files.list", "files.list may list, read back"),
        (
            "endpoint: responses, model: gpt-4.1, input: Hello, poll: {until: '{{ true }}'}",
            "poll reads back what the account holds",
        ),
    ],
)
def test_a_later_step_is_refused_before_anything_is_sent(tmp_path, step, told):
    with pytest.raises(RecipeError, match=told):
        checked(tmp_path, LATER % step)


def test_a_judge_is_refused_before_anything_is_sent(tmp_path):
    params = "{model: gpt-4.1, rubric: Kind?, params: {store: true}}"
    with pytest.raises(RecipeError, match="store keeps what was said"):
        checked(tmp_path, f"{HELLO}expect: [{{judge: {params}}}]\n")


def test_the_cassettes_do_not_follow_a_link_either(tmp_path):
    written(tmp_path, {"elsewhere/x": "", "pr/x": ""})
    (tmp_path / "pr/cassettes").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SettingsError, match="cassettes is a link"):
        ran(tmp_path, HELLO, cassette="replay")


def test_a_recipe_of_standard_input_reads_no_file(tmp_path, monkeypatch):
    written(tmp_path, {"notes.md": "Hi"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(ASK.encode())))
    with pytest.raises(RecipeError, match=r"notes\.md is outside the project"):
        Suite(Options(untrusted=True), lambda _: None).all_checked(["-"])
