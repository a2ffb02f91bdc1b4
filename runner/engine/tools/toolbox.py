"""Toolbox: runs the calls of one round, and tells the model what they came to.

A model writes names and arguments as it likes, so only what the recipe lists is run, and only with
arguments that fit. Whatever goes wrong is an error result, unless the recipe would rather fail.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.engine.tools.aside import aside
from runner.errors import BadReplyError, Fault, HookError, Mark, RecipeError, ToolLoopError
from runner.exchange import Json
from runner.model import Tool, ToolCall, ToolResult
from runner.protocol.json_text import parse

if TYPE_CHECKING:
    from runner.engine.tools.hooks import Hooks

MOST_CALLS = 128
LARGEST = 1024 * 1024
LONGEST_ERROR = 1000
ENDS = (GeneratorExit, KeyboardInterrupt, MemoryError)
"""What ends the runner itself; all else that a hook raises, `sys.exit` too, is its own failure."""
Render = Callable[[Any, Mapping[str, Json]], Any]


class CallRefusedError(Exception):
    """A call that cannot be run as the model wrote it."""


class Toolbox:
    """The tools of one step. `on_error`: "tell" the model of a failure, or "fail" the recipe.

    `warn` gets of what failed what the model is told, and where.
    """

    def __init__(
        self,
        tools: tuple[Tool, ...],
        hooks: Hooks,
        render: Render,
        on_error: str = "tell",
        jobs: int = 8,
    ) -> None:
        self._tools = {tool.name: tool for tool in tools if tool.runs and tool.raw is None}
        self._hooks = hooks
        self._render = render
        self._fails = on_error == "fail"
        self._jobs = jobs
        self.warn: Callable[[Fault], None] | None = None

    def run(self, calls: tuple[ToolCall, ...]) -> tuple[ToolResult, ...]:
        """Run the calls of one round, side by side where there are several; keep their order."""
        if len(calls) > MOST_CALLS:
            msg = f"the model called {len(calls)} tools at once; at most {MOST_CALLS} are run"
            raise ToolLoopError(msg)
        if len(calls) < 2:
            return tuple(self._result(call) for call in calls)
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(min(self._jobs, len(calls)))
        try:
            waiting = [pool.submit(self._result, call) for call in calls]
            results = tuple(one.result() for one in waiting)
        except BaseException as error:
            # What has not begun never does; Ctrl-C does not wait for what has.
            pool.shutdown(wait=not isinstance(error, KeyboardInterrupt), cancel_futures=True)
            raise
        pool.shutdown()
        return results

    def _result(self, call: ToolCall) -> ToolResult:
        arguments: Json = None
        try:
            arguments = _arguments(call.arguments)
            tool = self._checked(call.name, arguments)
            return ToolResult(call, arguments, self._output(tool, arguments))
        except CallRefusedError as error:
            if self._fails:
                msg = f"the model's call of {call.name} cannot be run: {error}"
                raise BadReplyError(
                    msg, hint="on_tool_error: tell lets the model mend it"
                ) from error
            return ToolResult(call, arguments, _told(str(error)), failed=True)
        except ENDS:
            raise
        except BaseException as error:
            failure = self._failure(call.name, error)
            if self._fails:
                place = f"{failure.mark.file}:{failure.mark.line}: " if failure.mark else ""
                msg = f"{place}{failure.message}"
                raise HookError(msg) from error
            if self.warn is not None:
                self.warn(failure._replace(message=f"{failure.message}; the model was told"))
            return ToolResult(call, arguments, _told(_worded(error)), failed=True)

    def _checked(self, name: str, arguments: Json) -> Tool:
        """Find the tool of a call whose arguments fit its schema."""
        from runner.recipe.schema import problems

        tool = self._tools.get(name)
        if tool is None:
            known = ", ".join(self._tools) or "none"
            msg = f"no tool is named {name!r}; there are: {known}"
            raise CallRefusedError(msg)
        wrong = problems(arguments, tool.schema)
        if wrong:
            msg = f"the arguments do not fit: {'; '.join(wrong)}"
            raise CallRefusedError(msg)
        return tool

    def _output(self, tool: Tool, arguments: Mapping[str, Json]) -> str:
        if tool.returns is not None:
            return _text(self._render(tool.returns, {"arguments": arguments}))
        found = self._hooks.find(tool.name)
        if found is None:
            msg = f"the tool {tool.name!r} has no function to run"
            raise HookError(msg)
        from runner.recipe.functions.signature import bind

        try:
            bound = bind(found.function, arguments)
        except ValueError as error:
            msg = f"the arguments do not fit: {error}"
            raise CallRefusedError(msg) from error
        with aside():
            return _text(_finished(found.function(**bound)))

    def _failure(self, name: str, error: BaseException) -> Fault:
        """Say where and why what a tool runs failed."""
        from runner.engine.tools.hooks import line_in, shown

        found = self._hooks.find(name)
        code = getattr(found.function, "__code__", None) if found else None
        line = line_in(error, code.co_filename) if code else None
        mark = Mark(str(shown(Path(code.co_filename))), line, 1) if code and line else None
        return Fault(f"the tool {name} failed: {_worded(error)}", mark, severity="warning")


def _arguments(written: Any) -> dict[str, Json]:
    """Decode the arguments of a call: some servers send an object, or nothing, for the text."""
    try:
        found = parse(written.strip() or "{}") if isinstance(written, str) else written
    except ValueError as error:
        msg = f"the arguments are no JSON: {error}"
        raise CallRefusedError(msg) from error
    if found is None or found == []:
        return {}
    if not isinstance(found, dict):
        msg = "the arguments are no JSON object"
        raise CallRefusedError(msg)
    return found


def _finished(result: Any) -> Any:
    """Wait for what an async function returns."""
    if not isinstance(result, Coroutine):
        return result
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(result)
    # In a notebook this thread has a loop that runs already.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, asyncio.run, result).result()


def _text(result: Any) -> str:
    """Make text of a result: text as it is, all else as JSON."""
    if isinstance(result, str):
        text = str.__str__(result)
    else:
        from runner.recipe.functions.plain import plain

        text = json.dumps(plain(result), ensure_ascii=False, allow_nan=False)
    size = len(text.encode())
    if size > LARGEST:
        msg = f"the result has {size:,} bytes; at most {LARGEST:,} go back to the model"
        raise ValueError(msg)
    return text


def _worded(error: BaseException) -> str:
    if isinstance(error, RecipeError):
        return error.faults[0].message
    return _bounded(f"{type(error).__name__}: {error}")


def _told(message: str) -> str:
    """Make the result that tells the model of an error."""
    text = json.dumps({"error": _bounded(message)}, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()


def _bounded(message: str) -> str:
    return message if len(message) <= LONGEST_ERROR else f"{message[: LONGEST_ERROR - 1]}…"
