import json

import pytest

from runner.errors import Mark
from runner.recipe.checking.words import way_out
from runner.recipe.schema import problems
from tests.recipe.checking.test_validate import SCHEMAS
from tests.recipe.test_schema import faults


def told(text, **options):
    """Return the single fault of a recipe that has a model, as 'where: message' and hint."""
    (fault,) = faults(f"model: m\n{text}\n", **options)
    return f"{fault.where}: {fault.message}", fault.hint


def test_a_fault_reads_as_the_house_has_it():
    (fault,) = faults('model: m\nparams:\n  temperature: "0.2"\n')
    assert str(fault._replace(source='  temperature: "0.2"')) == (
        "a.yaml:3:16: temperature: expected a number, got the text '0.2'\n"
        '  3 |   temperature: "0.2"\n'
        "    |                ^^^^^\n"
        "  hint: numbers need no quotes"
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("params: {temperature: '1,5'}", "temperature: expected a number, got the text '1,5'",
         "write 1.5, without quotes"),
        ("params: {temperature: warm}", "temperature: expected a number, got the text 'warm'", ""),
        ("params: {temperature: 3}", "temperature: expected a number from 0 to 2, got 3", ""),
        ("params: {temperature: true}", "temperature: expected a number, got true", ""),
        ("params: {temperature: }", "temperature: expected a number, got nothing",
         "give it a value, or leave the key out"),
        ("params: {n: 1.5}", "n: expected a whole number, got 1.5", ""),
        ("params: {n: 0}", "n: expected at least 1, got 0", ""),
        ("params: {stop: 3}", "stop: expected text or a list, got 3", ""),
        ("params: {stop: [a, 3]}", "stop.1: expected text, got 3",
         'to make it text, put it in quotes: "3"'),
        ("params: {effort: hihg}", "effort: expected one of low, medium, high, got the text 'hihg'",
         "did you mean 'high'?"),
        ("params: {effort: 7}", "effort: expected one of low, medium, high, got 7", ""),
        ("params: {kind: yaml}", "kind: expected json, got the text 'yaml'", ""),
        ("params: {old: 1}", "old: this key is not allowed here", ""),
        ("params: {gone: 1}", "gone: 1 is not allowed here", "use stop"),
        ("params: {temprature: 1}", "params: unknown key 'temprature'",
         "did you mean 'temperature'?"),
        ("params: {zzz: 1}", "params: unknown key 'zzz'",
         "known here: temperature, n, stop, effort, seed, kind, old, gone"),
        ("params: [1]", "params: expected a mapping, got a list", ""),
        ("stream: 'yes'", "stream: expected true or false, got the text 'yes'",
         "write true, without quotes"),
        ("stream: 'False'", "stream: expected true or false, got the text 'False'",
         "write false, without quotes"),
        ("tags: smoke", "tags: expected a list, got the text 'smoke'",
         "a list of one is written [smoke]"),
        ("tags: 'a, b'", "tags: expected a list, got the text 'a, b'", ""),
        ("tags: {a: 1}", "tags: expected a list, got a mapping",
         "each item of a list begins with '- '"),
        ("tags: 3", "tags: expected a list, got 3", "a list of one is written [3]"),
        ("tags: []", "tags: expected at least 1 item, got an empty list", ""),
        ("tags: [a, a]", "tags: expected no item twice, got a list", ""),
        ("timeout: soon", "timeout: expected a duration such as 10s, got the text 'soon'",
         "seconds, or a number with its unit"),
        ("timeout: [1]", "timeout: expected a duration such as 10s, got a list",
         "seconds, or a number with its unit"),
        ("choice: 3", "choice: expected auto, none or a mapping, got 3", ""),
        ("choice: {nam: x}", "choice: the key 'name' is missing", ""),
        ("part: 3", "part: expected text or a mapping, got 3", ""),
        ("part: {type: image, url: 3}", "url: expected text, got 3",
         'to make it text, put it in quotes: "3"'),
        ("part: {type: image, ulr: x}", "part: unknown key 'ulr'", "did you mean 'url'?"),
        ("part: {type: imge, url: x}", "type: expected one of text, image, got the text 'imge'",
         "did you mean 'image'?"),
        ("headers: {Accept: x}", "headers: expected text that matches ^[a-z-]+$, got the text "
         "'Accept'", ""),
        ("one: {a: 1, b: 2}", "one: expected exactly 1 key, got 2: a, b", ""),
        ("one: {}", "one: expected exactly 1 key, got an empty mapping", ""),
        ("pair: {a: 1}", "pair: the key 'a' wants 'b' beside it", ""),
        ("pair: {x: 1, y: 1}", "pair: 'x' and 'y' cannot stand here together", ""),
        ("size: 7", "size: expected a multiple of 8, got 7", ""),
        ("size: 104", "size: expected less than 100, got 104", ""),
        ("size: 0", "size: expected more than 0, got 0", ""),
        ("name: ''", "name: expected from 1 to 5 characters, got empty text", ""),
        ("either: {a: 1, b: 1}", "either: expected what fits one form only, got a mapping", ""),
        ("never: 1", "never: this key is not allowed here", ""),
        ("modle: x", ": unknown key 'modle'", "did you mean 'model'?"),
        ("Stream: true", ": unknown key 'Stream'", "did you mean 'stream'?"),
        ("qqq: 1", ": unknown key 'qqq'", ""),
    ],
)  # fmt: skip
def test_a_fault_says_expected_found_and_the_way_out(text, message, hint):
    assert told(text) == (message, hint)


