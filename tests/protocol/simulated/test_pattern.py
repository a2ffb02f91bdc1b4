"""Patterns: a made-up text matches."""

from __future__ import annotations

import re

import pytest

from runner.protocol.simulated.pattern import sample

PATTERNS = [
    "^abc$",
    "^[A-Z]{3}-\\d{4}$",
    "^(foo|bar)+$",
    "^\\w+@\\w+\\.(com|org)$",
    "^[^a-z]+$",
    "^[^\\d\\s]$",
    "^.{5}$",
    "^#(?:[0-9a-fA-F]{3}){1,2}$",
    "^(\\d)\\1$",
    "^\\S+\\s\\D$",
    "^[é-ü]$",
    "^(?P<year>\\d{4})-(?P=year)$",
    "^x*?y{2,}$",
    "^[+-]?\\d+(\\.\\d+)?$",
    "^[a-zA-Z0-9_-]{1,64}$",
    "^$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_sample_matches(pattern):
    made = sample(pattern)
    assert made is not None
    assert re.search(pattern, made)


@pytest.mark.parametrize(("shortest", "longest"), [(0, 1), (7, 9), (12, 12)])
def test_a_sample_keeps_to_the_length(shortest, longest):
    made = sample("^[a-z]+$", shortest, longest)
    assert made is not None
    assert shortest <= len(made) <= longest


@pytest.mark.parametrize("pattern", ["(", "a{2}{3}(", "((x{900}){900}){900}", "^a{5000}$"])
def test_what_is_no_pattern_or_too_long_has_no_sample(pattern):
    assert sample(pattern) is None


@pytest.mark.parametrize(
    "pattern", ["(?:(?:(?:){60000}){60000}){60000}", "(?:a?){60000}", "(a{1900})" + "\\1" * 50]
)
def test_a_pattern_without_end_is_given_up(pattern):
    assert sample(pattern) is None
