"""Audio, simulated: speech that plays, and transcripts that tell of a sound without hearing it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping

from runner.exchange import Json, Multipart, Part, Request
from runner.protocol import sounds
from runner.protocol.simulated import answers, voices, words
from runner.protocol.simulated.audio_refusals import SOUND_CHECKS, SPEECH_CHECKS
from runner.protocol.simulated.service import (
    Simulated,
    World,
    answer,
    hold,
    read,
    stream,
)
from runner.record import Record

PIECE = 1 << 15
"""Bytes of sound that one chunk, or one event, brings."""
PER_SECOND = 10
"""Tokens that a second of sound counts as."""
BYTES_A_SECOND = 16_000
"""How long a sound is taken for whose bytes do not tell."""


def simulate_speech(request: Request, world: World) -> Simulated:
    """Speak."""
    del world
    body = read(request)
    hold(SPEECH_CHECKS, body)
    text, form, speed = body["input"], body.get("response_format", "mp3"), body.get("speed", 1)
    sound = voices.speak(text, form, str(body["voice"]), speed)
    pieces = [sound[at : at + PIECE] for at in range(0, len(sound), PIECE)]
    if body.get("stream_format") != "sse":
        return Simulated(200, (("content-type", sounds.FORMATS[form]),), tuple(pieces))
    asked = words.count(text) + words.count(body.get("instructions", ""))
    told = _tokens(voices.seconds(text, speed))
    usage = {"input_tokens": asked, "output_tokens": told, "total_tokens": asked + told}
    return stream(_spoken(pieces, usage))


def _spoken(pieces: list[bytes], usage: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    for piece in pieces:
        yield "", {"type": "speech.audio.delta", "audio": b64encode(piece).decode()}
    yield "", {"type": "speech.audio.done", "usage": usage}


def _tokens(seconds: float) -> int:
    return max(1, round(seconds * PER_SECOND))


class _Heard(Record):
    """What a transcript is made of; `body` are the fields of the form."""

    body: Mapping[str, Json]
    text: str
    seconds: float
    task: str
    language: str


class _Segment(Record):
    text: str
    start: float
    end: float


def simulate_transcription(request: Request, world: World) -> Simulated:
    """Write down what was said."""
    del world
    heard = _heard(request, "transcribe")
    model = str(heard.body["model"])
    if heard.body.get("stream") == "true" and "whisper" not in model:
        return stream(_events(heard))
    return _written(heard)


def simulate_translation(request: Request, world: World) -> Simulated:
    """Write down in English what was said."""
    del world
    return _written(_heard(request, "translate"))


def _heard(request: Request, task: str) -> _Heard:
    parts = request.body.parts if isinstance(request.body, Multipart) else ()
    body = fields(parts)
    hold(SOUND_CHECKS, body)
    file: Part = body["file"]
    size = sounds.size_of(file.body)
    content = file.body if isinstance(file.body, bytes) else b""
    found = sounds.look(sounds.reader(content), size, "")
    seconds = found.seconds if found and found.seconds is not None else size / BYTES_A_SECOND
    asked = "what is said in" if task == "transcribe" else "in English what is said in"
    text = (
        f"{words.MARK}A model would tell {asked} “{file.file_name}”."
        f" It is a sound of {seconds:.1f} seconds, and nobody listened to it."
    )
    language = "english" if task == "translate" else str(body.get("language") or "english")
    return _Heard(body, text, round(seconds, 2), task, language)


def fields(parts: tuple[Part, ...]) -> dict[str, Json]:
    """Read a form: text fields, lists of those that are named `name[]`, and the file's part."""
    found: dict[str, Json] = {}
    for part in parts:
        if part.file_name:
            found[part.name] = part
            continue
        text = part.body.decode("utf-8", "replace") if isinstance(part.body, bytes) else ""
        if part.name.endswith("[]"):
            found.setdefault(part.name[:-2], []).append(text)
        else:
            found[part.name] = text
    return found


def _segments(heard: _Heard) -> list[_Segment]:
    """Divide the text into sentences; each takes its share of the time."""
    return _timed(words.SENTENCE.split(heard.text), heard.seconds)


def _timed(texts: list[str], seconds: float) -> list[_Segment]:
    total, done, found = sum(map(len, texts)) or 1, 0, []
    for text in texts:
        start, done = done, done + len(text)
        found.append(
            _Segment(text, round(seconds * start / total, 2), round(seconds * done / total, 2))
        )
    return found


