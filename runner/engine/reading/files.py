"""Files: reads what a recipe names, and only where it may; remembers what was read.

Paths belong to the file whose key holds them. One that leaves the project (`..`, absolute, through
a link) or names a dot-file is refused, unless the user's side allowed it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from runner.engine.reading.wider import wider
from runner.errors import Fault, Mark, RecipeError
from runner.recipe import meaning, source

LIMIT = 256 * 1024 * 1024
TREES = {".yaml": source.parse, ".yml": source.parse, ".json": source.parse_json}
"""What reads a file that is a tree, by its ending; all others are text."""
STDIN = "-"


class Files:
    """The files of one recipe. `digests` maps the place of each file read to its SHA-256.

    `meaning` is the digest of what the recipe's own file says. `denied` are files that hold keys:
    nothing allows them. Relative paths start from `here`; `held` are contents that another machine
    sent, by their places. `ways` says how a path that is refused can be allowed; where `is_bare`,
    no project file says which folder is the root.
    """

    def __init__(
        self, root: Path, allowed: Iterable[Path] = (), denied: Iterable[Path] = ()
    ) -> None:
        self.root = real(root)
        self.allowed = [real(path) for path in allowed]
        self.denied = frozenset(real(path) for path in denied)
        self.written: set[Path] = set()
        self.elsewhere: dict[str, Path] = {}
        self.told: dict[Path, str] = {}
        self.digests: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.meaning = ""
        self.ways = "allow it with --allow-path DIR, or allow_paths in runner.yaml"
        self.is_bare = False
        self.here = Path()
        self.held: Mapping[str, bytes] = {}

    def copy(self) -> Files:
        """Return files that may read the same, and remember what was read so far."""
        made = Files.__new__(Files)  # Links are not followed anew: rows are many.
        made.__dict__.update(self.__dict__)
        made.allowed, made.written = [*self.allowed], set()
        made.elsewhere, made.told = {}, {}
        made.digests = dict(self.digests)
        return made

    def settle(self, here: Path, held: Mapping[str, bytes]) -> None:
        """Read on another machine what was named from the folder `here` of the first."""
        self.here, self.held = here, held

    def allow(self, path: Path) -> None:
        """Let one more file or folder be read."""
        self.allowed.append(real(path))

    def wrote(self, path: Path, told: str = "") -> None:
        """Let what the run wrote be read by its later steps, by the path they were told."""
        self.written.add(real(path))
        if told:
            self.elsewhere[told] = path
            self.told[path] = told

    def located(self, told: str) -> str:
        """Return where on this machine lies what the run wrote."""
        return str(self.elsewhere.get(told, told))

    def recipe(self, file: str) -> Any:
        """Read and parse the recipe that the user named, `-` for standard input."""
        if file != STDIN:
            content = self._bytes(Path(file), Mark(file, 1, 1))
        else:
            content = sys.stdin.buffer.read()
            self.digests[file] = hashlib.sha256(content).hexdigest()
        self._remember(file, content)
        tree = source.parse(content, file)
        self.meaning = meaning.digest(tree)
        return tree

    def tree(self, path: str, mark: Mark) -> Any:
        """Read what `include`, `extends` and `file` name: a tree, or text less a last newline."""
        return self._read(self.place(path, mark), path, mark)

    def included(self, path: str, mark: Mark) -> Any:
        """Read what `include` names: as `tree` does, but a text knows its place."""
        place = self.place(path, mark)
        found = self._read(place, path, mark)
        if place.suffix in TREES:
            return found
        name = shown(place)
        self.texts[name] = found
        return source.Words.of(found, name)

    def content(self, path: str, mark: Mark) -> bytes:
        """Read a file's bytes."""
        return self._bytes(self.place(path, mark), mark)

    def find(self, path: str, mark: Mark) -> Path:
        """Find a file that is there, and may be read."""
        place = self.place(path, mark)
        if kind_of(place) != "file":
            self._bytes(place, mark)  # It is not there: this says so, and what was meant.
        return place

    def place(self, path: str, mark: Mark) -> Path:
        """Find the file that a path means; refuse one that the recipe may not read."""
        if "\0" in path or not path:
            raise RecipeError.of(Fault(f"{path!r} is no path", mark))
        if path in self.elsewhere:
            return self.elsewhere[path]
        if real(Path(path)) in self.written:
            return Path(path)
        alone = mark.file == STDIN
        base = self.here.absolute() if alone else self.here / Path(mark.file).parent
        place = base / path
        target = real(place)
        if target in self.denied:
            msg = "holds a key, which no recipe may read"
            raise _refused(msg, path, mark)
        if any(target == one or one in target.parents for one in self.allowed):
            return place
        if target != self.root and self.root not in target.parents:
            link = _is_link(str(place)) and not Path(path).is_absolute() and ".." not in path
            msg = "is a link that leads out of the project" if link else "is outside the project"
            way = wider(self.root, target) if self.is_bare and ".." in Path(path).parts else ""
            raise _refused(msg, path, mark, way or self.ways)
        if any(name.startswith(".") for name in target.relative_to(self.root).parts):
            msg = "is a dot-file, which recipes may not read"
            raise _refused(msg, path, mark, self.ways)
        return place

    def line(self, file: str, number: int) -> str:
        """Return a line of a file that was read, for messages."""
        if file not in self.texts:
            return ""
        lines = _lines(self.texts[file])
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def quoted(self, error: RecipeError) -> RecipeError:
        """Put into an error the lines that its faults point at."""
        faults = [self.quote(fault) for fault in error.faults]
        if faults == list(error.faults):
            return error
        made = type(error).of(*faults)
        return made.with_traceback(error.__traceback__)

    def quote(self, fault: Fault) -> Fault:
        """Put into a fault the line that it points at."""
        if fault.mark is None or fault.source:
            return fault
        return fault._replace(source=self.line(fault.mark.file, fault.mark.line))

    def _read(self, place: Path, path: str, mark: Mark) -> Any:
        content = self._bytes(place, mark)
        if place.suffix not in TREES:
            return _text(content, path, mark).removesuffix("\n").removesuffix("\r")
        name = shown(place)
        self._remember(name, content)
        return TREES[place.suffix](content, name)

    def _bytes(self, place: Path, mark: Mark) -> bytes:
        if self.held and (sent := self.held.get(os.path.normpath(place))) is not None:
            self.digests[shown(place)] = hashlib.sha256(sent).hexdigest()
            return sent
        try:
            if not place.is_file():
                raise _unsent(place, mark) if self.held else _absent(place, mark)
            if place.stat().st_size > LIMIT:
                msg = f"is larger than {LIMIT >> 20} MiB"
                raise _refused(msg, str(place), mark)
            content = place.read_bytes()
        except OSError as error:
            why = f"cannot be read: {_reason(error)}"
            raise _refused(why, str(place), mark) from error
        self.digests[self.told.get(place) or shown(place)] = hashlib.sha256(content).hexdigest()
        return content

    def _remember(self, name: str, content: bytes) -> None:
        self.texts[name] = content.decode("utf-8", "replace")


