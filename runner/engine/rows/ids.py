"""Ids: what a row may be named by."""

from __future__ import annotations

LONGEST_ID = 200
"""In characters."""


def wrong_id(text: str) -> str:
    """Say why a text cannot be the id of a row; "" where it can."""
    if not text.strip():
        return "the id is empty"
    if len(text) > LONGEST_ID:
        return f"the id {text[:60] + '…'!r} is longer than {LONGEST_ID} characters: {len(text):,}"
    if text.isprintable():
        return ""
    odd = next(sign for sign in text if not sign.isprintable())
    return f"the id {text!r} holds {odd!r}, which cannot be printed"
