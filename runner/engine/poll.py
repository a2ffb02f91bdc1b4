"""Poll: asks the object's own retrieve call until the recipe is content, or gives up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine.context import parts, with_reply
from runner.engine.drive import Performer, drive
from runner.engine.plan_step import StepPlan
from runner.errors import JobFailedError, PollTimeoutError, RecipeError
from runner.model import Answer, Ask, Fixed, Pause
from runner.protocol import endpoints
from runner.protocol.flow import joined
from runner.recipe import template
from runner.recipe.ask import seconds

RETRIEVES = {"responses": "responses.retrieve", "responses.retrieve": "responses.retrieve"}
SLOWEST = 60.0
GROWTH = 1.5


def polled(
    step: StepPlan, asked: Ask, answer: Answer, performer: Performer, context: Mapping[str, Any]
) -> Answer:
    """Return the answer that ends the step's `poll`; the first one where it has none."""
    written = step.keys.get("poll")
    if written is None:
        return answer
    every = seconds(template.render(written.get("every", "2s"), context))
    left = seconds(template.render(written.get("timeout", "10m"), context))
    again = _again(asked, answer)
    while True:
        scope = with_reply(context, parts(answer))
        if _holds(written, "fail_if", scope):
            message = f"the job failed: {_status(answer)}"
            raise JobFailedError(message)
        if _holds(written, "until", scope):
            return answer
        if left <= 0:
            message = f"the job did not end in time: {_status(answer)}"
            raise PollTimeoutError(message, hint="raise poll.timeout")
        wait = min(every, left)
        performer(Pause(wait))
        left -= wait
        every = min(every * GROWTH, max(SLOWEST, every))
        answer = joined(answer, drive(endpoints.find(again.endpoint).flow(again), performer))


def _again(asked: Ask, answer: Answer) -> Ask:
    """Make what asks for the object again."""
    if asked.endpoint == "raw":
        return asked
    identity = answer.json.get("id") if isinstance(answer.json, dict) else None
    if asked.endpoint not in RETRIEVES or not identity:
        message = f"{asked.endpoint} gives nothing that can be polled"
        raise RecipeError(message)
    return Ask(
        RETRIEVES[asked.endpoint],
        id=str(identity),
        headers=asked.headers,
        timeout=asked.timeout,
        retries=asked.retries,
        run_id=asked.run_id,
    )


def _holds(written: Mapping[str, Any], key: str, scope: Mapping[str, Any]) -> bool:
    if key not in written:
        return False
    value = written[key]
    text = value.value if isinstance(value, Fixed) else value
    return template.truth(str(text), scope, f"poll.{key}", None)


def _status(answer: Answer) -> str:
    body = answer.json if isinstance(answer.json, dict) else {}
    return str(body.get("error") or body.get("status") or answer.status)