@lru_cache(maxsize=4)
def _lines(text: str) -> list[str]:
    return source.LINE_END.split(text)  # a file may have thousands of faults


def real(path: Path) -> Path:
    """Follow the links of a path; one that leads round and round is left as it is."""
    return Path(followed(os.fspath(path)))


def followed(path: str) -> str:
    """Follow the links of a path, as text: of many, a `Path` each would cost as much again.

    Of the many files of one folder the folder's own way is followed once, while it is the same.
    """
    whole = path if path.startswith("/") else f"{os.getcwd()}/{path}"  # noqa: PTH109  as above
    folder, _, name = whole.rpartition("/")
    try:
        if os.sep == "/" and folder and name not in ("", ".", "..") and not _is_link(whole):
            found = os.stat(folder)  # noqa: PTH116  as above
            return f"{_followed(folder, found.st_dev, found.st_ino)}/{name}"
    except (OSError, ValueError):
        pass
    return os.path.realpath(path)


def _is_link(path: str) -> bool:
    return os.path.islink(path)  # noqa: PTH114  as above


@lru_cache(maxsize=1024)
def _followed(folder: str, device: int, number: int) -> str:  # noqa: ARG001  what it was that time
    found = os.path.realpath(folder)
    return "" if found == "/" else found


def own_folder(file: str, folder: Path) -> Path:
    """Return the folder that a stranger's recipe may read: its own; none of standard input.

    RecipeError where the recipe is a link that leads out of its folder.
    """
    if file == STDIN:
        return Path(os.devnull)
    home = real(folder)
    if home in real(Path(file)).parents:
        return home
    hint = "a stranger's recipe is a file of its own folder"
    raise RecipeError.of(Fault("this is a link out of its folder", Mark(file, 1, 1), hint=hint))


def kind_of(path: Path) -> str:
    """Tell a "file" from a "folder"; a name that no disk can hold, and all else, is "none"."""
    try:
        return "file" if path.is_file() else "folder" if path.is_dir() else "none"
    except (OSError, ValueError):
        return "none"


def _text(content: bytes, path: str, mark: Mark) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = "is not UTF-8 text"
        raise _refused(msg, path, mark) from error


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _refused(why: str, path: str, mark: Mark, hint: str = "") -> RecipeError:
    return RecipeError.of(Fault(f"{shown(Path(path))} {why}", mark, hint=hint))


def _absent(place: Path, mark: Mark) -> RecipeError:
    """Say that a file is not there, and which of its folder's was meant."""
    if place.exists():
        return _refused("is no file, but a folder or a device", str(place), mark)
    from difflib import get_close_matches

    folder = place.parent.iterdir() if place.parent.is_dir() else ()
    beside = sorted(one.name for one in folder if not one.name.startswith("."))
    near = get_close_matches(place.name, {*beside} - {place.name}, 1, 0.75)
    hint = f"did you mean {near[0]!r}?" if near else f"paths start from {_folder(mark)}"
    return RecipeError.of(Fault(f"no file is named {shown(place)}", mark, hint=hint))


def _unsent(place: Path, mark: Mark) -> RecipeError:
    hint = "what only some rows name is not sent: put it on storage that all share, at this path"
    return RecipeError.of(Fault(f"no file is named {place} where the worker runs", mark, hint=hint))


def _folder(mark: Mark) -> str:
    return "the working directory" if mark.file == STDIN else f"the folder of {mark.file}"


def shown(path: Path) -> str:
    """Name a path as the user would: from the working directory where it lies below it."""
    whole = Path(os.path.normpath(path))
    whole = whole if real(whole) == real(path) else path
    try:
        return str(whole.relative_to(Path.cwd())) if path.is_absolute() else str(whole)
    except ValueError:
        return str(whole)
