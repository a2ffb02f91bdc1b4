"""Patterns end, and find what Python's matcher finds."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.recipe.checking.automaton import program, run
from runner.recipe.checking.patterns import PatternError, fault, search
from runner.recipe.checking.steps import UndecidedError
from runner.recipe.schema import problems
from tests.ending import ends_within

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
    with ends_within(30):
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


def test_an_automaton_has_so_many_states():
    assert len(program("a{2000}").nodes) == 2_001
    with pytest.raises(PatternError, match="repeats too much"):
        program("(?:a|b){4000}")


def test_a_look_ahead_that_takes_long_is_given_up():
    with ends_within(10), pytest.raises(UndecidedError, match="given up"):
        search("(?=(a+)+$)b", "a" * 5_000 + "!")


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


USUAL = [
    r"^(?:[a-z]+-)*[a-z]+$", r"(\w+\s)*", r"^\d{3}-\d{4}$", r"(?:\\.|[^\"\\])*",
    r'("[^"]*",?)*', r"(.*\n)*", r"^(foo|far)*$", r"(,\s*\w+)*", r"(a+){1,3}",
    r"^[A-Za-z_][\w.-]*(\.[A-Za-z]+)+$", r"^\s*(\S+\s+)*\S+$", r"(?=a+)b", r"(a|b|c)+",
    r"(?:ab|cd)*", r"^([0-9]{1,3}\.){3}[0-9]{1,3}$", r"(?:.|\n)*", r"[\w.]+@[\w.]+\.\w+",
    r"(\d{4})+", r"^(/[^/]+)+$", r"(?:[A-Z][a-z]+ )+", r"(a)(?(1)b|c)", r"^.{1,4000}$",
]  # fmt: skip


@pytest.mark.parametrize("pattern", USUAL)
def test_usual_patterns_are_used(pattern):
    assert fault(pattern) is None


HUGE = "a{1,2000}" * 2


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a+)+$"}, "a" * 40 + "!"),
        ({"properties": {"a": {"pattern": "(a|a)*b"}}}, {"a": "a" * 30_000}),
        ({"patternProperties": {"^(a+)+$": False}}, {"a" * 5_000: 1}),
        (
            {"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False},
            {"a" * 40 + "!": 1},
        ),
        ({"pattern": HUGE + HUGE + HUGE + "b"}, "a" * 5_000),
    ],
)
def test_a_schema_that_searches_long_tells_in_time(schema, value):
    started = time.process_time()
    with ends_within(30):
        assert problems(value, schema)
    assert time.process_time() - started < 10
