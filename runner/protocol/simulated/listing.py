"""Listing: kept objects by kind, page by page, as the service lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from runner.exchange import Json, Request
from runner.protocol.simulated.service import Refusal, RefusedError, World


def kept(world: World, kind: str) -> list[Json]:
    """Return the kept objects of a kind, the newest first."""
    start = f"{kind}:"
    return [value for name, value in reversed(world.store.items()) if name.startswith(start)]


def query(request: Request) -> dict[str, str]:
    """Return the fields of a request's query; of several of one name, the last."""
    return dict(request.query)


def page(
    rows: Sequence[Mapping[str, Json]], asked: Mapping[str, str], most: tuple[int, int]
) -> Json:
    """Cut a page out of a list, after `after`; `most` is how many it has as a rule, and at most."""
    usual, highest = most
    limit = _limit(asked.get("limit"), usual, highest)
    ids = [row["id"] for row in rows]
    after = asked.get("after", "")
    if after and after not in ids:
        message = f"No object found with id '{after}' to begin after."
        raise RefusedError(Refusal(message, "after", "invalid_value"))
    start = ids.index(after) + 1 if after else 0
    found = list(rows[start : start + limit])
    return {
        "object": "list",
        "data": found,
        "first_id": found[0]["id"] if found else "",
        "last_id": found[-1]["id"] if found else "",
        "has_more": start + limit < len(rows),
    }


def _limit(text: str | None, usual: int, highest: int) -> int:
    if text is None:
        return usual
    if text.isdecimal() and 1 <= int(text) <= highest:
        return int(text)
    message = f"Invalid 'limit': expected an integer from 1 to {highest}, but got '{text}'."
    raise RefusedError(Refusal(message, "limit", "invalid_value"))


def segment(request: Request, place: int) -> str:
    """Return a step of a request's path, counted from 0."""
    steps = request.path.partition("?")[0].strip("/").split("/")
    return unquote(steps[place]) if place < len(steps) else ""
