"""A realtime session as a script that holds it."""

import base64
import json
import subprocess
import sys
import threading
import wave

import pytest

from runner.curl import Call
from runner.script import python

server = pytest.importorskip("websockets.sync.server", reason="websockets is not installed")
KEY = ("Authorization", "Bearer ", "OPENAI_API_KEY")
SAYS = ({"type": "session.update", "session": {}}, {"type": "response.create"})
SOUND = b"\x01\x00" * 240
EVENTS = (
    {"type": "session.created"},
    {"type": "response.output_text.delta", "delta": "Stock"},
    {"type": "response.output_audio_transcript.delta", "delta": "holm"},
    {"type": "response.output_audio.delta", "delta": base64.b64encode(SOUND).decode()},
    {"type": "response.done", "response": {}},
)


@pytest.fixture
def session():
    """A session that answers once it is asked to; gives its address, and what it heard."""
    heard = []

    def hold(channel):
        heard.append(channel.request.headers["Authorization"])
        heard.append(channel.request.path)
        for text in channel:
            heard.append(json.loads(text))
            if heard[-1]["type"] == "response.create":
                for event in events:
                    channel.send(json.dumps(event))

    events = list(EVENTS)
    with server.serve(hold, "127.0.0.1", 0) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield (
            f"http://127.0.0.1:{served.socket.getsockname()[1]}/v1/realtime?model=m",
            heard,
            events,
        )
        served.shutdown()


def pasted(url, folder):
    text = python(Call("GET", url, (), KEY, says=SAYS))
    environ = {"OPENAI_API_KEY": "sk-sentinel", "PATH": "/usr/bin:/bin", "NO_PROXY": "*"}
    return subprocess.run(
        [sys.executable, "-"],
        input=text,
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_it_says_what_the_recipe_says_and_hears_the_answer(session, tmp_path):
    url, heard, _ = session
    done = pasted(url, tmp_path)
    assert (done.returncode, done.stdout) == (0, "Stockholm\n"), done.stderr
    assert heard == ["Bearer sk-sentinel", "/v1/realtime?model=m", *SAYS]
    with wave.open(str(tmp_path / "answer.wav")) as file:
        assert (file.getframerate(), file.readframes(999)) == (24000, SOUND)


def test_it_ends_with_the_service_s_own_words(session, tmp_path):
    url, _, events = session
    events[1:] = [{"type": "error", "error": {"message": "no such model"}}]
    done = pasted(url, tmp_path)
    assert (done.returncode, done.stderr) == (1, "no such model\n")
