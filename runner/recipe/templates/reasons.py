"""Reasons: what Python and Jinja complain of, in words that a recipe's author knows."""

from __future__ import annotations

import re

KINDS = {
    "str": "a text",
    "int": "a number",
    "float": "a number",
    "bool": "a boolean",
    "list": "a list",
    "tuple": "a list",
    "range": "a range",
    "dict": "a mapping",
    "Map": "a mapping",
    "Seq": "a list",
    "NoneType": "null",
}
_TOKENS = {
    "end of print statement": "}}",
    "end of statement block": "%}",
    "begin of print statement": "{{",
    "begin of statement block": "{%",
    "name": "a name",
}
_JOIN = "`~` joins texts and numbers; `| int` makes a number"
_BRACES = "write {{ '{{' }} where the text itself holds braces"
_BLOCKS = "`{#` and `{%` begin comments and statements; {% raw %} shows them as text"
_ALONE = re.compile(r"\s*\{\{(?:(?!\{\{).)*\}\}\s*", re.DOTALL)
"""A text that is one expression and nothing beside it: there braces are no text."""

# The first row that matches holds; `<0>` stands for the first group.
_RUNNING: tuple[tuple[str, str, str], ...] = (
    (
        r"unsupported operand type\(s\) for (\S+?)(?: or .*)?: '(\w+)' and '(\w+)'",
        "`<0>` does not go between <1> and <2>",
        _JOIN,
    ),
    (
        r"can only concatenate (\w+) \(not \"(\w+)\"\) to \w+",
        "`+` does not go between <0> and <1>",
        _JOIN,
    ),
    (r"can't multiply sequence by non-int of type '(\w+)'", "`*` does not take <0> here", ""),
    (r"bad operand type for unary (\S): '(\w+)'", "`<0>` does not take <1>", ""),
    (
        r"'(\S+)' not supported between instances of '(\w+)' and '(\w+)'",
        "<1> and <2> cannot be compared by `<0>`",
        "`| int` makes a number of a text",
    ),
    (r"object of type '(\w+)' has no len\(\)", "<0> has no length", ""),
    (r"(?:argument of type )?'(\w+)'.* is not .*iterable", "expected a list, got <0>", ""),
    (r"type (\w+) doesn't define __round__ method", "expected a number, got <0>", ""),
    (r"'(\w+)' object cannot be interpreted as an integer", "expected a number, got <0>", ""),
    (r"a (\w+) cannot be called", "<0> cannot be called", ""),
    (r"(?:_|do_)?(\w+)\(\) takes .*", "`<0>` is given too many values", ""),
    (r"(?:_|do_)?(\w+)\(\) missing .*", "`<0>` is given too few values", ""),
    (r".*\b(?:index out of range|out of range for positional args).*", "a place is left empty", ""),
    (r".*by zero", "a division by zero", "guard it: {{ a / b if b else 0 }}"),
    (r"name '(?:inf|nan)' is not defined", "the template makes a number that is too large", ""),
    (r"(?:Expecting|Extra data|Unterminated|Invalid).*\(char \d+\)", "the text is no JSON", ""),
)
_READING: tuple[tuple[str, str, str], ...] = (
    (
        r".*The innermost block that needs to be closed is '(\w+)'",
        "{% <0> %} is not closed",
        "end it with {% end<0> %}",
    ),
    (
        r"unexpected end of template.*|unexpected .end of template.",
        "{{ is not closed",
        "end it with }}",
    ),
    (r"Encountered unknown tag 'end(\w+)'.*", "{% end<0> %} ends nothing", ""),
    (r"Encountered unknown tag '(\w+)'.*", "{% <0> %} is not known here", _BLOCKS),
    (r"Missing end of comment tag", "{# is not closed", _BLOCKS),
    (r"unexpected char [\"']{3}.*", "quoted text does not end", "close the quote"),
    (r"unexpected char (.+) at \d+", "<0> is out of place in an expression", _BRACES),
    (r"Expected an expression, got '(.+)'", "expected an expression before <0>", _BRACES),
    (r"expected token '(.+)', got '(.+)'", "expected <0>, got <1>", _BRACES),
    (r"unexpected '(.+)', expected '(.+)'", "expected <1>, got <0>", _BRACES),
    (r"unexpected '}'", "expected }} or %}, got }", _BRACES),
    (
        r"unexpected 'end of (?:print statement|statement block)'",
        "the expression ends where a value is still to come",
        _BRACES,
    ),
)


def of_running(message: str) -> tuple[str, str]:
    """Word what went wrong as a template ran; return the message and the way out."""
    return _reworded(message, _RUNNING) or (message, "")


def of_reading(message: str, source: str) -> tuple[str, str]:
    """Word why a template cannot be read; return the message and the way out."""
    message = message.rstrip(".") or "the template cannot be read"
    told = _reworded(message, _READING) or (message, _BLOCKS if "{%" in source else _BRACES)
    return told[0], "" if told[1] == _BRACES and _ALONE.fullmatch(source) else told[1]


def _reworded(message: str, table: tuple[tuple[str, str, str], ...]) -> tuple[str, str] | None:
    for pattern, words, hint in table:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            groups = [_named(group) for group in found.groups()]
            return _filled(words, groups), _filled(hint, groups)
    return None


def _named(group: str) -> str:
    return KINDS.get(group) or _TOKENS.get(group) or group


def _filled(words: str, groups: list[str]) -> str:
    for place, group in enumerate(groups):
        words = words.replace(f"<{place}>", group)
    return words
