import pytest

from runner.recipe.checking.patterns import wrong


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(?:[a-z]+-)*[a-z]+$", r"(\w+\s)*", r"^\d{3}-\d{4}$", r"(?:\\.|[^\"\\])*",
        r'("[^"]*",?)*', r"(.*\n)*", r"^(foo|far)*$", r"(,\s*\w+)*", r"(a+){1,3}",
        r"^[A-Za-z_][\w.-]*(\.[A-Za-z]+)+$", r"^\s*(\S+\s+)*\S+$", r"(?=a+)b", r"(a|b|c)+",
        r"(?:ab|cd)*", r"^([0-9]{1,3}\.){3}[0-9]{1,3}$", r"(?:.|\n)*", r"[\w.]+@[\w.]+\.\w+",
        r"(\d{4})+", r"^(/[^/]+)+$", r"(?:[A-Z][a-z]+ )+", r"(a)(?(1)b|c)", r"(?>a+)+",
    ],
)  # fmt: skip
def test_usual_patterns_are_used(pattern):
    assert wrong(pattern) == ""


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$", r"(a*)*b", r"(a|b*)*c", r"(\w+\s?)*$", r"([a-z-]+-)*$", r"(\d+\.?)+$",
        r"(\w|\d\d)*$", r"((a+)b?)+$", r"^(\w+|\s+)*$", r"(a+b?)+c", r"(.*a){20}", r"(x+x+)+y",
        r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(?:(?:a|b)+)+c", r"(.*,)*x", r"(a?){30}a{30}x",
    ],
)  # fmt: skip
def test_patterns_that_take_for_ever_are_refused(pattern):
    assert wrong(pattern).startswith("the pattern may take for ever")


@pytest.mark.parametrize("pattern", ["(", "[", "a{2,1}", "*", "(?<x", r"\p{L}"])
def test_what_is_no_pattern_is_told(pattern):
    assert wrong(pattern).startswith("expected a regular expression, got the text ")


@pytest.mark.parametrize("pattern", ["(" * 3000 + ")" * 3000, "a" * 6000])
def test_monstrous_patterns_are_refused(pattern):
    assert wrong(pattern)
