"""Ceiling: the highest that a request can cost, worked out before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from runner.exchange import Json, JsonBody, Multipart, Request, Spool
from runner.protocol import counting, reckoning, sounds, tariff
from runner.protocol.counting import Count
from runner.protocol.tariff import Unknown
from runner.record import Record

Seconds = Callable[[Spool], float | None]
"""Tells how long a sound on disk lasts."""
PICTURE_TOKENS = 6_240
"""The tokens of the largest and best picture of the models that `KNOWN_PICTURES` begin."""
KNOWN_PICTURES = ("gpt-image-1", "chatgpt-image-latest")
PARTIAL_TOKENS = 100
COUNTLESS = "bound the run by --max-requests in place of --max-cost"
ROUTES = {
    f"/{name.replace('.', '/')}": name
    for name in (
        *("chat.completions", "responses", "completions", "embeddings", "moderations"),
        *("images.generations", "images.edits", "audio.speech", "audio.transcriptions"),
        "audio.translations",
    )
}
"""The endpoint that a `raw` call asks, by its path."""


class Ceiling(Record):
    """At most so many tokens in and out, so many US dollars; None where nothing bounds them.

    `why` says what is not known then, `hint` the way out.
    """

    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = 0.0
    why: str = ""
    hint: str = ""


class Bill(Record):
    """What a request asks for: its fields, its model's row of prices, its files.

    It is `likely` where what is asked is reckoned, without the answers, and no bound is wanted.
    """

    model: str
    body: Mapping[str, Json]
    price: Mapping[str, Json]
    files: tuple[tuple[int, float | None], ...] = ()
    likely: bool = False

    def counted(self, value: Json) -> Count:
        """Count the tokens of a part of the body."""
        return reckoning.count(value, self.model) if self.likely else counting.count(value)

    def longest(self, asked: int, field: str) -> int:
        """Return the most tokens of an answer; a `field` of the body may say it."""
        return 0 if self.likely else tariff.longest(self.model, asked, self.price, field)


def ceiling(
    request: Request,
    names: Iterable[str],
    prices: Mapping[str, Json],
    seconds: Seconds,
    *,
    likely: bool = False,
) -> Ceiling:
    """Work out the ceiling of a request; of a model with several names, that of the dearest.

    Where it is `likely`, work out what is likely to be read of it, and what that costs.
    """
    endpoint = _endpoint(request)
    if endpoint in tariff.FREE:
        return Ceiling()
    body = _body(request)
    bill = Bill("", body, {}, _files(request, seconds), likely)
    each = _names(body, request, names)
    found = [_of(endpoint, bill._replace(model=name), prices) for name in each]
    known = [one for one in found if one.cost is not None]
    return max(known, key=lambda one: one.cost or 0.0) if known else found[0]


def session(
    model: str, fields: Mapping[str, Json], items: tuple[Json, ...], heard: int = 0
) -> Request:
    """Stand for a response that a realtime session is asked for, of which `heard` tokens came."""
    body = {"session": fields, "items": list(items), "heard": heard}
    return Request("GET", "/realtime", "realtime", JsonBody(body), model=model)


def _endpoint(request: Request) -> str:
    if request.endpoint != "raw":
        return request.endpoint
    if request.method in tariff.READING:
        return "models"
    return ROUTES.get(request.path.removeprefix("/v1"), "raw")


def _body(request: Request) -> dict[str, Json]:
    body = request.body
    if isinstance(body, JsonBody) and isinstance(body.value, dict):
        return body.value
    if isinstance(body, Multipart):
        return {p.name: _field(p.body) for p in body.parts if not p.file_name}
    return {}


def _field(body: Json) -> Json:
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _names(body: Mapping[str, Json], request: Request, names: Iterable[str]) -> list[str]:
    """List the names that a model may be priced by: a field of the body goes before all."""
    told = body.get("model")
    if isinstance(told, str) and told and told != request.model:
        return [told]
    return list(dict.fromkeys([*names, request.model]))


def _of(endpoint: str, bill: Bill, prices: Mapping[str, Json]) -> Ceiling:
    try:
        how = KINDS.get(endpoint)
        if how is None:
            message = f"what a call of {endpoint} costs is not known"
            raise Unknown(message, COUNTLESS)
        row = tariff.row(bill.model, bill.body, prices)
        return how(bill._replace(price=row))
    except Unknown as unknown:
        return Ceiling(cost=None, why=unknown.why, hint=unknown.hint)


def _files(request: Request, seconds: Seconds) -> tuple[tuple[int, float | None], ...]:
    """Measure the files of a form: their bytes, and their seconds where they are sounds."""
    parts = request.body.parts if isinstance(request.body, Multipart) else ()
    return tuple(
        (sounds.size_of(part.body), _seconds(part.body, seconds))
        for part in parts
        if part.file_name
    )


def _seconds(body: bytes | Spool, seconds: Seconds) -> float | None:
    if isinstance(body, Spool):
        return seconds(body)
    found = sounds.look(sounds.reader(body), len(body))
    return found.seconds if found else None


def _spoken(bill: Bill) -> Ceiling:
    """Bound a conversation: its text, its pictures and sounds, its longest answer."""
    body, price = bill.body, bill.price
    tariff.refuse_unpriced(bill.model, body, price)
    asked = _whole(body, "max_completion_tokens", "max_output_tokens", "max_tokens")
    longest = bill.longest(asked, "max_completion_tokens or max_output_tokens")
    given = counting.count(body["prediction"]).text if body.get("prediction") else 0
    times = _whole(body, "n") or 1
    rate = "audio_output" if "audio" in (body.get("modalities") or ()) else ""
    return _priced(bill, bill.counted(body), (longest + given) * times, rate)


def _session(bill: Bill) -> Ceiling:
    """Bound one response of a session: all that was said and heard may be read anew."""
    fields = bill.body["session"]
    tariff.refuse_unpriced(bill.model, fields, bill.price)
    transcribed = (fields.get("audio") or {}).get("input") or {}
    if isinstance(transcribed, Mapping) and transcribed.get("transcription"):
        message = "what the transcription of a session's input costs is not known"
        raise Unknown(message, f"leave audio.input.transcription out, or {COUNTLESS}")
    asked = _whole(fields, "max_output_tokens")
    longest = bill.longest(asked, "max_output_tokens")
    found = bill.counted(fields).plus(bill.counted(bill.body["items"]))
    rate = "" if fields.get("output_modalities") == ["text"] else "audio_output"
    heard = Count(sound=bill.body["heard"]) if rate else Count(bill.body["heard"])
    return _priced(bill, found.plus(heard), longest, rate)


def _completed(bill: Bill) -> Ceiling:
    body = bill.body
    prompt = body.get("prompt")
    listed = prompt if isinstance(prompt, list) else []
    several = len(listed) if listed and not isinstance(listed[0], int) else 1
    times = max(_whole(body, "n") or 1, _whole(body, "best_of") or 1)
    longest = (_whole(body, "max_tokens") or 16) * times * several
    return _priced(bill, bill.counted(body), longest)


def _embedded(bill: Bill) -> Ceiling:
    return _priced(bill._replace(price={**bill.price, "output": 0.0}), bill.counted(bill.body), 0)


def _drawn(bill: Bill) -> Ceiling:
    """Bound pictures: by the price of one where there is one, else by the tokens of one."""
    body, price = bill.body, bill.price
    times = _whole(body, "n") or 1
    if "per_image" in price:
        return Ceiling(cost=times * float(price["per_image"]))
    known = bill.model.startswith(KNOWN_PICTURES)
    most = _whole(price, "max_output") or (PICTURE_TOKENS if known else 0)
    if not most and not bill.likely:
        message = f"how many tokens a picture of {bill.model} has at most is not known"
        raise Unknown(
            message,
            f"add its `max_output` or `per_image` under prices in runner.yaml, or {COUNTLESS}",
        )
    most += PARTIAL_TOKENS * (_whole(body, "partial_images") or 0)
    found = bill.counted(body)
    pictures = found.pictures + len(bill.files) * (reckoning.FILE if bill.likely else 1)
    return _priced(
        bill, found._replace(pictures=pictures, open=False), most * times, "image_output"
    )


def _voiced(bill: Bill) -> Ceiling:
    """Bound speech: by its letters, else by its seconds, at most one for a letter."""
    text = str(bill.body.get("input") or "")
    if "per_character" in bill.price:
        return Ceiling(len(text), 0, len(text) * float(bill.price["per_character"]))
    speed = bill.body.get("speed")
    slow = min(1.0, speed) if isinstance(speed, int | float) and speed > 0 else 1.0
    lasts = (len(text) + 1) / slow
    if "per_second" in bill.price:
        return Ceiling(len(text), 0, lasts * float(bill.price["per_second"]))
    longest = int(lasts * counting.TOKENS_A_SECOND)
    return _priced(bill, bill.counted(bill.body), longest, "audio_output")


def _heard(bill: Bill) -> Ceiling:
    """Bound a transcript: by the seconds of its sound, else by their tokens."""
    lasts = sum(counting.seconds(told, size) for size, told in bill.files)
    by_time = lasts * float(bill.price["per_second"]) if "per_second" in bill.price else None
    if "output" not in bill.price and by_time is not None:
        return Ceiling(cost=by_time)
    tokens = sum(counting.sound(told, size) for size, told in bill.files)
    longest = max(_whole(bill.price, "max_output") or 0, tokens)
    heard = Count(sound=tokens // 2 if bill.likely else tokens)
    found = _priced(bill, bill.counted(bill.body).plus(heard), longest)
    return found._replace(cost=max(found.cost or 0.0, by_time or 0.0))


def _priced(bill: Bill, found: Count, longest: int, kind: str = "") -> Ceiling:
    """Price the most tokens in, and the most out of this kind; of what is likely no answer."""
    costly = "gpt-4o-mini" in bill.model
    picture = counting.COSTLY_PICTURE if costly else counting.PICTURE
    pictures = found.pictures * (1 if bill.likely else picture)
    longest = 0 if bill.likely else longest
    whole = found.text + pictures + found.sound
    most = _whole(bill.price, "max_input")
    if found.open and not most:
        message = f"how much {bill.model} reads of what the request names is not known"
        raise Unknown(message, f"add its `max_input` under prices in runner.yaml, or {COUNTLESS}")
    whole = most if most and found.open else whole
    rates = tariff.Rates(bill.model, tariff.lengthened(bill.price, whole), bill.body)
    cost = found.text * rates.text
    cost += pictures * rates.given("image_input") if pictures else 0.0
    cost += found.sound * rates.given("audio_input") if found.sound else 0.0
    if found.open:
        cost = max(cost, whole * rates.highest)
    cost += longest * rates.made(kind) if longest else 0.0
    return Ceiling(whole, longest, cost + float(bill.price.get("per_request") or 0.0))


def _whole(fields: Mapping[str, Json], *names: str) -> int:
    """Read the first of these fields that is a whole number above 0."""
    found = (fields.get(name) for name in names)
    return next((n for n in found if isinstance(n, int) and not isinstance(n, bool) and n > 0), 0)


"""The model that is asked where the request names none."""
KINDS: Mapping[str, Callable[[Bill], Ceiling]] = {
    "chat.completions": _spoken,
    "responses": _spoken,
    "completions": _completed,
    "embeddings": _embedded,
    "images.generations": _drawn,
    "images.edits": _drawn,
    "audio.speech": _voiced,
    "audio.transcriptions": _heard,
    "audio.translations": _heard,
    "realtime": _session,
}
"""How the cost of an endpoint is bounded."""
