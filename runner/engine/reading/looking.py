"""Looking: whether a picture that is no PNG is of one colour, by Pillow (extra `pictures`)."""

from __future__ import annotations

import io
import warnings
from typing import Any

from PIL import Image, UnidentifiedImageError

SPREAD = 8
"""How far the levels of one colour may lie apart: what a lossy form makes of it."""


def is_even(content: bytes) -> bool | None:
    """Tell whether all pixels of a picture are the same; None where it cannot be opened."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "WEBP", "GIF")) as picture:
                bands = picture.convert("RGBA").split()
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombWarning):
        return None
    spans: list[Any] = [band.getextrema() for band in bands]
    return all(high - low <= SPREAD for low, high in spans)
