"""Secrets: keeps keys and declared secrets out of everything that people see."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

MASK = "***"
SHORTEST = 8
URL_SAFE = str.maketrans("+/", "-_")


class Masker:
    """Masks known secrets in text: raw, base64, URL-encoded and as JSON writes them."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms: list[str] = []
        for value in values:
            self.learn(value)

    def learn(self, value: str) -> None:
        """Mask one more secret from now on; the longest forms first."""
        if len(value) < SHORTEST:
            return
        encoded = base64.b64encode(value.encode()).decode()
        forms = {value, encoded, encoded.rstrip("="), quote(value, safe=""), quote(value)}
        forms |= {json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
        forms |= {_inside(value, shift) for shift in range(3)}
        forms |= {form.translate(URL_SAFE) for form in forms if form is not value}
        known = {*self._forms, *forms}
        self._forms = sorted((form for form in known if len(form) >= SHORTEST), key=len)[::-1]

    def hide(self, text: str) -> str:
        """Return the text with every secret masked."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where secrets begin and end in a text, in order."""
        found = re.finditer("|".join(map(re.escape, self._forms)), text) if self._forms else ()
        return [match.span() for match in found]

    def passing(self, show: Callable[[str], None]) -> Passing:
        """Mask a text that comes in pieces, even where a secret is cut between two."""
        return Passing(self, show)

    def held(self, text: str) -> int:
        """Count the last characters that may be the start of a secret."""
        for size in range(min(len(text), max(map(len, self._forms), default=1) - 1), 0, -1):
            if any(form.startswith(text[-size:]) for form in self._forms):
                return size
        return 0


def _inside(value: str, shift: int) -> str:
    """Return what base64 makes of a secret that begins within a group of three bytes."""
    encoded = base64.b64encode(b"\0" * shift + value.encode()).decode()
    whole = len(encoded) - (4 if (len(value.encode()) + shift) % 3 else 0)
    return encoded[shift + 1 if shift else 0 : whole]


class Passing:
    """Shows pieces of a text as they come, less what may yet turn out to be a secret."""

    def __init__(self, masker: Masker, show: Callable[[str], None]) -> None:
        self._masker = masker
        self._show = show
        self._rest = ""
        self._seen = 0

    def __call__(self, piece: str) -> None:
        """Take a piece."""
        self._seen += len(piece)
        text = self._masker.hide(self._rest + piece)
        held = self._masker.held(text)
        self._rest = text[len(text) - held :]
        if len(text) > held:
            self._show(text[: len(text) - held])

    def end(self, whole: str) -> bool:
        """Show what of the whole text was not shown yet; return whether anything ever was."""
        begun = self._seen > 0
        rest = self._rest + (whole[self._seen :] if begun else "")
        if rest:
            self._show(self._masker.hide(rest))
        self._rest, self._seen = "", 0
        return begun
