"""Explain: `jsonschema` finds what is wrong with a value; it is imported only where something is.

No reference is ever fetched: the registry is empty.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import UndefinedTypeCheck, UnknownType, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from runner.recipe.checking.holes import is_hole
from runner.recipe.checking.keywords import DATA, NAMED, UnknownKeywordError
from runner.recipe.checking.kinds import equal, sign
from runner.recipe.checking.patterns import PatternError, search
from runner.recipe.checking.problem import Problem
from runner.recipe.checking.steps import FREE, Steps, UndecidedError, weight
from runner.recipe.checking.validate import RULES, Scope, extras, fits
from runner.recipe.checking.wording import problems

MOST = 50
"""More problems than these help nobody."""
_extend: Any = validators.extend
_REGISTRY: Registry[Any] = Registry()
_OURS = frozenset(RULES) - frozenset(
    ("properties", "patternProperties", "additionalProperties", "propertyNames", "items")
)
"""Keywords that our own evaluator judges, since it knows of holes."""
_BROKEN = (
    Unresolvable, RecursionError, ArithmeticError, LookupError, TypeError, AttributeError,
    UnknownType, UndefinedTypeCheck, PatternError, UndecidedError,
)  # fmt: skip
_CALL, _ERROR = 10, 60
"""The steps of a call of a rule by `jsonschema`, which is slower than ours, and of an error."""
_steps: ContextVar[Steps] = ContextVar("steps", default=FREE)
"""Of the validation at hand: `jsonschema` hands nothing of ours on."""


def of_tree(tree: Any, schema: Mapping[str, Any], templates: bool) -> list[Problem]:
    """Find what is wrong with a recipe's tree; a hole fits anything."""
    bare = {key: value for key, value in schema.items() if key != "$schema"}
    checker = _with_holes(Scope(schema, templates))(bare, registry=_REGISTRY)
    return problems(islice(checker.iter_errors(tree), MOST))


def of_value(value: Any, schema: Any) -> list[Problem]:
    """Find what is wrong with a value, by a user's schema.

    Raise `UndecidedError` where nothing was found within the bounds, or nothing can be.
    """
    checker = _checker(json.dumps(schema, sort_keys=True))
    found: list[Any] = []
    before = _steps.set(Steps())
    try:
        for error in islice(checker.iter_errors(value), MOST):
            found.append(error)
    except UndecidedError:
        if not found:
            raise
    except _BROKEN as error:
        why = str(error)[:200] or type(error).__name__
        if isinstance(error, RecursionError):
            why = "its references, or the value, go too deep"
        message = f"the schema cannot be used: {why}"
        raise UndecidedError(message) from error
    finally:
        _steps.reset(before)
    return problems(found)


def of_schema(schema: Any) -> list[Problem]:
    """Find what is wrong with a user's schema itself."""
    dialect: Any = Draft202012Validator
    if isinstance(schema, dict):
        dialect = validators.validator_for(schema, default=dialect)
    return problems(islice(dialect(dialect.META_SCHEMA).iter_errors(schema), MOST))


@lru_cache(maxsize=256)
def _checker(schema: str) -> Any:
    """Make a validator; kept by its schema's text, since making one costs fifty checks."""
    value = json.loads(schema)
    dialect = validators.validator_for(value, default=Draft202012Validator)
    rules = {name: _counted(rule) for name, rule in {**dialect.VALIDATORS, **_BOUNDED}.items()}
    return _extend(dialect, rules)(_of_one_dialect(value), registry=_REGISTRY)


