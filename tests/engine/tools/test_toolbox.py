"""Only what the recipe lists is run, with arguments that fit; the model is told what failed."""

from __future__ import annotations

import asyncio
import enum
import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runner.engine.tools.hooks import Hook, Hooks, shown
from runner.engine.tools.toolbox import LARGEST, Toolbox
from runner.errors import BadReplyError, Fault, HookError, RecipeTemplateError
from runner.model import Tool, ToolCall
from runner.recipe.functions.signature import describe


class Unit(enum.Enum):
    METRE = "m"


@dataclass
class Length:
    value: float
    unit: Unit


def measure(of: Length, times: int = 1) -> Length:
    return Length(of.value * times, of.unit)


def fails(why: str = "no luck"):
    raise ValueError(why)


def nothing(**rest: Any):
    return rest or None


def leaves():
    sys.exit(3)


def stops():
    raise KeyboardInterrupt


def exhausts():
    raise MemoryError


def closes():
    raise GeneratorExit


async def cancels():
    raise asyncio.CancelledError


def odd():
    return object()


def endless():
    return float("nan")


def big(size: int) -> str:
    return "é" * size


def broken():
    return "\ud800"


def shout(text: str) -> str:
    print(text)
    return text


def on(day: date) -> str:
    return day.strftime("%A")


async def later(text: str) -> str:
    await asyncio.sleep(0)
    print(text)
    return text


ALL = (
    *(measure, fails, nothing, leaves, stops, exhausts, closes, cancels),
    *(odd, endless, big, broken, shout, on, later),
)
HOOKS = Hooks({one.__name__: Hook(one.__name__, one) for one in ALL}, {})
TOOLS = tuple(describe(one) for one in ALL)


def unrendered(tree, context):
    raise AssertionError


def box(*more, render=unrendered, **options):
    return Toolbox(TOOLS + more, HOOKS, render, **options)


def call(name, arguments: Any = "{}", key="1"):
    return ToolCall(key, name, arguments if isinstance(arguments, str) else json.dumps(arguments))


def told(name, arguments: Any = "{}", **options):
    (result,) = box(**options).run((call(name, arguments),))
    return result.output, result.failed


def error(name, arguments: Any = "{}", **options):
    output, failed = told(name, arguments, **options)
    assert failed
    assert list(json.loads(output)) == ["error"]
    return json.loads(output)["error"]


def test_a_hook_gets_what_its_hints_name_and_its_result_goes_back_as_json():
    asked = call("measure", {"of": {"value": 2, "unit": "m"}, "times": 2})
    (result,) = box().run((asked,))
    assert result.call == asked
    assert result.arguments == {"of": {"value": 2, "unit": "m"}, "times": 2}
    assert (result.output, result.failed) == ('{"value": 4.0, "unit": "m"}', False)


def test_text_goes_back_as_it_is_and_nothing_as_null():
    assert told("shout", {"text": 'Bogotá "x"'}) == ('Bogotá "x"', False)
    assert told("nothing") == ("null", False)


@pytest.mark.parametrize("arguments", ["", " \n", "{}", "null", "[]", None, {}])
def test_no_arguments_may_be_told_in_many_ways(arguments):
    (result,) = box().run((ToolCall("1", "nothing", arguments),))
    assert (result.output, result.arguments) == ("null", {})


def test_an_object_in_place_of_its_text_is_taken():
    (result,) = box().run((ToolCall("1", "nothing", {"a": 1}),))  # type: ignore[arg-type]
    assert (result.output, result.arguments) == ('{"a": 1}', {"a": 1})


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("nothing", '{"a": 1', "the arguments are no JSON: it breaks off after 7 characters"),
        ("nothing", "{'a': 1}", "the arguments are no JSON: it is wrong at line 1, column 2"),
        ("nothing", '{"a": NaN}', "the arguments are no JSON: it holds NaN"),
        ("nothing", "[" * 100_000, "the arguments are no JSON: it "),
        ("nothing", "[1]", "the arguments are no JSON object"),
        ("nothing", '"a"', "the arguments are no JSON object"),
        ("nothing", "0", "the arguments are no JSON object"),
        ("shout", {"text": 5}, "the arguments do not fit: text: "),
        ("shout", {"text": "a", "more": 1}, "the arguments do not fit: "),
        ("shout", "", "the arguments do not fit: "),
        ("measure", {"of": {"value": 1, "unit": "ft"}}, "the arguments do not fit: of.unit: "),
        ("on", {"day": "2026-02-31"}, "the arguments do not fit: day: "),
        ("nowhere", "{}", "no tool is named 'nowhere'; there are: measure, fails, nothing"),
        ("fails", "{}", "ValueError: no luck"),
        ("leaves", "{}", "SystemExit: 3"),
        ("cancels", "{}", "CancelledError: "),
        ("odd", "{}", "TypeError: JSON has nothing for a value of the type object"),
        ("endless", "{}", "ValueError: Out of range float values are not JSON compliant"),
        ("broken", "{}", "UnicodeEncodeError: "),
    ],
)
def test_what_goes_wrong_is_told_to_the_model(name, arguments, message):
    assert error(name, arguments).startswith(message)


