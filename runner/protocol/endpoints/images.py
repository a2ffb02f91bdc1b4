"""Images: pictures from a prompt, and pictures made of others."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from functools import partial
from typing import Any

from runner.errors import BadReplyError, Fault, RecipeError
from runner.exchange import Json, Multipart, Part, Reply
from runner.model import Answer, Artifact, Ask, Effect, File, Flow
from runner.protocol import flow, pictures, wire
from runner.protocol.endpoint import (
    Endpoint,
    Parts,
    answer_of,
    json_body,
    lacking,
    query_of,
    request,
    value_of,
)
from runner.protocol.endpoints import images_given
from runner.protocol.lifted import lifted
from runner.protocol.rules import Refusal
from runner.protocol.streams.images import ImagesStream

GIVES = ("image", "json", "body")
_ONE_WAY = (
    "give all pictures as files, or name all under params: images, and mask: {file_id: …} beside it"
)
SIZE = re.compile(r"auto|[1-9]\d{0,4}x[1-9]\d{0,4}")


def _generate(ask: Ask) -> Flow:
    """Ask for pictures of a prompt."""
    body = json_body(ask, prompt=_prompt(ask))
    return (yield from _asked(ask, Parts("POST", "/images/generations", body)))


def _edit(ask: Ask) -> Flow:
    """Ask for pictures made of those that go along as files, or are named under `params`."""
    if _names_pictures(ask):
        body = json_body(ask, prompt=_prompt(ask))
        return (yield from _asked(ask, Parts("POST", "/images/edits", body)))
    form = Multipart((*_fields(ask), *_file_parts(ask.files)))
    return (yield from _asked(ask, Parts("POST", "/images/edits", form)))


def _names_pictures(ask: Ask) -> bool:
    """Whether the pictures to edit are named by ids or addresses: no file goes along then."""
    return {**ask.params, **ask.extra}.get("images") is not None


def _check_size(ask: Ask, strict: bool) -> Iterator[Refusal]:
    """Find a size that is none; other servers may have words of their own for sizes."""
    size = ask.params.get("size")
    if strict and isinstance(size, str) and not SIZE.fullmatch(size):
        message = f"expected a size such as 1024x1024, or auto, got {size!r}"
        yield Refusal(("params", "size"), message, "write WIDTHxHEIGHT, in pixels")


def _check_edit(ask: Ask, strict: bool) -> Iterator[Refusal]:
    """Find what is wrong with the pictures that go along."""
    yield from _check_size(ask, strict)
    if not _names_pictures(ask):
        yield from images_given.refusals(ask.files, strict)
    elif ask.files:
        message = "attachments and params.images exclude each other"
        yield Refusal(("attachments",), message, _ONE_WAY)


def _makes(ask: Ask) -> str:
    """Tell the media type that is asked for; where nothing says it, the service decides."""
    kind = ask.params.get("output_format") or ask.extra.get("output_format") or ""
    return {"svg": pictures.SVG}.get(kind, f"image/{kind}") if kind else ""


def _prompt(ask: Ask) -> str:
    """Return the prompt as the text it must be."""
    if isinstance(ask.prompt, str):
        return ask.prompt
    message = f"expected text, got {wire.excerpt(ask.prompt)}"
    raise RecipeError.of(Fault(message, None, "prompt", "say what is to be seen"))


def _fields(ask: Ask) -> list[Part]:
    """Write the fields of the form; those of JSON's kinds as a query writes them."""
    fields: dict[str, Json] = {"model": ask.model or None, "prompt": _prompt(ask)}
    fields |= {"stream": ask.stream, **ask.params, **ask.extra}
    return [Part(name, text.encode()) for name, text in query_of(fields)]


def _file_parts(files: tuple[File, ...]) -> list[Part]:
    """Name one picture `image`, several `image[]`: the service refuses a name that stands twice."""
    several = len(images_given.pictures_of(files)) > 1
    found = []
    for file in files:
        is_picture = images_given.is_picture_field(file.field)
        name = ("image[]" if several else "image") if is_picture else file.field
        found.append(Part(name, file.body, file.name, file.media_type))
    return found


def _asked(ask: Ask, parts: Parts) -> Flow:
    count = ask.params.get("n") or ask.extra.get("n") or 1
    assembler = partial(ImagesStream, count if isinstance(count, int) else 1)
    reply = yield from flow.send(request(ask, parts._replace(assembler=assembler)))
    short, taken = reply, dict[str, memoryview]()
    if isinstance(reply.body, bytes) and not reply.streamed:
        body, taken = lifted(reply.body)
        short = reply._replace(body=body)
    return (yield from _read(reply, value_of(short, assembler), taken))


def _read(
    reply: Reply, value: Json, taken: dict[str, memoryview]
) -> Generator[Effect, Any, Answer]:
    """Read a reply's pictures; those it only names are fetched at once, for they do not stay."""
    answer = answer_of(reply, value)
    if reply.accepted:
        return answer
    rows = value.get("data") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not rows:
        raise lacking(value, "pictures")
    found = []
    for place, row in enumerate(rows, 1):
        content = _laid_back(row, taken) or (yield from _content(row, place))
        found.append(_picture(content, place))
    return answer._replace(artifacts=tuple(found))


def _laid_back(row: Json, taken: dict[str, memoryview]) -> bytes | None:
    """Decode what was lifted out of a row, and put its text back."""
    view = taken.get(str(row.get("b64_json"))) if isinstance(row, dict) else None
    if view is None:
        return None
    row["b64_json"] = str(view, "ascii", "replace")
    return pictures.decoded(view)


def _content(row: Json, place: int) -> Generator[Effect, Any, bytes]:
    told = row if isinstance(row, dict) else {}
    text, address = told.get("b64_json"), told.get("url")
    if isinstance(text, str) and text:
        content = pictures.decoded(text)
    elif isinstance(address, str) and address.startswith("data:"):
        content = pictures.inline(address)
    elif isinstance(address, str) and address:
        content = yield from flow.fetch(address)
    else:
        message = f"picture {place} of the reply has neither b64_json nor url: {wire.excerpt(row)}"
        raise BadReplyError(message)
    if content is None:
        message = f"picture {place} of the reply is no base64: {wire.excerpt(text or address)}"
        raise BadReplyError(message)
    return content


def _picture(content: bytes, place: int) -> Artifact:
    """Hold the bytes to be a picture, and a whole one, whatever the reply calls them."""
    found = pictures.look(content)
    if found is None:
        message = f"picture {place} of the reply is none: it begins {wire.excerpt(content[:40])}"
        raise BadReplyError(message)
    if pictures.is_cut(content):
        message = f"picture {place} of the reply was cut after {len(content):,} bytes"
        raise BadReplyError(message, hint="ask again")
    return Artifact("image", found.media_type, content)


_ROWS = (
    Endpoint(
        "images.generations",
        "pictures from a prompt",
        "POST",
        "/images/generations",
        _generate,
        takes=("model", "prompt", "stream"),
        needs=("prompt",),
        gives=GIVES,
        check=_check_size,
        makes=_makes,
        kind_by="output_format",
    ),
    Endpoint(
        "images.edits",
        "pictures made of others, with a prompt and perhaps a mask",
        "POST",
        "/images/edits",
        _edit,
        takes=("model", "prompt", "stream", "attachments"),
        needs=("prompt",),
        gives=GIVES,
        check=_check_edit,
        makes=_makes,
        fields=images_given.FIELDS,
        kind_by="output_format",
    ),
)
ENDPOINTS = {row.name: row for row in _ROWS}
