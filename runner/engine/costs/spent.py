"""Spent: what the replies of a step used that came to no answer."""

from __future__ import annotations

from runner.engine.costs.pricing import cost
from runner.engine.prepare import Plan
from runner.errors import BadReplyError
from runner.exchange import Reply
from runner.model import Answer, Ask
from runner.protocol.endpoint import answer_of, value_of
from runner.protocol.flow import joined


def spent(plan: Plan, asked: Ask, replies: list[Reply]) -> Answer | None:
    """Add up what replies used, and what that cost; None where none says so."""
    whole: Answer | None = None
    for reply in replies:
        whole = joined(whole, _read(reply))
    if whole is None or not whole.usage:
        return None
    return whole._replace(json=None, body=b"", cost=cost(plan, asked, whole))


def _read(reply: Reply) -> Answer:
    try:
        return answer_of(reply, value_of(reply))
    except BadReplyError:
        return answer_of(reply, None)
