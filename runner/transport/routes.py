"""Routes: by what proxy and with what trust a host is reached, worked out once."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

from runner.errors import SettingsError

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
    host = target.hostname or ""
    name = f"{host}:{target.port}" if target.port else host
    if proxy_bypass_environment(name, {"no": exempt}):
        return True
    return any(_is_in(host, word.strip()) for word in exempt.split(","))


def _is_in(host: str, network: str) -> bool:
    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False


def trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return the process's TLS context: always verifying, its certificates read once."""
    for name in BUNDLES:
        if environ.get(name):
            return _context(environ[name], name)
    return _context(DEFAULT_CA_BUNDLE_PATH, "")


@cache
def _context(bundle: str, variable: str) -> ssl.SSLContext:
    context = create_urllib3_context()
    try:
        if Path(bundle).is_dir():
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except OSError as error:
        text = f"{variable or 'the certificate bundle'}: {bundle} cannot be read as certificates"
        raise SettingsError(text, hint="name a file of certificates in PEM form") from error
    return context
