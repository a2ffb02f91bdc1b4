"""What was recorded replays byte for byte, in any thread, and nothing else is answered."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from runner.errors import (
    ApiStatusError,
    ConnectionFailedError,
    OutputError,
    RecipeError,
    ReplayMissError,
)
from runner.exchange import JsonBody, Multipart, Part, Reply, Request, Spool
from runner.transport.cassette import Cassette
from runner.transport.offline import Offline
from runner.transport.tape import LARGEST
from tests.cassette.finding import SECRET, find
from tests.ending import ends_within

NOW = 1_790_000_000.0
JSON = {"content-type": "application/json", "x-request-id": "r1"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300


class Service:
    """Answers with what it is given; counts how often it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def send(self, request, listener=None):
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, list):
            for piece in answer:
                listener.chunk(piece)
            return Reply(200, {"content-type": "text/event-stream"}, b"".join(answer), True)
        return answer

    def open(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        raise AssertionError


class Listening:
    def __init__(self, refuses=b"\0none"):
        self.started = False
        self.first = None
        self.pieces = []
        self.refuses = refuses

    def chunk(self, data):
        self.started = True
        self.pieces.append(data)
        if self.refuses in data:
            message = "refused"
            raise ApiStatusError(message)


class Talk:
    """A channel: what it hears is given, what is said is kept."""

    def __init__(self, *heard):
        self.heard = list(heard)
        self.said = []

    def say(self, message):
        self.said.append(message)

    def hear(self, timeout):
        del timeout
        message = self.heard.pop(0)
        if isinstance(message, Exception):
            raise message
        return message

    def close(self):
        self.heard.clear()


def never():
    message = "a replay makes no transport"
    raise AssertionError(message)


def ask(content="hi", run="r", ordinal=0, **more):
    body = JsonBody({"content": content})
    return Request("POST", "/chat", "chat", body, run_id=run, ordinal=ordinal, **more)


@pytest.fixture
def place(tmp_path):
    return tmp_path / "cassettes" / "chat.completions.yaml"


@pytest.fixture
def opened(place):
    def make(mode, **more):
        named = {"find": find, "tell": print, "now": lambda: NOW} | more
        return Cassette(place, mode, **named)

    return make


ONE = (ask(),)


def recorded(opened, *answers, requests=ONE, whole=True, mode="record"):
    """Record what a service answers, and save it."""
    cassette = opened(mode)
    service = Service(*answers)
    transport = cassette.wrap(lambda: service)
    replies = [transport.send(request) for request in requests]
    cassette.save(whole=whole)
    return replies


def replayed(opened, *requests, mode="replay"):
    transport = opened(mode).wrap(never)
    return [transport.send(request) for request in requests]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, JSON, b'{"ok": true}', elapsed=0.25, attempts=3),
        Reply(200, JSON, json.dumps({"b64": "iVBORw0KGgo" * 400}).encode()),
        Reply(404, JSON, b'{"error": {"message": "no"}}'),
        Reply(503, {}, b"<html>busy</html>"),
        Reply(200, {"content-type": "image/png"}, PNG),
        Reply(204, {}, b""),
    ],
    ids=["json", "long", "404", "503", "picture", "empty"],
)
def test_a_reply_comes_back_as_it_was(opened, reply):
    assert recorded(opened, reply) == [reply]
    assert replayed(opened, ask()) == [reply]


def test_a_form_matches_part_by_part(opened):
    def form(content, name="a.wav"):
        parts = (Part("model", b"m"), Part("file", content, name, "audio/wav"))
        return Request("POST", "/audio", "audio", Multipart(parts), run_id="r")

    recorded(opened, Reply(200, {}, b"said"), requests=[form(b"RIFF")])
    assert replayed(opened, form(b"RIFF"))[0].body == b"said"
    with pytest.raises(ReplayMissError, match=r"first difference: form\.1\.bytes"):
        replayed(opened, form(b"RIFFS"))
    with pytest.raises(ReplayMissError, match=r"form\.1\.file: recorded 'a.wav', asked 'b.wav'"):
        replayed(opened, form(b"RIFF", "b.wav"))


def test_a_stream_comes_in_the_pieces_it_came_in(opened, place):
    pieces = [b'data: {"a":', b' "\xc3', b'\xa9"}\n\n', b"data: [DONE]\n\n"]
    cassette = opened("record")
    cassette.wrap(lambda: Service(pieces)).send(ask(), Listening())
    cassette.save(whole=True)
    assert 'data: {"a": "é"}\n' in place.read_text(encoding="utf-8")
    heard = Listening()
    reply = opened("replay").wrap(never).send(ask(), heard)
    assert heard.pieces == pieces
    assert (reply.streamed, reply.body) == (True, b"".join(pieces))


