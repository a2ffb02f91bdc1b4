"""A request as a command or a script that does, when it is pasted, what the runner would do."""

import email
import json
import shlex
import subprocess
import sys
from email.policy import HTTP
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
        Part("file", Spool("in/a b.jsonl", 3, ""), "a b.jsonl", "application/jsonl"),
        Part("more", Spool("place", 1, "")),
    )
)


def test_a_form_names_its_files_by_their_places():
    assert words(Call("POST", URL, (), None, FORM))[3:] == [
        *("-F", "purpose=batch", "-F", "file=@in/a b.jsonl;type=application/jsonl"),
        *("-F", "more=place"),
    ]


def field(part):
    return words(Call("POST", URL, (), None, Multipart((part,))))[3:]


@pytest.mark.parametrize("text", ["@a", "<a", '"a"', "(a", "a;type=b", " a", "a\n", 'say "a"'])
def test_a_text_that_curl_would_read_as_more_is_a_string(text):
    assert field(Part("x", text.encode())) == ["--form-string", f"x={text}"]


@pytest.mark.parametrize(
    ("place", "written"),
    [("a;b.png", '"a;b.png"'), ('a"b.png', '"a\\"b.png"'), ("a,b.png", '"a,b.png"')],
)
def test_an_odd_path_is_quoted(place, written):
    part = Part("x", Spool(place, 1, ""), place)
    assert field(part) == ["-F", f"x=@{written}"]


def test_a_file_that_goes_by_another_name_says_so():
    part = Part("x", Spool("in/a.png", 1, ""), "b.png", "image/png")
    assert field(part) == ["-F", "x=@in/a.png;type=image/png;filename=b.png"]


def test_a_file_by_address_is_fetched_first():
    part = Part("x", Spool("https://a.b/c.png?d=e", 0, ""), "c.png", "image/png")
    text = command(Call("POST", URL, (), None, Multipart((part,))))
    assert text.startswith("curl -sSL 'https://a.b/c.png?d=e' | curl -sS ")
    assert "-F 'x=@-;type=image/png;filename=c.png'" in text
    with pytest.raises(RecipeError, match="2 come by address"):
        command(Call("POST", URL, (), None, Multipart((part, part))))


def test_a_reply_of_bytes_goes_to_a_file():
    call = Call("POST", URL, (), None, JsonBody({}), "it's.mp3")
    assert words(call)[-2:] == ["-o", "it's.mp3"]
    assert "with open(\"it's.mp3\", 'wb') as file:" in python(call)


def test_curl_holds_no_session():
    with pytest.raises(RecipeError, match="WebSocket") as raised:
        command(Call("GET", URL, says=()))
    assert "--python" in raised.value.hint


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


@pytest.mark.parametrize("way", [command, python])
def test_a_form_really_runs_when_pasted(server, way, tmp_path, monkeypatch):
    if way is command and which("curl") is None:
        pytest.skip("curl is not installed")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in;to").mkdir()
    (tmp_path / "in;to" / "a,b.png").write_bytes(b"\x89PNG")
    form = Multipart(
        (
            Part("prompt", b' @"x"; y\n'),
            Part("image[]", Spool("in;to/a,b.png", 4, ""), "a,b.png", "image/png"),
        )
    )
    call = Call("POST", f"{server.base('none')}/x", (), KEY, form)
    seen = sent(server, way(call), *(["sh"] if way is command else [sys.executable, "-"]))
    kind = seen.headers["content-type"]
    whole = email.message_from_bytes(
        f"Content-Type: {kind}\r\n\r\n".encode() + seen.body, policy=HTTP
    )
    first, second = whole.iter_parts()
    assert first.get_payload(decode=True) == b' @"x"; y\n'
    assert second["content-disposition"].params["name"] == "image[]"
    assert second["content-disposition"].params["filename"] == "a,b.png"
    assert second.get_content_type() == "image/png"
    assert second.get_payload(decode=True) == b"\x89PNG"
