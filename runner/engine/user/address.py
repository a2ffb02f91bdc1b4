"""Address: where a provider is, as the user's side wrote it."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from runner.errors import SettingsError


def address(url: str, named: str) -> str:
    """Return an address that was given under this name; SettingsError where it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    is_port = _has_port(parts)
    if parts.username or ("@" in url and not (parts.netloc and is_port)):
        message = f"{named}: expected an address without a user name"
        raise SettingsError(message)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        message = f"{named}: expected an address that begins with http:// or https://, got {url!r}"
        raise SettingsError(message)
    if not is_port:
        message = f"{named}: expected a port from 1 to 65535, got {url!r}"
        raise SettingsError(
            message, hint="an address reads https://HOST/v1, or http://HOST:PORT/v1"
        )
    return url


def _has_port(parts: SplitResult) -> bool:
    """Whether the port of an address is one, where it names any."""
    try:
        return parts.port != 0
    except ValueError:
        return False
