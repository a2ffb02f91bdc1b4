"""Uploads: files of lines, checked for their purpose; what the requests of a batch must be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from runner.errors import Fault, Mark
from runner.exchange import Json
from runner.protocol import lines
from runner.protocol.lines import Wrong
from runner.protocol.training import FEWEST, PAIRS, Examples
from runner.recipe.checking.words import described, nearest, shortened
from runner.record import Record

MOST_REQUESTS = 50_000
LARGEST_BATCH = 200_000_000
BATCHED = (
    *("/v1/responses", "/v1/chat/completions", "/v1/embeddings", "/v1/completions"),
    *("/v1/moderations", "/v1/images/generations", "/v1/images/edits", "/v1/videos"),
)
"""The paths that the service answers in batches."""


def is_batched(path: str) -> bool:
    """Whether the service answers an endpoint in batches; on Azure `/v1` is left out."""
    return f"/v1/{path.removeprefix('/v1').strip('/')}" in BATCHED


class Upload(Record):
    """A file to be uploaded: how it is named to people, where it is named, its size, its lines.

    `strict` is false where what the server takes in a batch is not known.
    """

    file: str
    mark: Mark | None
    size: int
    lines: Iterable[bytes]
    strict: bool = True


def faults(purpose: Json, upload: Upload) -> list[Fault]:
    """Check a file for its purpose; of most purposes nothing is known."""
    if purpose not in ("fine-tune", "batch"):
        return []
    if not upload.file.lower().endswith(".jsonl"):
        message = f"expected a file whose name ends in .jsonl, got {shortened(upload.file)}"
        return [Fault(message, upload.mark, "attachments", f"that is what {purpose} takes")]
    return _training(upload) if purpose == "fine-tune" else _requests(upload)


def _training(upload: Upload) -> list[Fault]:
    examples = Examples()
    found, count = lines.faults(upload.lines, upload.file, examples.wrong)
    if found:
        return found
    if count >= FEWEST or (count and examples.form == PAIRS):
        return []
    message = f"expected at least {FEWEST} lines to train on, found {count}"
    return [Fault(message, Mark(upload.file, max(count, 1), 1), hint="add more examples")]


def _requests(upload: Upload) -> list[Fault]:
    if upload.size > LARGEST_BATCH:
        message = f"a batch takes 200 MB at most, this file has {upload.size / 1e6:,.0f} MB"
        return [Fault(message, upload.mark, "attachments", "split it into several batches")]
    found, count = lines.faults(upload.lines, upload.file, Requests(upload.strict).wrong)
    if found or count:
        return found
    message = "expected a line for each request, found none"
    return [Fault(message, Mark(upload.file, 1, 1))]


class Requests:
    """Judges the lines of a batch: each with an id of its own, all for one endpoint.

    Where `strict`, that is one which the service answers in batches, and all ask one model.
    """

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.ids: set[str] = set()
        self.url = ""
        self.models: list[Json] = []

    def wrong(self, line: dict[str, Json]) -> Iterator[Wrong]:
        """Say what is wrong with a line."""
        yield from self._identity(line)
        if line.get("method") != "POST":
            got = described(line["method"]) if "method" in line else "none"
            yield Wrong(f"expected the method POST, got {got}", ("method",), 'add "method": "POST"')
        yield from self._address(line)
        body = line.get("body")
        if not isinstance(body, dict) or not body:
            got = described(body) if "body" in line else "none"
            yield Wrong(f"expected a body, the request's JSON object, got {got}", ("body",))
        elif body.get("stream"):
            yield Wrong("a batch cannot stream", ("body", "stream"), "leave stream out")
        elif self.strict:
            yield from self._asked(body)

    def _asked(self, body: Mapping[str, Json]) -> Iterator[Wrong]:
        model = body.get("model")
        self.models = self.models or [model]
        if model != self.models[0]:
            got = described(model) if "model" in body else "none"
            message = f"expected the model {self.models[0]!r} as in the lines above, got {got}"
            yield Wrong(message, ("body", "model"), "a batch asks one model: make two")

    def _identity(self, line: Mapping[str, Json]) -> Iterator[Wrong]:
        found = line.get("custom_id")
        if not isinstance(found, str) or not found:
            got = described(found) if "custom_id" in line else "none"
            hint = "" if "messages" not in line else "this is a training line: purpose: fine-tune"
            yield Wrong(f"expected a custom_id, got {got}", ("custom_id",), hint)
            return
        if found in self.ids:
            hint = "answers come in any order, and are told apart by it"
            yield Wrong(f"the custom_id {shortened(found)} stands twice", ("custom_id",), hint)
        self.ids.add(found)
        if len(self.ids) > MOST_REQUESTS:
            message = f"a batch takes {MOST_REQUESTS:,} requests at most"
            yield Wrong(message, (), "split it into several batches")

    def _address(self, line: Mapping[str, Json]) -> Iterator[Wrong]:
        url = line.get("url")
        if not isinstance(url, str) or not url.startswith("/"):
            got = described(url) if "url" in line else "none"
            hint = "such as /v1/chat/completions"
            yield Wrong(f"expected the path of an endpoint, got {got}", ("url",), hint)
            return
        if self.strict and not is_batched(url):
            near = nearest(url, BATCHED)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(BATCHED)}"
            yield Wrong(f"expected a path that is answered in batches, got {url}", ("url",), hint)
            return
        self.url = self.url or url
        if url != self.url:
            hint = "a batch is for one endpoint: make two"
            yield Wrong(f"expected {self.url} as in the lines above, got {url}", ("url",), hint)
