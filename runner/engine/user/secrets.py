"""Secrets: keeps keys and declared secrets out of everything that people see."""

from __future__ import annotations

import json
import re
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, quote_plus

from runner.protocol.providers import Provider

MASK = "***"
CUT = "…"
"""Stands where a text was cut."""
SHORTEST = 8
PRIVATE = re.compile(r"auth|cookie|key|secret|token", re.IGNORECASE)
URL_SAFE = str.maketrans("+/", "-_")
LEADS = (
    *(f"bearer{sign}" for sign in (" ", "%20", "+")),
    *(f"api-key{sign}" for sign in (":", ": ", "=", "%3A", "%3A%20", "%3A+", "%3D")),
    *(f"api-key{mark}:{blank}{mark}" for mark in ('"', "'", '\\"') for blank in ("", " ")),
)
"""What stands before a key where a request is told: a short key is masked behind it alone."""
WEAK = f"the key has fewer than {SHORTEST} characters: it cannot be masked everywhere"
_OTHER = {"\n": r"\\+n|", "\t": r"\\+t|", "\r": r"\\+r|", "'": "'\"'\"'|"}
"""How else letters are written, as patterns."""


class Masker:
    """Masks known secrets in text: raw, base64, URL-encoded and as JSON, Python and shells write.

    Of one that was cut in two by a `…`, what is left is masked, too. `weak` are the providers whose
    keys are too short to be looked for everywhere: those are masked where they are told as a key.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms: list[str] = []
        self._patterns: dict[str, re.Pattern[str]] = {}
        self.weak: dict[str, None] = {}
        for value in values:
            self.learn(value)

    def learn(self, value: str) -> None:
        """Mask one more secret from now on; the longest forms first."""
        if len(value) < SHORTEST or value in self._forms:
            return
        # Who tells of a text line by line tells of a key of several lines so, too.
        for line in value.split("\n") if "\n" in value else ():
            self.learn(line.strip())
        encoded = b2a_base64(value.encode(), newline=False).decode()
        forms = {value, encoded, encoded.rstrip("="), *_in_addresses(value)}
        forms |= {_inside(value, shift) for shift in range(3)} | set(_written(value))
        forms |= {form.translate(URL_SAFE) for form in forms if form is not value}
        if not value.replace("-", "").replace("_", "").isalnum() or not value.isascii():
            pattern = re.compile("".join(map(_escaped, value)))
            self._patterns = {**self._patterns, value: pattern}
        self._know(forms)

    def _know(self, forms: Iterable[str]) -> None:
        known = {*self._forms, *forms}
        self._forms = sorted((form for form in known if len(form) >= SHORTEST), key=len)[::-1]

    def learn_provider(self, provider: Provider) -> None:
        """Learn what a provider is asked with."""
        for secret in (provider.key, provider.token):
            if secret is not None:
                self.learn(secret.reveal())
                self._learn_short(secret.reveal())
        self.weak |= {provider.name: None} if is_weak(provider) else {}
        self.learn_headers(provider.headers)

    def _learn_short(self, key: str) -> None:
        """Mask a key that is too short to be looked for everywhere, where it is told as a key."""
        if len(key) >= SHORTEST or key in self._patterns:
            return
        encoded, whole = (_in_base64(text) for text in (key, f"Bearer {key}"))
        everywhere = [text for text in (encoded, whole) if len(text) >= SHORTEST]
        self._know(text + end for text in everywhere for end in ("", "=", "=="))
        forms = ("".join(map(_escaped, key)), *map(re.escape, {*_in_addresses(key), encoded}))
        leads = "|".join(f"(?<={re.escape(lead)})" for lead in LEADS)
        pattern = re.compile(rf"(?i:(?:{leads})(?:{'|'.join(forms)})=*(?!\w))")
        self._patterns = {key: pattern, **self._patterns}

    def learn_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Mask what headers say that are as good as a key, by their names."""
        for name, value in headers:
            for word in (value, *value.split()) if PRIVATE.search(name) else ():
                self.learn(word)

    def hide(self, text: str) -> str:
        """Return the text with every secret masked."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        for pattern in self._patterns.values():
            text = pattern.sub(MASK, text)
        return self._uncut(text) if CUT in text and self._forms else text

    def _uncut(self, text: str) -> str:
        """Mask what is left of a secret before a cut, and behind one."""
        pieces = text.split(CUT)
        for place, piece in enumerate(pieces):
            if place < len(pieces) - 1:
                piece = _less(piece, self._forms)
            if place:
                piece = _less(piece[::-1], [form[::-1] for form in self._forms])[::-1]
            pieces[place] = piece
        return CUT.join(pieces)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where secrets begin and end in a text, in order."""
        known = [*map(re.escape, self._forms), *(one.pattern for one in self._patterns.values())]
        found = re.finditer("|".join(known), text) if known else ()
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


def keyed(provider: Provider) -> str:
    """Say what a provider is asked with, without showing it."""
    if provider.key or provider.token:
        return f"a key is set; {WEAK}" if is_weak(provider) else "a key is set"
    unset = f"{provider.key_name} is not set: asked without a key"
    return unset if lacks_key(provider) else "no key"


def lacks_key(provider: Provider) -> bool:
    """Whether a provider names a key that is not there."""
    return bool(provider.key_name) and not (provider.key or provider.token)


def is_weak(provider: Provider) -> bool:
    """Whether a provider's key is too short to be masked everywhere."""
    secrets = (one.reveal() for one in (provider.key, provider.token) if one is not None)
    return any(len(secret) < SHORTEST for secret in secrets)


def _in_addresses(value: str) -> Iterator[str]:
    """Yield a secret as it stands in addresses and forms: the codes of signs have either case."""
    for quoted in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), quoted)


def _in_base64(value: str) -> str:
    """Return what base64 makes of a secret, less the signs that fill it up."""
    return b2a_base64(value.encode(), newline=False).decode().rstrip("=")


def _written(value: str) -> Iterator[str]:
    """Yield a secret as it stands in JSON and in Python."""
    yield from (json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    quoted = repr(f"{value}\"'")[1:-4]
    yield from (quoted, quoted.replace("\\'", "'"))


def _escaped(letter: str) -> str:
    """Return a pattern of a letter as it stands in JSON within JSON, however deep, or a shell."""
    if letter.isascii() and letter.isalnum():
        return letter
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    code = "".join(rf"\\+u{units[at : at + 4]}" for at in range(0, len(units), 4))
    plain = r"\\+" if letter == "\\" else rf"\\*{re.escape(letter)}"
    return f"(?:{_OTHER.get(letter, '')}{plain}|(?i:{code}))"


def _less(text: str, forms: Iterable[str]) -> str:
    """Mask the start of a secret at the end of a text, before blanks that may stand there."""
    bare = text.rstrip(" ")
    sizes = [_begun(bare, form) for form in forms]
    size = max(sizes, default=0)
    return bare[: len(bare) - size] + MASK + text[len(bare) :] if size else text


def _begun(text: str, form: str) -> int:
    """Count the last characters of a text that begin a form; 0 where they tell little of it."""
    tail = text[1 - len(form) :]
    at = tail.find(form[:SHORTEST])
    while at >= 0 and not form.startswith(tail[at:]):
        at = tail.find(form[:SHORTEST], at + 1)
    return len(tail) - at if at >= 0 else 0


def _inside(value: str, shift: int) -> str:
    """Return what base64 makes of a secret that begins within a group of three bytes."""
    encoded = b2a_base64(b"\0" * shift + value.encode(), newline=False).decode()
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
