"""Responses that were kept: shown again, cancelled, forgotten, and what they were asked."""

from __future__ import annotations

from collections.abc import Mapping

from runner.exchange import Json, Request
from runner.protocol.simulated import listing
from runner.protocol.simulated.responses import unfinished
from runner.protocol.simulated.service import (
    Refusal,
    RefusedError,
    Simulated,
    World,
    answer,
    digest,
)

ITEMS = (20, 100)


def _kept(request: Request, world: World) -> dict[str, Json]:
    name = listing.segment(request, 1)
    kept: dict[str, Json] | None = world.store.get(f"responses/{name}")
    if kept is None:
        raise RefusedError(Refusal(f"Response with id '{name}' not found.", None, None, 404))
    return kept


def simulate_retrieve(request: Request, world: World) -> Simulated:
    """Show a kept response; one made in the background is in progress once before it is done."""
    kept = _kept(request, world)
    kept["polls"] += 1
    if kept["later"] and kept["polls"] == 1:
        return answer(unfinished(kept["response"], "in_progress"))
    kept["later"] = False
    return answer(kept["response"])


def simulate_cancel(request: Request, world: World) -> Simulated:
    """Cancel a response that is made in the background."""
    kept = _kept(request, world)
    if not kept["response"]["background"]:
        raise RefusedError(Refusal("Cannot cancel a synchronous response.", "response_id"))
    if kept["later"]:
        kept["response"] = unfinished(kept["response"], "cancelled")
        kept["later"] = False
    return answer(kept["response"])


def simulate_delete(request: Request, world: World) -> Simulated:
    """Forget a kept response."""
    name = _kept(request, world)["response"]["id"]
    del world.store[f"responses/{name}"]
    return answer({"id": name, "object": "response", "deleted": True})


def simulate_input_items(request: Request, world: World) -> Simulated:
    """List what a kept response was asked, its earlier turns too, the newest first."""
    kept, asked = _kept(request, world), listing.query(request)
    name = kept["response"]["id"]
    items = enumerate(kept["items"][: kept["given"]])
    rows = [_item(item, f"offline_{digest(name, place)}") for place, item in items]
    rows = rows if asked.get("order") == "asc" else rows[::-1]
    return answer(listing.page(rows, asked, ITEMS))


def _item(item: Mapping[str, Json], identity: str) -> dict[str, Json]:
    """Show an item in full: short forms are written out."""
    if "role" not in item or item.get("type", "message") != "message":
        return {"id": f"item_{identity}", "status": "completed", **item}
    content = item.get("content")
    kind = "output_text" if item["role"] == "assistant" else "input_text"
    parts = [{"type": kind, "text": content}] if isinstance(content, str) else content
    head = {"id": f"msg_{identity}", "type": "message", "status": "completed"}
    return {**head, **item, "content": parts}
