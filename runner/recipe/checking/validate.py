"""Validate: whether a value fits a JSON Schema, told quickly, for the keywords that we use.

Three answers: True, False, and None where a hole decides, a value that is still to come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any

from runner.recipe.checking.holes import is_hole, is_mixed
from runner.recipe.checking.keywords import UnknownKeywordError, passed, resolve
from runner.recipe.checking.kinds import equal, is_multiple, is_number, is_type, sign
from runner.recipe.checking.patterns import PatternError, search
from runner.recipe.checking.steps import FREE, Steps, weight
from runner.record import Record

_BROKEN = (RecursionError, ArithmeticError, LookupError, TypeError, AttributeError, PatternError)
"""What a schema that is none makes of a rule."""


class Scope(Record):
    """What a schema's references are relative to, and whether text may hold templates."""

    root: Any
    templates: bool = False
    steps: Steps = FREE


def is_valid(
    value: Any, schema: Any, root: Any, *, templates: bool = False, steps: Steps = FREE
) -> bool | None:
    """Tell whether a value fits, as far as it can be known; None where we cannot judge.

    Raise `UndecidedError` where that takes more than these steps.
    """
    try:
        return fits(value, schema, Scope(root, templates, steps)) is not False
    except (UnknownKeywordError, *_BROKEN):
        return None


def fits(value: Any, schema: Any, scope: Scope) -> bool | None:  # noqa: C901  the hot path
    """Tell whether a value fits: True, False, or None where a hole decides."""
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, Mapping):
        raise UnknownKeywordError(schema)
    if is_hole(value, scope.templates):
        return None
    steps = scope.steps
    steps.left -= 1
    if steps.left < 0:
        steps.end()
    answer: bool | None = True
    for keyword, wanted in schema.items():
        rule = RULES.get(keyword)
        if rule is None:
            passed(keyword, schema, scope.root)
            continue
        found = rule(value, wanted, schema, scope)
        if found is False:
            return False
        if found is None:
            answer = None
    return answer


def every(answers: Iterable[bool | None]) -> bool | None:
    """Join answers that must all hold."""
    answer: bool | None = True
    for found in answers:
        if found is False:
            return False
        if found is None:
            answer = None
    return answer


def _some(answers: Iterable[bool | None]) -> bool | None:
    opposite = every(not found if found is not None else None for found in answers)
    return None if opposite is None else not opposite


Rule = Callable[[Any, Any, Mapping[str, Any], Scope], bool | None]


def _type(value: Any, wanted: Any, _: Any, __: Scope) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    return any(is_type(value, name) for name in names)


