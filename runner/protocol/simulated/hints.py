"""Hints: the values that a user's text offers for the arguments of a tool."""

from __future__ import annotations

import re

from runner.record import Record

NAME = r"[A-ZÀ-ÖØ-Þ][\w'’-]*(?:[ ][A-ZÀ-ÖØ-Þ][\w'’-]*)*"
NAMES = re.compile(NAME)
LIST = rf"({NAME}(?:(?:,?[ ](?:and|or)[ ](?:in[ ])?|,[ ]){NAME})*)"
LED = (re.compile(rf"\b(?:in|at|near|around)[ ]+{LIST}"), re.compile(rf"\b(?:to|for|of)[ ]+{LIST}"))
JOINT = re.compile(r",?[ ](?:and|or)[ ](?:in[ ])?")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])")
QUOTED = re.compile(r"(?<!\w)[\"“‘']([^\"“”‘’']{1,200})[\"”’'](?!\w)")
FORMATS = {
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "uri": re.compile(r"https?://[^\s<>\"”’)]+"),
    "date": re.compile(r"\b\d{4}-\d{2}-\d{2}\b"),
    "time": re.compile(r"\b\d{2}:\d{2}:\d{2}Z\b"),
    "date-time": re.compile(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z\b"),
    "zone": re.compile(r"\b[A-Z]\w+/[A-Z]\w+\b"),
}
# The words that begin a question or a request with a capital letter and name nothing.
SMALL = (
    "A An And Are Ask Call Can Could Compare Do Does Extract Find For From Get Give He How I If In"
    " Is It Let List Make Name Now Of On Please Say Search Set She Show Tell The Then They This To"
    " Translate Use Was We Were What When Where Which Who Why Will With Would Write You"
)
LEADING = frozenset(SMALL.split())
# Only so much of a text is searched: a long document says nothing about one argument.
SEARCHED = 10_000


class Hints(Record):
    """What a text offers; whoever uses an entry takes it from the list."""

    text: str
    places: list[str]
    names: list[str]
    numbers: list[float]
    quoted: list[str]


def find(text: str) -> Hints:
    """Read the hints of a text."""
    text = text[:SEARCHED]
    quoted = QUOTED.findall(text)
    numbers = [float(number) for number in NUMBER.findall(text)]
    return Hints(text, places(text), _names(text), numbers, quoted)


def places(text: str) -> list[str]:
    """Name the places that a text asks about: "in Paris, France", "in Rome and Oslo"."""
    found: list[str] = []
    led = next((pattern for pattern in LED if pattern.search(text)), LED[0])
    for match in led.finditer(text):
        parts = JOINT.split(match[1])
        # With an "and", commas part the places; without one, a comma joins city and country.
        split = [name for part in parts for name in part.split(", ")] if len(parts) > 1 else parts
        found += split
    return list(dict.fromkeys(found)) or _names(text)


def _names(text: str) -> list[str]:
    found: list[str] = []
    for match in NAMES.finditer(text):
        words = match[0].split()
        while words and words[0] in LEADING:
            words.pop(0)
        name = " ".join(words)
        if name and name not in found:
            found.append(name)
    return found


def formatted(hints: Hints, kind: str) -> str | None:
    """Return the first piece of the text that has a format."""
    pattern = FORMATS.get(kind)
    match = pattern.search(hints.text) if pattern else None
    return match[0] if match else None