def test_a_call_with_bad_arguments_runs_nothing(capsys):
    error("shout", {"text": "a", "more": 1})
    error("shout", {"text": 5})
    assert capsys.readouterr() == ("", "")


def test_a_result_is_bounded_in_bytes():
    assert told("big", {"size": LARGEST // 2})[1] is False
    too_big = f"the result has {LARGEST + 2:,} bytes; at most {LARGEST:,} go back to the model"
    assert error("big", {"size": LARGEST // 2 + 1}) == f"ValueError: {too_big}"


def test_an_error_is_bounded_and_can_be_sent():
    assert len(error("fails", {"why": "x" * 5000})) == 1000
    output, _ = told("fails", '{"why": "\\ud800"}')
    assert output.encode() == b'{"error": "ValueError: ?"}'


def test_arguments_are_kept_where_the_call_failed():
    (result,) = box().run((call("fails", {"why": "a"}),))
    assert result.arguments == {"why": "a"}
    (result,) = box().run((call("fails", "{"),))
    assert result.arguments is None


def test_a_tool_that_the_recipe_does_not_list_is_not_run():
    toolbox = Toolbox(TOOLS[:1], HOOKS, unrendered)
    (result,) = toolbox.run((call("shout", {"text": "a"}),))
    assert result.failed
    assert result.output == '{"error": "no tool is named \'shout\'; there are: measure"}'


def test_a_tool_that_does_not_run_or_is_the_apis_own_is_not_run():
    tools = (describe(nothing)._replace(runs=False), Tool("later", raw={"type": "later"}))
    toolbox = Toolbox(tools, HOOKS, unrendered)
    assert [result.output for result in toolbox.run((call("nothing"), call("later")))] == [
        '{"error": "no tool is named \'nothing\'; there are: none"}',
        '{"error": "no tool is named \'later\'; there are: none"}',
    ]


def test_what_a_tool_returns_is_rendered_with_the_arguments():
    def render(tree, context):
        return {"tree": tree, **context}

    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    tool = Tool("canned", schema=schema, runs=True, returns={"x": "{{ arguments.a }}"})
    (result,) = box(tool, render=render).run((call("canned", {"a": 1}),))
    assert json.loads(result.output) == {"tree": {"x": "{{ arguments.a }}"}, "arguments": {"a": 1}}
    (result,) = box(tool, render=render).run((call("canned", {"a": "b"}),))
    assert result.failed


def test_a_template_that_fails_is_told_in_one_line():
    def render(tree, context):
        raise RecipeTemplateError.of(Fault("'zone' is undefined", hint="declare it"))

    tool = Tool("canned", runs=True, returns="{{ arguments.zone }}")
    (result,) = box(tool, render=render).run((call("canned"),))
    assert (result.output, result.failed) == ('{"error": "\'zone\' is undefined"}', True)


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_recipe_may_rather_fail_with_the_line_of_the_hook(rounds):
    with pytest.raises(HookError) as caught:
        box(on_error="fail").run((call("fails"),) * rounds)
    line = fails.__code__.co_firstlineno + 1
    told = f"{shown(Path(__file__))}:{line}: the tool fails failed: ValueError: no luck"
    assert str(caught.value) == told
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_result_that_cannot_go_back_may_fail_the_recipe():
    with pytest.raises(HookError, match=r"^the tool odd failed: TypeError: JSON has nothing"):
        box(on_error="fail").run((call("odd"),))


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("shout", "{", "the model's call of shout cannot be run: the arguments are no JSON"),
        ("nowhere", "{}", "the model's call of nowhere cannot be run: no tool is named 'nowhere'"),
    ],
)
def test_a_call_that_cannot_be_run_may_fail_the_recipe_by_the_models_fault(
    name, arguments, message
):
    with pytest.raises(BadReplyError, match=message):
        box(on_error="fail").run((call(name, arguments),))