def _written(heard: _Heard) -> Simulated:
    form = str(heard.body.get("response_format") or "json")
    return FORMS[form](heard)


def _plain(text: str) -> Simulated:
    headers = (("content-type", "text/plain; charset=utf-8"),)
    return Simulated(200, headers, (text.encode(),))


def _srt(heard: _Heard) -> Simulated:
    rows = [
        f"{number}\n{_clock(one.start, ',')} --> {_clock(one.end, ',')}\n{one.text}\n\n"
        for number, one in enumerate(_segments(heard), 1)
    ]
    return _plain("".join(rows))


def _vtt(heard: _Heard) -> Simulated:
    rows = [
        f"{_clock(one.start, '.')} --> {_clock(one.end, '.')}\n{one.text}\n\n"
        for one in _segments(heard)
    ]
    return _plain("WEBVTT\n\n" + "".join(rows))


def _clock(seconds: float, point: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"


def _json(heard: _Heard) -> Simulated:
    value: dict[str, Json] = {"text": heard.text}
    if "logprobs" in heard.body.get("include", ()):
        value["logprobs"] = _logprobs(heard.text)
    return answer({**value, "usage": _usage(heard)})


def _logprobs(text: str) -> list[Json]:
    rows = answers.logprobs(text, 0)
    return [{key: row[key] for key in ("token", "logprob", "bytes")} for row in rows]


def _usage(heard: _Heard) -> dict[str, Json]:
    if "whisper" in str(heard.body["model"]):
        return _duration(heard)
    audio, text = _tokens(heard.seconds), words.count(str(heard.body.get("prompt") or ""))
    told = words.count(heard.text)
    return {
        "type": "tokens",
        "input_tokens": audio + text,
        "input_token_details": {"audio_tokens": audio, "text_tokens": text},
        "output_tokens": told,
        "total_tokens": audio + text + told,
    }


def _duration(heard: _Heard) -> dict[str, Json]:
    return {"type": "duration", "seconds": max(1, round(heard.seconds))}


def _verbose(heard: _Heard) -> Simulated:
    wanted = heard.body.get("timestamp_granularities", ["segment"])
    value: dict[str, Json] = {
        "task": heard.task,
        "language": heard.language,
        "duration": heard.seconds,
        "text": heard.text,
    }
    if "segment" in wanted:
        value["segments"] = [_detailed(number, one) for number, one in enumerate(_segments(heard))]
    if "word" in wanted:
        timed = _timed(heard.text.split(), heard.seconds)
        value["words"] = [{"word": one.text, "start": one.start, "end": one.end} for one in timed]
    return answer({**value, "usage": _duration(heard)})


def _detailed(number: int, one: _Segment) -> dict[str, Json]:
    return {
        "id": number,
        "seek": 0,
        "start": one.start,
        "end": one.end,
        "text": one.text,
        "tokens": [len(token) for token in words.tokens(one.text)],
        "temperature": 0.0,
        "avg_logprob": -0.2,
        "compression_ratio": 1.0,
        "no_speech_prob": 0.01,
    }


def _speakers(heard: _Heard) -> list[dict[str, Json]]:
    names = heard.body.get("known_speaker_names") or ["A", "B"]
    return [
        {
            "type": "transcript.text.segment",
            "id": f"seg_{number:03}",
            "start": one.start,
            "end": one.end,
            "text": one.text,
            "speaker": names[number % len(names)],
        }
        for number, one in enumerate(_segments(heard))
    ]


def _diarized(heard: _Heard) -> Simulated:
    value = {"task": heard.task, "duration": heard.seconds, "text": heard.text}
    return answer({**value, "segments": _speakers(heard), "usage": _usage(heard)})


def _events(heard: _Heard) -> Iterator[tuple[str, Json]]:
    for piece in words.groups(heard.text, 4):
        yield "", {"type": "transcript.text.delta", "delta": piece}
    if heard.body.get("response_format") == "diarized_json":
        yield from (("", segment) for segment in _speakers(heard))
    yield "", {"type": "transcript.text.done", "text": heard.text, "usage": _usage(heard)}


FORMS: Mapping[str, Callable[[_Heard], Simulated]] = {
    "json": _json,
    "text": lambda heard: _plain(heard.text + "\n"),
    "srt": _srt,
    "vtt": _vtt,
    "verbose_json": _verbose,
    "diarized_json": _diarized,
}
