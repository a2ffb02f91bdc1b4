"""A request as a command or a script that does, when it is pasted, what the runner would do."""

import json
import shlex
import subprocess
import sys
from shutil import which

import pytest

from runner.curl import Call, command
from runner.errors import RecipeError
from runner.exchange import JsonBody, Multipart, Part, Spool
from runner.script import python
from tests.faults.faults import FAULTS
from tests.faults.server import FaultServer

KEY = ("Authorization", "Bearer ", "OPENAI_API_KEY")
BODY = {"model": "ö", "text": 'it\'s "so" $HOME `x` \\ \n'}
URL = "https://host/v1/x?a=1&b=2"


def words(call):
    return shlex.split(command(call).replace("\\\n", " "))


def test_a_get_has_no_method():
    assert words(Call("GET", URL)) == ["curl", "-sS", URL]


@pytest.mark.parametrize(("method", "flags"), [("DELETE", ["-X", "DELETE"]), ("HEAD", ["-I"])])
def test_other_methods_are_named(method, flags):
    assert words(Call(method, URL))[2:] == [*flags, URL]


def test_a_body_is_sent_as_it_is():
    found = words(Call("POST", URL, (("X-A", "it's"),), None, JsonBody(BODY)))
    assert found[3:7] == ["-H", "X-A: it's", "-H", "Content-Type: application/json"]
    assert found[7] == "--data-raw"
    assert json.loads(found[8]) == BODY


def test_the_key_is_named_and_never_written():
    assert '-H "Authorization: Bearer $OPENAI_API_KEY"' in command(Call("GET", URL, (), KEY))
    held = (*KEY[:2], "my key.txt")
    assert "-H \"Authorization: Bearer $(cat 'my key.txt')\"" in command(Call("GET", URL, (), held))


def test_what_could_steer_a_terminal_is_written_in_ascii():
    text = command(Call("POST", URL, (), None, JsonBody({"a": "\x9b31m\u202e", "b": "\ud800"})))
    assert text.isascii()
    assert (
        json.loads(words(Call("POST", URL, (), None, JsonBody({"a": "\x9b"})))[-1])["a"] == "\x9b"
    )


def test_raw_bytes_are_no_form():
    assert words(Call("POST", URL, (), None, b"a=b"))[3:] == [
        "-H",
        "Content-Type: application/octet-stream",
        "--data-raw",
        "a=b",
    ]
    named = Call("POST", URL, (("content-type", "text/plain"),), None, b"a")
    assert "octet-stream" not in command(named)


def test_a_long_body_goes_through_standard_input():
    text = command(Call("POST", URL, (), None, JsonBody(["x" * 200_000])))
    assert "--data-binary @- <<'END_OF_BODY'\n[\n" in text
    assert text.endswith("]\nEND_OF_BODY")
    odd = command(Call("POST", URL, (), None, b"x" * 200_000 + b"\nEND_OF_BODY\nmore"))
    assert odd.endswith("\nmore\nEND_OF_BODY_")


FORM = Multipart(
    (
        Part("purpose", b"batch"),
        Part("file", b"...", "a b.jsonl", "application/jsonl"),
        Part("more", Spool("place", 1, "")),
    )
)


def fields(*parts):
    return words(Call("POST", URL, (), None, Multipart(parts)))[3:]


def test_a_form_names_its_files():
    assert fields(*FORM.parts) == [
        *("-F", "purpose=batch", "-F", "file=@a b.jsonl;type=application/jsonl"),
        *("-F", "more=place"),
    ]


@pytest.mark.parametrize("text", ["@x", "<x", "a;type=b", '"a"', " a", "a "])
def test_a_text_that_means_more_to_curl_is_a_string(text):
    assert fields(Part("a", text.encode())) == ["--form-string", f"a={text}"]


@pytest.mark.parametrize(
    ("place", "name", "field"),
    [
        ("in/a.wav", "a.wav", "f=@in/a.wav"),
        ("in/a.wav", "b.wav", "f=@in/a.wav;filename=b.wav"),
        ("in/a,b.wav", "a,b.wav", 'f=@"in/a,b.wav"'),
        ('in/"a".wav', '"a".wav', 'f=@"in/\\"a\\".wav"'),
    ],
)
def test_a_file_is_named_by_its_place(place, name, field):
    assert fields(Part("f", Spool(place, 1, ""), name)) == ["-F", field]


def test_a_file_that_comes_by_address_is_fetched_first():
    part = Part("f", Spool("https://h.example/a.wav", 1, ""), "a.wav")
    text = command(Call("POST", URL, (), None, Multipart((part,))))
    assert text.startswith("curl -sSL https://h.example/a.wav | curl -sS ")
    assert "-F 'f=@-;filename=a.wav'" in text
    with pytest.raises(RecipeError, match="2 come by address"):
        command(Call("POST", URL, (), None, Multipart((part, part))))


def test_a_reply_of_bytes_goes_to_a_file():
    assert words(Call("GET", URL, saves="my sound.mp3"))[3:] == ["-o", "my sound.mp3"]


def test_a_conversation_is_none_of_curls():
    with pytest.raises(RecipeError, match="--python"):
        command(Call("GET", URL, says=({},)))


def test_a_script_is_python_for_every_body():
    for body in (None, JsonBody(BODY), b"\x00raw", FORM):
        for key in (None, KEY, (*KEY[:2], "key.txt")):
            compile(python(Call("POST", URL, (("X-A", 'b"'),), key, body)), "script", "exec")


@pytest.fixture(scope="module")
def server():
    with FaultServer(FAULTS) as server:
        yield server


def sent(server, text, *words):
    before = len(server.log)
    environ = {"OPENAI_API_KEY": "sk-sentinel", "PATH": "/usr/bin:/bin", "NO_PROXY": "*"}
    done = subprocess.run(
        words, input=text, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Hello there" in done.stdout
    (seen,) = server.log[before:]
    return seen


@pytest.mark.parametrize("way", [command, python])
@pytest.mark.parametrize(
    "body", [JsonBody(BODY), JsonBody([BODY["text"] * 9_000]), b"raw \xc3\xb6"]
)
def test_it_really_runs_when_pasted(server, way, body):
    if way is command and which("curl") is None:
        pytest.skip("curl is not installed")
    call = Call("POST", f"{server.base('none')}/x?a=b", (("X-A", "it's"),), KEY, body)
    seen = sent(server, way(call), *(["sh"] if way is command else [sys.executable, "-"]))
    assert (seen.method, seen.path) == ("POST", "/fault/none/x?a=b")
    assert seen.headers["authorization"] == "Bearer sk-sentinel"
    assert seen.headers["x-a"] == "it's"
    if isinstance(body, JsonBody):
        assert json.loads(seen.body) == body.value
    else:
        assert seen.body == body