def _properties(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    if not isinstance(value, dict):
        return True
    scope.steps.left -= len(wanted) // 4
    return every(fits(value[key], wanted[key], scope) for key in wanted if key in value)


def _patterns(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    if not isinstance(value, dict):
        return True
    return every(
        fits(value[key], schema, scope)
        for pattern, schema in wanted.items()
        for key in value
        if search(pattern, key, scope.steps)
    )


def extras(value: Mapping[str, Any], schema: Mapping[str, Any], steps: Steps = FREE) -> list[str]:
    """List the keys that neither `properties` nor `patternProperties` name."""
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    left = [key for key in value if key not in known]
    if not patterns:
        return left
    return [key for key in left if not any(search(one, key, steps) for one in patterns)]


def _additional(value: Any, wanted: Any, schema: Any, scope: Scope) -> bool | None:
    if not isinstance(value, dict):
        return True
    names = extras(value, schema, scope.steps)
    return every(fits(value[name], wanted, scope) for name in names)


def _names(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    if not isinstance(value, dict):
        return True
    return every(fits(key, wanted, scope) for key in value)


def _required(value: Any, wanted: Any, _: Any, __: Scope) -> bool:
    return not isinstance(value, dict) or all(key in value for key in wanted)


def _dependent(value: Any, wanted: Any, _: Any, scope: Scope) -> bool:
    if not isinstance(value, dict):
        return True
    scope.steps.left -= sum(map(len, wanted.values()))
    return all(key in value for name in wanted if name in value for key in wanted[name])


def _items(value: Any, wanted: Any, schema: Any, scope: Scope) -> bool | None:
    if not isinstance(value, list):
        return True
    start = len(schema.get("prefixItems", ()))
    return every(fits(item, wanted, scope) for item in value[start:])


def _prefix(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    if not isinstance(value, list):
        return True
    if _may_grow(value, scope):
        return None
    return every(fits(item, schema, scope) for item, schema in zip(value, wanted, strict=False))


def _may_grow(value: Any, scope: Scope) -> bool:
    """Tell whether items are still to be spliced in."""
    return isinstance(value, list) and any(is_hole(item, scope.templates) for item in value)


def _unique(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    if not wanted or not isinstance(value, list):
        return True
    if _may_grow(value, scope):
        return None
    scope.steps.spend(4 * weight(value))
    return len(set(map(sign, value))) == len(value)


def _enum(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    if is_mixed(value, scope.templates):
        return None
    scope.steps.left -= len(wanted) * weight(value) // 4
    return any(equal(value, one) for one in wanted)


def _const(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    if is_mixed(value, scope.templates):
        return None
    scope.steps.left -= weight(value) // 4
    return equal(value, wanted)


def _pattern(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    if not isinstance(value, str):
        return True
    return None if is_mixed(value, scope.templates) else search(wanted, value, scope.steps)


def _size(kind: type[Sized], holds: Callable[[int, Any], bool]) -> Rule:
    """Make the rule of a limit on the length of text, lists or mappings."""

    def rule(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
        if not isinstance(value, kind):
            return True
        if is_mixed(value, scope.templates) or _may_grow(value, scope):
            return None
        return holds(len(value), wanted)

    return rule


def _limit(holds: Callable[[Any, Any], bool]) -> Rule:
    """Make the rule of a limit on numbers."""
    return lambda value, wanted, _, __: not is_number(value) or holds(value, wanted)


def _ref(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    key, steps = (wanted, id(value)), scope.steps
    if key in steps.found:
        return steps.found[key]
    answer = fits(value, resolve(wanted, scope.root), scope)
    if steps is not FREE:
        steps.keep(key, answer)
    return answer


def _any_of(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    return _some(fits(value, schema, scope) for schema in wanted)


def _all_of(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    return every(fits(value, schema, scope) for schema in wanted)


def _one_of(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    answers = [fits(value, schema, scope) for schema in wanted]
    certain = answers.count(True)
    if certain > 1:
        return False
    return None if None in answers else certain == 1


def _not(value: Any, wanted: Any, _: Any, scope: Scope) -> bool | None:
    found = fits(value, wanted, scope)
    return None if found is None else not found


def _if(value: Any, wanted: Any, schema: Mapping[str, Any], scope: Scope) -> bool | None:
    found = fits(value, wanted, scope)
    branches = {True: ("then",), False: ("else",), None: ("then", "else")}[found]
    answers = [fits(value, schema.get(branch, True), scope) for branch in branches]
    if len(answers) == 1 or answers[0] is answers[1]:
        return answers[0]
    return None


RULES: Mapping[str, Rule] = {
    "type": _type,
    "properties": _properties,
    "patternProperties": _patterns,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "required": _required,
    "dependentRequired": _dependent,
    "items": _items,
    "prefixItems": _prefix,
    "uniqueItems": _unique,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minLength": _size(str, lambda size, wanted: size >= wanted),
    "maxLength": _size(str, lambda size, wanted: size <= wanted),
    "minItems": _size(list, lambda size, wanted: size >= wanted),
    "maxItems": _size(list, lambda size, wanted: size <= wanted),
    "minProperties": _size(dict, lambda size, wanted: size >= wanted),
    "maxProperties": _size(dict, lambda size, wanted: size <= wanted),
    "minimum": _limit(lambda value, wanted: value >= wanted),
    "maximum": _limit(lambda value, wanted: value <= wanted),
    "exclusiveMinimum": _limit(lambda value, wanted: value > wanted),
    "exclusiveMaximum": _limit(lambda value, wanted: value < wanted),
    "multipleOf": _limit(is_multiple),
    "$ref": _ref,
    "anyOf": _any_of,
    "allOf": _all_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
}
