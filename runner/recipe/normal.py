"""Normal form: every shorthand of a step becomes the one form that the rest of the house reads.

This happens before rendering, on the tree that the recipe's author wrote, so what comes from a
variable, a row or a reply can never become a file reference or a tool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from runner.errors import Mark
from runner.model import Fixed, Ref
from runner.recipe.source import Map, Seq

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
SCHEMAS = ("schema", "parameters", "response_schema", "vars_schema")
EXPRESSIONS = ("that", "until", "fail_if", "if")


def normal(keys: Map) -> Map:
    """Return the keys of a step in normal form."""
    done = Map(keys.mark)
    for key in keys:
        value, marks = keys[key], keys.marks[key]
        done.put(key, _key(key, value), marks)
    return done


def _key(key: str, value: Any) -> Any:
    if key in NORMAL:
        return NORMAL[key](value)
    if key in SCHEMAS or key in EXPRESSIONS:
        return Fixed(references(value))
    return references(value)


def _messages(value: Any) -> Any:
    if not isinstance(value, Seq):
        return references(value)
    return _seq(value, (message(item) for item in value))


def _schema(value: Any) -> Any:
    """Take `{file: PATH, name, strict}` as a reference with options, all else as a schema."""
    if not isinstance(value, Map) or set(value) - {"file", "name", "strict"}:
        return Fixed(references(value))
    if not isinstance(value.get("file"), str):
        return Fixed(references(value))
    options = {key: item for key, item in value.items() if key != "file"}
    return Ref("file", value["file"], value.marks["file"][1], options)


def _as_written(value: Any) -> Any:
    return value


def _poll(value: Any) -> Any:
    return guarded(references(value))


def _expectations(value: Any) -> Any:
    value = references(value)
    return _seq(value, map(_expectation, value)) if isinstance(value, Seq) else value


def _expectation(row: Any) -> Any:
    """Keep an expectation's own expression and schemas from being rendered, not fields so named."""
    if not isinstance(row, Map):
        return row
    done = Map(row.mark)
    for key, value in row.items():
        keep = EXPECTATIONS.get(key, _checks)
        done.put(key, keep(value), row.marks[key])
    return done


