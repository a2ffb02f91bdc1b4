"""The calls of one round run side by side, within bounds, and keep their order."""

from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from runner.engine.tools.hooks import Hook, Hooks
from runner.engine.tools.toolbox import MOST_CALLS, Toolbox
from runner.errors import ToolLoopError
from runner.recipe.functions.signature import describe
from tests.engine.tools.test_toolbox import box, call, told, unrendered


def test_async_hooks_are_awaited(capsys):
    assert told("later", {"text": "a"}) == ("a", False)
    assert capsys.readouterr() == ("", "a\n")


def test_async_hooks_are_awaited_where_a_loop_runs_already(capsys):
    async def notebook():
        return told("later", {"text": "a"})

    assert asyncio.run(notebook()) == ("a", False)
    assert capsys.readouterr() == ("", "a\n")


def test_results_keep_the_order_of_the_calls():
    calls = tuple(call("shout", {"text": str(i)}, key=str(i)) for i in range(MOST_CALLS))
    results = box(jobs=3).run(calls)
    assert [result.output for result in results] == [str(i) for i in range(MOST_CALLS)]
    assert [result.call for result in results] == list(calls)


def gathered(size, jobs):
    """Run calls that wait for each other; return whether all met."""
    barrier = threading.Barrier(size)

    def meet() -> bool:
        try:
            barrier.wait(0.5)
        except threading.BrokenBarrierError:
            return False
        return True

    hooks = Hooks({"meet": Hook("meet", meet)}, {})
    toolbox = Toolbox((describe(meet),), hooks, unrendered, jobs=jobs)
    return [result.output for result in toolbox.run((call("meet"),) * size)]


def test_calls_of_one_round_run_side_by_side_up_to_a_limit():
    assert gathered(4, jobs=4) == ["true"] * 4
    assert gathered(4, jobs=3) == ["false"] * 4


def test_a_single_call_runs_in_the_callers_thread():
    seen = contextvars.ContextVar("seen", default=0)

    def look() -> int:
        return seen.get()

    seen.set(7)
    hooks = Hooks({"look": Hook("look", look)}, {})
    toolbox = Toolbox((describe(look),), hooks, unrendered)
    assert [result.output for result in toolbox.run((call("look"),))] == ["7"]
    assert toolbox.run(()) == ()


def test_too_many_calls_at_once_run_none(capsys):
    with pytest.raises(ToolLoopError, match="called 129 tools at once; at most 128"):
        box().run((call("shout", {"text": "a"}),) * (MOST_CALLS + 1))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("on_error", ["tell", "fail"])
@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize(
    ("name", "end"),
    [("stops", KeyboardInterrupt), ("exhausts", MemoryError), ("closes", GeneratorExit)],
)
def test_what_ends_the_runner_passes_a_hook(name, end, rounds, on_error):
    with pytest.raises(end):
        box(on_error=on_error).run((call(name),) * rounds)


@pytest.mark.parametrize("rounds", [1, 3])
def test_what_hooks_print_goes_to_standard_error(capsys, rounds):
    box().run((call("shout", {"text": "a"}),) * rounds)
    print("data")
    assert capsys.readouterr() == ("data\n", "a\n" * rounds)
