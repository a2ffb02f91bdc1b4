"""Tariff: the row of prices that a request falls under, and the highest rate of each kind."""

from __future__ import annotations

from collections.abc import Mapping

from runner.exchange import Json
from runner.protocol import usage
from runner.record import Record

PLAIN_TIERS = (None, "auto", "default", "standard", "scale", "flex", "batch")
"""Tiers that cost no more than the plain price."""
OWN_TOOLS = ("function", "custom")
"""The types of tools that cost nothing by themselves."""
KEPT = ("prompt_cache_retention", "prompt_cache_options")
"""Fields that may double the price of what is put into the cache."""
FREE = frozenset(
    (
        *("models", "models.retrieve", "responses.retrieve", "responses.cancel"),
        *("responses.delete", "files", "files.list", "files.retrieve", "files.content"),
        *("files.delete", "fine_tuning.jobs.list", "fine_tuning.jobs.retrieve"),
        *("fine_tuning.jobs.events", "fine_tuning.jobs.cancel", "fine-tunes.list"),
        *("fine-tunes.retrieve", "batches.list", "batches.retrieve", "batches.cancel"),
        "moderations",
    )
)
"""The endpoints that cost nothing."""
READING = ("GET", "HEAD", "DELETE")
"""The methods of a `raw` call that costs nothing."""
ADD = "add it under `prices` in runner.yaml, or bound the run by --max-requests"


class Unknown(Exception):  # noqa: N818  no error: what is told of a request
    """What a request may cost at most is not known: why, and the way out."""

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


def row(model: str, body: Mapping[str, Json], prices: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the prices of a model, at the tier that a request asks for."""
    found = usage.price_of(model, prices)
    if found is None:
        named = f"the price of {model} is not known" if model else "no model is named"
        raise Unknown(named, ADD)
    tier = body.get("service_tier")
    if isinstance(found.get(str(tier)), Mapping):
        return {**found, **found[str(tier)]} if tier not in PLAIN_TIERS else found
    if tier not in PLAIN_TIERS:
        message = f"the price of {model} at the service_tier {tier} is not known"
        raise Unknown(message, "leave service_tier out, or bound the run by --max-requests")
    return found


def longest(model: str, asked: int, price: Mapping[str, Json], field: str) -> int:
    """Return the most tokens of an answer: as asked, else as the model gives."""
    found = asked or price.get("max_output")
    if isinstance(found, int) and found > 0:
        return found
    message = f"how long an answer of {model} can be is not known"
    raise Unknown(message, f"set {field} under params, or add `max_output` under `prices`")


def refuse_unpriced(model: str, body: Mapping[str, Json], price: Mapping[str, Json]) -> None:
    """Refuse what is paid for beside the tokens, unless the price of a request is known."""
    for tool in body.get("tools") or ():
        kind = tool.get("type") if isinstance(tool, Mapping) else None
        if kind not in OWN_TOOLS:
            message = f"what the tool {kind} costs is not known"
            raise Unknown(message, "leave it out, or bound the run by --max-requests")
    searches = body.get("web_search_options") is not None or "search" in model
    if searches and "per_request" not in price:
        message = f"what a search of {model} costs is not known"
        raise Unknown(
            message, "add `per_request` to its prices, or bound the run by --max-requests"
        )


def lengthened(price: Mapping[str, Json], tokens: int) -> Mapping[str, Json]:
    """Return the prices that hold for so many tokens of input."""
    longer = price.get("long")
    if isinstance(longer, Mapping) and tokens > longer["above"]:
        return {**price, **longer}
    return price


LIMITS = ("max_input", "max_output", "above")
"""The numbers of a row that are no prices."""
TIERS = ("batch", "flex", "priority")


def batched(models: Mapping[str, Json]) -> dict[str, Json]:
    """Return the prices of batches: those that are known, of all else the half.

    Half the price is what OpenAI and Azure ask for whatever is answered in batches.
    """
    return {name: _batched(price) for name, price in models.items()}


def _batched(price: Mapping[str, Json]) -> dict[str, Json]:
    plain = {name: value for name, value in price.items() if name not in TIERS}
    found = {**_halved(plain), **(price.get("batch") or {})}
    return {**found, "batch": found}


def _halved(price: Mapping[str, Json]) -> dict[str, Json]:
    return {name: _half(name, value) for name, value in price.items()}


def _half(name: str, value: Json) -> Json:
    if isinstance(value, Mapping):
        return _halved(value)
    known = isinstance(value, int | float) and name not in LIMITS
    return value / 2 if known else value


class Rates(Record):
    """The highest US dollars a token, by kind."""

    model: str
    price: Mapping[str, Json]
    body: Mapping[str, Json]

    @property
    def text(self) -> float:
        """A token of text that is read; what goes into a cache may cost more than what does not."""
        if "input" not in self.price:
            message = f"the price of what {self.model} reads is not known"
            raise Unknown(message, ADD)
        times = 2 if any(self.body.get(name) for name in KEPT) else 1
        written = float(self.price.get("cache_write") or 0.0) * times
        return max(float(self.price["input"]), written)

    def given(self, kind: str) -> float:
        """A token of this kind that is read."""
        return max(self.text, float(self.price.get(kind) or 0.0))

    @property
    def highest(self) -> float:
        """A token of whatever kind that is read."""
        return max(self.given("audio_input"), self.given("image_input"))

    def made(self, kind: str) -> float:
        """A token of the answer; of this kind where it may be of any other."""
        names = [name for name in ("output", kind) if name in self.price]
        if not names or (kind and kind not in self.price):
            message = f"the price of what {self.model} answers is not known"
            raise Unknown(message, ADD)
        return max(float(self.price[name]) for name in names)
