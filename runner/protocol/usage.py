"""Usage: tokens found wherever servers put them, under both APIs' names, summed and priced."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from runner.exchange import Json

_PAIRS = (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens"))
_COUNTS = ("total_tokens", *_PAIRS[0], *_PAIRS[1])
_MEASURED = ("duration", "characters")
_MOST = 2**53
"""A count that is no number up to this one is taken for none."""
_DATE = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8})$")


def read(body: Mapping[str, Json]) -> dict[str, Json] | None:
    """Return the usage of a reply, a chunk or an event as the server wrote it; None where none."""
    if type(told := body.get("usage")) is dict and _tells(told):
        return told.copy()
    for holder in _holders(body):
        found = holder.get("usage") if isinstance(holder, Mapping) else None
        if isinstance(found, Mapping) and _tells(found):
            return dict(found)
    return None


def _tells(usage: Mapping[str, Json]) -> bool:
    """Tell whether a usage counts anything."""
    return any(is_count(usage.get(name)) for name in _COUNTS) or usage.get("type") in _MEASURED


def _holders(body: Mapping[str, Json]) -> Iterable[Json]:
    yield body
    yield body.get("x_groq")
    yield body.get("response")
    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        yield choice
        if isinstance(choice, Mapping):
            yield choice.get("delta")
            yield choice.get("message")


def normal(usage: Mapping[str, Json]) -> dict[str, Json]:
    """Keep the server's fields and fill in the totals under the names of both APIs."""
    result = dict(usage)
    counts = [_count(usage, *pair) for pair in _PAIRS]
    total = _count(usage, "total_tokens", "")
    if total is None:
        total = sum(count or 0 for count in counts)
    elif counts[0] is None:
        counts[0] = max(0, total - (counts[1] or 0))
    elif counts[1] is None:
        counts[1] = max(0, total - counts[0])
    result["prompt_tokens"] = result["input_tokens"] = counts[0] or 0
    result["completion_tokens"] = result["output_tokens"] = counts[1] or 0
    result["total_tokens"] = total
    return result


def _count(usage: Mapping[str, Json], name: str, other: str) -> Any:
    found = usage.get(name)
    if is_count(found):
        return found
    found = usage.get(other)
    return found if is_count(found) else None


def _is_number(value: Json) -> bool:
    return type(value) in (int, float) and 0 <= value <= _MOST


def is_count(value: Json) -> TypeGuard[float]:
    """Tell whether a value counts something: a whole number from 0 that is not absurd."""
    if type(value) is int:
        return 0 <= value <= _MOST
    return _is_number(value) and value % 1 == 0


def add(
    first: Mapping[str, Json] | None, second: Mapping[str, Json] | None
) -> dict[str, Json] | None:
    """Sum the usage of two requests, details included; None stands for one that told none."""
    if first is None or second is None:
        only = first if second is None else second
        return None if only is None else dict(only)
    return {name: _sum(first.get(name), second.get(name)) for name in {**first, **second}}


def _sum(first: Json, second: Json) -> Json:
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return add(first, second)
    if _is_number(first) and _is_number(second):
        return first + second
    return first if second is None else second


def cost(usage: Mapping[str, Json] | None, model: str, prices: Mapping[str, Json]) -> float | None:
    """Price a usage in US dollars; None where a price that it needs is not known, never 0."""
    found = price_of(model, prices)
    return None if found is None else priced(usage, found)


def priced(usage: Mapping[str, Json] | None, price: Mapping[str, Json]) -> float | None:
    """Price a usage by a model's own prices."""
    if not usage:
        return None
    price = _at_tier(price, usage.get("service_tier"))
    if _is_number(usage.get("seconds")) and usage.get("type") == "duration":
        return _total([(usage["seconds"], "per_second")], price)
    if usage.get("type") == "characters" and _is_number(usage.get("characters")):
        return _total([(usage["characters"], "per_character")], price)
    if not _tells(usage) or usage.get("type") in _MEASURED:
        return None
    counts = normal(usage)
    longer = price.get("long")
    if isinstance(longer, Mapping) and counts["prompt_tokens"] > longer["above"]:
        price = {**price, **longer}
    return _total([*_told(counts, price), *_given(counts, price)], price)


