"""JSON text is laid out as the standard library does."""

import json

import pytest

from runner.protocol.json_text import laid_out


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
