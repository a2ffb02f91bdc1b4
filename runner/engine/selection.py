"""Selection: which runs of those that recipes make are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from runner.engine.prepare import Plan
from runner.engine.user.options import Options
from runner.errors import SettingsError
from runner.record import Record

if TYPE_CHECKING:
    from runner.engine.rows.dataset import Row

TOKEN = re.compile(r"\s*(?:(?P<sign>[()])|\"(?P<quoted>[^\"]*)\"|(?P<word>[^\s()\"]+))")
OPERATORS = ("and", "or", "not")
DEEPEST = 50

Test = Callable[[str], bool]


class Selection(Record):
    """What `--tag`, `-k` and `--last-failed` ask for; `failed` are ids, None where none are asked.

    `-k` is words with `and`, `or`, `not` and parentheses; a word is part of a file, an
    id, a step or a tag.
    """

    tags: tuple[str, ...] = ()
    keyword: Test | None = None
    failed: frozenset[tuple[str, str]] | None = None

    def takes_recipe(self, tags: Iterable[object]) -> bool:
        """Whether a recipe of these tags is asked for."""
        return not self.tags or not {*self.tags}.isdisjoint(map(str, tags))

    def takes(self, made: Plan) -> bool:
        """Whether this run of a recipe is asked for; of a dataset each row is chosen by itself."""
        if made.rows is not None:
            return True
        if self.keyword is not None and not self.keyword(name_of(made)):
            return False
        return self.failed is None or identity(made) in self.failed

    def of(self, made: list[Plan]) -> list[Plan]:
        """List the runs of a recipe that are asked for.

        A file that collects their lines, and has no journal, is made anew of all that there are.
        """
        taken = [one for one in made if self.takes(one)]
        if not taken or self.failed is None or "collect" not in made[0].recipe.keys:
            return taken
        return self._replace(failed=None).of(made)


class Chooser:
    """Says of the rows of a plan which `-k` asks for."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._keyword = selection(plan.options, None).keyword if plan.rows is not None else None

    def takes(self, row: Row | None) -> bool:
        """Whether a row is asked for."""
        return self._keyword is None or self._keyword(name_of(self._plan._replace(row=row)))


def chosen_rows(plan: Plan) -> Iterator[Row]:
    """Read the rows of a plan that are asked for."""
    return filter(Chooser(plan).takes, plan.rows.rows() if plan.rows is not None else ())


def name_of(made: Plan) -> str:
    """Name a run by all that `-k` looks through: file, id, steps, tags."""
    steps = (step.name for step in made.steps if step.name)
    tags = map(str, made.recipe.key("tags") or ())
    return " ".join((made.recipe.file, made.recipe.name + made.suffix, *steps, *tags))


def identity(made: Plan) -> tuple[str, str]:
    """Identify a run from one command to the next."""
    return made.recipe.file, made.recipe.name + made.suffix


def selection(options: Options, failed: frozenset[tuple[str, str]] | None) -> Selection:
    """Make the selection of the command line; SettingsError where its expression is wrong."""
    keyword = parsed(options.keyword) if options.keyword.strip() else None
    return Selection(options.tags, keyword, failed)


def nothing_chosen(options: Options) -> SettingsError:
    """Say that no run is as asked for."""
    asked = [f"--tag {tag}" for tag in options.tags]
    asked += [f"-k {options.keyword!r}"] if options.keyword else []
    message = f"nothing is chosen by {' '.join(asked)}"
    return SettingsError(message, hint="`runner list recipes` names the recipes and their tags")


def nothing_left(options: Options) -> str:
    """Say that there is nothing to do, and that this is good."""
    found = ["failed or missed when it ran last"] if options.last_failed else []
    found += ["is stale"] if options.stale else []
    return f"nothing {' and '.join(found)}"


def parsed(expression: str) -> Test:
    """Read an expression of `-k`; SettingsError where it is none."""
    tokens = _tokens(expression)
    if not tokens:
        raise _wrong(expression, "it is empty")
    test, rest = _either(tokens, expression, 0)
    if rest:
        raise _wrong(expression, f"{rest[0]!r} was not expected")
    return lambda text: test(text.lower())


def _tokens(expression: str) -> list[str]:
    found, place = [], 0
    while place < len(expression.rstrip()):
        match = TOKEN.match(expression, place)
        if match is None:
            raise _wrong(expression, "a quote is not closed")
        quoted = match["quoted"]
        found.append(f'"{quoted}' if quoted is not None else match["sign"] or match["word"])
        place = match.end()
    return found


def _either(tokens: list[str], whole: str, depth: int) -> tuple[Test, list[str]]:
    test, rest = _both(tokens, whole, depth)
    tests = [test]
    while rest and rest[0] == "or":
        test, rest = _both(rest[1:], whole, depth)
        tests.append(test)
    return partial(_any, tests), rest


def _both(tokens: list[str], whole: str, depth: int) -> tuple[Test, list[str]]:
    test, rest = _one(tokens, whole, depth)
    tests = [test]
    while rest and rest[0] == "and":
        test, rest = _one(rest[1:], whole, depth)
        tests.append(test)
    return partial(_all, tests), rest


def _one(tokens: list[str], whole: str, depth: int) -> tuple[Test, list[str]]:
    if depth > DEEPEST:
        raise _wrong(whole[:60], "it is nested too deeply")
    if not tokens or tokens[0] in (")", "and", "or"):
        raise _wrong(whole, "a word is missing")
    if tokens[0] == "not":
        test, rest = _one(tokens[1:], whole, depth + 1)
        return (lambda text: not test(text)), rest
    if tokens[0] == "(":
        test, rest = _either(tokens[1:], whole, depth + 1)
        if not rest or rest[0] != ")":
            raise _wrong(whole, "a parenthesis is not closed")
        return test, rest[1:]
    return partial(_within, tokens[0].removeprefix('"').lower()), tokens[1:]


def _within(word: str, text: str) -> bool:
    return word in text


def _any(tests: list[Test], text: str) -> bool:
    return any(test(text) for test in tests)


def _all(tests: list[Test], text: str) -> bool:
    return all(test(text) for test in tests)


def _wrong(expression: str, why: str) -> SettingsError:
    message = f"-k {expression!r} is no expression: {why}"
    return SettingsError(message, hint="write words with and, or, not: -k 'vision and not gpt-5'")
