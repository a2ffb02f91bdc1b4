"""Expectations judged as a whole: names, marks, what is missing, and the opposite."""

from collections.abc import Mapping
from typing import Any

import pytest

from runner.errors import Mark, RecipeError
from runner.expect import OTHERS, PARTS, described, faults, judge, label
from runner.model import Fixed
from runner.recipe.source import parse

CHAT = {"type": "object", "properties": {"temperature": {"type": "number"}}}
REPLY: Mapping[str, Any] = {
    "text": "Two canals and a bridge.",
    "json": {"data": [{"id": "a", "n": 5}]},
    "parsed": None,
    "headers": {"Content-Length": "5", "x-request-id": "req_1"},
    "status": 200,
    "usage": {"total_tokens": 111},
    "latency": 0.4,
    "ttft": None,
    "cost": None,
    "attempts": 1,
    "finish_reason": "stop",
    "model": "gpt-4.1-2025-04-14",
    "tool_calls": [],
    "citations": [],
}


def one(expectation, reply=REPLY, **options):
    (check,) = judge([expectation], reply, **options)
    return check


@pytest.mark.parametrize(
    "expectation",
    [
        {"text": {"contains": "canal", "starts_with": "Two", "min_length": 5}},
        {"text": "Two canals and a bridge."},
        {"json": {"data.0.id": "a", "data.0.n": {"between": [5, 6]}, "x": {"exists": False}}},
        {"headers": {"content-length": 5, "X-Request-ID": {"starts_with": "req"}}},
        {"headers": {"content-length": {"at_most": 5}}},
        {"status": 200},
        {"status": {"less_than": 300}},
        {"usage": {"total_tokens": {"at_most": 111}}},
        {"latency": {"greater_than": 0.39, "less_than": 0.41}},
        {"attempts": 1.0},
        {"finish_reason": "stop"},
        {"model": {"matches": "^gpt-4[.]1"}},
        {"tool_calls": []},
        {"cost": None},
        {"ttft": {"equals": None}},
        {"not": {"text": {"contains": "tram"}}},
        {"not": {"not": {"text": {"contains": "canal"}}}},
    ],
)
def test_what_holds_passes_without_a_word(expectation):
    check = one(expectation)
    assert (check.passed, check.message) == (True, "")


@pytest.mark.parametrize(
    ("expectation", "name", "message"),
    [
        (
            {"text": {"contains": "tram"}},
            "text contains",
            "expected text containing 'tram', got 'Two canals and a bridge.'",
        ),
        ({"status": 201}, "status equals", "expected 201, got 200"),
        (
            {"usage": {"total_tokens": {"at_most": 110}}},
            "usage total_tokens",
            "expected at most 110, got 111",
        ),
        (
            {"json": {"data.1.id": "b"}},
            "json data.1.id",
            "expected 'b', but there is no '1' in data, which is a list of 1",
        ),
        (
            {"headers": {"Retry-After": {"exists": True}}},
            "headers Retry-After",
            "expected such a field, but there is no 'retry-after' in it, "
            "which has the fields 'content-length, x-request-id'",
        ),
        (
            {"not": {"text": {"contains": "canal"}}},
            "not text contains",
            'expected the opposite of text: {"contains": "canal"}, '
            "got 'Two canals and a bridge.'",
        ),
        ({"text": None}, "text equals", "expected null, got 'Two canals and a bridge.'"),
        (
            {"headers": {"content-length": {"at_most": 4}}},
            "headers content-length",
            "expected at most 4, got 5",
        ),
    ],
)
def test_what_is_missed_says_expected_and_found(expectation, name, message):
    assert one(expectation) == (name, False, message, None, "")


@pytest.mark.parametrize(
    ("expectation", "why"),
    [
        ({"cost": {"at_most": 1}}, "the cost is unknown"),
        ({"cost": 0}, "the cost is unknown"),
        ({"ttft": {"less_than": 9}}, "ttft is unknown"),
        ({"parsed": {"a": 1}}, "the reply's text holds no JSON"),
    ],
)
def test_neither_an_expectation_of_what_is_missing_nor_its_opposite_holds(expectation, why):
    for wanted in (expectation, {"not": expectation}):
        check = one(wanted)
        assert not check.passed
        assert why in check.message


