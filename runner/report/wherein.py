"""Wherein: how many files there are, and which folder holds them all."""

from __future__ import annotations


class Wherein:
    """Counts files by their paths, and keeps none of these but one."""

    def __init__(self) -> None:
        self._count = 0
        self._only = ""
        self._folders: list[str] = []

    def take(self, path: str) -> None:
        """Count a file."""
        folders = path.split("/")[:-1]
        if not self._count:
            self._only, self._folders = path, folders
        shared = zip(self._folders, folders, strict=False)
        alike = next((n for n, (one, other) in enumerate(shared) if one != other), len(folders))
        self._folders = self._folders[:alike]
        self._count += 1

    def told(self, word: str = "files") -> str:
        """Name the file, or the folder below which there are several; "" where there is none."""
        if self._count < 2:
            return self._only
        folder = "/".join(self._folders)
        return f"{self._count:,} {word}" + f" below {folder}/" * bool(folder)
