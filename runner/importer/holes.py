"""Holes: the places of a request that a shell would fill: variables, and files it would read.

While a request is taken apart each hole is a pair of private characters around its number. Only
what becomes part of the recipe is declared there: a hole in what is left out asks for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import PurePosixPath
from posixpath import join, normpath
from typing import Any

from runner.errors import Fault, Mark, RecipeError
from runner.importer.script import file_read, printed
from runner.importer.shell import Piece, Word, source_of, text_of
from runner.recipe.templates.filling import OPEN
from runner.recipe.values import RESERVED
from runner.record import Record

DEEPEST = 20
"""How deep the values of variables may name others."""
PRIVATE = re.compile("[\ue000-\ue003]")
HOLE = re.compile("\ue000(\\d+)\ue001")
QUOTED = re.compile("\ue002(.*?)\ue003", re.DOTALL)
SIMPLE = re.compile(r'[^"\\\x00-\x1f]*')
"""Values that mean the same within JSON text as they do in a recipe."""
WORDS = frozenset(
    [
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "not",
        "and",
        "or",
        "if",
        "else",
        "in",
        "is",
        "self",
    ]
)
SECRETIVE = re.compile(r"(?i)(^|_)(api_?key|key|token|secret|password|passwd|auth)(_|$)")
LITERAL_KEY = re.compile(r"\bsk-[A-Za-z0-9_-]{16,}|(?<=[Bb]earer )[\w.~+/=-]{20,}")
"""What looks like a key, wherever it stands."""
KEYED = re.compile(r"(?i)(^|[_-])(api[_-]?key|authorization|token|secret|password|passwd)$")
WORD = re.compile("[^\\s\ue000-\ue003]{8,}")
"""A value that may be a key: what is shorter, or of several words, is none."""
TEXT = {"type": "string"}
KEYS = frozenset(("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"))
"""The variables of providers' keys, which no recipe may read."""


class Hole(Record):
    """What a shell would put there.

    `kind` is variable, value (a variable of any JSON type) or secret (`name`, and perhaps its
    `value`), or what the file at `path` holds: base64 or text within a text, content as a whole.
    """

    kind: str
    name: str = ""
    value: str | None = None
    path: Word = ()


