"""Audio: text becomes speech; speech becomes text, as it was said or in English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from runner.errors import BadReplyError
from runner.exchange import Body, Json, JsonBody, Multipart, Part, Reply, Spool
from runner.model import Answer, Artifact, Ask, File, Flow
from runner.protocol import flow, media, sounds, wire
from runner.protocol.endpoint import (
    Endpoint,
    Parts,
    answer_of,
    lacking,
    query_of,
    request,
    value_of,
)
from runner.protocol.rules import Refusal
from runner.protocol.streams.audio import SpeechStream, TranscriptStream

LONGEST_INPUT = 4096
LARGEST_FILE = 25 << 20
ENDINGS = (".flac", ".mp3", ".mp4", ".mpeg", ".mpga", ".m4a", ".ogg", ".wav", ".webm")
PLAIN = ("text", "srt", "vtt")
"""The forms of a transcript that come as they are, and not within JSON."""


def _speech(ask: Ask) -> Flow:
    """Ask for speech; it goes to disk as it comes."""
    streams = _streams(ask)
    body: dict[str, Json] = {"model": ask.model, "input": _input(ask)}
    body |= {"stream_format": "sse"} if streams else {}
    body |= {**ask.params, **ask.extra}
    parts = Parts("POST", "/audio/speech", JsonBody(body), assembler=SpeechStream)
    asked = request(ask._replace(stream=streams), parts)._replace(spools=True)
    return _spoken(ask, (yield from flow.send(asked)))


def _input(ask: Ask) -> str | None:
    """Return the text to be spoken."""
    return ask.input if isinstance(ask.input, str) else None


def _streams(ask: Ask) -> bool:
    return ask.stream is True or ask.params.get("stream_format") == "sse"


def _spoken(ask: Ask, reply: Reply) -> Answer:
    if reply.accepted:
        return answer_of(reply, value_of(reply))
    value, body = reply.value, reply.body if reply.decoded is None else reply.decoded
    if not reply.streamed:
        value, body = _heard(reply)
    if not sounds.size_of(body):
        message = "the reply is empty: no sound came"
        raise BadReplyError(message)
    answer = answer_of(reply, value)._replace(
        artifacts=(Artifact("audio", _kind(ask, reply, body), body),)
    )
    if answer.rounds:
        return answer
    # Some models are paid by the letter, and say nothing of usage.
    letters = {"type": "characters", "characters": len(_input(ask) or "")}
    return answer._replace(rounds=(letters,))


def _heard(reply: Reply) -> tuple[Json, Body]:
    """Read speech that was not asked for as a stream, and may come as one, or as an error."""
    body = reply.body
    if not isinstance(body, bytes):
        return None, body
    kind = reply.headers.get("content-type", "")
    if kind.startswith("text/event-stream"):
        stream = SpeechStream()
        stream.feed(body)
        value = stream.finish()
        return value, stream.taken()
    if "json" in kind or body.lstrip()[:1] == b"<" or body.startswith((b'{"', b"{\n")):
        raise lacking(wire.decode_json(body, kind), "sound")
    return None, body


def _kind(ask: Ask, reply: Reply, body: Body) -> str:
    """Tell the media type: by the bytes where they tell, else as it was asked for."""
    asked = _asked(ask)
    if asked == sounds.PCM:
        return asked  # whose samples may look like anything
    found = media.media_type("", body) if isinstance(body, bytes) else ""
    named = reply.headers.get("content-type", "").partition(";")[0]
    known = [kind for kind in (found, asked, named) if kind.startswith("audio/")]
    return known[0] if known else "audio/mpeg"


def _asked(ask: Ask) -> str:
    return sounds.FORMATS.get(str(ask.params.get("response_format") or "mp3"), "")


def _check_speech(ask: Ask, limited: bool) -> Iterator[Refusal]:
    text = _input(ask)
    if text is None:
        found = "nothing" if ask.input is None else wire.excerpt(ask.input)
        yield Refusal(("input",), f"expected the text to be spoken, got {found}")
    elif not text:
        yield Refusal(("input",), "expected the text to be spoken, got empty text")
    elif limited and len(text) > LONGEST_INPUT:
        message = f"{len(text):,} characters are more than the {LONGEST_INPUT:,} of a request"
        yield Refusal(("input",), message, "split it: a step with for_each speaks the parts")
    if ask.stream is True and ask.params.get("stream_format", "sse") != "sse":
        message = "stream: true asks for events, and stream_format for none"
        yield Refusal(("params", "stream_format"), message, "leave one of them out")


def _transcript(ask: Ask) -> Flow:
    """Send a sound as a form, the file first."""
    parts = [
        Part(file.field or "file", file.body, file.name, file.media_type) for file in ask.files
    ]
    fields: dict[str, Json] = {"model": ask.model} if ask.model else {}
    fields |= {"prompt": ask.prompt} if ask.prompt is not None else {}
    fields |= {"stream": ask.stream} if ask.stream is not None else {}
    fields |= {**ask.params, **ask.extra}
    parts += [Part(name, text.encode()) for name, text in query_of(fields)]
    path = ENDPOINTS[ask.endpoint].path
    form = Parts("POST", path, Multipart(tuple(parts)), assembler=TranscriptStream)
    return _written(ask, (yield from flow.send(request(ask, form))))


def _written(ask: Ask, reply: Reply) -> Answer:
    if reply.accepted:
        return answer_of(reply, value_of(reply))
    form = str(ask.params.get("response_format") or "json")
    is_json = _is_json(reply, form)
    value = _unwrapped(value_of(reply, TranscriptStream) if is_json else _bare(reply))
    told = value if isinstance(value, str) else _text(value)
    text = told.removesuffix("\n") if form not in ("srt", "vtt") else told
    answer = answer_of(reply, None if isinstance(value, str) else value)
    return answer._replace(text=text, texts=(text,))


def _is_json(reply: Reply, form: str) -> bool:
    """Whether a transcript comes within JSON; some servers do that whatever they were asked."""
    start = flow.body_of(reply).lstrip()[:1]
    kind = reply.headers.get("content-type", "")
    if reply.streamed or kind.startswith("text/event-stream"):
        return True
    called_json = "json" in kind and (start in b'"[' or form not in PLAIN)
    return start in (b"{", b"<", b"") or called_json


def _bare(reply: Reply) -> str:
    return flow.body_of(reply).decode("utf-8-sig", "replace")


def _unwrapped(value: Json) -> Json:
    """Unpack JSON that stands as text within JSON."""
    inner = value.get("text") if isinstance(value, dict) and len(value) == 1 else value
    if not isinstance(inner, str) or not inner.lstrip().startswith("{"):
        return value
    try:
        found = wire.decode_json(inner.encode("utf-8", "surrogatepass"), "")
    except BadReplyError:
        return value
    return found if isinstance(found, dict) and "text" in found else value


def _text(value: Json) -> str:
    """Read the transcript; one without a text of its own is made of its segments."""
    if not isinstance(value, dict):
        raise lacking(value, "text")
    if isinstance(value.get("text"), str):
        return str(value["text"])
    segments = value.get("segments")
    rows = [row for row in segments if isinstance(row, dict)] if isinstance(segments, list) else []
    if not rows:
        raise lacking(value, "text")
    return "".join(str(row.get("text") or "") for row in rows).strip()


def _check_sound(ask: Ask, limited: bool) -> Iterator[Refusal]:
    """Find what is wrong with the file: not one, no sound, named wrongly, too large."""
    if len(ask.files) != 1:
        yield Refusal(("attachments",), f"{ask.endpoint} takes one file, got {len(ask.files)}")
        return
    [file], at = ask.files, ("attachments", 0)
    if isinstance(file.body, Spool) and not file.body.sha256:
        return  # It is still to be fetched.
    ending = PurePosixPath(file.name).suffix.lower()
    named = media.MEDIA.get(ending, "")
    found = _held(file)
    size = sounds.size_of(file.body)
    if not size:
        yield Refusal(at, f"{file.name} is empty")
    elif named and found != named and not found.startswith("application/octet"):
        message = f"{file.name} is named {ending}, but holds {found}"
        yield Refusal(at, message, _renaming(found))
    elif limited and ending not in ENDINGS:
        message = f"{file.name}: a sound's name ends in {', '.join(ENDINGS)}"
        yield Refusal(at, message, _renaming(found))
    elif size > LARGEST_FILE:
        message = f"{file.name} has {size / 1e6:.1f} MB, and {LARGEST_FILE:,} bytes are the most"
        yield Refusal(at, message, "send it as mp3 or in parts")


def _held(file: File) -> str:
    """Tell what a file holds; of text, its name may say anything."""
    head = (file.body if isinstance(file.body, bytes) else file.head)[: sounds.HEAD] or b"\0"
    return "text/plain" if media.media_type("", head) == "text/plain" else file.media_type


def _renaming(kind: str) -> str:
    ending = next((e for e in (".mp3", *ENDINGS) if media.MEDIA.get(e) == kind), "")
    return f"name it {ending}" if ending else "convert it to mp3 or wav"


_SPEECH = Endpoint(
    name="audio.speech",
    summary="text to speech: a sound as mp3, opus, aac, flac, wav or pcm",
    method="POST",
    path="/audio/speech",
    flow=_speech,
    takes=("model", "input", "stream"),
    needs=("model", "input"),
    gives=("audio", "json", "body"),
    check=_check_speech,
    makes=_asked,
    kind_by="response_format",
)
_ROWS = (
    _SPEECH,
    *(
        Endpoint(
            name=f"audio.{name}",
            summary=summary,
            method="POST",
            path=f"/audio/{name}",
            flow=_transcript,
            takes=takes,
            needs=("model", "attachments"),
            gives=("text", "json", "parsed", "body"),
            check=_check_sound,
            fields=("file",),
        )
        for name, summary, takes in (
            (
                "transcriptions",
                "speech to text: what was said, with times and speakers on request",
                ("model", "attachments", "prompt", "stream"),
            ),
            (
                "translations",
                "speech to English text",
                ("model", "attachments", "prompt"),
            ),
        )
    ),
)
ENDPOINTS = {row.name: row for row in _ROWS}