@pytest.mark.parametrize("part", PARTS)
def test_every_part_says_when_the_reply_has_none(part):
    check = one({part: {"schema": {}}}, {})
    assert not check.passed
    assert PARTS[part].absent in check.message


def test_an_expression_is_left_to_the_one_who_can_evaluate_it():
    asked = []

    def truth(expression, reply):
        asked.append((expression, reply["status"]))
        return False

    check = one({"that": Fixed("{{ status == 201 }}")}, truth=truth)
    assert asked == [("{{ status == 201 }}", 200)]
    assert check == (
        "that",
        False,
        "expected {{ status == 201 }} to be true, got false",
        None,
        "",
    )
    assert one({"not": {"that": "{{ false }}"}}, truth=truth).passed


def test_an_error_of_an_expression_is_not_hidden_even_by_not():
    def truth(expression, reply):
        message = "no such name"
        raise RecipeError(message)

    with pytest.raises(RecipeError, match="no such name"):
        one({"not": {"that": "{{ x }}"}}, truth=truth)


def test_each_check_keeps_its_mark():
    marks = [Mark("a.recipe.yaml", 7, 5), None]
    checks = judge([{"status": 200}, {"status": 201}], REPLY, marks=marks)
    assert [check.mark for check in checks] == marks
    assert [check.passed for check in checks] == [True, False]


@pytest.mark.parametrize(
    "expectation",
    [
        {"text": {"contain": "x"}},
        {"txt": "x"},
        {"status": {"at_most": "200"}},
        {"status": {"at_most": True}},
        {"status": {"between": [1]}},
        {"text": {"one_of": "stop"}},
        {"text": {"is_json": "yes"}},
        {"text": {"min_length": "5"}},
        {"text": {"equals": {"a": 1}}},
        {"text": {"matches": "("}},
        {"text": {"schema": "x"}},
        {"text": {"similar_to": {"text": "a", "model": "m"}}},
        {"text": {"similar_to": {"text": "a", "at_least": "high"}}},
        {"json": {"data": {"type": "list"}}},
        {"json": {"data": {"exists": "no"}}},
        {"json": {"data..id": 1}},
        {"tool_calls": "get_weather"},
        {"text": "x", "status": 200},
        {"not": {"text": {"contain": "x"}}},
    ],
)
def test_a_check_of_no_use_is_the_recipes_fault(expectation):
    with pytest.raises(RecipeError):
        one(expectation)


def test_schemas_that_were_kept_from_rendering_are_used_as_they_are():
    assert one({"json": Fixed({"data.0.n": Fixed({"at_most": 5})})}).passed


def test_a_long_name_is_cut():
    assert len(label({"json": {f"path.{number}": 1 for number in range(99)}})) < 80