PLAIN_TIERS = (None, "auto", "default", "standard")


def of_round(used: Mapping[str, Json], body: Mapping[str, Json]) -> dict[str, Json]:
    """Put beside the usage of a reply the service tier that it was answered at, for its price."""
    tier = body.get("service_tier")
    return dict(used) if tier in PLAIN_TIERS else {**used, "service_tier": tier}


def _at_tier(price: Mapping[str, Json], tier: Json) -> Mapping[str, Json]:
    """Return the prices of a service tier; those that it does not name are not known."""
    if tier in PLAIN_TIERS:
        return price
    own = price.get(tier) if isinstance(tier, str) else None
    own = own if isinstance(own, Mapping) else {}
    found = {**dict.fromkeys(price), **own}
    longer = price.get("long")
    if isinstance(longer, Mapping):
        hidden = {**dict.fromkeys(price), **dict.fromkeys(longer), "above": longer["above"]}
        found["long"] = {**hidden, **(own.get("long") or {})}
    return found


Part = tuple[Any, str]
"""How many of what, and the name of its price."""


def _told(counts: Mapping[str, Json], price: Mapping[str, Json]) -> list[Part]:
    """Take input apart. What the cache holds costs as any input where it has no own price."""
    details = _details(counts, "prompt_tokens_details", "input_tokens_details")
    if not any(details.values()):
        return [(counts["prompt_tokens"], "input")]
    parts = [(details.get("cached_tokens", 0), _known(price, "cached_input", "input"))]
    parts.append((details.get("cache_write_tokens", 0), _known(price, "cache_write", "input")))
    parts += [(details.get(f"{kind}_tokens", 0), f"{kind}_input") for kind in _KINDS]
    rest = counts["prompt_tokens"] - sum(count for count, _ in parts)
    return [*parts, (rest, "input")]


def _given(counts: Mapping[str, Json], price: Mapping[str, Json]) -> list[Part]:
    """Take output apart. A model that has a price for images alone makes nothing else."""
    details = _details(counts, "completion_tokens_details", "output_tokens_details")
    if not any(details.values()):
        return [(counts["completion_tokens"], _known(price, "output", "image_output"))]
    parts = [(details.get(f"{kind}_tokens", 0), f"{kind}_output") for kind in _KINDS]
    rest = counts["completion_tokens"] - sum(count for count, _ in parts)
    return [*parts, (rest, _known(price, "output", "image_output"))]


_KINDS = ("audio", "image")


def _known(price: Mapping[str, Json], name: str, other: str) -> str:
    return name if name in price else other


def price_of(model: str, prices: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """Return a model's prices; those of its family where a dated one has none of its own."""
    models = prices.get("models", {})
    if model in models:
        return models[model]  # type: ignore[no-any-return]
    return None if model.startswith("ft:") else models.get(_DATE.sub("", model))


def _details(usage: Mapping[str, Json], *names: str) -> dict[str, Any]:
    for name in names:
        found = usage.get(name)
        if isinstance(found, dict):
            return {key: count for key, count in found.items() if _is_number(count)}
    return {}


def _total(parts: list[Part], price: Mapping[str, Json]) -> float | None:
    total = price.get("per_request") or 0.0
    for count, name in parts:
        if count <= 0:
            continue
        if not _is_number(price.get(name)):
            return None
        total += count * price[name]
    return float(total)


def money(cost: float) -> str:
    """Show US dollars: two figures of what is less than a cent."""
    if cost <= 0:
        return "$0"
    if cost >= 0.01:
        return f"${cost:,.2f}" if cost >= 1 else f"${cost:.4f}"
    places = next(n for n in range(3, 400) if cost * 10**n >= 1) + 1
    return f"${cost:.{places}f}"
