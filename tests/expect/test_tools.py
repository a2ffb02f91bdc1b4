"""Tool calls and citations."""

import pytest

from runner.expect.tools import citations, tool_calls

ROME = {"name": "get_weather", "arguments": {"location": "Rome", "days": 2}, "result": {"t": 20}}
PARIS = {"name": "get_weather", "arguments": {"location": "Paris"}, "result": "sun"}
TIME = {"name": "get_time", "arguments": None, "result": None}


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ([{"name": "get_weather"}], True),
        ([{"name": "get_weather"}, {"name": "get_time"}], True),
        ([{"name": "get_weather"}, {"name": "get_weather"}, {"name": "get_time"}], True),
        ([{"name": "get_time"}, {"name": "get_weather"}], False),
        ([{"name": "get_time"}, {"name": "get_time"}], False),
        ([{"name": "get_weather", "arguments": {"location": {"contains": "Par"}}}], True),
        ([{"name": "get_weather", "arguments": {"location": "Rome"}}], True),
        ([{"name": "get_weather", "arguments": {"location": "Oslo"}}], False),
        ([{"name": "get_weather", "arguments": {"unit": {"exists": False}, "days": 2}}], True),
        (
            [
                {"name": "get_weather", "arguments": {"location": "Paris"}},
                {"name": "get_weather", "arguments": {"location": "Rome"}},
            ],
            False,
        ),
        ([{"name": "get_weather", "result": {"contains": "sun"}}], True),
        ([{"name": "get_weather", "result": {"equals": {"t": 20}}}], True),
        ([{"name": "get_weather", "result": "rain"}], False),
        ([{"name": {"starts_with": "get_t"}}], True),
        ([{"name": "get_time", "arguments": {}}], True),
        ([{"name": "get_time", "arguments": {"zone": "CET"}}], False),
        (["get_weather", "get_time"], True),
        (["get_time", "get_weather"], False),
        ([{"arguments": {"location": "Paris"}}, "get_time"], True),
        ([{"arguments": {"location": "Oslo"}}], False),
        ([], False),
    ],
)
def test_calls_are_found_in_order_and_others_may_stand_between(expected, holds):
    assert (tool_calls([ROME, PARIS, TIME], expected) is None) is holds


def test_an_empty_list_means_that_none_was_called():
    assert tool_calls([], []) is None
    assert tool_calls([TIME], []) == "expected no calls, got get_time(null)"


def test_a_missed_call_says_what_was_called():
    assert tool_calls([TIME], [{"name": "get_weather"}]) == (
        "expected a call of get_weather, got get_time(null)"
    )
    assert tool_calls([], [{"name": "get_weather"}]) == "expected a call of get_weather, got none"


def test_a_call_of_any_name_says_what_the_nearest_lacks():
    assert tool_calls([PARIS], [{"arguments": {"location": "Oslo"}}]) == (
        "expected such a call, the one made differs: "
        "location: expected the text 'Oslo', got 'Paris'"
    )
    assert tool_calls([], [{"arguments": {}}]) == "expected such a call, got none"


def test_a_call_with_other_arguments_says_which():
    wanted = [{"name": "get_weather", "arguments": {"location": {"contains": "Oslo"}}}]
    assert tool_calls([PARIS], wanted) == (
        "expected a call of get_weather, the one made differs: "
        "location: expected text containing 'Oslo', got 'Paris'"
    )


CITED = [
    {"url": "https://en.wikipedia.org/a", "title": "A", "start": 0, "end": 4},
    {"url": "https://en.wikipedia.org/b", "title": "B", "start": 5, "end": 9},
    {"url": "http://example.com", "title": "", "start": 5, "end": 9},
]


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ({}, True),
        ({"min": 3}, True),
        ({"min": 4}, False),
        ({"max": 3}, True),
        ({"max": 2}, False),
        ({"min": 2, "url": {"contains": "wikipedia"}}, True),
        ({"min": 3, "url": {"contains": "wikipedia"}}, False),
        ({"url": {"matches": "^http:"}}, True),
        ({"url": {"matches": "^ftp:"}}, False),
        ({"max": 0, "url": {"matches": "^ftp:"}}, True),
        ({"max": 0, "url": {"matches": "^http:"}}, False),
        ({"url": {"contains": "/a"}, "title": "A"}, True),
        ({"url": {"contains": "/a"}, "title": "B"}, False),
    ],
)
def test_the_citations_that_fit_are_counted(expected, holds):
    assert (citations(CITED, expected) is None) is holds


def test_without_citations_nothing_is_met_but_a_maximum():
    assert citations([], {"max": 1}) is None
    assert citations([], {}) == "expected at least 1 citations, got 0 of 0: []"
