"""Faults as text and JSON."""

import json

from runner.errors import Fault, Mark
from runner.report.faults import as_json, as_text

FAULT = Fault(
    "expected a number, got the text '0.2'",
    Mark("recipes/ask.yaml", 7, 16, 5),
    "temperature",
    "numbers need no quotes",
    '  temperature: "0.2"',
)
WARNING = Fault("unknown model", severity="warning")


def test_text_is_as_the_fault_says():
    assert as_text([FAULT, WARNING]) == (
        "recipes/ask.yaml:7:16: temperature: expected a number, got the text '0.2'\n"
        '  7 |   temperature: "0.2"\n'
        "    |                ^^^^^\n"
        "  hint: numbers need no quotes\n"
        "warning: unknown model"
    )


def test_text_is_bounded_and_the_rest_is_counted():
    told = as_text([FAULT] * 100, 4096)
    assert len(told.encode()) <= 4096
    shown = told.count("hint:")
    assert 10 < shown < 100
    assert told.endswith(f"… and {100 - shown} more")
    assert as_text([FAULT] * 100).count("hint:") == 100


def test_a_single_fault_is_bounded_and_never_left_out():
    told = as_text([Fault("é\x1b" * 50_000)], 4096)
    assert told.startswith("é\\x1b")
    assert len(told) < 10_000


def test_json_has_a_version_and_counts():
    value = json.loads(as_json([FAULT, WARNING]))
    assert value["schema_version"] == 1
    assert (value["errors"], value["warnings"]) == (1, 1)
    assert value["faults"][0] == {
        "file": "recipes/ask.yaml",
        "line": 7,
        "column": 16,
        "width": 5,
        "severity": "error",
        "where": "temperature",
        "message": "expected a number, got the text '0.2'",
        "hint": "numbers need no quotes",
    }
    assert value["faults"][1]["file"] is None


def test_json_is_ascii_and_hides_secrets_with_quotes_in_them():
    secret = 'pass"é\\word'
    told = as_json([Fault(f"got {secret}\x9b")], lambda text: text.replace(secret, "***"))
    assert told.isascii()
    assert json.loads(told)["faults"][0]["message"] == "got ***\x9b"
