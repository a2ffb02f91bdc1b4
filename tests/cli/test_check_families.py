"""What a family of models refuses: told with its key and its cure, and refused offline alike."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.cli.command import HELLO, runner
from tests.protocol.simulated.test_audio import WAV

WRITES = """\
    endpoint: audio.transcriptions
    model: MODEL
    attachments: [a.wav]
    params: {PARAMS}
    """
SPEAKS = """\
    endpoint: audio.speech
    model: tts-1
    input: Hello
    params: {voice: nova, PARAMS}
    """
DRAWS = """\
    endpoint: images.generations
    model: gpt-image-2.6-sunburst
    prompt: A canal.
    params: {PARAMS}
    """
TALKS = """\
    endpoint: chat.completions
    model: gpt-audio-1.5
    messages: [{user: Hello}]
    params: {PARAMS}
    """
CASES = {
    "size": (DRAWS, "size: 1000x1000", "size: ", "divisible by 16", "such as 1024x1024"),
    "png": (
        DRAWS,
        "output_compression: 50, output_format: png",
        "output_compression: ",
        "refuses output_compression 50",
        "jpeg or webp",
    ),
    "srt": (
        WRITES.replace("MODEL", "gpt-4o-transcribe"),
        "response_format: srt",
        "response_format: ",
        "refuses response_format 'srt'",
        "whisper-1",
    ),
    "times": (
        WRITES.replace("MODEL", "whisper-1"),
        "timestamp_granularities: [word]",
        "timestamp_granularities: ",
        "refuses timestamp_granularities",
        "response_format: verbose_json",
    ),
    "logprobs": (
        WRITES.replace("MODEL", "whisper-1"),
        "include: [logprobs]",
        "include: ",
        "refuses include",
        "gpt-4o-transcribe",
    ),
    "diarize": (
        WRITES.replace("MODEL", "gpt-4o-transcribe-diarize\n    prompt: Names"),
        "language: en",
        "prompt: ",
        "refuses prompt",
        "leave it out",
    ),
    "translations": (
        WRITES.replace("MODEL", "gpt-4o-transcribe").replace("transcriptions", "translations"),
        "temperature: 0",
        "model: ",
        "is not served on audio.translations",
        "name whisper-1",
    ),
    "stream": (
        SPEAKS.replace("input", "stream: true\n    input"),
        "speed: 1",
        "stream_format: ",
        "tts-1 refuses stream_format 'sse'",
        "leave stream out",
    ),
    "instructions": (
        SPEAKS,
        "instructions: Slowly",
        "instructions: ",
        "refuses instructions",
        "gpt-4o-mini-tts",
    ),
    "voice": (
        SPEAKS.replace("nova", "ballad"),
        "speed: 1",
        "voice: ",
        "refuses voice 'ballad'",
        "use alloy",
    ),
    "pcm16": (
        TALKS.replace("params", "stream: true\n    params"),
        "modalities: [text, audio], audio: {voice: nova, format: mp3}",
        "audio.format: ",
        "refuses audio.format 'mp3'",
        "format: pcm16",
    ),
    "modalities": (
        TALKS,
        "modalities: [text, audio]",
        "modalities: ",
        "needs audio beside modalities",
        "add audio: {voice",
    ),
    "dimensions": (
        "endpoint: embeddings\nmodel: text-embedding-ada-002\ninput: a\nparams: {PARAMS}\n",
        "dimensions: 9",
        "dimensions: ",
        "refuses dimensions",
        "text-embedding-3-small",
    ),
    "completions": (
        "endpoint: completions\nmodel: gpt-4.1\nprompt: a\nparams: {PARAMS}\n",
        "max_tokens: 9",
        "model: ",
        "gpt-4.1 is not served on completions",
        "ask the endpoint chat.completions",
    ),
}


@pytest.mark.parametrize(("text", "params", "key", "told", "cure"), CASES.values(), ids=CASES)
def test_it_is_told_before_and_refused_alike(text, params, key, told, cure, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = dedent(text).replace("PARAMS", params)
    files = {"one.recipe.yaml": recipe, "runner.yaml": "checks: fail\n"}
    (tmp_path / "a.wav").write_bytes(WAV)
    checked = runner("check", "one.recipe.yaml", files=files)
    assert checked.code == 2
    [line] = [line for line in checked.err.splitlines() if told in line]
    assert line.startswith("one.recipe.yaml:")
    assert f": {key}" in line
    assert cure in checked.err.partition("hint: ")[2]

    files["runner.yaml"] = "checks: warn\n"
    warned = runner("check", "one.recipe.yaml", files=files)
    assert (warned.code, f"warning: {key}" in warned.err) == (0, True)
    ran = runner("run", "one.recipe.yaml", "--offline", files=files)
    assert ran.code == 3
    message = line.partition(key)[2]
    assert f"Unsupported: {message}." in ran.err
    assert ("answered 404" if key == "model: " else "answered 400") in ran.err

    files["runner.yaml"] = "checks: off\n"
    assert runner("check", "one.recipe.yaml", files=files).code == 0


SPOKEN = "endpoint: audio.speech\nmodel: gpt-4.1\ninput: Hello\nparams: {voice: nova}\n"
NOT_SERVED = "one.recipe.yaml:2:8: warning: model: gpt-4.1 is not served on audio.speech"
SERVERS = {
    "openai": ("", "", True),
    "europe": ("kind: openai, base_url: 'https://eu.api.openai.com/v1'", "", True),
    "offline": ("kind: offline", "", True),
    "azure": ("kind: azure, base_url: 'https://r.openai.azure.com'", "", False),
    "local": ("base_url: 'http://127.0.0.1:9/v1'", "", False),
    "said": ("base_url: 'http://127.0.0.1:9/v1', checks: warn", "", True),
    "near": ("base_url: 'https://openai.com.example/v1'", "", False),
    "moved": ("", "http://127.0.0.1:9/v1", False),
}


@pytest.mark.parametrize(("row", "moved", "told"), SERVERS.values(), ids=SERVERS)
@pytest.mark.parametrize("offline", [False, True])
def test_a_name_tells_the_kind_of_openais_own_models_alone(
    row, moved, told, offline, tmp_path, monkeypatch
):
    """Azure's deployments may have any name, and so may other servers' models, unless `checks`
    are asked for; offline, it is as where a recipe would be asked."""
    monkeypatch.chdir(tmp_path)
    project = f"providers: {{x: {{{row}}}}}\n"
    files = {"one.recipe.yaml": f"{SPOKEN}provider: x\n", "runner.yaml": project}
    env = {"OPENAI_BASE_URL": moved} if moved else {}
    words = ("one.recipe.yaml", *(["--offline"] if offline else []))
    checked = runner("check", *words, files=files, env=env)
    assert (checked.code, NOT_SERVED in checked.err) == (0, told)
    if offline:
        ran = runner("run", *words, files=files, env=env)
        assert (ran.code, "answered 404" in ran.err) == ((3, True) if told else (0, False))


def test_what_is_longer_than_the_model_reads_is_refused_offline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = HELLO.replace("Hello", "{include: long.txt}").replace("gpt-4.1", "MODEL")
    files = {
        "long.txt": "word " * 8_193,
        "one.recipe.yaml": recipe.replace("MODEL", "gpt-4"),
        "two.recipe.yaml": recipe.replace("MODEL", "gpt-4o"),
    }
    ran = runner("run", "one.recipe.yaml", "--offline", files=files)
    assert ran.code == 3
    assert "answered 400" in ran.err
    assert "maximum context length is 8192 tokens" in ran.err
    assert "hint: shorten the messages" in ran.err
    assert runner("run", "two.recipe.yaml", "--offline").code == 0
    files = {"runner.yaml": "checks: off\n"}
    assert runner("run", "one.recipe.yaml", "--offline", files=files).code == 0