class Holes:
    """The holes of one command, and the variables that its recipe needs for them.

    `up` is the way from the recipe's folder to the one that the command's paths start from.
    """

    def __init__(self, assigned: Mapping[str, Word], file: str, up: str = "") -> None:
        self.assigned = assigned
        self.file = file
        self.up = up
        self.found: list[Hole] = []
        self.values: dict[str, Any] = {}
        self.needed: dict[str, Any] = {}
        self.secrets: list[str] = []
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        """Note what the user should know, once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def fill(self, word: Word, depth: int = 0) -> str:
        """Write a word as text with holes."""
        self._bound(depth)
        return "".join(self._piece(piece, depth + 1) for piece in word)

    def _piece(self, piece: Piece, depth: int) -> str:
        match piece.kind:
            case "text":
                return LITERAL_KEY.sub(self._literal_key, piece.text)
            case "command":
                told = printed(piece.text, self.file)
                return (
                    self._hole(self._printed(piece.text))
                    if told is None
                    else self.fill(told, depth)
                )
        return self._filled(piece, depth)

    def _filled(self, piece: Piece, depth: int) -> str:
        """Fill a variable in: by its name where that is the same, else by its value."""
        value = self.assigned.get(piece.text)
        if SECRETIVE.search(piece.text):
            return self._hole(Hole("secret", piece.text))
        if value is None:
            return self._hole(Hole("variable", piece.text, piece.default))
        if len(value) == 1 and value[0].kind == "variable":
            return self._hole(Hole("variable", piece.text, value[0].default))
        text = text_of(value)
        if text is None or not SIMPLE.fullmatch(text) or text[:1] in ("{", "["):
            return self.fill(value, depth)
        return self._hole(Hole("variable", piece.text, text))

    def _printed(self, command: str) -> Hole:
        """Say what a command prints: what a file holds, or nothing that is known here."""
        read = file_read(command, self.file)
        name = "_".join(re.findall(r"\w+", command)[:3])
        return Hole("variable", name) if read is None else Hole(read[0], path=read[1])

    def _hole(self, hole: Hole) -> str:
        self.found.append(hole)
        return f"\ue000{len(self.found) - 1}\ue001"

    def _literal_key(self, found: re.Match[str]) -> str:
        del found
        return self._hole(Hole("secret", "API_TOKEN"))

    def inlined(self, word: Word, depth: int = 0) -> Word:
        """Put the values of assigned variables, and what `cat <<E` prints, in their places."""
        self._bound(depth)
        made: list[Piece] = []
        for piece in word:
            value = self.assigned.get(piece.text) if piece.kind == "variable" else None
            told = printed(piece.text, self.file) if piece.kind == "command" else value
            made += (piece,) if told is None else self.inlined(told, depth + 1)
        return tuple(made)

    def _bound(self, depth: int) -> None:
        if depth > DEEPEST:
            message = "a variable of the command holds itself"
            raise RecipeError.of(Fault(message, Mark(self.file, 1, 1)))

    def content(self, path: Word) -> str:
        """Stand in for a text that is read from a file."""
        return self._hole(Hole("content", path=path))

    def hole(self, text: Any, prefix: str = "") -> Hole | None:
        """Return the hole that a text is, but for a prefix; None where it is anything else."""
        if not isinstance(text, str) or not text.startswith(prefix):
            return None
        found = HOLE.fullmatch(text, len(prefix))
        return self.found[int(found[1])] if found else None

    def has_files(self, tree: Any) -> bool:
        """Whether a tree has holes that files fill."""
        if isinstance(tree, dict):
            return any(self.has_files(value) for value in tree.values())
        if isinstance(tree, list):
            return any(self.has_files(value) for value in tree)
        numbers = HOLE.findall(tree) if isinstance(tree, str) else ()
        return any(self.found[int(number)].path for number in numbers)

    def plain(self, text: str) -> str:
        """Write a text with the values of its holes, where they have any, else their names."""
        return HOLE.sub(lambda found: _plain(self.found[int(found[1])]), text)

    def template(self, text: str) -> str:
        """Write a text with holes as a template that gives that text."""
        if not HOLE.search(text) and not OPEN.search(text):
            return text
        rest = HOLE.sub("", text)
        # Blanks beside a lone hole are quoted too: else the value would keep its type, not them.
        odd = r"\s+" if rest.isspace() else "\\{(?=[{%#\r\ue000])|\r"
        text = re.sub(odd, lambda found: f"\ue002{found[0]}\ue003", text)
        text = QUOTED.sub(lambda found: f"{{{{ {found[1]!r} }}}}", text)
        return HOLE.sub(lambda found: self.read(self.found[int(found[1])]), text)

    def read(self, hole: Hole) -> str:
        """Declare what a hole reads, and return the template that reads it."""
        if hole.kind == "secret":
            return f"{{{{ {self._secret(hole.name)} }}}}"
        if not hole.path:
            return f"{{{{ {self._variable(hole)} }}}}"
        path = self.path(hole.path)
        name = _bare(PurePosixPath(source_of(hole.path)).name)
        if hole.kind == "text":
            self.values[name] = {"file": path}
        elif name not in self.needed:
            self.needed[name] = TEXT
            self.warn(f"the base64 of {path} cannot stand there: give it with --var {name}=…")
        return f"{{{{ {name} }}}}"

    def _secret(self, name: str) -> str:
        name = f"{name}_SECRET" if name in KEYS else name
        if name not in self.secrets:
            self.secrets.append(name)
            self.warn(f"a key stands in the command: the recipe reads it from the secret {name}")
        return f"env.{name}"

    def hidden(self, name: str) -> str:
        """Put a secret in the place of a value that looks like a key."""
        return self._hole(Hole("secret", name))

    def keyed(self, name: str, value: Any) -> Any:
        """Put a secret in the place of a word that is a key by the name of its field."""
        if isinstance(value, str) and KEYED.search(name) and WORD.fullmatch(value):
            return self.hidden(re.sub(r"\W", "_", name).upper())
        return value

    def free(self, text: str) -> str:
        """Let the hole that a text is hold a value of any type."""
        number = int(HOLE.fullmatch(text)[1])  # type: ignore[index]
        if self.found[number].kind == "variable":
            self.found[number] = self.found[number]._replace(kind="value")
        return text

    def _variable(self, hole: Hole) -> str:
        """Declare a variable, with a value where there is one, and return its name."""
        bare = _bare(hole.name)
        if hole.value is not None:
            self.values.setdefault(bare, self._value(hole))
        elif bare not in self.values and bare not in self.needed:
            self.needed[bare] = {} if hole.kind == "value" else TEXT
            sign = ":=JSON" if hole.kind == "value" else "=…"
            self.warn(f"${hole.name} is a variable of the recipe: give it with --var {bare}{sign}")
        return bare

    def _value(self, hole: Hole) -> Any:
        value = hole.value or ""
        if hole.kind == "value":
            with suppress(ValueError):
                return json.loads(value)
        return self.template(value)

    def path(self, word: Word) -> str:
        """Write the path of a file: as it is below this folder, else a variable to be given."""
        text = text_of(word)
        if text is not None and not text.startswith(("/", "~")) and not _leaves(text):
            return self.template(normpath(join(self.up, text)))
        inner = self.inlined(word)
        if inner != word:
            return self.path(inner)
        if len(word) == 1 and word[0].kind == "variable":
            return self._asked(word[0].text)
        written = source_of(word)
        name = PurePosixPath(written).name
        variable = self._variable(Hole("variable", name, name))
        self.warn(
            f"{written} does not lie below this folder: give it with --file {variable}={written},"
            f" or put {name} beside the recipe"
        )
        return f"{{{{ {variable} }}}}"

    def _asked(self, name: str) -> str:
        variable = _bare(name)
        if variable not in self.needed:
            self.needed[variable] = TEXT
            self.warn(f"${name} names a file: give it with --file {variable}=PATH")
        return f"{{{{ {variable} }}}}"


def _plain(hole: Hole) -> str:
    return hole.name if hole.value is None else hole.value


def _bare(name: str) -> str:
    """Make a name that a variable may have."""
    bare = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "value"
    bare = f"value_{bare}" if bare[0].isdigit() else bare
    return f"{bare}_" if bare in RESERVED or bare in WORDS else bare


def _leaves(path: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(path).parts)
