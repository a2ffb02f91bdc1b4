"""Whole: a reply that brings no whole answer is refused, unless it was asked for."""

from __future__ import annotations

from runner.errors import BadReplyError
from runner.exchange import Reply, Request
from runner.transport.redirect import REDIRECTS, host_of

PARTIAL = 206
LESS = {"range", "if-none-match", "if-modified-since"}
"""The headers that ask for a part, or for nothing where nothing is new."""


def check_whole(reply: Reply, request: Request, url: str) -> None:
    """Refuse what is neither an error, nor a redirect, nor a whole answer."""
    status = reply.status
    if status >= 400 or status in REDIRECTS or (status < 300 and status != PARTIAL):
        return
    if status in request.accepts or LESS & {name.lower() for name, _ in request.headers}:
        return
    text = f"{host_of(url)}: answered {status}, which brings no whole answer"
    raise BadReplyError(text, hint="check the provider's base_url, and any proxy before it")
