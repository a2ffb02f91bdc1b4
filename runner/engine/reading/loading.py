"""Loading: the bytes that a reference names, from a file, or from an address when the time comes.

What is only checked or shown fetches nothing: such a step awaits its files, and is rendered anew
once it runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from runner.engine.reading.attach import is_address
from runner.engine.reading.files import Files
from runner.errors import AddressError, Fault, RecipeError
from runner.model import Ref
from runner.protocol import pictures

Fetcher = Callable[[str], bytes]


class Loader:
    """Loads what references name; `awaits` is true once one names what was not fetched."""

    def __init__(self, files: Files, fetch: Fetcher | None) -> None:
        self.awaits = False
        self._files = files
        self._fetch = fetch

    def __call__(self, ref: Ref) -> bytes | None:
        """Return the bytes, None where they are still to be fetched."""
        if ref.path.startswith("data:"):
            return self._inline(ref)
        if not is_address(ref.path):
            return self._files.content(ref.path, ref.mark)
        if self._fetch is None:
            self.awaits = True
            return None
        try:
            content = self._fetch(ref.path)
        except AddressError as error:
            raise RecipeError.of(Fault(str(error.args[0]), ref.mark, hint=error.hint)) from error
        bare = ref.path.partition("?")[0]
        self._files.digests[bare] = hashlib.sha256(content).hexdigest()
        return content

    def _inline(self, ref: Ref) -> bytes:
        content = pictures.inline(ref.path)
        if content is None:
            raise RecipeError.of(Fault("expected a data URI, found no base64 in it", ref.mark))
        return content
