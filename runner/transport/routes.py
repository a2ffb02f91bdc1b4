"""Routes: by what proxy and with what trust a host is reached, worked out once."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from runner.errors import SettingsError

if TYPE_CHECKING:
    import ssl

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """Return the address of the proxy to take, None where there is none."""
    target = urlsplit(url)
    address = _proxy_variable(target.scheme, environ)
    if not address or _is_exempt(target, _lower_first("no_proxy", environ)):
        return None
    proxy = address if "://" in address else f"http://{address}"
    parts = urlsplit(proxy)
    if parts.scheme not in ("http", "https"):
        text = f"{parts.scheme}:// proxies are not supported"
        raise SettingsError(text, hint="set HTTPS_PROXY to an http:// proxy, or NO_PROXY=*")
    if not parts.hostname:
        text = f"the proxy variable for {target.scheme}:// names no host"
        raise SettingsError(text, hint="a proxy reads http://host:port")
    return proxy


def _proxy_variable(scheme: str, environ: Mapping[str, str]) -> str:
    # A CGI server puts a request's `Proxy` header into HTTP_PROXY: never trust it there.
    names = [f"{scheme}_proxy", "all_proxy"]
    if scheme == "http" and "REQUEST_METHOD" in environ:
        return environ.get("http_proxy", "") or _lower_first("all_proxy", environ)
    return next((found for name in names if (found := _lower_first(name, environ))), "")


def _lower_first(name: str, environ: Mapping[str, str]) -> str:
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _is_exempt(target: SplitResult, exempt: str) -> bool:
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

    host = target.hostname or ""
    name = f"{host}:{target.port}" if target.port else host
    if proxy_bypass_environment(name, {"no": exempt}):
        return True
    return any(_is_in(host, word.strip()) for word in exempt.split(","))


def _is_in(host: str, network: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False


def trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return the process's TLS context: always verifying, its certificates read once."""
    for name in BUNDLES:
        if environ.get(name):
            return _context(environ[name], name)
    import certifi

    return _context(certifi.where(), "")


@cache
def _context(bundle: str, variable: str) -> ssl.SSLContext:
    context = _verifying()
    try:
        if Path(bundle).is_dir():
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except OSError as error:
        text = f"{variable or 'the certificate bundle'}: {bundle} cannot be read as certificates"
        raise SettingsError(text, hint="name a file of certificates in PEM form") from error
    return context


def _verifying() -> ssl.SSLContext:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.hostname_checks_common_name = False
    context.post_handshake_auth = True
    if sys.version_info >= (3, 13):  # as `ssl.create_default_context` has it since
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    return context
