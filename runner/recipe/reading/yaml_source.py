"""YAML source: a tree is built over the events of PyYAML's parser, which know their places."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import yaml
from yaml import events

from runner.errors import Mark, RecipeSyntaxError
from runner.recipe.reading.faults import Faults, StopError
from runner.recipe.reading.scalars import plain, shown, tagged
from runner.recipe.source import LINE_END, MAX_DEPTH, MAX_VALUES, Map, Seq

MAX_EXPANSION = 100_000
"""What aliases may add: values, and hundreds of characters within them."""

# Line ends to YAML 1.1, and to libyaml, but not to YAML 1.2 nor to any editor; a byte order mark
# within text is refused by libyaml alone. They pass the parser in other clothes.
_ODD = "\x85\u2028\u2029\ufeff"
_PRIVATE = range(0xF8FF, 0xE000, -1)
_SURROGATE = "[\ud800-\udfff]"
_TAG = "tag:yaml.org,2002:"


def read(text: str, file: str, pure: bool) -> Any:
    """Read one document; raise `RecipeSyntaxError` with every fault found."""
    return _Builder(text, file, pure).document()


class _Builder:
    """Builds the tree, gathering faults on the way."""

    def __init__(self, text: str, file: str, pure: bool) -> None:
        self.file = file
        self.lines = LINE_END.split(text)
        self.faults = Faults(file, self.lines)
        self.anchors: dict[str, tuple[Any, int] | None] = {}
        self.weight = self.added = self.flows = 0
        self.restored: dict[int, str] = {}
        self.text = text if text.isascii() else self._disguised(text)
        self.loader = yaml.SafeLoader if pure else getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def document(self) -> Any:
        """Read the document."""
        tree: Any = None
        cause: Exception | None = None
        try:
            self.faults.find_unprintable()
            self.next: Callable[[], Any] = self.loader(self.text).get_event
            tree = self._document()
        except yaml.MarkedYAMLError as error:
            cause = error
            with suppress(StopError):
                self.faults.explain(error)
        except StopError as error:
            cause = error
        if self.faults.found:
            raise RecipeSyntaxError.of(*self.faults.found) from cause
        return tree

    def _document(self) -> Any:
        self.next()
        if type(self.next()) is events.StreamEndEvent:
            return None
        tree, _ = self._node(self.next(), 0)
        self.next()
        after = self.next()
        if type(after) is not events.StreamEndEvent:
            mark = self._mark(after)
            self.faults.stop("a second document begins here", mark, "keep one document in a file")
        return tree

    def _node(self, event: Any, depth: int) -> tuple[Any, Mark]:
        kind = type(event)
        if kind is events.ScalarEvent:
            return self._scalar(event)
        mark = self._mark(event)
        if kind is events.AliasEvent:
            return self._alias(event, mark), mark
        return self._collection(event, mark, depth)

    def _scalar(self, event: Any) -> tuple[Any, Mark]:
        mark = self._mark(event)
        value: Any = self._text(event, mark)
        try:
            if event.tag is not None and event.tag != "!":
                value = tagged(value, event.tag)
            elif event.implicit[0]:
                value = plain(value)
        except LookupError:
            self._unknown_tag(event.tag, mark)
        except ValueError as error:
            self.faults.add(str(error), mark, "if it is meant as text, put it in quotes")
        self._keep(event, value, mark)
        return value, mark

    def _keep(self, event: Any, value: Any, mark: Mark) -> None:
        """Weigh a scalar, and remember it by its anchor."""
        weight = 1 + len(event.value) // 100
        self._weigh(weight, mark)
        if event.anchor:
            self.anchors[event.anchor] = value, weight

    def _text(self, event: Any, mark: Mark) -> str:
        """Return a scalar's text. The pure parser takes half characters that libyaml refuses."""
        text: str = event.value
        if text.isascii():
            return text
        if re.search(_SURROGATE, text):
            from runner.recipe.reading import mistakes

            found = mistakes.explain("invalid Unicode character escape", "", "", 0)
            self.faults.add(found.message, mark, found.hint)
        return text.translate(self.restored) if self.restored else text

    def _collection(self, event: Any, mark: Mark, depth: int) -> tuple[Any, Mark]:
        if depth >= MAX_DEPTH:
            self.faults.stop(f"values nest deeper than {MAX_DEPTH} levels", mark)
        is_map = type(event) is events.MappingStartEvent
        if event.tag not in (None, "!", _TAG + ("map" if is_map else "seq")):
            self._unknown_tag(event.tag, mark)
        if event.anchor:
            self.anchors[event.anchor] = None
        before = self.weight
        self._weigh(1, mark)
        self.flows += bool(event.flow_style)
        node = self._map(event, mark, depth) if is_map else self._seq(event, mark, depth)
        self.flows -= bool(event.flow_style)
        if event.anchor:
            self.anchors[event.anchor] = node, self.weight - before
        return node, node.mark

    def _seq(self, start: Any, mark: Mark, depth: int) -> Seq:
        node = Seq(mark)
        while type(event := self.next()) is not events.SequenceEndEvent:
            node.add(*self._node(event, depth + 1))
        node.mark = _widened(mark, start, event)
        return node

    def _map(self, start: Any, mark: Mark, depth: int) -> Map:
        node = Map(mark)
        merged: list[Map] | None = None
        while type(event := self.next()) is not events.MappingEndEvent:
            key, key_mark = self._key(event, start, depth)
            value, value_mark = self._node(self.next(), depth + 1)
            if key is None:
                continue
            if merged is None and key == "<<" and getattr(event, "implicit", (False,))[0]:
                merged = [] if self.faults.are_at(value_mark) else self._merged(value, value_mark)
                first = key_mark
            elif key in node.marks or (merged is not None and key == "<<"):
                self._twice(key, key_mark, node.marks[key][0] if key in node.marks else first)
            else:
                node.put(key, value, (key_mark, value_mark))
        node.mark = _widened(mark, start, event)
        return _below(node, merged) if merged else node

    def _key(self, event: Any, start: Any, depth: int) -> tuple[str | None, Mark]:
        """Read a key, as the text that it is; None where it was refused."""
        mark = self._mark(event)
        kind = type(event)
        if kind is events.ScalarEvent:
            return self._scalar_key(event, mark), mark
        if kind is events.AliasEvent:
            name = self._alias(event, mark)
            if isinstance(name, str):
                return name, mark
            self.faults.add("expected text as a key, got an alias of something else", mark)
            return None, mark
        self._refuse_key(event, start, mark)
        before = len(self.faults.found)
        self._collection(event, mark, depth + 1)
        del self.faults.found[before:]
        return None, mark

    def _scalar_key(self, event: Any, mark: Mark) -> str:
        text = self._text(event, mark)
        if event.tag not in (None, "!", _TAG + "str"):
            self.faults.add("a key is text and takes no tag", mark, "leave the tag out")
        self._keep(event, text, mark)
        return text

    def _refuse_key(self, event: Any, start: Any, mark: Mark) -> None:
        """Say why a mapping or list is no key; two braces are a template without quotes."""
        line = self.lines[mark.line - 1]
        column = mark.column - 1
        doubled = start.flow_style and start.end_mark.index == event.start_mark.index
        if doubled and line[column - 1 : column + 1] == "{{":
            from runner.recipe.reading import mistakes

            text = mistakes.unquoted(line, column - 1, in_flow=self.flows > 1)
            mark = Mark(self.file, mark.line, column, len(text))
            self.faults.add(mistakes.UNQUOTED, mark, f"quote it: {mistakes.quote(text)}")
            self.faults.unquoted = mark.line
        elif line.startswith("{{", column):
            hint = "keys are no templates; text with ', ' in it needs quotes within brackets"
            self.faults.add("a template cannot be a key", mark, hint)
            self.faults.unquoted = mark.line
        else:
            kind = "mapping" if type(event) is events.MappingStartEvent else "list"
            self.faults.add(f"expected text as a key, got a {kind}", mark)

    def _alias(self, event: Any, mark: Mark) -> Any:
        name = event.anchor
        if name not in self.anchors:
            hint = "text that begins with '*' needs quotes"
            self.faults.add(f"nothing above is named &{name}", mark, hint)
            return None
        known = self.anchors[name]
        if known is None:
            self.faults.add(f"*{name} stands within &{name}, the value it names", mark)
            return None
        self.added += known[1]
        if self.added > MAX_EXPANSION:
            self.faults.stop(f"aliases add more than {MAX_EXPANSION:,} values to the file", mark)
        self._weigh(known[1], mark)
        return known[0]

    def _merged(self, value: Any, mark: Mark) -> list[Map]:
        """Return the mappings that a `<<` names, the nearest last."""
        found = list(reversed(value)) if isinstance(value, Seq) else [value]
        if all(isinstance(item, Map) for item in found):
            return found
        self.faults.add("expected a mapping after <<, or a list of mappings", mark)
        return []

    def _twice(self, key: str, mark: Mark, first: Mark) -> None:
        hint = "<< takes a list of mappings" if key == "<<" else "remove one of the two"
        self.faults.add(
            f"the key {_short(key)} stands twice, first in line {first.line}", mark, hint
        )

    def _unknown_tag(self, tag: str, mark: Mark) -> None:
        mark = mark._replace(width=len(shown(tag)))
        known = "!!str !!int !!float !!bool !!null !!map !!seq"
        hint = f"known here: {known}; text that begins with '!' needs quotes"
        self.faults.add(f"the tag {_short(shown(tag))} is not known, or does not fit", mark, hint)

    def _weigh(self, weight: int, mark: Mark) -> None:
        self.weight += weight
        if self.weight > MAX_VALUES:
            self.faults.stop(f"more than {MAX_VALUES:,} values in one file", mark)

    def _mark(self, event: Any) -> Mark:
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        if end.line == line:
            return Mark(self.file, line + 1, column + 1, end.column - column or 1)
        width = len(self.lines[line].rstrip()) - column
        return Mark(self.file, line + 1, column + 1, max(1, width))

    def _disguised(self, text: str) -> str:
        """Exchange the odd characters for ones that the text has not."""
        spare = (chr(code) for code in _PRIVATE if chr(code) not in text)
        disguise = {ord(odd): next(spare) for odd in _ODD if odd in text}
        self.restored = {ord(new): chr(odd) for odd, new in disguise.items()}
        return text.translate(disguise) if disguise else text


def _widened(mark: Mark, start: Any, end: Any) -> Mark:
    """Let the mark of a bracketed collection that ends in its first line span it."""
    if not start.flow_style or end.end_mark.line != start.start_mark.line:
        return mark
    return mark._replace(width=end.end_mark.column - start.start_mark.column)


def _below(node: Map, merged: list[Map]) -> Map:
    """Put the keys of `<<` below a mapping's own."""
    whole = Map(node.mark)
    for layer in (*merged, node):
        whole.update(layer)
        whole.marks.update(layer.marks)
    return whole


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
