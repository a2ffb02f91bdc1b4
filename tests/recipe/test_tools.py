"""The short forms of `tools` and `tool_choice` have one normal form."""

from __future__ import annotations

import pytest

from runner.errors import Mark, RecipeSchemaError, UnknownNameError
from runner.model import Fixed, Ref, Tool
from runner.recipe.normal import guarded
from runner.recipe.source import parse
from runner.recipe.tools import choice, normal, to_tools

STRING = {"type": "string"}
ZONE = {
    "type": "object",
    "properties": {"zone": STRING},
    "additionalProperties": False,
    "required": ["zone"],
}
EMPTY = {"type": "object", "properties": {}, "additionalProperties": False}
WEATHER = Tool("get_weather", "How warm it is.", {"type": "object", "title": "hook"}, runs=True)


def lookup(name):
    return WEATHER if name == "get_weather" else None


def made(*tree):
    return to_tools(list(tree), lookup)


def test_a_name_is_a_registered_function():
    assert made("get_weather") == (WEATHER,)


def test_a_tool_of_the_recipe_has_a_schema_of_its_names():
    item = {"name": "get_time", "description": "The time.", "parameters": {"zone": STRING}}
    assert made(item) == (Tool("get_time", "The time.", ZONE),)


def test_a_tool_that_returns_something_runs_and_needs_no_function():
    (tool,) = made({"name": "get_weather", "returns": "12:00 in {{ arguments.zone }}"})
    assert tool == Tool(
        "get_weather", "", EMPTY, runs=True, returns="12:00 in {{ arguments.zone }}"
    )


def test_a_tool_may_return_null():
    (tool,) = made({"name": "a", "returns": None})
    assert (tool.runs, tool.returns) == (True, "null")


def test_a_mapping_whose_name_is_registered_runs_the_function():
    (tool,) = made({"name": "get_weather", "strict": True})
    assert tool == WEATHER._replace(strict=True)
    (tool,) = made({"name": "get_weather", "description": "Mine.", "parameters": {"zone": STRING}})
    assert tool == Tool("get_weather", "Mine.", ZONE, runs=True)


@pytest.mark.parametrize(
    ("parameters", "schema"),
    [
        ({}, EMPTY),
        (ZONE, ZONE),
        ({"properties": {"zone": STRING}}, {"type": "object", "properties": {"zone": STRING}}),
        ({"type": "object"}, {"type": "object"}),
        (
            {"$ref": "#/$defs/a", "$defs": {"a": {}}},
            {"type": "object", "$ref": "#/$defs/a", "$defs": {"a": {}}},
        ),
        (
            {"type": STRING, "properties": {"type": "array"}},
            {
                "type": "object",
                "properties": {"type": STRING, "properties": {"type": "array"}},
                "additionalProperties": False,
                "required": ["type", "properties"],
            },
        ),
    ],
)
def test_parameters_are_a_schema_or_names(parameters, schema):
    (tool,) = made({"name": "a", "parameters": parameters})
    assert tool.schema == schema
    assert not tool.runs


@pytest.mark.parametrize(
    "form",
    [
        {"type": "function", "function": {"name": "a", "parameters": ZONE, "strict": True}},
        {"type": "function", "name": "a", "parameters": ZONE, "strict": True},
    ],
)
def test_both_of_the_apis_forms_of_a_function_are_taken(form):
    assert made(form) == (Tool("a", "", ZONE, strict=True),)
    (tool,) = made({**form, "returns": "b"})
    assert (tool.returns, tool.runs) == ("b", True)


def test_the_apis_own_tools_stay_as_they_are():
    search = {"type": "web_search", "filters": {"allowed_domains": ["a.example"]}}
    assert made(search, search) == (Tool("web_search", raw=search),) * 2


def test_what_kept_a_value_from_being_rendered_is_taken_off():
    item = {"name": "a", "parameters": Fixed({"zone": STRING}), "returns": Fixed("{{ arguments }}")}
    (tool,) = made(item)
    assert (tool.schema, tool.returns) == (ZONE, "{{ arguments }}")


def test_templates_are_let_pass_before_rendering():
    ref = Ref("file", "a.json", Mark("a", 1, 1))
    item = {"name": "{{ name }}", "parameters": Fixed(ref), "strict": "{{ strict }}"}
    forms, faults = normal([item, "{{ name }}x"])
    assert not faults
    assert forms[0].schema == ref
    assert normal("{{ tools }}") == ((), ())