def test_the_time_of_the_first_text_is_the_recorded_one(opened, place):
    place.parent.mkdir()
    place.write_text(
        "cassette: 1\nrecordings:\n  - request: {method: POST, path: /chat, json: {content: hi}}\n"
        '    reply: {text: abcdef, pieces: "1@0.5 2@1.25"}\n'
    )

    class Hearing(Listening):
        def chunk(self, data):
            super().chunk(data)
            self.first = 9.0 if data == b"bc" else self.first

    heard = Hearing()
    reply = opened("replay").wrap(never).send(ask(), heard)
    assert heard.pieces == [b"a", b"bc", b"def"]
    assert reply.first == 1.25


def test_a_stream_that_tells_of_an_error_tells_of_it_again(opened):
    cassette = opened("record")
    with pytest.raises(ApiStatusError):
        cassette.wrap(lambda: Service([b"a", b"bad"])).send(ask(), Listening(b"bad"))
    cassette.save()
    heard = Listening(b"bad")
    with pytest.raises(ApiStatusError):
        opened("replay").wrap(never).send(ask(), heard)
    assert heard.pieces == [b"a", b"bad"]


def test_a_stream_that_was_cut_is_not_recorded(opened, place):
    cassette = opened("record")
    with pytest.raises(ConnectionFailedError):
        cassette.wrap(lambda: Service(ConnectionFailedError("cut"))).send(ask(), Listening())
    cassette.save()
    assert not place.exists()


def test_a_body_on_disk_is_recorded_and_goes_to_disk_again(opened, tmp_path):
    file = tmp_path / "spool"
    file.write_bytes(PNG)
    recorded(opened, Reply(200, {}, Spool(str(file), len(PNG), "")))
    file.unlink()
    transport = opened("replay").wrap(never, tmp_path / "room")
    body = transport.send(ask(spools=True)).body
    assert isinstance(body, Spool)
    assert Path(body.path).read_bytes() == PNG
    Path(body.path).rename(tmp_path / "output.png")
    assert opened("replay").wrap(never).send(ask()).body == PNG


def test_a_session_replays_both_ways(opened, place):
    sound = "UklGRg" * 4000
    talk = Talk({"type": "created"}, {"delta": sound}, None, ConnectionFailedError("silent"))
    cassette = opened("record")
    channel = cassette.wrap(lambda: Service(talk)).open(ask())
    channel.say({"audio": sound})
    heard = [channel.hear(1), channel.hear(1), channel.hear(1)]
    with pytest.raises(ConnectionFailedError):
        channel.hear(1)
    channel.close()
    cassette.save(whole=True)
    assert place.stat().st_size < 1000
    channel = opened("replay").wrap(never).open(ask())
    channel.say({"audio": sound})
    assert [channel.hear(1), channel.hear(1), channel.hear(1)] == heard
    with pytest.raises(ConnectionFailedError, match="silent"):
        channel.hear(1)
    with pytest.raises(ReplayMissError, match="the recording ends here; another is waited for"):
        channel.hear(1)


def test_a_session_that_says_something_else_is_told_where(opened):
    cassette = opened("record")
    channel = cassette.wrap(lambda: Service(Talk({"type": "created"}))).open(ask())
    channel.say({"text": "one"})
    channel.hear(1)
    channel.close()
    cassette.save(whole=True)
    transport = opened("replay").wrap(never)
    with pytest.raises(ReplayMissError, match=r"message 1 of the session: .* asked 'two'"):
        transport.open(ask()).say({"text": "two"})
    with pytest.raises(ReplayMissError, match="a message is sent here"):
        opened("replay").wrap(never).open(ask()).hear(1)


def test_a_session_that_was_refused_is_refused_again(opened):
    error = ApiStatusError("no", hint="h", status=401, code="c", kind="k")
    cassette = opened("record")
    with pytest.raises(ApiStatusError):
        cassette.wrap(lambda: Service(error)).open(ask())
    cassette.save()
    with pytest.raises(ApiStatusError) as caught:
        opened("replay").wrap(never).open(ask())
    assert str(caught.value) == str(error)
    assert (caught.value.status, caught.value.code, caught.value.kind) == (401, "c", "k")