def test_a_missing_key_says_what_it_would_be():
    (fault,) = faults("stream: true\n")
    assert (fault.message, fault.hint) == ("the key 'model' is missing", "model is a model's name")
    assert fault.mark == Mark("a.yaml", 1, 1)


def test_a_misspelt_key_is_not_missing_as_well():
    (fault,) = faults("modle: x\n")
    assert fault.message == "unknown key 'modle'"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("params: {temperature: '1{{ t }}'}", "temperature: expected a number, got the text "
         "'1{{ t }}'", "only a value that is wholly one {{ expression }} keeps its type"),
        ("params: {temprature: '{{ t }}'}", "params: unknown key 'temprature'",
         "did you mean 'temperature'?"),
        ("params: {old: '{{ t }}'}", "old: this key is not allowed here", ""),
        ("params: {n: 0, effort: '{{ e }}'}", "n: expected at least 1, got 0", ""),
        ("params: {include: a.yaml, n: 1}", "params: unknown key 'include'", ""),
        ("stream: '{% if x %}true{% endif %}'", "stream: expected true or false, got the text "
         "'{% if x %}true{% endif %}'", ""),
    ],
)  # fmt: skip
def test_what_no_template_can_mend_is_told(text, message, hint):
    where, found = told(text, templates=True)
    assert where == message
    assert found.startswith(hint)


@pytest.mark.parametrize("schema", [one for one in SCHEMAS if one is not False], ids=json.dumps)
def test_every_message_is_of_our_own_making(schema):
    for value in (1, "b", [1, "x", True, 1], {"c": 1}, None, {"b": 1, "a": "x", "x-1": 2}):
        for message in problems(value, schema):
            assert "schema" not in message
            assert "is not valid under" not in message
            assert not message.endswith("is not of type")


def test_messages_stay_short():
    (fault,) = faults(f"model: m\nstream: {'x' * 5000}\n{'#' * 10}\n")
    assert len(fault.message) < 150
    assert len(faults(f"model: m\ntags: [{'1, ' * 5000}]\n")) <= 60


def test_a_list_of_one_message_names_who_speaks():
    expected = "a list of messages such as [{user: Hello}]"
    assert way_out("hi", ["array", "string"], expected) == ("a list of one is written [{user: hi}]")
    assert way_out("hi", ["array", "string"], "a list of words") == "a list of one is written [hi]"
