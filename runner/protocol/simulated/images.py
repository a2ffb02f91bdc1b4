"""Images, simulated: pictures of the size and kind asked for, drawn from the prompt."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping

from runner.exchange import Body, Json, Multipart, Part, Request
from runner.protocol.simulated import drawing, encoders, words
from runner.protocol.simulated.images_refusals import EDIT_CHECKS, GENERATION_CHECKS, is_dalle
from runner.protocol.simulated.service import (
    Simulated,
    World,
    answer,
    hold,
    read,
    stream,
)
from runner.record import Record

KINDS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
QUALITIES = {"low": 272, "medium": 1056, "high": 4160, "xhigh": 8320, "max": 16640}
"""How many tokens a picture of a megapixel costs."""


class Order(Record):
    """What is to be drawn: how many, how large, of what kind; `seen` are the pictures given."""

    prompt: str
    several: int
    width: int
    height: int
    kind: str
    clear: bool
    seen: tuple[bytes, ...]


def simulate_generation(request: Request, world: World) -> Simulated:
    """Draw pictures."""
    body = read(request)
    hold(GENERATION_CHECKS, body)
    return _drawn("image_generation", body, (), world)


def simulate_edit(request: Request, world: World) -> Simulated:
    """Draw pictures after those that were given."""
    if not isinstance(request.body, Multipart):
        body = read(request)
        hold(EDIT_CHECKS, body)
        seen = tuple(str(row).encode() for row in body.get("images", ()))
        return _drawn("image_edit", body, seen, world)
    parts = request.body.parts
    body = {**_fields(parts), **_files(parts)}
    hold(EDIT_CHECKS, body)
    seen = tuple(_seen(part.body) for part in parts if part.file_name)
    return _drawn("image_edit", body, seen, world)


def _seen(body: Body) -> bytes:
    return body if isinstance(body, bytes) else body.sha256.encode()


NUMBERS = ("n", "output_compression", "partial_images")


def _fields(parts: tuple[Part, ...]) -> dict[str, Json]:
    """Read the fields of a form; all that they hold came as text."""
    found: dict[str, Json] = {}
    for part in parts:
        if part.file_name or not isinstance(part.body, bytes):
            continue
        text = part.body.decode("utf-8", "replace")
        number = part.name in NUMBERS and text.isdecimal()
        found[part.name] = int(text) if number else text
        if part.name == "stream":
            found[part.name] = text == "true"
    return found


def _files(parts: tuple[Part, ...]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for part in parts:
        if part.file_name:
            found.setdefault(part.name, []).append(part)
    return found


def _drawn(
    event: str, body: Mapping[str, Json], seen: tuple[bytes, ...], world: World
) -> Simulated:
    order = _order(body, seen)
    if body.get("stream"):
        return stream(_events(event, body, order, world))
    pictures = [picture(order, number) for number in range(1, order.several + 1)]
    value: dict[str, Json] = {"created": int(world.now())}
    if is_dalle(body) or body.get("response_format") == "url":
        return answer(value | {"data": [_named(body, one) for one in pictures]})
    rows = [{"b64_json": b64encode(one).decode()} for one in pictures]
    return answer(value | {"data": rows} | _look(body, order) | {"usage": _usage(body, order)})


def _order(body: Mapping[str, Json], seen: tuple[bytes, ...]) -> Order:
    size = str(body.get("size") or "auto")
    width, _, height = (size if "x" in size else "1024x1024").partition("x")
    return Order(
        prompt=str(body["prompt"]),
        several=int(body.get("n") or 1),
        width=int(width),
        height=int(height),
        kind=str(body.get("output_format") or "png"),
        clear=body.get("background") == "transparent",
        seen=seen,
    )


def picture(order: Order, number: int = 1, share: float = 1.0) -> bytes:
    """Draw a picture; `number` counts those of one order, a `share` below 1 is not finished."""
    scene = drawing.scene(order.prompt, str(number), *order.seen, framed=bool(order.seen))
    colours, size = drawing.palette(scene), (order.width, order.height)
    if order.kind == "jpeg":
        width, height = (-(-side // encoders.EDGE) for side in size)
        return encoders.jpeg(drawing.canvas(scene, width, height, share), colours, *size)
    encode = encoders.webp if order.kind == "webp" else encoders.png
    return encode(drawing.canvas(scene, *size, share, order.clear), colours, order.clear)


def _named(body: Mapping[str, Json], one: bytes) -> dict[str, Json]:
    """Tell a picture as the older models did, by an address unless asked otherwise.

    Nothing is fetched offline, so the address holds the picture itself.
    """
    text = b64encode(one).decode()
    inline = body.get("response_format") == "b64_json"
    row = {"b64_json": text} if inline else {"url": f"data:image/png;base64,{text}"}
    revised = str(body.get("model")) == "dall-e-3"
    return row | ({"revised_prompt": words.MARK + body["prompt"]} if revised else {})


def _look(body: Mapping[str, Json], order: Order) -> dict[str, Json]:
    quality = body.get("quality", "auto")
    return {
        "background": "transparent" if order.clear else "opaque",
        "output_format": order.kind,
        "size": f"{order.width}x{order.height}",
        "quality": "high" if quality == "auto" else quality,
    }


def _usage(body: Mapping[str, Json], order: Order) -> dict[str, Json]:
    text = len(words.tokens(order.prompt))
    image = 323 * len(order.seen)
    each = QUALITIES.get(str(_look(body, order)["quality"]), QUALITIES["high"])
    made = order.several * max(1, each * order.width * order.height >> 20)
    return {
        "total_tokens": text + image + made,
        "input_tokens": text + image,
        "output_tokens": made,
        "input_tokens_details": {"text_tokens": text, "image_tokens": image},
    }


def _events(
    event: str, body: Mapping[str, Json], order: Order, world: World
) -> Iterator[tuple[str, Json]]:
    """Tell a picture as it comes into being, then whole."""
    look = {"created_at": int(world.now()), **_look(body, order)}
    partial = int(body.get("partial_images") or 0)
    for number in range(1, order.several + 1):
        for place in range(partial):
            text = b64encode(picture(order, number, place / partial)).decode()
            name = f"{event}.partial_image"
            yield name, {"type": name, "b64_json": text, "partial_image_index": place, **look}
        name, text = f"{event}.completed", b64encode(picture(order, number)).decode()
        used = _usage(body, order._replace(several=1))
        yield name, {"type": name, "b64_json": text, **look, "usage": used}
