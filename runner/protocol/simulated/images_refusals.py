"""Image refusals: why the service does not draw, in its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from runner.exchange import Json, Part, Spool
from runner.protocol import pictures
from runner.protocol.simulated import refusals
from runner.protocol.simulated.service import Refusal, has_model

SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")
MOST = 1 << 24
"""The most pixels of a picture, whoever draws it."""
FORMATS = ("png", "jpeg", "webp")
DALLE_SIZES = {
    "dall-e-2": ("256x256", "512x512", "1024x1024"),
    "dall-e-3": ("1024x1024", "1792x1024", "1024x1792"),
}
FIXED = ("1024x1024", "1536x1024", "1024x1536", "auto")
QUALITIES = ("low", "medium", "high", "auto")
FIELDS = {
    "model": "a string",
    "prompt": "a string",
    "n": "an integer",
    "size": "a string",
    "quality": "a string",
    "background": "a string",
    "output_format": "a string",
    "output_compression": "an integer",
    "partial_images": "an integer",
    "moderation": "a string",
    "stream": "a boolean",
    "user": "a string",
    "safety_identifier": "a string",
    "response_format": "a string",
    "style": "a string",
}


def model_of(body: Mapping[str, Json]) -> str:
    """Return the model that is asked: the oldest, where none is named."""
    return str(body.get("model") or "dall-e-2")


def is_dalle(body: Mapping[str, Json]) -> bool:
    """Whether one of the older models is asked, which answer by an address."""
    return model_of(body).startswith("dall-e")


def is_own(body: Mapping[str, Json]) -> bool:
    """Whether one of OpenAI's models is asked: what others refuse is not known."""
    return re.match(r"dall-e|gpt-image|chatgpt-image", model_of(body)) is not None


def _prompt(body: Mapping[str, Json]) -> Refusal | None:
    if "prompt" not in body:
        return refusals.missing("prompt")
    most = {"dall-e-2": 1000, "dall-e-3": 4000}.get(model_of(body), 32000)
    found = len(body["prompt"])
    if 0 < found <= most:
        return None
    bound = "short. Expected a string with minimum length 1" if not found else "long. Expected"
    bound += f" a string with maximum length {most}" if found else ""
    message = f"Invalid 'prompt': string too {bound}, but got a string with length {found} instead."
    return Refusal(message, "prompt", "string_above_max_length" if found else "empty_string")


def _count(body: Mapping[str, Json]) -> Refusal | None:
    most = 1 if model_of(body) == "dall-e-3" else 10
    count = body.get("n", 1)
    if 1 <= count <= most:
        return None
    word, bound = ("below minimum", ">= 1") if count < 1 else ("above maximum", f"<= {most}")
    message = (
        f"Invalid 'n': integer {word} value. Expected a value {bound}, but got {count} instead."
    )
    return Refusal(message, "n", f"integer_{word.replace(' ', '_')}_value")


def _size(body: Mapping[str, Json]) -> Refusal | None:
    size, model = str(body.get("size", "auto")), model_of(body)
    if is_dalle(body):
        known = DALLE_SIZES.get(model, DALLE_SIZES["dall-e-2"])
        return None if "size" not in body or size in known else _not_one(size, known)
    found = SIZE.fullmatch(size)
    if size in FIXED or (not is_own(body) and found and int(found[1]) * int(found[2]) <= MOST):
        return None
    if found is None or re.match(r"gpt-image-1|chatgpt-image", model):
        return _not_one(size, FIXED)
    return _free_size(size, int(found[1]), int(found[2]))


def _free_size(size: str, width: int, height: int) -> Refusal | None:
    longer, shorter = max(width, height), min(width, height)
    why = ""
    if width % 16 or height % 16:
        why = "width and height must be divisible by 16"
    elif longer > 3 * shorter:
        why = "the aspect ratio must be between 1:3 and 3:1"
    elif longer > 3840 or shorter > 2160:
        why = "the maximum supported resolution is 3840x2160"
    return Refusal(f"Invalid size '{size}': {why}.", "size", "invalid_value") if why else None


def _not_one(size: str, known: tuple[str, ...]) -> Refusal:
    return refusals.unsupported("size", size, known)


def _fields_of_model(body: Mapping[str, Json]) -> Refusal | None:
    """The older models choose address or base64, the newer ones the format of the picture."""
    newer = ("background", "output_format", "output_compression", "partial_images", "moderation")
    foreign: tuple[str, ...] = newer if is_dalle(body) else ("response_format",)
    foreign += () if model_of(body) == "dall-e-3" else ("style",)
    return next((refusals.unknown(name) for name in foreign if name in body and is_own(body)), None)


