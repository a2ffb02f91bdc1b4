"""JSON text is laid out as the standard library does, and read within bounds."""

import json

import pytest

from runner.protocol.json_text import laid_out, parse


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, -2.5, True, None, 'é\n"…'], "b": {}, "c": [], "d": {"e": [{"f": 1}, []]}},
        [],
        {},
        "text",
        1e300,
        {"key": (1, 2)},
        {1: "number", None: "null", 0.1: True},
        float("nan"),
        {"low": "\ud800"},
    ],
)
def test_laid_out_is_what_the_standard_library_writes(value):
    assert laid_out(value) == json.dumps(value, ensure_ascii=False, indent=2)


@pytest.mark.parametrize("item", ["[]", "{}", '{"a":1}', '"ab"', "1", "[[]]"])
def test_values_that_would_fill_the_memory_are_not_decoded(item):
    with pytest.raises(ValueError, match="would take more than 256 MiB"):
        parse(f"[{item},{f'{item},' * (32_000_000 // len(item))}0]")


@pytest.mark.parametrize("text", [f"[{'0.0123456,' * 200_000}0]", f'["{"a, " * 500_000}"]'])
def test_long_texts_of_every_day_are_decoded(text):
    assert parse(text) == json.loads(text)