def _of_one_dialect(schema: Any) -> Any:
    """Leave out `$schema`: where `jsonschema` meets it, it goes on by its own rules."""
    if isinstance(schema, list):
        return [_of_one_dialect(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _of_keyword(key, value)
        for key, value in schema.items()
        if key != "$schema" or not isinstance(value, str)
    }


def _of_keyword(key: str, value: Any) -> Any:
    if key in NAMED and isinstance(value, dict):
        return {name: _of_one_dialect(item) for name, item in value.items()}
    return value if key in DATA else _of_one_dialect(value)


Rule = Callable[[Any, Any, Any, Any], Iterator[Any]]


def _counted(rule: Rule) -> Rule:
    def counted(checker: Any, wanted: Any, value: Any, schema: Any) -> Iterator[Any]:
        steps = _steps.get()
        steps.spend(_CALL)
        for error in rule(checker, wanted, value, schema) or ():
            steps.spend(_ERROR + 4 * weight(value))  # the error shows the value
            yield error

    return counted


def _with_holes(scope: Scope) -> Any:
    """Make a kind of validator that lets pass what a hole leaves open."""
    rules = {
        name: _guarded(name, rule, scope) for name, rule in Draft202012Validator.VALIDATORS.items()
    }
    rules["properties"] = _guarded("properties", _properties, scope)
    return _extend(Draft202012Validator, {**rules, "if": _conditional(scope)})


def _properties(checker: Any, wanted: Any, value: Any, _: Any) -> Iterator[Any]:
    """Check the fields of a mapping; `jsonschema` loses the path of one that is `false`."""
    _steps.get().left -= len(wanted) // 4
    for name in wanted if isinstance(value, dict) else ():
        if name in value:
            for error in checker.descend(value[name], wanted[name], name, name):
                if wanted[name] is False:
                    error.path.appendleft(name)
                yield error


def _pattern(_: Any, wanted: Any, value: Any, __: Any) -> Iterator[Any]:
    if isinstance(value, str) and not search(wanted, value, _steps.get()):
        yield ValidationError("it does not match")


def _patterns(checker: Any, wanted: Any, value: Any, _: Any) -> Iterator[Any]:
    for name in value if isinstance(value, dict) else ():
        for pattern, schema in wanted.items():
            if search(pattern, name, _steps.get()):
                yield from checker.descend(value[name], schema, name, pattern)


def _additional(checker: Any, wanted: Any, value: Any, schema: Any) -> Iterator[Any]:
    names = extras(value, schema, _steps.get()) if isinstance(value, dict) else []
    if names and wanted is False:
        listed = ", ".join(map(repr, names))
        yield ValidationError(f"Additional properties are not allowed ({listed} unexpected)")
    elif wanted is not False:
        for name in names:
            yield from checker.descend(value[name], wanted, path=name)


def _enum(_: Any, wanted: Any, value: Any, __: Any) -> Iterator[Any]:
    _steps.get().spend(len(wanted) * weight(value) // 4)
    if not any(equal(value, one) for one in wanted):
        yield ValidationError("it is none of these")


def _unique(_: Any, wanted: Any, value: Any, __: Any) -> Iterator[Any]:
    if wanted and isinstance(value, list):
        _steps.get().spend(4 * weight(value))
        if len(set(map(sign, value))) < len(value):
            yield ValidationError("it has an item twice")


_BOUNDED: Mapping[str, Rule] = {
    "properties": _properties,
    "enum": _enum,
    "uniqueItems": _unique,
    "pattern": _pattern,
    "patternProperties": _patterns,
    "additionalProperties": _additional,
}
"""Rules that `jsonschema` has too, but without a bound on the time that they take."""


def _guarded(name: str, rule: Rule, scope: Scope) -> Rule:
    def guarded(checker: Any, wanted: Any, value: Any, schema: Any) -> Iterator[Any]:
        if is_hole(value, scope.templates) or not _fails(name, value, schema, scope):
            return
        yield from rule(checker, wanted, value, schema) or ()

    return guarded


def _fails(name: str, value: Any, schema: Any, scope: Scope) -> bool:
    """Tell whether a keyword is surely broken, or `jsonschema` has to find out."""
    if name not in _OURS:
        return True
    try:
        return RULES[name](value, schema[name], schema, scope) is False
    except (UnknownKeywordError, *_BROKEN):
        return True


def _conditional(scope: Scope) -> Rule:
    """Make the rule of `if`: where a hole decides, both branches must fail."""

    def rule(checker: Any, wanted: Any, value: Any, schema: Any) -> Iterator[Any]:
        if is_hole(value, scope.templates) or not _fails("if", value, schema, scope):
            return
        try:
            holds = fits(value, wanted, scope) is not False
        except (UnknownKeywordError, *_BROKEN):
            holds = checker.evolve(schema=wanted).is_valid(value)
        branch = "then" if holds else "else"
        if branch in schema:
            yield from checker.descend(value, schema[branch], schema_path=branch)

    return rule