def test_what_is_fetched_replays(opened):
    cassette = opened("record")
    assert cassette.fetching(lambda _: PNG)("https://a.example/x.png") == PNG
    cassette.save(whole=True)
    fetch = opened("replay").fetching(lambda _: never())
    assert fetch("https://a.example/x.png") == PNG
    with pytest.raises(ReplayMissError, match=r"answers GET https://a\.example/y\.png\n"):
        opened("replay").fetching(lambda _: never())("https://a.example/y.png?sig=12345")


def test_a_missing_recording_names_the_nearest_and_the_difference(opened, place):
    recorded(opened, Reply(200, {}, b"x"))
    with pytest.raises(ReplayMissError) as caught:
        replayed(opened, ask("ho"))
    text = str(caught.value)
    assert f"{place}: no recording answers POST /chat of r" in text
    assert "nearest: line 4, POST /chat of r" in text
    assert "first difference: json.content: recorded 'hi', asked 'ho'" in text
    assert caught.value.exit_code == 3
    assert caught.value.attempts == 0


def test_what_is_asked_more_often_than_recorded_is_missing(opened):
    recorded(opened, Reply(200, {}, b"x"))
    with pytest.raises(ReplayMissError, match="was recorded once, and is asked once more"):
        replayed(opened, ask(), ask())


def test_a_cassette_that_is_not_there_is_named(opened, place):
    with pytest.raises(ReplayMissError, match=f"there is no cassette {place}"):
        replayed(opened, ask())


def test_record_asks_anew_and_drops_what_is_unused(opened):
    recorded(opened, Reply(200, {}, b"1"), Reply(200, {}, b"2"), requests=[ask("a"), ask("b")])
    recorded(opened, Reply(200, {}, b"3"), requests=[ask("a")])
    assert replayed(opened, ask("a"))[0].body == b"3"
    with pytest.raises(ReplayMissError):
        replayed(opened, ask("b"))


def test_record_of_a_part_keeps_the_rest(opened):
    both = [ask("a", "r[1]"), ask("b", "r[2]")]
    recorded(opened, Reply(200, {}, b"1"), Reply(200, {}, b"2"), requests=both)
    recorded(opened, Reply(200, {}, b"3"), requests=both[:1], whole=False)
    assert [reply.body for reply in replayed(opened, *both)] == [b"3", b"2"]


@pytest.mark.parametrize("mode", ["record", "auto"])
def test_two_that_record_at_once_keep_what_the_other_wrote(opened, place, mode):
    recorded(opened, Reply(200, {}, b"0"), requests=[ask("z", "z")])
    cassettes = [opened(mode), opened(mode)]
    asked = [ask("a", "a"), ask("b", "b")]
    for cassette, request in zip(cassettes, asked, strict=True):
        cassette.wrap(lambda: Service(Reply(200, {}, PNG))).send(request)
    for cassette in (*cassettes, *cassettes):
        cassette.save()
    assert [r.body for r in replayed(opened, *asked, ask("z", "z"))] == [PNG, PNG, b"0"]
    assert place.read_text().count("recorded:") == 3


def test_auto_asks_what_is_missing_and_drops_nothing(opened, place):
    recorded(opened, Reply(200, {}, b"1"), requests=[ask("a")])
    replies = recorded(opened, Reply(200, {}, b"2"), requests=[ask("b"), ask("a")], mode="auto")
    assert [reply.body for reply in replies] == [b"2", b"1"]
    before = place.stat().st_mtime_ns
    assert [r.body for r in replayed(opened, ask("a"), ask("b"))] == [b"1", b"2"]
    cassette = opened("auto")
    cassette.wrap(never).send(ask("a"))
    cassette.save(whole=True)
    assert place.stat().st_mtime_ns == before


def test_old_recordings_are_told_in_replay_and_asked_anew_by_auto(opened):
    recorded(opened, Reply(200, {}, b"1"))
    told: list[str] = []
    later = {"now": lambda: NOW + 3 * 86_400, "tell": told.append, "max_age": 86_400.0}
    cassette = opened("replay", **later)
    assert cassette.wrap(never).send(ask()).body == b"1"
    (line,) = told
    assert "1 of 1 recordings are older than --max-age, the oldest is from 3 days ago" in line
    cassette = opened("auto", **later)
    assert cassette.wrap(lambda: Service(Reply(200, {}, b"2"))).send(ask()).body == b"2"
    cassette.save()
    assert [reply.body for reply in replayed(opened, ask())] == [b"2"]


