"""Gaps: what of a recipe has a wrong shape is laid aside, so that the rest can be checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.errors import Fault, RecipeSchemaError
from runner.recipe import schema
from runner.recipe.build import LISTS, WHOLE, filled_in
from runner.recipe.include import Gap
from runner.recipe.meant import Shapes
from runner.recipe.source import Map, Seq

KEYSTONES = (WHOLE - {"description", "tags", "collect"} - {*LISTS}) | frozenset(
    ("endpoint", "provider", "continue", "name", "if", "for_each")
)
"""Keys that others hang on: where one of these is wrong, what follows from it is not known."""

Fields = Mapping[str, Any]


def spared(keys: Map, shape: Fields, params: Shapes, told: list[Fault]) -> Map:
    """Return the keys of a recipe, with gaps for what is wrong.

    Where too much hangs on that, raise RecipeSchemaError with what is `told` of it.
    """
    done = _spared(keys, shape["properties"], shape, params)
    for section in LISTS:
        steps = _steps(keys[section], shape, params) if section in keys else Seq()
        if steps is None or done is None:
            break
        if section in keys:
            done.put(section, steps, keys.marks[section])
    else:
        if done is not None and done != keys:
            return done
    raise RecipeSchemaError.of(*told)


def _steps(rows: Any, shape: Fields, params: Shapes) -> Seq | None:
    if not isinstance(rows, Seq) or not rows:
        return None
    done = Seq(rows.mark)
    for step, mark in zip(rows, rows.marks, strict=True):
        fields = shape["$defs"]["step"]["properties"]
        made = _spared(step, fields, shape, params) if isinstance(step, Map) else None
        if made is None:
            return None
        done.add(made, mark)
    return done


def _spared(keys: Map, fields: Fields, shape: Fields, params: Shapes) -> Map | None:
    """Return the keys of a step, or of a recipe but for its steps, with gaps."""
    wanted = {"properties": fields, "additionalProperties": False, "$defs": shape["$defs"]}
    done = Map(keys.mark)
    for key in keys:
        if key in LISTS and fields is shape["properties"]:
            continue
        value, marks = keys[key], keys.marks[key]
        if _is_wrong(key, value, wanted) or filled_in(_alone(key, value), fields, shape):
            if key in KEYSTONES:
                return None
            value = _without(key, value, wanted)
        elif key == "params":
            value = _params(value, params(str(keys.get("endpoint"))))
        if not (isinstance(value, Gap) and key in WHOLE):
            done.put(key, value, marks)
    return done


def _alone(key: str, value: Any) -> Map:
    one = Map()
    one.put(key, value, (one.mark, one.mark))
    return one


def _is_wrong(key: str, value: Any, wanted: Fields) -> bool:
    return bool(schema.check(_alone(key, value), wanted, templates=True))


def _without(key: str, value: Any, wanted: Fields) -> Any:
    """Lay aside the expectations of a list that are wrong, and all else as a whole."""
    if key != "expect" or not isinstance(value, Seq):
        return Gap()
    done = Seq(value.mark)
    for item, mark in zip(value, value.marks, strict=True):
        one = Seq(value.mark)
        one.add(item, mark)
        if not _is_wrong(key, one, wanted):
            done.add(item, mark)
    return done


def _params(value: Any, wanted: Fields | None) -> Any:
    if not isinstance(value, Map) or wanted is None or not _is_misfit(value, wanted):
        return value
    each = {key: rule for key, rule in wanted.items() if key != "required"}
    done = Map(value.mark)
    for name, item in value.items():
        done.put(name, Gap() if _is_wrong(name, item, each) else item, value.marks[name])
    return done if done != value else Gap()


def _is_misfit(value: Map, wanted: Fields) -> bool:
    return bool(schema.check(value, wanted, templates=True))
