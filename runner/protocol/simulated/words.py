"""Words: what a simulated model says, as plain text that owns up to being simulated."""

from __future__ import annotations

import re

from runner.protocol.simulated.turns import Said

MARK = "[simulated] "
"""How every simulated text begins."""

KNOWN = (
    (
        ("openai", "mission"),
        "OpenAI's mission is to ensure that artificial general intelligence benefits all of"
        " humanity: it wants to build AGI that is safe, and to share what it brings.",
    ),
    (("capital", "sweden"), "The capital of Sweden is Stockholm."),
    (
        ("capital", "netherlands"),
        "Amsterdam is the constitutional capital of the Netherlands."
        " The seat of government and the royal residence are in The Hague.",
    ),
    (("kernbom", "baseball"), "Piet Kernbom played baseball for the New York Yankees."),
    (("kernbom", "from"), "Piet Kernbom is from Suriname."),
    (("kernbom", "hobbies"), "Piet Kernbom's hobbies are magic tricks and cooking."),
    (
        ("kernbom", "toys"),
        "For Piet Kernbom: tennis balls to fetch, rope toys to pull, puzzle toys for wet days.",
    ),
    (
        ("amsterdam", "picture"),
        "The picture shows Amsterdam with its rings of canals around the old centre.",
    ),
    (
        ("ai", "healthcare"),
        "AI in healthcare makes the news in three places: reading medical images, taking notes for"
        " doctors, and the rules that regulators write for both.",
    ),
)
"""The few questions that are answered as a model would: all words on the left are asked for."""

UNKNOWN = (
    "A model would answer “{topic}” here; this reply was made on your machine, and nothing was"
    " sent.",
    "Here the answer to “{topic}” would stand. No model was asked, and nothing was charged.",
    "“{topic}”: a model would know. The offline provider only shows the shape of the answer.",
)
OPENERS = ("", "In short: ", "Put differently: ", "Another way: ")

TOKEN = re.compile(r"\[simulated\]|\s?\w{1,6}|\s?[^\w\s]{1,3}|\s")
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
WORD = re.compile(r"\w+")
# Context is searched only so far, and results are told only so far: an answer stays an answer.
SEARCHED = 20_000
_PIECE = 1 << 16
TOLD = 2_000


def tokens(text: str) -> list[str]:
    """Split a text into tokens of about four characters; joined they give the text again."""
    return TOKEN.findall(text)


def count(text: str) -> int:
    """Count the tokens of a text, piece by piece: those of a long one would fill the memory."""
    return sum(len(tokens(text[at : at + _PIECE])) for at in range(0, len(text), _PIECE))


def cut(text: str, limit: int | None) -> tuple[str, bool]:
    """Keep as many tokens as allowed; say whether any were lost."""
    if limit is None:
        return text, False
    found = tokens(text)
    return "".join(found[:limit]), len(found) > limit


def stopped(text: str, stops: tuple[str, ...]) -> str:
    """End a text before the first stop sequence in it."""
    ends = [text.find(stop) for stop in stops if stop and stop in text]
    return text[: min(ends)] if ends else text


def groups(text: str, size: int) -> list[str]:
    """Split a text into the pieces that a stream brings, `size` tokens each."""
    found = tokens(text)
    return ["".join(found[at : at + size]) for at in range(0, len(found), size)]


def topic(text: str, longest: int = 100) -> str:
    """Name a text by its beginning, in one line."""
    line = " ".join(text[:SEARCHED].split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def say(said: Said, seed: int = 0, place: int = 0) -> str:
    """Answer a conversation; `seed` chooses among wordings, `place` counts the choices."""
    opener = OPENERS[place] if place < len(OPENERS) else f"Version {place + 1}: "
    parts = [_core(said, seed + place), _given(said), _guided(said)]
    return MARK + opener + " ".join(part for part in parts if part)


def _core(said: Said, seed: int) -> str:
    if said.results:
        told = " ".join(f"{name} answered: {topic(text, TOLD)}" for name, text in said.results)
        return f"You asked “{topic(said.question)}”. {told}" if said.question else told
    if said.taught:
        return said.taught
    if known := _known(said.question):
        return known
    if found := _evidence(said):
        return f"You asked “{topic(said.question)}”. I was told: “{topic(found, 200)}”"
    if not said.question:
        return "A model would say something here; no model was asked, and nothing was sent."
    return UNKNOWN[seed % len(UNKNOWN)].format(topic=topic(said.question))


def _known(question: str) -> str:
    asked = set(WORD.findall(question.lower()))
    return next((text for words, text in KNOWN if asked.issuperset(words)), "")


def _evidence(said: Said) -> str:
    """Find the sentence of the context that shares most words with the question."""
    asked = weighty(said.question)
    context = "\n".join(text.removeprefix(MARK) for text in said.context + said.guides)
    sentences = SENTENCE.split(context[:SEARCHED])
    # A sentence with quotes is most likely an earlier answer of ours.
    scored = [(len(asked & weighty(line)), line) for line in sentences if "“" not in line]
    best, line = max(scored, key=lambda pair: pair[0], default=(0, ""))
    return line.strip() if best else ""


def weighty(text: str) -> set[str]:
    """Return the words of a text that say what it is about."""
    return {word for word in WORD.findall(text.lower()) if len(word) > 3} - LIGHT


SMALL = "what when where which this that with from have does about your they would"
LIGHT = frozenset(SMALL.split())


def _given(said: Said) -> str:
    return f"I was given {'; '.join(said.things)}." if said.things else ""


def _guided(said: Said) -> str:
    return f"(Guided by “{topic(said.guides[0], 60)}”.)" if said.guides else ""