def test_what_was_put_there_by_hand_is_kept_and_replayed(opened, place):
    recorded(opened, Reply(200, {}, b"1"), Reply(200, {}, b"2"), requests=[ask("a"), ask("b")])
    text = place.read_text()
    place.write_text(text.replace("    request:", "    source: a friend\n    request:", 1))
    later = {"now": lambda: NOW + 900, "max_age": 60.0}
    for mode in ("record", "auto"):
        cassette = opened(mode, **later)
        service = Service(Reply(200, {}, b"3"))
        transport = cassette.wrap(lambda service=service: service)
        assert [transport.send(ask(word)).body for word in "ab"] == [b"1", b"3"]
        cassette.save(whole=True)
    assert [reply.body for reply in replayed(opened, ask("a"), ask("b"))] == [b"1", b"3"]


def test_no_file_that_nothing_names_is_left(opened, place):
    recorded(opened, Reply(200, {}, PNG))
    (name,) = [path.name for path in place.with_suffix("").iterdir()]
    recorded(opened, Reply(200, {}, PNG[:-1]))
    (left,) = [path.name for path in place.with_suffix("").iterdir()]
    assert left != name
    recorded(opened, Reply(200, {}, b"short"))
    assert not place.with_suffix("").exists()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {"x": SECRET}, b"x"),
        Reply(200, JSON, json.dumps({"echo": SECRET}).encode()),
        Reply(200, {}, SECRET.encode()),
        Reply(200, {}, (SECRET * 2000).encode()),
    ],
)
def test_no_secret_is_written(opened, tmp_path, reply):
    recorded(
        opened, reply, requests=[ask(SECRET, headers=(("Authorization", f"Bearer {SECRET}"),))]
    )
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert all(SECRET.encode() not in path.read_bytes() for path in written)
    replayed(opened, ask(SECRET, headers=(("Authorization", "Bearer other"),)))


def test_a_session_that_echoes_a_secret_in_pieces_hides_it(opened, place):
    half = len(SECRET) // 2
    cassette = opened("record")
    talk = Talk({"type": "t", "delta": SECRET[:half]}, {"type": "t", "delta": SECRET[half:]})
    channel = cassette.wrap(lambda: Service(talk)).open(ask())
    channel.hear(1)
    channel.hear(1)
    channel.close()
    cassette.save(whole=True)
    assert SECRET[half:] not in place.read_text()
    channel = opened("replay").wrap(never).open(ask())
    assert [channel.hear(1)["delta"], channel.hear(1)["delta"]] == ["***", ""]


def test_a_secret_that_cannot_be_masked_is_not_saved(opened, tmp_path):
    picture = Reply(200, {}, PNG + SECRET.encode())
    with pytest.raises(OutputError, match="a secret is still in its body") as caught:
        recorded(opened, picture, Reply(200, {}, b"fine"), requests=[ask("a"), ask("b")])
    assert SECRET not in str(caught.value)
    assert all(SECRET.encode() not in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert replayed(opened, ask("b"))[0].body == b"fine"


def test_a_body_too_large_is_told(opened, tmp_path):
    file = tmp_path / "spool"
    with file.open("wb") as content:
        content.truncate(LARGEST + 1)
    with pytest.raises(OutputError, match="more than 64 MiB"):
        recorded(opened, Reply(200, {}, Spool(str(file), LARGEST + 1, "")))


@pytest.mark.slow
def test_what_could_not_be_read_again_is_not_written(opened, place):
    recorded(opened, Reply(200, {}, b"first"))
    before = place.read_text()
    requests = [ask(str(n)) for n in range(1_050)]
    with pytest.raises(OutputError, match="not saved: the file is larger than 16 MiB"):
        recorded(opened, *[Reply(200, {}, b"x" * 16_000)] * 1_050, requests=requests)
    assert place.read_text() == before


def test_private_headers_are_dropped(opened, place):
    private = {"set-cookie": "a=b", "openai-organization": "org", "x-ratelimit": "5"}
    recorded(opened, Reply(200, private, b"x"))
    assert replayed(opened, ask())[0].headers == {"x-ratelimit": "5"}
    assert "org" not in place.read_text()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("gone", "is not there"),
        ("other", "is not what was recorded"),
        ("link", "is no plain file of this folder"),
        ("folder", "is no plain file of this folder"),
        ("huge", "is larger than 64 MiB"),
    ],
)
def test_a_file_beside_it_that_is_not_the_recorded_one_is_refused(
    opened, place, spoil, told, tmp_path
):
    recorded(opened, Reply(200, {}, PNG))
    (file,) = place.with_suffix("").iterdir()
    outside = tmp_path / "outside"
    if spoil == "folder":
        place.with_suffix("").rename(outside)
        place.with_suffix("").symlink_to(outside)
    else:
        file.rename(outside)
    if spoil == "other":
        file.write_bytes(b"other")
    elif spoil == "link":
        file.symlink_to(outside)
    elif spoil == "huge":
        with file.open("wb") as content:
            content.truncate(LARGEST + 1)
    with pytest.raises(RecipeError, match=told) as caught:
        replayed(opened, ask())
    assert f"{place}:1:1: " in str(caught.value)


