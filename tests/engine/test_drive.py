"""A flow is driven to its answer; what fails is thrown back into it."""

import json
from base64 import b64encode

import pytest

from runner.engine.drive import Hearing, Performer, drive
from runner.errors import ConnectionFailedError, RunnerError
from runner.exchange import Reply, Request, Spool
from runner.model import Answer, Pause, ToolCall, ToolCalls
from runner.protocol.streams.audio import SpeechStream
from runner.protocol.streams.chat import ChatStream
from tests.engine.playing import HELLO, Clock, Script, chat, play, stream

REQUEST = Request("POST", "/x", "raw", listens=True, assembler=ChatStream)


def performer(*outcomes, tools=lambda calls: (), show=None):
    clock = Clock()
    return Performer(Script(*outcomes), tools, clock.sleep, clock.now, show), clock


def test_effects_become_deeds_and_their_results_go_back():
    seen = []

    def flow():
        seen.append((yield Pause(3)))
        seen.append((yield ToolCalls((ToolCall("1", "look", ""),))))
        reply = yield Request("GET", "/x", "raw")
        return Answer(status=reply.status)

    perform, clock = performer(chat(), tools=lambda calls: [call.name for call in calls])
    assert drive(flow(), perform).status == 200
    assert seen == [None, ["look"]]
    assert clock.waits == [3]
    assert [request.path for request in perform.sent] == ["/x"]


def test_requests_are_counted():
    def flow():
        yield Request("GET", "/x", "raw")
        yield Request("GET", "/y", "raw")
        return Answer()

    perform, _ = performer(chat(), chat())
    drive(flow(), perform)
    assert [request.ordinal for request in perform.sent] == [0, 1]


def test_a_flow_may_end_its_own_business():
    tidied = []

    def flow():
        try:
            yield Request("GET", "/x", "raw")
        except RunnerError:
            tidied.append((yield Pause(1)))
            raise
        return Answer()

    perform, clock = performer(ConnectionFailedError("reset"))
    with pytest.raises(ConnectionFailedError):
        drive(flow(), perform)
    assert (tidied, clock.waits) == ([None], [1])


def test_a_flow_that_is_left_is_closed():
    closed = []

    def flow():
        try:
            yield Request("GET", "/x", "raw")
        finally:
            closed.append(True)
        return Answer()

    perform, _ = performer(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        drive(flow(), perform)
    assert closed == [True]


def test_a_stream_is_shown_timed_and_put_together():
    shown: list[str] = []
    times = iter([10.0, 10.25, 10.25, 10.5])
    hearing = Hearing(ChatStream(), lambda: next(times), shown.append)
    assert not hearing.started
    for piece in (b": ping\n\n", *stream("A", "B").pieces):
        hearing.chunk(piece)
    assert hearing.started
    assert (shown, hearing.pieces) == (["A", "B"], ["A", "B"])
    assert hearing.beats == [0.25, 0.5]
    heard = hearing.heard(Reply(200, {}, streamed=True))
    assert heard.first == 0.25
    assert heard.value["choices"][0]["message"]["content"] == "AB"


def test_a_stream_that_nobody_watches_is_put_together_too():
    perform, _ = performer(stream("A", "B"))
    reply = perform(REQUEST)
    assert reply.value["choices"][0]["message"]["content"] == "AB"
    assert perform.last is reply


def test_a_reply_that_did_not_stream_is_taken_as_it_is():
    came = chat("A")
    perform, _ = performer(came)
    assert perform(REQUEST) == came


def test_the_text_of_a_stream_that_broke_is_kept():
    perform, _ = performer(stream("A", "B", end=False, broken=ConnectionFailedError("reset")))
    with pytest.raises(ConnectionFailedError):
        perform(REQUEST)
    assert perform.partial == "AB"


@pytest.mark.parametrize("error", [ConnectionFailedError("reset"), KeyboardInterrupt()])
def test_the_bytes_of_a_stream_that_broke_leave_the_disk(tmp_path, error):
    event = json.dumps({"type": "speech.audio.delta", "audio": b64encode(bytes(99_999)).decode()})
    laid: list[int] = []

    class Breaking(Script):
        def send(self, request, listener=None):
            assert listener is not None
            listener.chunk(f"data: {event}\n\n".encode())
            laid.extend(path.stat().st_size for path in tmp_path.iterdir())
            raise error

    perform = Performer(Breaking(), lambda calls: (), Clock().sleep, Clock().now)
    perform.spool = tmp_path
    with pytest.raises(type(error)):
        perform(REQUEST._replace(spools=True, assembler=SpeechStream))
    assert laid == [99_999]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("more", "shown"),
    [("stream: true\n", ["A", "B"]), ("", []), ("stream: true\noutput: {text: a.md}\n", [])],
)
def test_what_is_shown_is_what_the_command_prints(tmp_path, more, shown):
    came = stream("A", "B") if "stream" in more else chat("AB")
    played = play(tmp_path, HELLO + more, came)
    assert played.shown == shown
    assert played.answer.text == "AB"


def test_of_several_steps_the_last_is_shown(tmp_path):
    step = "{endpoint: chat.completions, model: m, stream: true, messages: [{user: x}]}"
    played = play(tmp_path, f"steps: [{step}, {step}]\n", stream("A"), stream("B"))
    assert played.shown == ["B"]
    each = step.replace("stream:", "for_each: [1], stream:")
    assert play(tmp_path, f"steps: [{each}]\n", stream("A")).shown == []


def test_a_time_to_the_first_text_is_measured(tmp_path):
    played = play(tmp_path, HELLO + "stream: true\nexpect: [{ttft: 0}]\n", stream("A"))
    assert played.result.exit_code == 0


def test_a_body_on_disk_is_read(tmp_path):
    def flow():
        return Answer(body=(yield Spool(str(tmp_path / "a"), 3, "")))

    (tmp_path / "a").write_bytes(b"abc")
    assert drive(flow(), performer()[0]).body == b"abc"
