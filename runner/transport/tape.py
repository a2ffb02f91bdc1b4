"""Tape: the files of a cassette: its text, and what lies beside it by its hash.

It may come from a stranger: no link is followed, nothing but its own folder is read, and what a
file holds is what its name says.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import NoReturn

from runner.errors import Fault, Mark, OutputError, RecipeError, SettingsError
from runner.recipe.source import MAX_SIZE

OWN = re.compile(r"[0-9a-f]{16}\.[a-z0-9]{1,5}|\..*\.part")
"""The names of files that this room made."""
LARGEST = 64 << 20
"""No body of more bytes is recorded."""
LED_AWAY = "no cassette is written through a link"
ANEW = "record it anew: --cassette record"


class Tape:
    """The files at one place: `chat.yaml`, and the folder `chat` beside it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.folder = place.with_suffix("")

    @property
    def name(self) -> str:
        """Name the cassette as messages do."""
        try:
            return str(self.place.relative_to(Path.cwd()))
        except ValueError:
            return str(self.place)

    def text(self) -> bytes | None:
        """Return the text; None where there is no cassette."""
        return self._read(self.place, MAX_SIZE)

    def body(self, name: str) -> bytes:
        """Return what a file beside the cassette holds; RecipeError where it is not that."""
        content = self._read(self.folder / name, LARGEST)
        if content is None:
            self._refuse(f"the file {self.folder.name}/{name} is not there")
        if sha256(content).hexdigest()[:16] != name.partition(".")[0]:
            self._refuse(f"the file {self.folder.name}/{name} is not what was recorded")
        return content

    def keep(self, name: str, content: bytes) -> None:
        """Write a file beside the cassette, unless it is there."""
        place = self.folder / name
        if not place.is_file() or place.is_symlink() or place.stat().st_size != len(content):
            self._write(place, content)

    def write(
        self, text: bytes | None, files: AbstractSet[str], gone: AbstractSet[str] | None
    ) -> None:
        """Write the text, or leave none, and remove those files that it does not name any more.

        They are those that may be `gone`; where that is None, all that this room has made.
        """
        if text is None:
            with _told(self.place):
                self.place.unlink(missing_ok=True)
        else:
            self._write(self.place, text)
        with _told(self.folder):
            self._sweep(files, gone)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from writing meanwhile: those of a test session, say."""
        with _told(self.place):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            folder = os.open(self.place.parent, os.O_RDONLY)
        try:
            with _told(self.place):
                flock(folder, LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _sweep(self, files: AbstractSet[str], gone: AbstractSet[str] | None) -> None:
        if self.folder.is_symlink() or not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            name = path.name
            ours = OWN.fullmatch(name) if gone is None else name in gone
            if ours and name not in files and path.is_file():
                path.unlink()
        with suppress(OSError):
            self.folder.rmdir()

    def _read(self, path: Path, limit: int) -> bytes | None:
        try:
            found = path.lstat()
        except FileNotFoundError:
            return None
        except NotADirectoryError as error:
            message = f"{path.parent.name} is no folder, and recordings stand in one"
            self._refuse(message, error, "move the file away")
        except OSError as error:
            self._refuse(f"{path.name}: {error.strerror}", error)
        if not stat.S_ISREG(found.st_mode) or self._leads_away(path):
            self._refuse(f"{path.name} is no plain file of this folder")
        if found.st_size > limit:
            self._refuse(f"{path.name} is larger than {limit >> 20} MiB")
        try:
            return path.read_bytes()
        except OSError as error:
            self._refuse(f"{path.name}: {error.strerror}", error)

    @property
    def is_led_away(self) -> bool:
        """Whether the way to the cassette, or to what lies beside it, goes through a link."""
        return self._leads_away(self.place) or self._leads_away(self.folder)

    def _leads_away(self, path: Path) -> bool:
        """Whether the way to a file, from the recipe's folder on, goes through a link."""
        above = self.place.parent.parent
        try:
            return path.resolve() != above.resolve() / path.relative_to(above)
        except RuntimeError:
            return True  # It leads round.

    def _refuse(self, message: str, cause: Exception | None = None, hint: str = ANEW) -> NoReturn:
        raise RecipeError.of(Fault(message, Mark(self.name, 1, 1), hint=hint)) from cause

    def _write(self, place: Path, content: bytes) -> None:
        """Write a file whole or not at all."""
        with _told(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            if self._leads_away(place):
                message = f"{place}: {LED_AWAY}"
                raise OutputError(message)
            number, name = mkstemp(dir=place.parent, prefix=".", suffix=".part")
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(number)
                Path(name).chmod(0o644)
                Path(name).replace(place)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise


def unkept(name: str, why: str) -> SettingsError:
    """Make the error of recordings that cannot be kept: nothing is asked that should be."""
    message = f"no recording can be kept in {name}: {why}"
    hint = "recordings stand beside the recipe: let files be written there, or record a copy of it"
    return SettingsError(message, hint=hint, stops_all=True)


@contextmanager
def _told(place: Path) -> Iterator[None]:
    """Say of what the system refuses that it concerns a place."""
    try:
        yield
    except OSError as error:
        message = f"{place}: {(error.strerror or str(error)).lower()}"
        hint = "nothing more was recorded there: see that it can be written to, and record again"
        raise OutputError(message, hint=hint) from error
