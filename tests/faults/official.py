"""The official client meets the same cases, and its ends are counted beside ours.

It asks in processes of its own, which are killed where they do not end in time; its waits between
attempts are left out, and it has the same time-outs and as many retries.
"""

from __future__ import annotations

import base64
import multiprocessing
import resource
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from tests.faults.answers import FILE, PICTURE, SOUND
from tests.faults.calls import is_right
from tests.faults.cases import CLASSES, Case, cases
from tests.faults.classes.row import RIGHT
from tests.faults.every import EVERY, is_timed
from tests.faults.faults import bomb
from tests.faults.meet import KEY, ended, meet
from tests.faults.server import FaultServer

MEMORY = 2 << 30
LIMITS = {True: 4.6, False: 31.0}
"""What three attempts may take, with quick time-outs and without."""
ENDS = ("right", "error", "taken", "other", "never")
HEADS = (
    *("class", "cases", "ours ok", "official: right", "one clear error", "taken for whole"),
    *("other exception", "no end in time", "more attempts than ours"),
    *("sent to another host", "with the key"),
)
HELLO: Any = [{"role": "user", "content": "Hello"}]
SPEECH: Any = {"model": "gpt-4o-mini-tts", "voice": "nova", "input": "Hello"}


class Told(NamedTuple):
    """How the official client ended: one of `ENDS`, and `what` error.

    `attempts`, `strays` (to another host) and `keys` (with the key, there) count requests.
    """

    case: Case
    ours: bool
    end: str
    what: str
    attempts: int
    strays: int
    keys: int


class Asked(NamedTuple):
    """What is asked for, where; a stream whose end is not told `may_lack_end`."""

    kind: str
    url: str
    quick: bool
    may_lack_end: bool


def _stream(client: Any) -> tuple[bool, bool]:
    text, is_whole = "", False
    for piece in client.chat.completions.create(model="gpt-4.1", messages=HELLO, stream=True):
        for choice in piece.choices or ():
            text += (choice.delta.content or "") if choice.delta else ""
            is_whole = is_whole or choice.finish_reason is not None
    return text == "Hello there", is_whole


def _responses(client: Any) -> tuple[bool, bool]:
    text, is_whole = "", False
    for event in client.responses.create(model="gpt-4.1", input="Hello", stream=True):
        text += event.delta if event.type == "response.output_text.delta" else ""
        is_whole = is_whole or event.type == "response.completed"
    return text == "Hello there", is_whole


STREAMS = {"stream": _stream, "responses": _responses}
"""Whether the text is right, and whether something told that it is whole."""
ASKS: dict[str, Callable[[Any], bool]] = {
    "chat": lambda client: (
        client.chat.completions.create(model="gpt-4.1", messages=HELLO).choices[0].message.content
        == "Hello there"
    ),
    "images": lambda client: (
        base64.b64decode(
            client.images.generate(model="gpt-image-1", prompt="a cat").data[0].b64_json
        )
        == PICTURE
    ),
    "speech": lambda client: client.audio.speech.create(**SPEECH).content == SOUND,
    "embeddings": lambda client: (
        client.embeddings.create(model="text-embedding-3-small", input="Hello").data[0].embedding
        == [0.5, -0.5]
    ),
    "uploads": lambda client: (
        client.files.create(file=("a.txt", b"a text\n"), purpose="user_data").id == FILE["id"]
    ),
    "transcription": lambda client: (
        client.audio.transcriptions.create(model="whisper-1", file=("a.wav", SOUND)).text
        == "Hello there"
    ),
}
"""Whether the answer is right."""


def _client(url: str, *, quick: bool) -> Any:
    import openai

    class Hurried(openai.OpenAI):
        def _sleep_for_retry(self, **_: Any) -> None:
            """Go on at once."""

    timeout = openai.Timeout(1.2, connect=1, read=0.3) if quick else openai.Timeout(8, connect=5)
    plain = openai.DefaultHttpxClient(trust_env=False)
    return Hurried(api_key=KEY, base_url=url, timeout=timeout, max_retries=2, http_client=plain)


