"""Fetching: gives each provider what fetches for it, made when something is to be fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runner.protocol.providers import Provider

if TYPE_CHECKING:
    from runner.engine.reading.fetch import Fetch


class Fetching:
    """Fetches for providers; closes what it holds open."""

    def __init__(
        self, tell: Callable[[str], None], environ: dict[str, str], *, untrusted: bool = False
    ) -> None:
        self._tell = tell
        self._untrusted = untrusted
        self._environ = environ
        self._made: dict[tuple[str, ...], Fetch] = {}

    def __call__(self, provider: Provider, allowed: tuple[str, ...] = ()) -> Callable[[str], bytes]:
        """Return what fetches for a provider; offline it makes up what it cannot fetch.

        For a stranger's recipe nothing is fetched.
        """
        if self._untrusted:
            from runner.engine import strangers

            return strangers.fetch

        def fetch(address: str) -> bytes:
            return self._for(provider, allowed)(address)

        return fetch

    def _for(self, provider: Provider, allowed: tuple[str, ...]) -> Callable[[str], bytes]:
        if provider.kind == "offline":
            from runner.protocol.simulated.fetched import fetched

            return fetched
        key = (provider.base_url, *allowed)
        if key not in self._made:
            from runner.engine.reading.fetch import fetch_for
            from runner.transport.reach import hosts

            known = hosts(allowed, provider.base_url)
            self._made[key] = fetch_for(known, self._tell, self._environ)
        return self._made[key]

    def close(self) -> None:
        """Close what is open."""
        for made in self._made.values():
            made.close()