def _each(keep: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Keep what stands under the names of a mapping, or in a list."""

    def kept(value: Any) -> Any:
        if isinstance(value, Seq):
            return _seq(value, map(keep, value))
        if not isinstance(value, Map):
            return value
        done = Map(value.mark)
        for key, item in value.items():
            done.put(key, keep(item), value.marks[key])
        return done

    return kept


def _document(value: Any) -> Any:
    """Keep a lone schema for the whole; else the keys are paths, whatever their names."""
    whole = (
        isinstance(value, Map) and len(value) == 1 and isinstance(value.get("schema"), Map | Ref)
    )
    return _checks(value) if whole else _each(_checks)(value)


def _checks(value: Any) -> Any:
    return guarded(value, ("schema",), deep=False)


def _call(value: Any) -> Any:
    """Keep the schemas within a tool's call."""
    if not isinstance(value, Map):
        return value
    done = Map(value.mark)
    for key, item in value.items():
        done.put(key, (_document if key == "arguments" else _checks)(item), value.marks[key])
    return done


def _tools(value: Any) -> Any:
    return guarded(references(value), ("parameters", "returns"))


def message(item: Any) -> Any:
    """Put `{user: text}` in the API's form, and the parts of its content."""
    if not isinstance(item, Map) or (len(item) == 1 and "file" in item):
        return references(item)
    role = next((key for key in item if key in ROLES), None)
    if "role" in item:
        role = None
    done = Map(item.mark)
    for key in item:
        value, marks = item[key], item.marks[key]
        if key == role:
            done.put("role", key, (marks[0], marks[0]))
            done.put("content", content(value), marks)
        else:
            done.put(key, content(value) if key == "content" else references(value), marks)
    return done


def content(value: Any) -> Any:
    """Put the content of a message in the API's form: text, or a list of parts."""
    if isinstance(value, Map):
        return (
            references(value) if _is_text(value) else _seq_of(value.mark, [part(value, value.mark)])
        )
    if not isinstance(value, Seq):
        return value
    parts = (part(item, mark) for item, mark in zip(value, value.marks, strict=True))
    return _seq(value, parts)


def _is_text(value: Map) -> bool:
    """Whether content is `{file: PATH}` of a plain text: as it stands, that is the content."""
    return set(value) == {"file"} and str(value["file"]).lower().endswith((".md", ".txt"))


def part(value: Any, mark: Mark) -> Any:
    """Put one part of a message in the API's form; local files become references."""
    if not isinstance(value, Map):
        return _map(mark, type="text", text=value)
    if "type" in value:
        return references(value)
    if "file_id" in value:
        return _map(mark, type="file", file=_map(mark, file_id=value["file_id"]))
    for key, kind in (("image", "image"), ("audio", "audio"), ("file", "part")):
        if isinstance(value.get(key), str):
            rest = {name: item for name, item in value.items() if name != key}
            return Ref(kind, value[key], value.marks[key][1], rest)
    return references(value)


def _attachments(value: Any) -> Any:
    if not isinstance(value, Seq):
        return value
    return _seq(value, (_attachment(i, m) for i, m in zip(value, value.marks, strict=True)))


def _attachment(item: Any, mark: Mark) -> Any:
    if isinstance(item, Map) and isinstance(item.get("file"), str):
        options = {"as": item["as"]} if "as" in item else {}
        return Ref("attachment", item["file"], item.marks["file"][1], options)
    return Ref("attachment", item, mark) if isinstance(item, str) else item


def collection(value: Any, mark: Mark) -> Any:
    """Put `collect: PATH` in its long form."""
    return _map(mark, file=value) if isinstance(value, str) else value


def references(value: Any) -> Any:
    """Turn each `{file: PATH}` of a tree into a reference: data, never rendered."""
    if isinstance(value, Map):
        if len(value) == 1 and isinstance(value.get("file"), str):
            return Ref("file", value["file"], value.marks["file"][1])
        done = Map(value.mark)
        for key, item in value.items():
            done.put(key, references(item), value.marks[key])
        return done
    if isinstance(value, Seq):
        return _seq(value, (references(item) for item in value))
    return value


def guarded(
    value: Any, keys: Iterable[str] = (*SCHEMAS, *EXPRESSIONS), *, deep: bool = True
) -> Any:
    """Keep schemas and expressions of a tree from being rendered with the rest."""
    if isinstance(value, Map):
        done = Map(value.mark)
        for key, item in value.items():
            fixed = key in keys and isinstance(item, Map | Seq | str | Ref)
            inner = guarded(item, keys) if deep else item
            done.put(key, Fixed(item) if fixed else inner, value.marks[key])
        return done
    if isinstance(value, Seq) and deep:
        return _seq(value, (guarded(item, keys) for item in value))
    return value


def settled(value: Any, read: Callable[[Ref], Any]) -> Any:
    """Put what each `{file: PATH}` of a tree holds in its place, kept from being rendered."""
    if isinstance(value, Ref):
        return Fixed(read(value))
    if isinstance(value, Fixed):
        return Fixed(read(value.value)) if isinstance(value.value, Ref) else value
    if isinstance(value, Map):
        done = Map(value.mark)
        for key, item in value.items():
            done.put(key, settled(item, read), value.marks[key])
        return done
    return _seq(value, (settled(item, read) for item in value)) if isinstance(value, Seq) else value


def _map(mark: Mark, **items: Any) -> Map:
    done = Map(mark)
    for key, value in items.items():
        done.put(key, value, (mark, mark))
    return done


def _seq(like: Seq, items: Iterable[Any]) -> Seq:
    done = Seq(like.mark)
    done.extend(items)
    done.marks = list(like.marks)
    return done


def _seq_of(mark: Mark, items: list[Any]) -> Seq:
    done = Seq(mark)
    done.extend(items)
    done.marks = [mark] * len(items)
    return done


NORMAL: Mapping[str, Callable[[Any], Any]] = {
    "messages": _messages,
    "attachments": _attachments,
    "expect": _expectations,
    "poll": _poll,
    "tools": _tools,
    "response_schema": _schema,
    "vars": _each(references),
    "output": _as_written,
    "collect": _as_written,
}
"""What a key's value becomes, where it is more than its references."""

EXPECTATIONS: Mapping[str, Callable[[Any], Any]] = {
    "that": Fixed,
    "not": _expectation,
    **dict.fromkeys(("json", "parsed", "headers", "usage"), _document),
    "tool_calls": _each(_call),
    "events": _each(_each(_checks)),
    **dict.fromkeys(("image", "audio", "citations"), _each(_checks)),
}
"""What of an expectation is kept from being rendered, where it is more than its own schema."""
