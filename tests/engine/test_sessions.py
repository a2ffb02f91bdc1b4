"""Sessions from recipe to disk: what is found before one is opened, what one leaves."""

import json
import shutil
from pathlib import Path

import pytest

from runner import run, runs
from runner.errors import RecipeError
from tests.protocol.test_samples import wav

GREETING = Path(__file__).parents[2] / "recipes" / "files" / "greeting.wav"
TALK = "endpoint: realtime\nmodel: gpt-realtime-2.1\n"
HEARD = f"{TALK}messages:\n  - user:\n      - What is said?\n      - {{audio: a.wav}}\n"


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    """Write a recipe into a folder of its own, beside what else it needs."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KEY", "sk-test-0123456789")

    def write(text):
        (tmp_path / "r.recipe.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "r.recipe.yaml"

    return write


def test_a_sound_is_heard_offline(recipe, tmp_path):
    shutil.copy(GREETING, tmp_path / "a.wav")
    result = run(recipe(HEARD), offline=True)
    assert result.exit_code == 0
    answer = result.steps[0].answer
    assert answer is not None
    assert answer.artifacts[0].body


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (wav([1, 2], size=900), "the wav is cut: its head tells of 900 bytes", "the whole file"),
        (wav(b"\x01\x02", bits=8, form=7), "found mu-law of 8 bits", "ffmpeg"),
        (b"ID3\x04" + bytes(40), "comes as wav, found mp3", "ffmpeg"),
    ],
)
def test_a_sound_that_cannot_be_sent_is_told_before_a_session_is_opened(
    recipe, tmp_path, content, message, hint
):
    (tmp_path / "a.wav").write_bytes(content)
    place = recipe(HEARD)
    with pytest.raises(RecipeError) as caught:
        run(place, provider="openai")
    (fault,) = caught.value.faults
    assert message in fault.message
    assert hint in fault.hint
    assert fault.mark is not None
    assert fault.mark[1:3] == (6, 9)


def test_a_sound_that_is_attached_is_looked_at_too(recipe, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"ID3\x04" + bytes(40))
    place = recipe(f"{TALK}messages: [{{user: Hi}}]\nattachments: [a.wav]\n")
    with pytest.raises(RecipeError, match=r"r\.recipe\.yaml:3:.*found mp3"):
        run(place, offline=True)


AZURE = "providers: {az: {kind: azure, base_url: 'http://127.0.0.1:9', api_key: {env: KEY}%s}}\n"


def test_azure_s_dated_routes_hold_no_session(recipe, tmp_path):
    (tmp_path / "runner.yaml").write_text(AZURE % ", api_version: '2024-10-21'")
    place = recipe(f"{TALK}messages: [{{user: Hi}}]\n")
    with pytest.raises(RecipeError, match=r"2024-10-21.*beta") as caught:
        run(place, provider="az")
    assert "api_version v1" in caught.value.faults[0].hint
    (tmp_path / "runner.yaml").write_text(AZURE % "")
    (result,) = runs(place, provider="az")
    assert "no session was opened" in str(result.steps[0].error)


def test_the_body_of_a_session_is_its_events(recipe, tmp_path):
    place = recipe(
        f"{TALK}messages: [{{user: Hi}}]\nparams: {{output_modalities: [text]}}\n"
        "output: {body: a.events, text: a.md}\n"
    )
    result = run(place, offline=True)
    lines = (tmp_path / "out" / "a.events").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["event_id"] for event in events] == [
        f"event_offline_{place}" for place in range(1, len(events) + 1)
    ]
    assert events[0]["type"] == "session.created"
    assert events[-1]["type"] == "rate_limits.updated"
    assert result.exit_code == 0


def test_the_events_of_a_session_that_nobody_wants_are_not_kept(recipe):
    result = run(recipe(f"{TALK}messages: [{{user: Hi}}]\n"), offline=True)
    answer = result.steps[0].answer
    assert answer is not None
    assert answer.body == b""