def test_a_cassette_that_is_a_pipe_is_not_waited_for(opened, place):
    place.parent.mkdir()
    os.mkfifo(place)
    with ends_within(10), pytest.raises(RecipeError, match="no plain file"):
        opened("replay")


def test_a_cassette_that_is_a_link_or_broken_is_refused(opened, place, tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text("cassette: 1\nrecordings: []\n")
    place.parent.mkdir()
    place.symlink_to(outside)
    with pytest.raises(RecipeError, match="no plain file"):
        opened("replay")
    place.unlink()
    place.write_text("recordings: [")
    with pytest.raises(RecipeError, match=r"chat\.completions\.yaml:\d"):
        opened("replay")


def test_nothing_is_written_through_a_link(opened, place, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    place.parent.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="through a link"):
        recorded(opened, Reply(200, {}, b"x"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_nothing_is_removed_through_a_link(opened, place, tmp_path):
    other = tmp_path / "elsewhere" / "0123456789abcdef.bin"
    other.parent.mkdir()
    other.write_bytes(b"mine")
    place.parent.mkdir()
    place.with_suffix("").symlink_to(other.parent)
    recorded(opened, Reply(200, {}, b"x"))
    assert other.read_bytes() == b"mine"


@pytest.mark.parametrize("reply", ["{session: {text: '[]'}}", "{session: {text: '{'}}"])
def test_a_session_that_is_none_is_refused(opened, place, reply):
    place.parent.mkdir()
    request = "{method: POST, path: /chat, json: {content: hi}}"
    place.write_text(f"cassette: 1\nrecordings:\n  - request: {request}\n    reply: {reply}\n")
    with pytest.raises(RecipeError, match=r":3:5: .*line 1 of the session is no message"):
        opened("replay").wrap(never).open(ask()).hear(1)
    with pytest.raises(RecipeError, match="a session was recorded"):
        opened("replay").wrap(never).send(ask())


def test_eight_threads_record_and_replay_the_simulated_service(opened):
    """Streams, sounds and JSON, each run with an order of its own."""
    inner = Offline()
    start = Barrier(8)

    def asks(number):
        say = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": f"{number}"}]}
        speech = {"model": "gpt-4o-mini-tts", "voice": "nova", "input": "Hello"}
        run = f"r[{number}]"
        return [
            (
                Request("POST", "/chat/completions", "chat.completions", JsonBody(say), run_id=run),
                None,
            ),
            (
                Request(
                    *("POST", "/chat/completions", "chat.completions"),
                    *(JsonBody({**say, "stream": True}),),
                    listens=True,
                    run_id=run,
                    ordinal=1,
                ),
                Listening(),
            ),
            (
                Request("POST", "/audio/speech", "audio.speech", JsonBody(speech), run_id=run),
                None,
            ),
        ]

    def run(transport, number):
        start.wait()
        done = asks(number)
        replies = [transport.send(*one) for one in done]
        return [(r.status, r.headers, r.body, r.streamed) for r in replies], done[1][1].pieces

    def all_of(transport):
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda number: run(transport, number), range(8)))

    cassette = opened("record")
    first = all_of(cassette.wrap(lambda: inner))
    cassette.save(whole=True)
    assert all(len(pieces) > 3 for _, pieces in first)
    assert all_of(opened("replay").wrap(never)) == first


def test_a_recording_whose_run_is_named_by_a_secret_is_not_saved(opened, tmp_path):
    with pytest.raises(OutputError, match="a secret is still in it") as caught:
        recorded(opened, Reply(200, {}, b"fine"), requests=[ask("a", run=f"r[{SECRET}]")])
    assert SECRET not in str(caught.value)
    assert all(SECRET.encode() not in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


def test_an_address_that_is_missing_is_told_without_its_signature(opened):
    fetch = opened("replay").fetching(lambda address: b"")
    with pytest.raises(ReplayMissError) as caught:
        fetch("https://a.example/b.png?sig=as-good-as-a-key")
    assert "a.example/b.png" in str(caught.value)
    assert "as-good-as-a-key" not in str(caught.value)
