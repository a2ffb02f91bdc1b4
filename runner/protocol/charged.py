"""Charged: what a reply says that it used, found in its bytes as they came."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from runner.exchange import Json, Reply
from runner.protocol import usage
from runner.recipe.depth import text_nests

_USAGE = re.compile(rb'(?<!\\)"usage"\s*:\s*(?={)')
_MODEL = re.compile(rb'(?<!\\)"model"\s*:\s*"([^"\\]{1,200})"')
_TIER = re.compile(rb'(?<!\\)"service_tier"\s*:\s*"([^"\\]{1,40})"')
_DECODER = json.JSONDecoder()
LONGEST = 16_384
"""The most bytes of a usage."""
COUNTS = ("total_tokens", "prompt_tokens", "input_tokens", "seconds", "characters")
UNSURE = frozenset((408, 499, 502, 504, 524))
"""Statuses of a request that may have been worked on to its end, and charged."""


def charged(reply: Reply, names: Iterable[str], prices: Mapping[str, Json]) -> float | None:
    """Price a reply; None where it does not say, so that what was held back for it stays so."""
    body = reply.body if isinstance(reply.body, bytes) else b""
    used = used_in(body)
    if used is None:
        return 0.0 if reply.status >= 400 and reply.status not in UNSURE else None
    told = _MODEL.search(body)
    model = told[1].decode("utf-8", "replace") if told else ""
    tier = _TIER.findall(body)
    used = usage.of_round(used, {"service_tier": tier[-1].decode()} if tier else {})
    return priced(used, (model, *names), prices)


def priced(
    used: Mapping[str, Json], names: Iterable[str], prices: Mapping[str, Json]
) -> float | None:
    """Price a usage by the first of these names that has a price for it."""
    found = (usage.cost(used, name, prices) for name in names if name)
    return next((cost for cost in found if cost is not None), None)


def used_in(body: bytes) -> Mapping[str, Json] | None:
    """Find the last usage that stands in a body: of JSON, or of events.

    Within a text of JSON each quote stands after a backslash: what a model writes is none.
    """
    for found in reversed(list(_USAGE.finditer(body))):
        text = body[found.end() : found.end() + LONGEST].decode("utf-8", "replace")
        if text_nests(text):
            continue
        try:
            value, _ = _DECODER.raw_decode(text)
        except ValueError:
            continue
        if any(isinstance(value.get(name), int | float) for name in COUNTS):
            return usage.normal(value) if "type" not in value else value
    return None
