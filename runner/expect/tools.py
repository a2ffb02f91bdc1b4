"""Tool checks: the calls that a model made, and the sources that it named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runner.expect import documents, text, values
from runner.expect.wording import joined, misused, shown

Call = Mapping[str, Any]


def tool_calls(actual: Sequence[Call], expected: Any) -> str | None:
    """The calls were made in this order; others may stand between, and an empty list means none."""
    if not isinstance(expected, list | tuple):
        raise misused(expected, "tool_calls", "a list of calls")
    if not expected:
        return f"expected no calls, got {_told(actual)}" if actual else None
    place = 0
    for wanted in expected:
        found = next((i for i in range(place, len(actual)) if not _call(actual[i], wanted)), None)
        if found is None:
            return _unmet(wanted, actual[place:], actual[:place][-1:])
        place = found + 1
    return None


def _call(call: Call, wanted: Any) -> str | None:
    """Judge one call; arguments that are not named are not checked."""
    if not isinstance(wanted, Mapping):
        return values.judge(call["name"], wanted, text.CHECKS)
    return joined(_part(call, str(part), expected) for part, expected in wanted.items())


def _part(call: Call, part: str, expected: Any) -> str | None:
    match part:
        case "name":
            return values.judge(call["name"], expected, text.CHECKS)
        case "arguments":
            return documents.document(call.get("arguments"), expected)
        case "result":
            told = values.judge(call.get("result"), expected, values.VALUES)
            return f"result: {told}" if told else None
    raise misused(part, "tool_calls", "name, arguments or result")


def _unmet(wanted: Any, left: Sequence[Call], before: Sequence[Call]) -> str:
    """Say why no call fits; of those that bear the name, why the nearest does not."""
    name = wanted.get("name") if isinstance(wanted, Mapping) else wanted
    after = f" after {_told(before)}" if before else ""
    called = f"a call of {name if isinstance(name, str) else shown(name)}"
    called = "such a call" if name is None else called
    near = [_call(call, wanted) for call in left if name in (None, call["name"])]
    if near:
        made = "the one made differs" if len(near) == 1 else f"of {len(near)}, the first differs"
        return f"expected {called}{after}, {made}: {near[0]}"
    return f"expected {called}{after}, got {_told(left)}{' after it' * bool(before and not left)}"


def _told(calls: Sequence[Call]) -> str:
    if not calls:
        return "none"
    told = [f"{call['name']}({shown(call.get('arguments'))})" for call in calls[:5]]
    return ", ".join(told) + (f" and {len(calls) - 5} more" if len(calls) > 5 else "")


def citations(actual: Sequence[Mapping[str, Any]], expected: Any) -> str | None:
    """So many citations, `min` (1, or 0 where `max` is named) to `max`, are as told."""
    if not isinstance(expected, Mapping):
        return values.equals(actual, expected)
    wanted = {key: expected[key] for key in ("url", "title") if key in expected}
    fitting = [cited for cited in actual if _cited(cited, wanted)]
    least = expected.get("min", 0 if "max" in expected else 1)
    most = expected.get("max", len(actual))
    if not values.at_least(len(fitting), least) and not values.at_most(len(fitting), most):
        return None
    count = f"{least} to {most}" if "max" in expected else f"at least {least}"
    such = f" with {shown(wanted)}" if wanted else ""
    found = shown([cited.get("url") for cited in actual])
    return f"expected {count} citations{such}, got {len(fitting)} of {len(actual)}: {found}"


def _cited(cited: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return not any(
        values.judge(cited.get(key) or "", value, text.CHECKS) for key, value in wanted.items()
    )
