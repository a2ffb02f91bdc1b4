"""Address: whose service a URL is, and which endpoint of it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

from runner.errors import Fault, Mark, RecipeError
from runner.importer.holes import HOLE, Holes
from runner.protocol import endpoints
from runner.protocol.endpoint import Endpoint
from runner.record import Record

ADDRESS = re.compile(r"(?:(https?|wss?)://)?([^/?#]*)([^?#]*)(?:\?([^#]*))?")
AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
DEPLOYED = re.compile(r"/openai/deployments/([^/]+)(/.*)")
VERSIONED = re.compile(r"(.*?/v\d\w*(?:/openai)?)(/.*)?")
SECRET = re.compile(r"(?i)^(api[-_]?key|key|access[-_]?token|token|sig|secret|code)$")
OURS = "api.openai.com"


class Place(Record):
    """Where a request goes: `kind` is openai, azure or other, `base` the URL below which it is.

    `path` is relative to that, `deployment` and `version` are those of Azure's dated routes.
    """

    kind: str
    base: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    deployment: str = ""
    version: str = ""


class Match(Record):
    """An endpoint, and what its path holds: an id or a model."""

    endpoint: Endpoint
    held: tuple[tuple[str, str], ...] = ()


def place_of(url: str, holes: Holes, mark: Mark) -> Place:
    """Take an address apart; keys in it are left out."""
    scheme, host, path, query = ADDRESS.fullmatch(url.strip()).groups()  # type: ignore[union-attr]
    if scheme in ("ws", "wss"):
        message = "a WebSocket cannot be imported: curl does not speak it as the API does"
        raise RecipeError.of(Fault(message, mark, hint="write a recipe of the endpoint realtime"))
    name = host.rpartition("@")[2]
    if name != host:
        holes.warn("the user and password in the address are left out")
    pairs = tuple(_kept(query or "", holes))
    origin = f"{scheme or 'https'}://{name}"
    if name.lower().endswith(AZURE):
        return _azure(origin, path, pairs)
    base, path = _split(path)
    own = name.lower() == OURS or (not scheme and bool(HOLE.search(name)))
    return Place("openai" if own else "other", origin + base, path or "/", pairs)


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Read the pairs of a query."""
    return parse_qsl(text, keep_blank_values=True)


def _kept(query: str, holes: Holes) -> list[tuple[str, str]]:
    pairs = pairs_of(query)
    kept = [(name, value) for name, value in pairs if not SECRET.match(name)]
    for name, _ in set(pairs) - set(kept):
        holes.warn(f"{name} is left out of the address: keys are the provider's")
    return kept


def _azure(origin: str, path: str, pairs: tuple[tuple[str, str], ...]) -> Place:
    version = dict(pairs).get("api-version", "")
    query = tuple(pair for pair in pairs if pair[0] != "api-version")
    if found := DEPLOYED.fullmatch(path):
        return Place("azure", origin, found[2], query, unquote(found[1]), version)
    below = path.removeprefix("/openai")
    if below.startswith("/v1/"):
        return Place("azure", origin, below.removeprefix("/v1"), query, "", version or "v1")
    return Place("azure", origin, below or "/", query, "", version)


def _split(path: str) -> tuple[str, str]:
    """Part the base's path from the endpoint's: at the version, or where an endpoint begins."""
    if found := VERSIONED.fullmatch(path):
        return found[1], found[2] or ""
    for endpoint in _callable():
        if "{" not in endpoint.path and path.endswith(endpoint.path):
            return path.removesuffix(endpoint.path), endpoint.path
    return "", path


def match(method: str, path: str) -> Match | None:
    """Find the endpoint that a method and a path below the base URL call."""
    for endpoint in _callable():
        names = re.findall(r"\{(\w+)\}", endpoint.path)
        pattern = re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(endpoint.path))
        found = re.fullmatch(pattern, path.rstrip("/"))
        if found and endpoint.method == method:
            held = tuple(zip(names, map(unquote, found.groups()), strict=True))
            return Match(endpoint, held)
    return None


def _callable() -> tuple[Endpoint, ...]:
    """List the endpoints that a plain call reaches: curl speaks no WebSocket as the API does."""
    return tuple(e for e in endpoints.all_endpoints() if e.path and e.name != "realtime")
