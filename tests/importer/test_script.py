"""The one curl command of a script."""

import pytest

from runner.errors import RecipeError
from runner.importer.script import file_read, script_of
from runner.importer.shell import source_of


def read(text):
    found = script_of(text, "f")
    return [source_of(word) for word in found.curl.words], found


@pytest.mark.parametrize(
    "text",
    [
        "curl -s x",
        "#!/bin/sh\nset -e\n# curl y\ncurl -s x",
        "if true; then curl -s x; fi",
        "KEY=1 curl -s x",
        "/usr/bin/curl -s x",
        "answer=$(curl -s x)\necho $answer",
        'echo "$(curl -s x | jq .)"',
        "cd /tmp && curl -s x",
    ],
)
def test_it_is_found_wherever_it_stands(text):
    assert read(text)[0][1:] == ["-s", "x"]


def test_what_is_set_before_is_known():
    _, found = read("export A=1 B='2 3'\nC=$(base64 f.png)\nD=4 curl x")
    assert {name: source_of(word) for name, word in found.assigned.items()} == {
        "A": "1",
        "B": "2 3",
        "C": "$(base64 f.png)",
        "D": "4",
    }


def test_where_its_output_goes_is_known():
    _, found = read("curl x 2>/dev/null | jq -r .a | base64 -d > out.png")
    assert [source_of(word) for one in found.after for word in one.words] == [
        *("jq", "-r", ".a", "base64", "-d"),
    ]
    assert [source_of(word) for _, word in found.after[-1].redirects] == ["out.png"]


@pytest.mark.parametrize("text", ["echo '{}' | curl -d @- x", "cat b.json | curl -d @- x"])
def test_what_is_piped_in_is_its_input(text):
    _, found = read(text)
    assert found.curl.redirects


def test_a_script_that_was_flattened_is_mended():
    words, found = read("# First A=$(base64 a.wav) # Then say so curl https://x -s")
    assert words == ["curl", "https://x", "-s"]
    assert list(found.assigned) == ["A"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wget x", "no curl command is found"),
        ("", "no curl command is found"),
        ("curl a\n\ncurl b", "2 curl commands are found, on the lines 1, 3"),
    ],
)
def test_anything_else_is_refused(text, message):
    with pytest.raises(RecipeError, match=message):
        script_of(text, "f")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("base64 -w 0 a.wav", ("base64", "a.wav")),
        ("base64 -i ~/a.png", ("base64", "~/a.png")),
        ("base64 < a.png", ("base64", "a.png")),
        ("base64 a.png | tr -d '\\n'", ("base64", "a.png")),
        ("cat a.png | base64", ("base64", "a.png")),
        ("openssl base64 -A -in a.png", ("base64", "a.png")),
        ("cat a.md", ("text", "a.md")),
        ("< a.md", ("text", "a.md")),
    ],
)
def test_a_file_that_a_command_reads_is_known(text, found):
    read = file_read(text, "f")
    assert read is not None
    assert (read[0], source_of(read[1])) == found


@pytest.mark.parametrize("text", ["date", "cat", "base64", "a; b", "uuidgen | tr -d '\\n'"])
def test_what_else_a_command_prints_is_not(text):
    assert file_read(text, "f") is None
