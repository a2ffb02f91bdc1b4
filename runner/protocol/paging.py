"""Paging: a list that comes in pages, read to its end as if it had come in one."""

from __future__ import annotations

import json
from collections.abc import Callable

from runner.errors import BadReplyError
from runner.exchange import Json, Reply
from runner.model import Answer, Ask, Flow
from runner.protocol import flow
from runner.protocol.endpoint import Parts, answer_of, lacking, query_of, request, value_of

PAGES = 1_000
"""More pages than this are a fault of the server, or a list that no recipe should read."""

Told = Callable[[Json], str]
"""Gives the line that a row of the list is, in the answer's text."""


def identity(row: Json) -> str:
    """Return the id of a row, or ""."""
    found = row.get("id") if isinstance(row, dict) else row
    return str(found or "")


def read_all(ask: Ask, path: str, told: Told = identity) -> Flow:
    """Ask for a list, and for each page that follows; `params.limit` is the size of a page."""
    query = {**ask.params, **ask.extra}
    whole: Answer | None = None
    pages: list[dict[str, Json]] = []
    seen: set[str] = set()
    for place in range(PAGES):
        asked = request(ask, Parts("GET", path, query=query_of(query)))
        reply = yield from flow.send(flow.numbered(asked, place))
        value = value_of(reply)
        answer = answer_of(reply, value)
        whole = flow.joined(whole, answer)
        if reply.accepted:
            return whole
        pages.append(_page(value))
        after = _after(pages[-1])
        if not after:
            return _ended(whole, pages, reply, told)
        if after in seen:
            msg = f"the list repeats itself after {after!r}: the server does not heed `after`"
            raise BadReplyError(msg, hint="ask for one page of it with `endpoint: raw`")
        seen.add(after)
        query["after"] = after
    msg = f"the list has more than {PAGES:,} pages"
    raise BadReplyError(msg, hint="raise params.limit: it is the size of a page")


def _page(value: Json) -> dict[str, Json]:
    """Return a page; some servers send the bare list of its rows."""
    page = {"object": "list", "data": value} if isinstance(value, list) else value
    if isinstance(page, dict) and isinstance(page.get("data"), list):
        return page
    raise lacking(value, "list")


def _after(page: dict[str, Json]) -> str:
    """Name the row after which the next page begins, "" where there is none."""
    if page.get("has_more") is not True:
        return ""
    last = identity(page["data"][-1]) if page["data"] else ""
    after = str(page.get("last_id") or last)
    if after:
        return after
    msg = "the list says that it has more, and not after which id"
    raise BadReplyError(msg)


def _ended(answer: Answer, pages: list[dict[str, Json]], reply: Reply, told: Told) -> Answer:
    """Put the pages together; what came in one page stays as it came."""
    first, last = pages[0], pages[-1]
    rows = [row for page in pages for row in page["data"]]
    value = {**last, "data": rows}
    if "first_id" in first:
        value["first_id"] = first["first_id"]
    body = reply.body if len(pages) == 1 else json.dumps(value, ensure_ascii=False).encode()
    text = "\n".join(line for row in rows if (line := told(row)))
    return answer._replace(json=value, body=body, text=text, texts=(text,))