BROKEN = """\
- get weather
- {name: a, parameter: {}}
- {name: b, parameters: {zone: string}}
- {name: c, parameters: {type: array}}
- {name: c, strict: 1}
- {description: no name}
- 7
- {type: function, function: {description: x}}
- {name: d, parameters: [zone], description: {}}
"""


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        ("{zone: {type: text}}", "a.yaml:1:39: type: expected one of array, boolean"),
        ("{zone: {pattern: '[a-'}}", "a.yaml:1:42: pattern: expected a regular expression"),
        ("{type: object, required: zone}", "a.yaml:1:50: required: expected a list"),
        ("{$ref: 'https://a.b/c'}", "a.yaml:1:32: $ref: expected a reference within the schema"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(parameters, fault):
    tree = guarded(parse(f"- {{name: a, parameters: {parameters}}}", "a.yaml"))
    with pytest.raises(RecipeSchemaError) as caught:
        to_tools(tree, lookup)
    assert str(caught.value).startswith(fault)


def test_every_fault_is_told_where_it_stands():
    tree = parse(BROKEN, "a.yaml")
    with pytest.raises(RecipeSchemaError) as caught:
        to_tools(tree, lookup)
    told = [str(fault).replace("\n  hint", " |") for fault in caught.value.faults]
    assert told == [
        "a.yaml:1:3: tools.0: 'get weather' is no tool name |: letters, digits, _ and -,"
        " at most 64",
        "a.yaml:2:24: tools.1.parameter: a tool has no 'parameter' |: did you mean 'parameters'?",
        "a.yaml:3:32: tools.2.parameters.zone: expected the schema of an argument, got 'string'"
        " |: write zone: {type: string}",
        "a.yaml:4:32: tools.3.parameters.type: expected the schema of an object, got type 'array'"
        " |: arguments have names: {type: object, properties: {…}}",
        "a.yaml:5:3: tools.4: two tools have the name 'c'",
        "a.yaml:5:21: tools.4.strict: expected true or false, got 1",
        "a.yaml:6:3: tools.5: expected a tool, got a mapping |: write the name of a registered"
        " function, or {name, description, parameters}",
        "a.yaml:7:3: tools.6: expected a tool, got 7 |: write the name of a registered"
        " function, or {name, description, parameters}",
        "a.yaml:8:3: tools.7: a tool needs a name |: letters, digits, _ and -, at most 64",
        "a.yaml:9:25: tools.8.parameters: expected a mapping, got a list",
        "a.yaml:9:46: tools.8.description: expected text, got a mapping",
    ]


def test_marks_come_from_the_written_tree_once_it_was_rendered():
    written = parse("- {name: '{{ a }}'}\n", "a.yaml")
    (fault,) = normal([{"name": "a b"}], written).faults
    assert str(fault).startswith("a.yaml:1:")


@pytest.mark.parametrize(("tree", "kind"), [("get_weather", "'get_weather'"), (None, "null")])
def test_tools_are_a_list(tree, kind):
    with pytest.raises(RecipeSchemaError, match=f"expected a list of tools, got {kind}"):
        to_tools(tree, lookup)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("get_weather", "add"), "did you mean 'get_weather'?; "),
        (("add", "subtract"), "there are add, subtract; "),
        ((), ""),
    ],
)
def test_a_name_that_nothing_is_registered_under_is_an_error(names, told):
    tree = parse("[get_wether]", "a.yaml")
    with pytest.raises(UnknownNameError) as caught:
        to_tools(tree, lookup, names=lambda: names)
    assert str(caught.value) == (
        "a.yaml:1:2: tools.0: no function is registered as 'get_wether'\n"
        f"  hint: {told}functions come from `hooks: [hooks.py]` in runner.yaml, or --hooks FILE"
    )


def test_a_function_that_lacks_the_mark_is_named_where_it_stands():
    tree = parse("[roll]", "a.yaml")
    with pytest.raises(UnknownNameError) as caught:
        to_tools(tree, lookup, names=lambda: ["rolls"], unmarked=lambda _: "h.py:3")
    assert str(caught.value) == (
        "a.yaml:1:2: tools.0: h.py:3 has roll, without @hook: it is not registered\n"
        "  hint: write @hook above it, after `from runner import hook`"
    )


OWN = (
    Tool("a"),
    Tool("web_search", raw={"type": "web_search"}),
    Tool("flat", raw={"type": "custom", "name": "flat"}),
    Tool("deep", raw={"type": "custom", "custom": {"name": "deep"}}),
)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, None),
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ("a", {"name": "a"}),
        ({"name": "a"}, {"name": "a"}),
        ({"type": "function", "function": {"name": "a"}}, {"name": "a"}),
        ({"type": "function", "name": "a"}, {"name": "a"}),
        ("web_search", {"type": "web_search"}),
        ("flat", {"type": "custom", "name": "flat"}),
        ("deep", {"type": "custom", "custom": {"name": "deep"}}),
        ({"type": "allowed_tools", "mode": "auto"}, {"type": "allowed_tools", "mode": "auto"}),
    ],
)
def test_a_tool_choice_has_a_normal_form(value, found):
    assert choice(value, OWN) == found


@pytest.mark.parametrize("value", ["b", {"type": "function", "function": {"name": "b"}}])
def test_a_tool_choice_names_one_of_the_tools(value):
    with pytest.raises(UnknownNameError) as caught:
        choice(value, OWN[:2], Mark("a.yaml", 3, 1))
    assert str(caught.value) == (
        "a.yaml:3:1: tool_choice: no tool of this step has the name 'b'\n"
        "  hint: there are a, web_search"
    )
    assert choice(value) == {"name": "b"}


def test_a_tool_choice_is_text_or_a_mapping():
    with pytest.raises(RecipeSchemaError, match="expected auto, none, required or a tool's name"):
        choice(7, OWN)
