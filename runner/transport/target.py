"""Targets: an address, taken apart into what is connected to and what is asked for there."""

from __future__ import annotations

from re import compile as pattern
from urllib.parse import SplitResult, quote, unquote, urlsplit

from runner.record import Record
from runner.transport.redirect import USUAL_PORTS

HOST = pattern(r"[A-Za-z0-9\-_~!$&'()+,;=%][A-Za-z0-9\-._~!$&'()*+,;=%]*|[0-9A-Fa-f:.]+(?:%.+)?")
UNTOUCHED = pattern(r"[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*")
SAFE = "/?:@!$&'()*+,;=%~"
LONE = pattern(r"%(?![0-9A-Fa-f]{2})")


class Target(Record):
    """Where a request goes. `authority` is host and port as written; `login` is a user's, encoded.

    `path` holds the query.
    """

    scheme: str
    host: str
    port: int
    authority: str
    path: str
    login: str = ""

    @property
    def url(self) -> str:
        """The address as it is asked of a proxy."""
        return f"{self.scheme}://{self.authority}{self.path}"


def target_of(url: str) -> Target:
    """Take an address apart; ValueError where it is none of HTTP."""
    parts = urlsplit(url.strip())
    host = _host(parts.hostname or "")
    if parts.scheme not in USUAL_PORTS or not HOST.fullmatch(host):
        message = "no address that can be called"
        raise ValueError(message)
    bare = host.partition("%")[0] if ":" in host else host
    authority = f"[{bare}]" if ":" in host else bare
    if parts.port is not None:
        authority += f":{parts.port}"
    port = USUAL_PORTS[parts.scheme] if parts.port is None else parts.port
    return Target(parts.scheme, host, port, authority, _path(parts), _login(parts))


def _host(name: str) -> str:
    if ":" in name:
        return name.replace("%25", "%", 1)  # the zone of an IPv6 address
    if name.isascii():
        return name
    import idna

    return idna.encode(name, uts46=True).decode("ascii")


def _path(parts: SplitResult) -> str:
    """Return path and query letter for letter where they can be sent: a signature counts each."""
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if UNTOUCHED.fullmatch(path):
        return path
    return quote(LONE.sub("%25", path), safe=SAFE, errors="surrogatepass")


def _login(parts: SplitResult) -> str:
    if parts.password is None or not (parts.username or parts.password):
        return ""
    from base64 import b64encode

    both = f"{unquote(parts.username or '')}:{unquote(parts.password)}"
    return f"Basic {b64encode(both.encode('latin-1')).decode('ascii')}"
