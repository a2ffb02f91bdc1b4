"""Access: whether a provider can be asked, as far as the user's side tells."""

from __future__ import annotations

from urllib.parse import urlsplit

from runner.errors import SettingsError
from runner.protocol.providers import Provider


def needs(found: Provider) -> str:
    """Say what a provider lacks to be asked, or "" where nothing is missing."""
    if found.kind == "azure" and not found.base_url:
        return "AZURE_OPENAI_ENDPOINT is not set"
    local = urlsplit(found.base_url).hostname in ("127.0.0.1", "localhost", "::1")
    named = found.key_name and not found.key and not found.token
    return f"{found.key_name} is not set" if named and not local else ""


def demand(found: Provider) -> None:
    """Raise SettingsError where a provider cannot be asked, for want of a key say."""
    missing = needs(found) if found.kind != "offline" else ""
    if missing:
        message = f"{missing}: the provider {found.name} cannot be asked without it"
        hint = "set it, or try --offline, which needs no key"
        raise SettingsError(message, hint=hint, stops_all=True)
