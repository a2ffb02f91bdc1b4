"""Redirects: followed by hand within their origin, refused beyond it, so that no key travels."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

from runner.errors import BadReplyError
from runner.exchange import Reply, Request

Headers = tuple[tuple[str, str], ...]

REDIRECTS = (301, 302, 303, 307, 308)
USUAL_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port; nothing where the URL is none."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or USUAL_PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None


@lru_cache(maxsize=256)
def host_of(url: str) -> str:
    """Name the host for people: with its port only where that is not the usual one."""
    scheme, host, port = origin_of(url)
    return host if port == USUAL_PORTS.get(scheme) else f"{host}:{port}"


def next_address(
    reply: Reply, request: Request, url: str, authorize: Callable[[], Headers]
) -> str | None:
    """Return where to ask again, None where this is the answer; refuse to go elsewhere."""
    if reply.status not in REDIRECTS or reply.status in request.accepts:
        return None
    target = _joined(url, reply.headers.get("location", ""))
    may_repeat = request.method == "GET" or reply.status in (307, 308)
    if may_repeat and target != url and origin_of(target) == origin_of(url):
        return target
    where = f"to {origin_of(target)[0]}://{host_of(target)}"
    if "location" not in reply.headers:
        where = "without saying where to"
    text = f"{host_of(url)}: answered {reply.status}, a redirect {ascii(where)[1:-1]}"
    hint = "set base_url to where the service really is"
    raise BadReplyError(_without_key(text, authorize()), hint=hint)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _without_key(text: str, headers: Headers) -> str:
    """Mask what a server may have echoed of the key."""
    words = [word for _, value in headers for word in value.split() if len(word) >= 8]
    # A short key is looked for where it is told as one alone.
    words += [f"{name}{sign}{value}" for name, value in headers for sign in (": ", ":", "=")]
    words += [form(value) for _, value in headers if " " in value for form in (str, quote)]
    keys = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.sub(keys, "***", text, flags=re.IGNORECASE) if keys else text
