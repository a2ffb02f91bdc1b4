"""Reach: which addresses of strangers may be connected to: public ones, and hosts that are allowed.

A name is judged by the addresses it leads to, at the moment of connecting, so that no second
look-up can lead elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from runner.errors import AddressError
from runner.protocol.wire import shortened
from runner.record import Record
from runner.transport.redirect import USUAL_PORTS, origin_of

ALLOW = "allow_hosts in runner.yaml lets hosts be reached that are not public"
TRANSLATED = ip_network("64:ff9b::/96")


class Hosts(Record):
    """Hosts that the user's side named, each with its port, or None for any."""

    named: frozenset[tuple[str, int | None]] = frozenset()

    def allow(self, url: str) -> bool:
        """Whether the host of an address was named."""
        _, host, port = origin_of(url)
        host = host.rstrip(".").lower()
        return (host, None) in self.named or (host, port) in self.named


def hosts(allowed: Iterable[str], base_url: str = "") -> Hosts:
    """Make the hosts of `allow_hosts`, and of a provider."""
    named = {_host(text) for text in allowed}
    if base_url:
        _, host, port = origin_of(base_url)
        named.add((host.lower(), port))
    return Hosts(frozenset(named))


def _host(text: str) -> tuple[str, int | None]:
    parts = urlsplit(f"//{text}")
    try:
        return (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        return text, None


def judge(url: str, known: Hosts) -> None:
    """Refuse an address by what it says of itself; AddressError."""
    scheme, host, port = origin_of(url)
    shown = without_query(url)
    if scheme not in USUAL_PORTS or not host:
        message = f"{shown}: nothing is fetched from {scheme or 'no scheme'}:"
        raise AddressError(message, hint="name an http(s) address")
    if "@" in urlsplit(url).netloc:
        message = f"{host}: an address with a user's name or password is not fetched"
        raise AddressError(message)
    if known.allow(url):
        return
    if port not in USUAL_PORTS.values():
        message = f"{shown}: nothing is fetched from port {port} of a stranger's host"
        raise AddressError(message, hint=ALLOW)
    judge_place(host, host)


def judge_place(place: str, host: str) -> None:
    """Refuse a numeric address that is not public; a name is let pass."""
    try:
        found = ip_address(place.partition("%")[0])
    except ValueError:
        return
    if is_public(found):
        return
    where = f"{host} ({place})" if place != host else host
    message = f"{where}: nothing is fetched from an address that is not public"
    raise AddressError(message, hint=ALLOW)


def is_public(place: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the internet at large."""
    inner = _inner(place)
    if inner is not None:
        return is_public(inner)
    is_local = isinstance(place, IPv6Address) and place.is_site_local
    return place.is_global and not (place.is_multicast or place.is_reserved or is_local)


def _inner(place: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the older address that a newer one stands for."""
    if isinstance(place, IPv4Address):
        return None
    if place in TRANSLATED:
        return IPv4Address(int(place) & 0xFFFFFFFF)
    return place.ipv4_mapped or place.sixtofour


def without_query(url: str) -> str:
    """Show an address without what gives access to it."""
    return shortened(url.partition("?")[0].partition("#")[0], 200)
