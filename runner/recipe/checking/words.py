"""Words: how values, kinds and ways out are named to people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MANY = 10
"""Longer lists of names are not shown whole."""
ALIKE = 0.6
"""So alike are the names of files of which one may be meant by the other; 1 is the same."""
_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_NUMBER = re.compile(r"[-+]?(\d[\d_,]*)?\.?\d+([eE][-+]?\d+)?")
_GROUPED = re.compile(r"_|,(?=\d{3}\b)")
_TRUTH = {"true": "true", "false": "false", "yes": "true", "no": "false", "on": "true"}
_TRUTH["off"] = "false"


def described(value: Any) -> str:
    """Name a value that was found, in a few words."""
    if isinstance(value, str):
        return f"the text {shortened(value)}" if value else "empty text"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)[:60]


def shortened(text: str) -> str:
    """Quote a text, of which the end is left out where it is long."""
    return repr(text if len(text) <= 60 else text[:59] + "…")


def nearest(name: Any, known: Iterable[Any]) -> str:
    """Return the known name that a wrong one resembles, or nothing."""
    from difflib import get_close_matches

    if not isinstance(name, str):
        return ""
    names = {one.lower(): one for one in known if isinstance(one, str)}
    meant = name.lower().replace("-", "_")
    begun = [one for one in names if len(meant) > 2 and one.startswith(meant)]
    close = get_close_matches(meant, names, 1, 0.6) or begun
    return names[close[0]] if close else ""


def nearest_file(name: str, there: Iterable[str]) -> str:
    """Return the file that a wrong name resembles, or nothing: a shared ending is no likeness."""
    from difflib import SequenceMatcher, get_close_matches

    stem = name.partition(".")[0].lower()
    alike = [
        one
        for one in sorted({*there} - {name})
        if SequenceMatcher(None, stem, one.partition(".")[0].lower()).ratio() >= ALIKE
    ]
    return next(iter(get_close_matches(name, alike, 1, 0)), "")


def types_of(schema: Any) -> Sequence[str]:
    """Return the names of the types that a schema allows."""
    names = schema.get("type", ()) if isinstance(schema, Mapping) else ()
    return [names] if isinstance(names, str) else list(names)


def way_out(value: Any, types: Sequence[str], expected: str) -> str:
    """Guess what to write instead, from what was found and what is wanted."""
    numeric = "number" in expected or "integer" in types or "number" in types
    listed = types == ["array"] or ("array" in types and expected.startswith("a list"))
    if listed and not isinstance(value, list):
        return _as_list(value, "{user: %s}" if "messages" in expected else "%s")
    if "one expression" in expected:
        return _expressed(value)
    if isinstance(value, str):
        return _unquoted(value, numeric, "boolean" in types)
    if set(types) - {"null"} == {"string"} and isinstance(value, bool | int | float):
        return f'to make it text, put it in quotes: "{described(value)}"'
    if value is None:
        return "give it a value, or leave the key out"
    return ""


def _expressed(value: Any) -> str:
    told = described(value) if isinstance(value, bool) else value
    if not isinstance(told, str) or '"' in told or "{{" in told:
        return ""
    return f'write "{{{{ {told[:60]} }}}}"'


def _as_list(value: Any, item: str) -> str:
    if isinstance(value, dict):
        return "each item of a list begins with '- '"
    text = value if isinstance(value, str) else described(value)
    if (
        value is None
        or not text.isprintable()
        or any(sign in text for sign in ",:[]{}#'\"&*!|>%@`")
    ):
        return ""
    return f"a list of one is written [{item % text[:60]}]"


def _unquoted(text: str, numeric: bool, boolean: bool) -> str:
    if numeric and _NUMBER.fullmatch(text.strip()):
        plain = _GROUPED.sub("", text.strip()).replace(",", ".")
        return "numbers need no quotes" if plain == text else f"write {plain}, without quotes"
    if boolean and (word := _TRUTH.get(text.strip().lower())):
        return f"write {word}, without quotes"
    if (numeric or boolean) and "{{" in text:
        return "only a value that is wholly one {{ expression }} keeps its type"
    return ""


def listed(values: Sequence[Any]) -> str:
    """List values as people do; of many only the first."""
    names = [value if isinstance(value, str) and value else described(value) for value in values]
    if len(names) > MANY:
        return f"{', '.join(names[:MANY])}, … ({len(names)} in all)"
    return ", ".join(names)


def either(words: Iterable[str]) -> str:
    """Join words by commas and a last "or"."""
    *rest, last = dict.fromkeys(words)
    return f"{', '.join(rest)} or {last}" if rest else last


def type_words(types: Iterable[str]) -> str:
    """Name types as people do."""
    names = list(types)
    told = [name for name in names if name != "integer" or "number" not in names]
    return either(_TYPES.get(name, name) for name in bare(told))


def bare(words: Iterable[str]) -> list[str]:
    """Leave null out where something else will do: nobody has to write it."""
    told = list(words)
    return [word for word in told if word != "null"] or told
