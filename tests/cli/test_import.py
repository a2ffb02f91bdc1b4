"""`runner import curl`: from an argument, a file or standard input; onto the screen or the disk."""

from pathlib import Path

import pytest

from tests.cli.command import runner

COMMAND = (
    "curl https://api.openai.com/v1/chat/completions -H 'Authorization: Bearer sk-0123456789abcdef'"
    ' -d \'{"model": "gpt-6-luna", "messages": [{"role": "user", "content": "Hi"}]}\''
)
RECIPE = """\
# yaml-language-server: $schema=recipe.schema.json
endpoint: chat.completions
model: gpt-6-luna
messages:
  - user: Hi
"""


@pytest.mark.parametrize(
    ("words", "given"),
    [((COMMAND,), ""), (("ask.sh",), ""), (("-",), COMMAND), ((), COMMAND)],
    ids=["argument", "file", "dash", "nothing"],
)
def test_a_command_is_taken_from_where_it_is(words, given):
    told = runner("import", "curl", *words, files={"ask.sh": COMMAND}, given=given)
    assert (told.code, told.out, told.err) == (0, RECIPE, "")


def test_it_goes_to_a_file_beside_its_schema():
    told = runner("import", "curl", COMMAND, "--out", "asked/hello")
    assert (told.code, told.out) == (0, "")
    assert told.err == "wrote asked/hello.recipe.yaml\nwrote asked/recipe.schema.json\n"
    assert Path("asked/hello.recipe.yaml").read_text(encoding="utf-8") == RECIPE
    assert runner("check", "asked").code == 0
    told = runner("import", "curl", COMMAND, "--out", "asked/hello.recipe.yaml")
    assert told.code == 2
    assert "asked/hello.recipe.yaml is there already" in told.err


def test_its_paths_start_from_its_own_folder():
    form = "curl https://api.openai.com/v1/files -F purpose=user_data -F file=@data/a.pdf"
    files: dict[str, str | bytes] = {"data/a.pdf": b"%PDF-1.4\n", "runner.yaml": ""}
    runner("import", "curl", form, "--out", "sent/upload", files=files)
    assert "../data/a.pdf" in Path("sent/upload.recipe.yaml").read_text(encoding="utf-8")
    assert runner("check", "sent/upload.recipe.yaml").code == 0


def test_what_the_user_should_know_goes_to_standard_error():
    told = runner("import", "curl", COMMAND.replace("gpt-6-luna", "gpt-4") + " --insecure")
    lines = told.err.splitlines()
    assert lines[0] == "warning: --insecure is left out: the runner always verifies TLS"
    assert lines[1].startswith("warning: gpt-4 was shut down on 2026-10-23; its successor is ")
    assert "sk-0123456789abcdef" not in told.out + told.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no-such.sh", "no such file, and no curl command"),
        ("wget x", "no such file, and no curl command"),
        ("wget x # not curl", "no curl command is found"),
        ("curl 'https://x", "command:1:6: the quote that opens here"),
        ("curl https://api.openai.com/v1/x -d @none.json", "none.json: no such file"),
    ],
)
def test_what_is_no_command_is_refused(text, message):
    told = runner("import", "curl", text)
    assert (told.code, told.out) == (2, "")
    assert message in told.err


def test_what_is_said_steers_no_terminal():
    told = runner("import", "curl", COMMAND + " --\x1b[31mred")
    assert "\x1b" not in told.err