def test_faults_are_found_before_anything_is_sent_and_bear_their_places():
    text = """
- text: {matches: "(a"}
- not: {json: {a..b: {between: [5, 1]}}}
- json: {schema: {exists: true}}
- citations: {min: 3, max: 1, url: {matches: "[z-a]"}}
- tool_calls: [{name: {matches: "*"}, arguments: {a.: 1}, result: {length: {between: [2, 1]}}}]
- text: {similar_to: {text: a, model: m, at_least: 2}}
- not: {not: {judge: {model: m, rubric: ''}}}
- judge: {model: m, rubric: r, at_least: -1}
- judge: {model: m, rubric: r, params: {temperature: hot}}
- image: {format: {matches: "["}, width: {between: [2, 1]}}
- audio: {seconds: {between: [9, 1]}}
- events: [{matches: "("}, {a..b: 1}, done]
"""
    found = faults(parse(text, "a.yaml"), params=lambda endpoint: CHAT)
    lines = text.splitlines()
    places = [
        (fault.where, lines[fault.mark.line - 1][fault.mark.column - 1 :])
        for fault in found
        if fault.mark
    ]
    wanted = [
        ("matches", '"(a"}'),
        ("a..b", "{between: [5, 1]}}}"),
        ("between", "[5, 1]}}}"),
        ("schema", "{exists: true}}"),
        ("max", "1, url"),
        ("matches", '"[z-a]"}}'),
        ("matches", '"*"}'),
        ("a.", "1}, result"),
        ("between", "[2, 1]}}}]"),
        ("at_least", "2}}"),
        ("rubric", "''}}}"),
        ("at_least", "-1}"),
        ("temperature", "hot}}"),
        ("matches", '"["}'),
        ("between", "[2, 1]}}"),
        ("between", "[9, 1]}}"),
        ("matches", '"("}'),
        ("a..b", "1}, "),
    ]
    assert [where for where, _ in places] == [where for where, _ in wanted]
    for (_, there), (_, start) in zip(places, wanted, strict=True):
        assert there.startswith(start)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            "text: {min_length: 5, max_length: 2}",
            "nothing has both min_length: 5 and max_length: 2",
        ),
        ("status: {at_least: 3, less_than: 3}", "nothing has both at_least: 3 and less_than: 3"),
        ("json: {a: {length: {greater_than: 3, at_most: 2}}}", "nothing has both greater_than: 3"),
        ("cost: {greater_than: 1, less_than: 1}", "nothing has both greater_than: 1"),
        ("image: {format: pngg}", "no image has the format 'pngg'"),
        ("image: {format: {one_of: [png, mp3]}}", "no image has the format 'mp3'"),
        ("audio: {format: {equals: mp4}}", "no audio has the format 'mp4'"),
        ("not: {audio: {format: png}}", "no audio has the format 'png'"),
    ],
)
def test_what_nothing_can_meet_is_found_before_anything_is_sent(wanted, message):
    (fault,) = faults(parse(f"- {wanted}\n", "a.yaml"))
    assert fault.message.startswith(message)
    assert fault.mark is not None


@pytest.mark.parametrize(
    "wanted",
    [
        "text: {min_length: 2, max_length: 2}",
        "latency: {at_least: 1, at_most: 1}",
        "image: {format: JPG}",
        "audio: {format: {one_of: [pcm16, wav]}}",
        "audio: {format: '{{ form }}'}",
        "image: {format: {starts_with: p}}",
    ],
)
def test_what_something_can_meet_is_let_pass(wanted):
    assert faults(parse(f"- {wanted}\n", "a.yaml")) == []


def test_a_broken_schema_is_found_before_anything_is_sent():
    broken = Fixed({"type": "objekt"})
    found = faults(
        [{"json": {"schema": broken}}, {"not": {"text": {"schema": broken}}}, {"json": broken}]
    )
    assert [fault.where for fault in found] == ["expect.0.json.schema", "expect.1.not.text.schema"]
    assert all("objekt" in fault.message for fault in found)


def test_sound_expectations_and_templates_have_no_faults():
    expectations: list[Mapping[str, Any]] = [
        {"text": {"matches": "{{ pattern }}", "similar_to": {"text": "{{ x }}"}}},
        {"usage": {"total_tokens": {"between": ["{{ low }}", 5]}}},
        {"json": {"schema": {"type": "object", "contains": {}}}},
        {"json": {"schema": {"exists": True}, "other": 1}},
        {"latency": {"between": "{{ ends }}"}},
        {"status": 200},
        {"that": "{{ true }}"},
        {"text": {"matches": r"(\w+ )+$"}},
    ]
    assert faults(expectations) == []


def test_faults_take_marks_from_outside_where_the_list_knows_none():
    mark = Mark("a.yaml", 3, 1)
    (fault,) = faults([{"text": {"matches": "("}}], [mark])
    assert fault.mark == mark
    assert fault.hint


def test_everything_is_described():
    rows = dict(described())
    assert {*PARTS, *OTHERS, "… contains", "… between", "… exists"} <= set(rows)
    assert all(rows.values())
