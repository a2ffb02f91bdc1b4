"""Patterns end, and find what Python's matcher finds."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.expect.automaton import program, run
from runner.expect.patterns import PatternError, fault, search
from runner.expect.wording import UndecidedError

EXPLOSIVE = [
    r"(a+)+$",
    r"(a+)+b",
    r"(a|a)*b",
    r"(a|aa)+c",
    r"(.*)*x",
    r"a*b",
    r"\s+x",
    r".*.*.*.*=x",
    r"(x+x+)+y",
    r"(a?){30}a{30}b",
    r"(?:a|b|ab){1,400}z",
    r"(?i)(É|e|a)+z",
    r"\b(a+)+\b!",
]


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_an_explosive_pattern_ends_on_a_long_text(pattern):
    assert fault(pattern) is None
    started = time.process_time()
    assert search(pattern, "a" * 60_000 + "!") is (pattern == EXPLOSIVE[-1])
    assert time.process_time() - started < 10


@pytest.mark.slow
@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_an_explosive_pattern_ends_on_the_longest_text(pattern):
    started = time.process_time()
    search(pattern, "a" * (1 << 20))
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "*",
        "[z-a]",
        "[[a]",
        "a" * 3000,
        "(" * 900 + ")" * 900,
        r"(a+)+\1b",
        r"(?=(a+)+$)b",
        r"(?:(?:(?:){65535}){65535}){65535}",
        r"((a{1000}){1000}){1000}",
        r"((a+)+){2,5}(?>a)b",
    ],
)
def test_a_pattern_that_is_none_or_may_not_end_is_refused_quickly(pattern):
    started = time.process_time()
    assert fault(pattern)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("canal", "a canal", True),
        ("^canal", "a canal", False),
        (r"(?s)Two.*bridge", "Two canals\nand a bridge", True),
        (r"Two.*bridge", "Two canals\nand a bridge", False),
        (r"(a)\1", "xaa", True),
        (r"^(?=.*[A-Z])(?=.*\d).{8,}$", "passwOrd1", True),
        (r"^(?=.*[A-Z])(?=.*\d).{8,}$", "password1", False),
        (r"(\w+ )+$", "one two ", True),
    ],
)
def test_patterns_search_as_always(pattern, text, found):
    assert fault(pattern) is None
    assert search(pattern, text) is found


def test_a_reference_to_a_group_is_given_up_on_a_long_text():
    with pytest.raises(UndecidedError, match="given up"):
        search(r"(a+)b?\1c", "a" * 50_000)


def test_a_text_above_the_limit_is_not_searched():
    with pytest.raises(UndecidedError, match="too long"):
        search("a", "b" * ((1 << 20) + 1))


def test_a_pattern_that_is_none_says_so_when_it_is_searched():
    with pytest.raises(PatternError):
        search("(", "a")


PIECES = [
    *("a", "b", ".", "[ab]", "[^a]", r"\w", r"\s", r"\b", r"\B", "^", "$", r"\A", r"\Z", "A"),
    *("(?i:a)", "(?-i:b)", "(?=a)", "(?!b)", "(?<=a)", "(?<!b)", "(?s:.)", "(?m:^)", "(?m:$)"),
]
patterns = st.recursive(
    st.sampled_from(PIECES),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "{2}", "{1,2}", "{2,}", "{0}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        inner.map(lambda one: f"({one})"),
    ),
    max_leaves=6,
)


@given(patterns, st.text("abA \n", max_size=8), st.sampled_from(["", "(?i)", "(?s)", "(?m)"]))
@settings(max_examples=400, deadline=None)
def test_the_automaton_finds_what_the_matcher_finds(pattern, text, flags):
    wanted = re.search(flags + pattern, text) is not None
    assert run(program(flags + pattern), text) is wanted
