"""What a server said over the network, streams and sessions included, replays byte for byte."""

from pathlib import Path

import pytest

from runner import runs
from runner.results import RunResult
from tests.serve.conftest import KEY

pytest.importorskip("websockets", reason="websockets (extra realtime) is not installed")

TOKEN = "sentinel-9f8e7d6c5b4a"
RECIPE = """\
secrets: [TOKEN]
matrix: {city: [Paris, Rome, Oslo, Bonn, Bern, Riga, Lima, Cairo]}
steps:
  - name: chat
    endpoint: chat.completions
    model: gpt-6-luna
    messages: [{user: "Tell me of {{ city }}, and of {{ env.TOKEN }}."}]
    stream: true
    output: {text: "{{ city }}/chat.md"}
  - name: again
    endpoint: responses
    model: gpt-6-luna
    input: "Tell me more of {{ city }}."
    stream: true
    output: {text: "{{ city }}/again.md", body: "{{ city }}/again.sse"}
  - name: speak
    endpoint: audio.speech
    model: gpt-4o-mini-tts
    input: "{{ steps.chat.text }}"
    params: {voice: nova, response_format: wav}
    output: {audio: "{{ city }}/speech.wav"}
  - name: hear
    endpoint: audio.transcriptions
    model: gpt-4o-transcribe
    attachments: ["{{ steps.speak.files[0] }}"]
    output: {text: "{{ city }}/heard.txt"}
  - name: talk
    endpoint: realtime
    model: gpt-realtime-2.1
    messages: [{user: "Where is {{ city }}?"}]
    output: {audio: "{{ city }}/talk.wav", text: "{{ city }}/talk.md"}
  - name: lost
    endpoint: models.retrieve
    id: no-such-model
    expect: [{status: 404}]
    output: {body: "{{ city }}/lost.json"}
"""


def outputs(folder: Path) -> dict[str, bytes]:
    found = [p for p in folder.rglob("*") if p.is_file() and ".runner" not in p.parts]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if not path.name.endswith(".run.json")
    }


def latencies(done: list[RunResult]) -> list[list[float]]:
    return [[step.answer.latency for step in result.steps if step.answer] for result in done]


@pytest.mark.slow
def test_eight_threads_record_and_replay(served, tmp_path, monkeypatch):
    recipe = tmp_path / "cities.recipe.yaml"
    recipe.write_text(RECIPE)
    (tmp_path / "runner.yaml").write_text("checks: 'off'\nallow_paths: [out]\n")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", served)
    monkeypatch.setenv("TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)
    done = runs(recipe, cassette="record", jobs=8, out="one")
    assert [result.exit_code for result in done] == [0] * 8, done
    text = (tmp_path / "cassettes" / "cities.yaml").read_text(encoding="utf-8")
    written = [p for p in (tmp_path / "cassettes").rglob("*") if p.is_file()]
    for secret in (KEY, TOKEN):
        assert [path for path in written if secret.encode() in path.read_bytes()] == []
    assert "127.0.0.1" not in text
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("TOKEN")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    again = runs(recipe, cassette="replay", jobs=8, out="two")
    assert [result.exit_code for result in again] == [0] * 8, again
    first = outputs(tmp_path / "one")
    assert len(first) == 8 * 8
    for name, content in outputs(tmp_path / "two").items():
        assert content == first[name].replace(TOKEN.encode(), b"***"), name
    for ours, theirs in zip(latencies(again), latencies(done), strict=True):
        assert ours == pytest.approx(theirs, abs=0.005)