def _formats(body: Mapping[str, Json]) -> Refusal | None:
    form = body.get("output_format", "png")
    if form not in FORMATS:
        return refusals.unsupported("output_format", form, FORMATS)
    if body.get("background") == "transparent" and form == "jpeg":
        message = "Transparent background is not supported for JPEG output format."
        return Refusal(message, "background", "invalid_value")
    if form == "png" and body.get("output_compression", 100) != 100:
        message = "Compression less than 100 is not supported for PNG output format."
        return Refusal(message, "output_compression", "invalid_png_output_compression")
    return None


def _values(body: Mapping[str, Json]) -> Refusal | None:
    known = {
        "background": ("transparent", "opaque", "auto"),
        "moderation": ("low", "auto"),
        "response_format": ("url", "b64_json"),
        "style": ("vivid", "natural"),
        "quality": ("standard", "hd") if is_dalle(body) else QUALITIES,
    }
    if not is_own(body):
        del known["quality"]
    if re.match(r"gpt-image-(2\.[5-9]|[3-9])", model_of(body)):
        known["quality"] = (*QUALITIES, "xhigh", "max")
    for name, values in known.items():
        if name in body and body[name] not in values:
            return refusals.unsupported(name, body[name], values)
    partial = body.get("partial_images", 0)
    if 0 <= partial <= 3:
        return None
    message = f"Invalid 'partial_images': expected a value from 0 to 3, but got {partial} instead."
    return Refusal(message, "partial_images", "invalid_value")


def _given(body: Mapping[str, Json]) -> Refusal | None:
    """There are pictures to edit, in one of the forms that the service takes."""
    if "images" in body:
        rows = body["images"]
        sound = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
        return None if sound and 0 < len(rows) <= 16 else refusals.missing("images")
    single, several = body.get("image", []), body.get("image[]", [])
    if not single and not several:
        return refusals.missing("image")
    if len(single) > 1 or not all(isinstance(row, Part) for row in (*single, *several)):
        message = "Duplicate parameter: 'image'. You provided multiple values for this parameter,"
        return Refusal(f"{message} whereas only one is allowed.", "image", "duplicate_parameter")
    if len(several) > 16:
        message = (
            f"Invalid 'image': too many pictures. Expected at most 16, but got {len(several)}."
        )
        return Refusal(message, "image", "array_above_max_length")
    return next((fault for part in (*single, *several) if (fault := _picture(part))), None)


def _picture(part: Part) -> Refusal | None:
    if part.media_type not in ("image/png", "image/jpeg", "image/webp"):
        message = (
            f"Invalid file '{part.name}': unsupported mimetype ('{part.media_type}')."
            " Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'."
        )
        return Refusal(message, part.name, "unsupported_file_mimetype")
    if isinstance(part.body, Spool):
        return None  # It is too large to be looked at.
    found = pictures.look(part.body)
    if found is None or found.media_type != part.media_type or pictures.is_cut(part.body):
        message = "Invalid image file or mode for image, please check your image file."
        return Refusal(message, part.name, "invalid_image_file")
    return None


def _mask(body: Mapping[str, Json]) -> Refusal | None:
    """A mask is a PNG that can be seen through, as large as the first picture."""
    masks = body.get("mask", [])
    if not isinstance(masks, list) or not masks:
        return None
    first = [*body.get("image", []), *body.get("image[]", [])][0]
    if isinstance(masks[0].body, Spool) or isinstance(first.body, Spool):
        return None
    mask, picture = pictures.look(masks[0].body), pictures.look(first.body)
    if mask is None or picture is None or mask.media_type != "image/png" or not mask.alpha:
        return Refusal("Invalid mask image format - mask must be a PNG with alpha.", "mask")
    if mask[1:3] != picture[1:3]:
        message = "Invalid mask image size - mask size does not match image size."
        return Refusal(message, "mask", "invalid_image_size")
    return None


EDIT_FIELDS = FIELDS | dict.fromkeys(("image", "image[]", "mask", "images", "input_fidelity"), "")
_DRAWN = (has_model, _prompt, _count, _size, _fields_of_model, _formats, _values)
GENERATION_CHECKS = (*refusals.fields(FIELDS), *_DRAWN)
EDIT_CHECKS = (*refusals.fields(EDIT_FIELDS), *_DRAWN, _given, _mask)
"""In the order in which the service finds fault."""