def _end(asked: Asked) -> tuple[str, str]:
    """Ask once; what is no answer and no error of the client's own is told apart.

    Where a caller stumbles over what it was given, that was taken for whole.
    """
    import openai

    client = _client(asked.url, quick=asked.quick)
    try:
        streams = STREAMS.get(asked.kind)
        is_text, is_whole = streams(client) if streams else (ASKS[asked.kind](client), True)
    except openai.OpenAIError as error:
        return "error", type(error).__name__
    except Exception as error:
        places = traceback.extract_tb(error.__traceback__)
        is_its = any(f"{Path(openai.__file__).parent}" in place.filename for place in places)
        return "other" if is_its else "taken", type(error).__name__
    finally:
        client.close()
    return "right" if is_text and (is_whole or asked.may_lack_end) else "taken", ""


def _serve(pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with suppress(EOFError):
        while True:
            pipe.send(_end(pipe.recv()))


class _Asker:
    """A process that asks, started anew where it did not end."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["openai", __name__])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.ask(Asked("chat", "http://127.0.0.1:9", True, False), 60)  # The first is slow.

    def ask(self, asked: Asked, limit: float) -> tuple[str, str]:
        self._pipe.send(asked)
        found: tuple[str, str] = "never", ""
        try:
            ends = self._pipe.poll(limit)
            found = self._pipe.recv() if ends else found
        except EOFError:
            ends, found = False, ("other", "its process died")
        if not ends:
            self.close()
            self.start()
        return found

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()


def compared(chosen: Iterable[Case], threads: int = 4) -> list[Told]:
    """Let both meet each of these cases."""
    bomb()
    with ExitStack() as stack, FaultServer(EVERY) as server, FaultServer(EVERY) as other:
        server.elsewhere = other.url
        askers: SimpleQueue[_Asker] = SimpleQueue()
        for _ in range(threads):
            askers.put(stack.enter_context(closing(_Asker())))

        def meets(numbered: tuple[int, Case]) -> Told:
            number, case = numbered
            asker = askers.get()
            try:
                return _meets(case, f"{number}", asker, server, other)
            finally:
                askers.put(asker)

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(meets, enumerate(chosen, 1)))


def _meets(case: Case, place: str, asker: _Asker, server: FaultServer, other: FaultServer) -> Told:
    quick = is_timed(case.fault)
    base = f"{server.base(case.fault)}/{place}0"
    asked = Asked(case.kind, base, quick, case.told == RIGHT)
    end, what = asker.ask(asked, LIMITS[quick])
    paths = Counter(one.path for one in server.log if f"/{place}0/" in one.path)
    strays = [one for one in other.log if f"/{place}0/" in one.path]
    with tempfile.TemporaryDirectory() as folder:
        theirs = f"{server.base(case.fault)}/{place}1"
        met = meet(server, Path(folder), case.kind, theirs, quick=quick)
    ours = ended(met, case.told, is_right=is_right(case.kind, met.result))
    keys = sum(KEY in one.headers.get("authorization", "") for one in strays)
    return Told(case, ours, end, what, max(paths.values(), default=0), len(strays), keys)


def table(told: Iterable[Told]) -> Iterator[str]:
    """Count the ends of each class, a line of Markdown for each."""
    found = {one.case: one for one in told}
    yield f"| {' | '.join(HEADS)} |"
    yield "|---" * len(HEADS) + "|"
    for name in CLASSES:
        yield from _line(name, [found[case] for case in cases(name) if case in found])
    yield from _line("all", list(found.values()))


def _line(name: str, rows: list[Told]) -> Iterator[str]:
    ends = Counter(one.end for one in rows)
    counts = [len(rows), sum(one.ours for one in rows), *(ends[end] for end in ENDS)]
    counts.append(sum(one.attempts > one.case.attempts for one in rows))
    counts += [sum(one.strays > 0 for one in rows), sum(one.keys > 0 for one in rows)]
    if rows:
        yield f"| {name} | {' | '.join(map(str, counts))} |"


def all_cases() -> list[Case]:
    """List the cases of those kinds that the official client can ask."""
    every = (case for name in CLASSES for case in cases(name))
    return list(dict.fromkeys(case for case in every if case.kind in {*STREAMS, *ASKS}))
