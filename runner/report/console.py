"""The console: results as lines for people.

All that a model or a server said is escaped, but for `data`, which is the answer itself. Colour
comes from outside: `style(text, kind)`, where kind is passed, missed, failed or quiet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TypeAlias

from runner.errors import Fault, RunnerError, faults_of
from runner.model import Answer, ToolResult
from runner.protocol.usage import money
from runner.protocol.wire import printable
from runner.report.encoding import Hide, compact, unchanged
from runner.report.faults import hidden
from runner.report.totals import Group, Totals, of_run, state_of, totals
from runner.results import Check, RunResult, StepResult

Style: TypeAlias = Callable[[str, str], str]
Lines: TypeAlias = Callable[[str, int], str]
"""Gives the line of a file that has this number, or ""."""

_WORDS = {"passed": "ok", "missed": "missed", "failed": "failed"}
_LONGEST = 4_000
_BRIEF = 200


def plain(text: str, kind: str) -> str:  # noqa: ARG001  the face of Style
    """Show without colour."""
    return text


def no_lines(file: str, number: int) -> str:  # noqa: ARG001  the face of Lines
    """Know no file."""
    return ""


def summary(results: Iterable[RunResult], style: Style = plain) -> str:
    """Say in one line what the runs came to: requests, attempts, tokens, cost."""
    return summary_of(totals(results), style)


def summary_of(whole: Totals, style: Style = plain) -> str:
    """Say in one line what totals are."""
    counts = {state: getattr(whole, state) for state in ("passed", "missed", "failed")}
    states = [style(f"{count:,} {state}", state) for state, count in counts.items() if count]
    misses = f"{whole.tolerated:,} miss{'es' * (whole.tolerated > 1)} tolerated"
    tolerated = [style(misses, "quiet")] if whole.tolerated else []
    return " · ".join([*(states or ["nothing ran"]), *tolerated, *figures(whole)])


def figures(whole: Totals) -> list[str]:
    """Say what was sent, and what it cost."""
    tokens = f"{whole.input_tokens:,} + {whole.output_tokens:,} tokens"
    return [
        _count(whole.requests, "request"),
        _count(whole.attempts, "attempt"),
        tokens if whole.measured or not whole.requests else "tokens unknown",
        _cost(whole),
    ]


def _cost(whole: Totals) -> str:
    if not whole.unpriced:
        return money(whole.cost)
    return f"at least {money(whole.cost)}, some prices unknown" if whole.cost else "cost unknown"


def repeats(missed: Iterable[tuple[str, Group]], style: Style = plain) -> str:
    """Say of each case that missed how many of its runs passed, and how many had to."""
    return "\n".join(
        style(f"{printable(case)}: {group.passed} of {group.repeats} passed", "missed")
        + f", {group.passes} had to"
        for case, group in missed
    )


def line(result: RunResult, style: Style = plain, *, timed: bool = True) -> str:
    """Show a run as one line: what it came to, how long it took if `timed`, what it wrote."""
    state, whole = state_of(result), of_run(result)
    took = sum(step.answer.latency for step in result.steps if step.answer)
    tokens = whole.input_tokens + whole.output_tokens
    written = [printable(file.path) for step in result.steps for file in step.files]
    cells = [
        style(f"{_WORDS[state]:<6}", state),
        printable(named(result.recipe, result.run_id)),
        f"{took:.1f} s" if timed else "",
        f"{tokens:,} tokens" if whole.measured else "",
        written[0] if written else "",
        f"(and {len(written) - 1} more)" if len(written) > 1 else "",
    ]
    return "  ".join(filter(None, cells))


def named(recipe: str, run_id: str) -> str:
    """Name a run by its recipe, and its cell, row or repeat where it is one of several."""
    starts = [place for place in map(run_id.find, "[#") if place >= 0]
    return recipe + (run_id[min(starts) :] if starts else "")


def files(result: RunResult, style: Style = plain) -> str:
    """Say what a run wrote, a line each."""
    return _files(result, "wrote", style, failed=False)


def kept(result: RunResult, style: Style = plain) -> str:
    """Say where a reply that failed is kept to be looked at, a line each."""
    return _files(result, "the reply is kept in", style, failed=True)


def _files(result: RunResult, words: str, style: Style, *, failed: bool) -> str:
    written = [file for step in result.steps for file in step.files]
    mine = [file for file in written if (file.part == "failed") == failed]
    rows = [f"{words} {printable(file.path)} ({size(file.size)})" for file in mine]
    return "\n".join(style(row, "quiet") for row in rows)


def size(count: int) -> str:
    """Show a number of bytes."""
    amount, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"


def data(result: RunResult) -> str | None:
    """Return the answer of a run, exactly: its last text, else its last JSON.

    The JSON that holds pictures and sounds is no answer: they are files.
    """
    answers = [step.answer for step in result.steps if _has_data(step)]
    told = [answer for answer in reversed(answers) if answer is not None]
    text = next((answer.text for answer in told if answer.text is not None), None)
    if text is not None:
        return text
    values = (answer.json for answer in told if not answer.artifacts)
    value = next((value for value in values if value is not None), None)
    return None if value is None else json.dumps(value, indent=2, ensure_ascii=False)


def _has_data(step: StepResult) -> bool:
    return step.state in ("passed", "missed") and not step.final


def problems(
    result: RunResult,
    lines: Lines = no_lines,
    style: Style = plain,
    hide: Hide = unchanged,
) -> str:
    """Say what a run missed and where it failed; "" where it did neither.

    `hide` masks secrets, before anything is covered or cut.
    """
    told = []
    for step in result.steps:
        misses = [
            missed(
                check, lines(check.mark.file, check.mark.line) if check.mark else "", style, hide
            )
            for check in step.checks
            if not check.passed
        ]
        told += [*misses, *_whereabouts(step, style)] if misses else []
        if step.error is not None:
            told.append(failure(step, style, hide, lines))
    return hide("\n".join([*told, *_ending(result, style)]))


def _whereabouts(step: StepResult, style: Style) -> list[str]:
    """Say where the reply lies that was missed."""
    paths = [printable(file.path) for file in step.files if file.part != "failed"]
    more = f" (and {len(paths) - 3} more)" if len(paths) > 3 else ""
    return [style(f"  the reply: {', '.join(paths[:3])}{more}", "quiet")] if paths else []


def _ending(result: RunResult, style: Style) -> list[str]:
    """Say what the `finally` steps did after a failure."""
    finals = [step for step in result.steps if step.final]
    if not finals or all(step.state in ("passed", "skipped") for step in result.steps):
        return []
    done = " · ".join(dict.fromkeys(f"{step.step} {step.state}" for step in finals))
    return [style(printable(f"finally: {done}"), "quiet")]


def missed(check: Check, source: str = "", style: Style = plain, hide: Hide = unchanged) -> str:
    """Say what was expected, what was found, and where in the recipe it stands."""
    fault = Fault(_bounded(hide(check.message)), check.mark, check.name, source=hide(source))
    first, *rest = printable(str(fault)).split("\n")
    return "\n".join([style(first, "missed"), *rest])


def failure(
    step: StepResult, style: Style = plain, hide: Hide = unchanged, lines: Lines = no_lines
) -> str:
    """Say why a step failed, where in the recipe if one place is to blame, and the way out."""
    error = step.error
    ours = "" if isinstance(error, RunnerError) else f"a fault of ours: {type(error).__name__}: "
    label = f"{step.run_id or step.step}: " if step.run_id or step.step else ""
    faults = (_quoted(fault, lines) for fault in faults_of(error))
    said = "\n".join(str(hidden(fault, hide)) for fault in faults) or hide(f"{ours}{error}")
    first, *rest = printable(_bounded(said)).split("\n")
    return "\n".join([style(f"{printable(label)}{first}", "failed"), *rest])


def _quoted(fault: Fault, lines: Lines) -> Fault:
    if fault.mark is None or fault.source:
        return fault
    return fault._replace(source=lines(fault.mark.file, fault.mark.line))


def _bounded(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def details(results: Iterable[RunResult], style: Style = plain, hide: Hide = unchanged) -> str:
    """Tell more of every step: status, model, request, times and cost, and each call of a tool."""
    rows = [row for result in results for step in result.steps for row in _detailed(step, hide)]
    return "\n".join(style(row, "quiet") for row in rows)


def _detailed(step: StepResult, hide: Hide) -> list[str]:
    calls = step.answer.tool_calls if step.answer else ()
    return [*(_call(step, call, hide) for call in calls), hide(_detail(step))]


def _call(step: StepResult, called: ToolResult, hide: Hide) -> str:
    """Show what a tool was called with, and what it gave, on one line."""
    given = called.call.arguments if called.arguments is None else called.arguments
    asked = hide(given) if isinstance(given, str) else compact(given, hide)
    verb = "failed:" if called.failed else "gave"
    gave = "was not run" if called.output is None else f"{verb} {_brief(hide(called.output))}"
    name = step.run_id or step.step
    return printable(f"{name}: tool {hide(called.call.name)} {_brief(asked)} {gave}")


def _brief(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _BRIEF else f"{text[: _BRIEF - 1]}…"


def _detail(step: StepResult) -> str:
    checks = f"{sum(check.passed for check in step.checks)} of {len(step.checks)} checks hold"
    cells = [
        f"{step.run_id or step.step}: {step.state}",
        *(_told(step.answer) if step.answer else []),
        checks if step.checks else "",
    ]
    return printable(" · ".join(filter(None, cells)))


def _told(answer: Answer) -> list[str]:
    return [
        f"status {answer.status}" if answer.status else "",
        answer.model,
        f"request {answer.request_id}" if answer.request_id else "",
        f"{answer.latency:.2f} s",
        f"first text after {answer.ttft:.2f} s" if answer.ttft is not None else "",
        f"finish_reason {answer.finish_reason}" if answer.finish_reason else "",
        _count(answer.attempts, "attempt"),
        "cost unknown" if answer.cost is None else money(answer.cost),
    ]


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
