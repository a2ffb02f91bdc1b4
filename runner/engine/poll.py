"""Poll: asks the object's own retrieve call until the recipe is content, or gives up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runner.engine.clock import spoken
from runner.engine.context import parts, with_reply
from runner.engine.drive import Performer, drive
from runner.engine.plan_step import RETRIEVES, StepPlan
from runner.errors import Fault, JobFailedError, PollTimeoutError, RecipeError
from runner.model import Answer, Ask, Conversation, Pause
from runner.protocol import endpoints
from runner.protocol.wire import excerpt
from runner.recipe import template
from runner.recipe.ask import seconds
from runner.recipe.source import mark_of, unfixed

FIRST = 2.0
SLOWEST = 60.0
GROWTH = 1.5
LARGEST = 8
"""A wait that begins with the recipe's `every` grows to so many times that."""
PATIENCE = 600.0
BRIEFEST = 0.05
"""No server is asked more often than after so many seconds, whatever `every` says."""
HANGING = 30.0
"""An answer is waited for so long, however little time is left."""
LONG = 5.0
"""Of a poll that is over in fewer seconds nothing is told."""
SLACK = 0.5
"""A wait that ends a little early counts as whole."""
TOLD = (10.0, 60.0)
"""A state that lasts is told again after as long as it has lasted, within these seconds."""


class Progress:
    """Tells of a job that takes long: each state it comes to, and now and then that it goes on."""

    def __init__(self, name: str, performer: Performer, tell: Callable[[str], None]) -> None:
        self._name = name
        self._clock = performer.clock
        self._said = performer.said
        self._tell = tell
        self._begin = performer.clock()
        self._due = 0.0
        self._state = ""

    def seen(self, answer: Answer) -> None:
        """Tell what a job came to, where it is time to."""
        passed, state = self._clock() - self._begin, _state(answer)
        if passed < LONG or (state == self._state and passed + SLACK < self._due):
            return
        self._tell(f"{self._name}: {state}, {self._said(passed)}")
        self._state, self._due = state, passed + min(max(passed, TOLD[0]), TOLD[1])


def polled(  # noqa: PLR0913, PLR0917  a step, its first answer, and who performs and hears
    step: StepPlan,
    asked: Ask,
    answer: Answer,
    performer: Performer,
    context: Mapping[str, Any],
    tell: Callable[[str], None],
) -> Iterator[Answer]:
    """Yield the first answer and each that follows, until one ends the step's `poll`.

    The waits begin with `every`, and grow.
    """
    written = step.keys["poll"]
    progress = Progress(asked.run_id, performer, tell)
    yield answer
    every = _duration(step, "every", FIRST, context)
    slowest = max(every, min(every * LARGEST, SLOWEST) if "every" in written else SLOWEST)
    patience = _duration(step, "timeout", PATIENCE, context)
    end = performer.clock() + patience
    while not _is_done(written, answer, with_reply(context, parts(answer))):
        left = end - performer.clock()
        if left <= 0:
            message = f"the job did not end within {spoken(patience)}: {_status(answer)}"
            raise PollTimeoutError(message, hint="raise poll.timeout")
        performer(Pause(min(every, left)))
        every = min(every * GROWTH, slowest)
        again = _again(asked, answer, end - performer.clock())
        found = drive(endpoints.find(again.endpoint).flow(again), performer)
        answer = _followed(answer, found)
        progress.seen(answer)
        yield answer


def _duration(step: StepPlan, key: str, default: float, context: Mapping[str, Any]) -> float:
    try:
        value = template.render(step.keys["poll"].get(key, default), context)
        return max(seconds(value), BRIEFEST)
    except ValueError as error:
        mark = mark_of(step.keys, ("poll", key))
        raise RecipeError.of(Fault(str(error), mark, f"poll.{key}")) from error


def _is_done(written: Mapping[str, Any], answer: Answer, scope: Mapping[str, Any]) -> bool:
    if _holds(written, "fail_if", scope):
        message = f"the job failed: {_status(answer)}"
        raise JobFailedError(message)
    return _holds(written, "until", scope)


def _again(asked: Ask, answer: Answer, left: float) -> Ask:
    """Make what asks for the object again, and does not wait long where little time is left."""
    total = min(asked.timeout.total, max(left, HANGING))
    asked = asked._replace(timeout=asked.timeout._replace(total=total))
    if asked.endpoint == "raw":
        return asked
    identity = answer.json.get("id") if isinstance(answer.json, dict) else None
    if not identity:
        message = f"the reply has no id to ask for again: {excerpt(answer.json)}"
        raise JobFailedError(message)
    return Ask(
        RETRIEVES[asked.endpoint],
        id=str(identity),
        headers=asked.headers,
        timeout=asked.timeout,
        retries=asked.retries,
        refusals=asked.refusals,
        accepts=asked.accepts,
        run_id=asked.run_id,
    )


def _followed(past: Answer, answer: Answer) -> Answer:
    """Count what was sent; the tokens are those of the same object, and count once."""
    return answer._replace(
        latency=past.latency + answer.latency,
        requests=past.requests + answer.requests,
        attempts=past.attempts + answer.attempts,
        ttft=past.ttft,
        conversation=_continued(past, answer),
    )


def _continued(past: Answer, answer: Answer) -> Conversation | None:
    """Put what the object has come to in the place of what it was in the conversation."""
    talk = past.conversation
    if talk is None or not isinstance(answer.json, dict) or "output" not in answer.json:
        return talk
    before = len(past.json.get("output") or ())
    items = talk.items[: len(talk.items) - before]
    messages = talk.messages[:-1] if before else talk.messages
    said = {"role": "assistant", "content": answer.text}
    return talk._replace(items=(*items, *(answer.json["output"] or ())), messages=(*messages, said))


def _holds(written: Mapping[str, Any], key: str, scope: Mapping[str, Any]) -> bool:
    if key not in written:
        return False
    text = str(unfixed(written[key]))
    return template.truth(text, scope, f"poll.{key}", written.marks[key][1])  # type: ignore[attr-defined]


def _status(answer: Answer) -> str:
    """Say how a job stands, and why it failed where it says so."""
    body = answer.json if isinstance(answer.json, dict) else {}
    why = body.get("error") or body.get("errors") or body.get("status_details")
    status = body.get("status")
    told = f"its status is {excerpt(status)}" if status else f"the last reply was {answer.status}"
    return f"{told}: {_reason(why)}" if why else told


def _reason(why: Any) -> str:
    """Word an error of a job; of the errors of a batch, the first few."""
    rows = why.get("data") if isinstance(why, dict) else None
    if isinstance(rows, list):
        return "; ".join(_reason(row) for row in rows[:3])
    if not isinstance(why, dict) or not isinstance(why.get("message"), str):
        return excerpt(why, 400)
    line = f"line {why['line']}: " if isinstance(why.get("line"), int) else ""
    code = f" ({why['code']})" if isinstance(why.get("code"), str) else ""
    return f"{line}{excerpt(why['message'], 400)}{code}"


def _state(answer: Answer) -> str:
    body = answer.json if isinstance(answer.json, dict) else {}
    return excerpt(body.get("status") or "waiting", 60).strip("'")
