"""Images given: whether the pictures of an edit are what the service takes, before they go."""

from __future__ import annotations

from collections.abc import Iterator

from runner.model import File
from runner.protocol import media, pictures
from runner.protocol.rules import Refusal
from runner.protocol.sounds import size_of

FIELDS = ("image", "image[]", "mask")
MOST = 16
LARGEST = 50_000_000
KINDS = ("image/png", "image/jpeg", "image/webp")


def is_picture_field(field: str) -> bool:
    """Whether a file of this field is one of the pictures; they need no name."""
    return field in ("", "image", "image[]")


def pictures_of(files: tuple[File, ...]) -> list[File]:
    """Return the files that are the pictures to edit."""
    return [file for file in files if is_picture_field(file.field)]


def refusals(files: tuple[File, ...], strict: bool) -> Iterator[Refusal]:
    """Find what the service would refuse; of other servers the kinds they take are not known."""
    found = pictures_of(files)
    masks = [place for place, file in enumerate(files) if file.field == "mask"]
    if not found:
        hint = "give them as attachments, or as params.images by their ids"
        yield Refusal(("attachments",), "there is no picture to edit", hint)
    if len(masks) > 1:
        message = f"expected one mask, got {len(masks)}"
        yield _at(masks[1], message, "it is laid over the first picture")
    for place, file in enumerate(files):
        yield from _file(file, place, strict)
    yield from _limits(files, found)
    if found and len(masks) == 1:
        yield from _mask(files[masks[0]], found[0], masks[0])


def _file(file: File, place: int, strict: bool) -> Iterator[Refusal]:
    taken = strict and file.media_type not in KINDS
    if is_picture_field(file.field) and (taken or _look(file) is None):
        message = f"{file.name}: expected a png, jpeg or webp picture, found {_kind(file)}"
        yield _at(place, message, "save it as one of these: the service takes no other")
    elif _is_cut(file):
        message = f"{file.name}: expected a whole picture, found one that was cut"
        yield _at(place, message, "make or fetch it anew: its end is missing")


def _is_cut(file: File) -> bool:
    return pictures.is_cut(file.body) if isinstance(file.body, bytes) else file.is_cut


def _kind(file: File) -> str:
    if not size_of(file.body):
        return "an empty file"
    told = media.told(_head(file))
    return f"a broken {told}" if _look(file) is None and told.startswith("image/") else told


def _limits(files: tuple[File, ...], found: list[File]) -> Iterator[Refusal]:
    if len(found) > MOST:
        message = f"expected at most {MOST} pictures, got {len(found)}"
        yield Refusal(("attachments",), message, "leave some out, or ask in several steps")
    for place, file in enumerate(files):
        size = size_of(file.body)
        if size > LARGEST:
            most = f"{LARGEST // 1_000_000} MB"
            message = f"{file.name}: expected at most {most}, found {size:,} bytes"
            yield _at(place, message, "scale it down, or save it as jpeg or webp")


def _mask(file: File, first: File, place: int) -> Iterator[Refusal]:
    """A mask shows by what is clear in it where the first picture is to change."""
    found, seen = _look(file), _look(first)
    if found is None or found.media_type != "image/png":
        message = f"{file.name}: expected a mask that is a png, found {_kind(file)}"
        yield _at(place, message, "save it as png with an alpha channel")
        return
    if not found.alpha:
        message = f"{file.name}: expected a mask with an alpha channel, found none"
        yield _at(place, message, "make clear what is to change, and save it as png with alpha")
    if seen is not None and found[1:3] != seen[1:3]:
        message = (
            f"{file.name}: expected a mask of {seen.width}x{seen.height}, the size of {first.name},"
            f" found {found.width}x{found.height}"
        )
        yield _at(place, message, "scale it to the size of the first picture")


def _look(file: File) -> pictures.Look | None:
    return pictures.look(_head(file))


def _head(file: File) -> bytes:
    return file.body if isinstance(file.body, bytes) else file.head


def _at(place: int, message: str, hint: str) -> Refusal:
    return Refusal(("attachments", place), message, hint)
