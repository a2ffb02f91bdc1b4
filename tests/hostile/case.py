"""A hostile case: files, a command line, and the end that it must come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

SECRET = "kept-outside-7316"
"""What stands in files that nothing may read."""
CHAT = "endpoint: chat.completions\nmodel: gpt-4.1\n"
ASK = "messages: [{user: Hello}]\n"
HELLO = CHAT + ASK
RUN = ("run", "r.recipe.yaml", "--retries", "0")
Content = str | bytes


class Hostile(NamedTuple):
    """What is given, the exit code it must end in, and words that the error must hold.

    `links` maps places to what they lead to. `@ABOVE@` in a text is the folder above the project.
    """

    name: str
    files: Mapping[str, Content]
    says: str
    words: tuple[str, ...] = RUN
    code: int = 2
    env: Mapping[str, str] = {}
    given: Content = ""
    links: Mapping[str, str] = {}


def recipe(name: str, text: Content, says: str = "r.recipe.yaml:", **more: Any) -> Hostile:
    """A recipe that is refused."""
    return Hostile(name, {"r.recipe.yaml": text}, says)._replace(**more)


def project(name: str, text: Content, says: str = "runner.yaml", **more: Any) -> Hostile:
    """A project file that is refused, beside a recipe that is good."""
    return Hostile(name, {"runner.yaml": text, "r.recipe.yaml": HELLO}, says)._replace(**more)


def harmless(name: str, text: str, says: str = "", **more: Any) -> Hostile:
    """A recipe that runs, offline, and does no harm."""
    words = ("run", "r.recipe.yaml", "--offline")
    return Hostile(name, {"r.recipe.yaml": text}, says, words, 0)._replace(**more)


def command(name: str, *words: str, says: str, **more: Any) -> Hostile:
    """A command line that is refused, beside a recipe that is good."""
    return Hostile(name, {"r.recipe.yaml": HELLO}, says, words)._replace(**more)
