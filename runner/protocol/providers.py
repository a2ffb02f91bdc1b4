"""Providers: where a request goes and with what key, decided without sending it.

A provider names a kind (how addresses and keys are written) and a base URL. A recipe names a
provider, never an address: keys go to the host that the user's side named, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode, urlsplit

from runner.exchange import Json, JsonBody, Multipart, Request, Timeout
from runner.model import Secret
from runner.protocol.pacing import Limits
from runner.record import Record

OPENAI_URL = "https://api.openai.com/v1"
OPENAI = re.compile(r"https?://([\w.-]+\.)?openai\.com(:\d+)?(/|$)", re.IGNORECASE)
"""The base URLs of OpenAI itself, in every region."""


class Provider(Record):
    """A service and how to speak to it.

    `models` puts another name (an Azure deployment) for a model. `headers` go with every request.
    `token` is an Entra token, used where there is no `key`. `key_name` tells people where the key
    comes from. `empty_content` says how an assistant message without text is sent; `limits` how
    fast it may be asked. Where it has `own_names`, a model may have the name of another one.
    """

    name: str
    kind: str
    base_url: str = ""
    key: Secret | None = None
    token: Secret | None = None
    key_name: str = ""
    api_version: str = ""
    models: Mapping[str, str] = {}
    headers: tuple[tuple[str, str], ...] = ()
    timeout: Timeout | None = None
    checks: str = "warn"
    empty_content: str = "keep"
    limits: Limits = Limits()
    own_names: bool = False


class Kind(Record):
    """How a kind of provider writes the URL and the key of a request."""

    url: Callable[[Provider, Request], str]
    key: Callable[[Provider], tuple[tuple[str, str], ...]]


def outgoing(provider: Provider, request: Request) -> Request:
    """Put the request in the provider's words: its own model names, content where it is empty."""
    if speaks_plainly(provider):
        return request
    model = _named(provider, request)
    body = request.body
    if isinstance(body, Multipart):
        return request._replace(model=model, body=_renamed_field(provider, request, body, model))
    if not isinstance(body, JsonBody) or not isinstance(body.value, dict):
        named = _renamed(request, model), _asked(request, model)
        return request._replace(model=model, path=named[0], query=named[1])
    value = body.value
    if "model" in value and value["model"] == request.model:
        value = {**value, "model": model}
    if _in_path(provider, request):
        value = {key: item for key, item in value.items() if key != "model"}
    if provider.empty_content != "keep" and isinstance(value.get("messages"), list):
        value = {**value, "messages": [_filled(provider, m) for m in value["messages"]]}
    return request._replace(model=model, body=JsonBody(value))


def speaks_plainly(provider: Provider) -> bool:
    """Whether requests go to a provider as they are."""
    return provider.kind != "azure" and not provider.models and provider.empty_content == "keep"


def _named(provider: Provider, request: Request) -> str:
    """Return the provider's own name for a model; what Azure trains is a model, no deployment."""
    if provider.kind == "azure" and request.endpoint in TRAINS:
        return request.model
    return provider.models.get(request.model, request.model)


TRAINS = ("fine_tuning.jobs", "fine-tunes")


def _renamed(request: Request, model: str) -> str:
    if request.endpoint != "models.retrieve" or model == request.model:
        return request.path
    return f"/models/{quote(model, safe='')}"


def _asked(request: Request, model: str) -> tuple[tuple[str, str], ...]:
    """Put the provider's own name into a query that names the model: a session's."""
    if request.endpoint != "realtime":
        return request.query
    return tuple((name, model if name == "model" else value) for name, value in request.query)


def _renamed_field(provider: Provider, request: Request, form: Multipart, model: str) -> Multipart:
    """Put the provider's own name into a form's field `model`; leave out what the path says."""
    own = [part for part in form.parts if part.name == "model" and not part.file_name]
    if not own or own[0].body != request.model.encode():
        return form
    if _in_path(provider, request):
        return Multipart(tuple(part for part in form.parts if part is not own[0]))
    named = own[0]._replace(body=model.encode())
    return Multipart(tuple(named if part is own[0] else part for part in form.parts))


def _filled(provider: Provider, message: Json) -> Json:
    if not isinstance(message, dict) or message.get("content", "") is not None:
        return message
    rest = {key: value for key, value in message.items() if key != "content"}
    return rest if provider.empty_content == "omit" else {**rest, "content": ""}


def url(provider: Provider, request: Request) -> str:
    """Return the address of an outgoing request, with its query."""
    return KINDS[provider.kind].url(provider, request)


def key_headers(provider: Provider) -> tuple[tuple[str, str], ...]:
    """Return the headers that hold the key: for the last moment before sending."""
    return KINDS[provider.kind].key(provider)


def key_header(provider: Provider) -> tuple[str, str, str] | None:
    """Return the name of the key's header, what stands before the key, and its variable."""
    if not provider.key_name:
        return None
    if provider.kind == "azure" and (provider.key is not None or provider.token is None):
        return "api-key", "", provider.key_name
    name = provider.key_name if provider.kind == "openai" else "AZURE_OPENAI_AD_TOKEN"
    return "Authorization", "Bearer ", name


def is_openai(address: str) -> bool:
    """Whether a base URL is that of OpenAI itself."""
    return OPENAI.match(address) is not None


def origin(provider: Provider) -> str:
    """Name the provider's host, for messages."""
    return urlsplit(provider.base_url).netloc


def _with_query(address: str, pairs: tuple[tuple[str, str], ...]) -> str:
    return f"{address}?{urlencode(pairs)}" if pairs else address


def _openai_url(provider: Provider, request: Request) -> str:
    return _with_query(provider.base_url.rstrip("/") + request.path, request.query)


def _bearer(provider: Provider) -> tuple[tuple[str, str], ...]:
    secret = provider.key or provider.token
    return (("Authorization", f"Bearer {secret.reveal()}"),) if secret else ()


def _azure_root(provider: Provider) -> str:
    root = provider.base_url.rstrip("/")
    return root.removesuffix("/v1").removesuffix("/openai")


def is_dated(provider: Provider) -> bool:
    """Whether an Azure provider takes the dated routes."""
    ends_v1 = provider.base_url.rstrip("/").endswith("/openai/v1")
    return provider.api_version not in ("", "v1", "preview") and not ends_v1


def unserved(provider: Provider, endpoint: str) -> tuple[str, str] | None:
    """Say what a provider's routes do not serve, and the way out; None where they do."""
    if provider.kind != "azure" or endpoint != "realtime" or not is_dated(provider):
        return None
    message = f"on Azure's routes of {provider.api_version}, realtime takes beta events alone"
    return message, f"give the provider {provider.name} the api_version v1"


def _in_path(provider: Provider, request: Request) -> bool:
    return provider.kind == "azure" and is_dated(provider) and request.endpoint in DEPLOYED


def _azure_url(provider: Provider, request: Request) -> str:
    root = _azure_root(provider)
    if not is_dated(provider):
        preview = (("api-version", "preview"),) if provider.api_version == "preview" else ()
        return _with_query(f"{root}/openai/v1{request.path}", preview + request.query)
    version = (("api-version", provider.api_version),)
    if _in_path(provider, request):
        deployment = quote(request.model, safe="")
        address = f"{root}/openai/deployments/{deployment}{request.path}"
    else:
        address = f"{root}/openai{request.path}"
    return _with_query(address, version + request.query)


def _azure_key(provider: Provider) -> tuple[tuple[str, str], ...]:
    if provider.key is not None:
        return (("api-key", provider.key.reveal()),)
    return _bearer(provider)


def _no_key(provider: Provider) -> tuple[tuple[str, str], ...]:  # noqa: ARG001  one face for all
    return ()


DEPLOYED = frozenset(
    (
        "chat.completions",
        "completions",
        "embeddings",
        "audio.speech",
        "audio.transcriptions",
        "audio.translations",
        "images.generations",
        "images.edits",
    )
)
"""The endpoints whose path holds the deployment on Azure's dated routes."""

KINDS = {
    "openai": Kind(_openai_url, _bearer),
    "azure": Kind(_azure_url, _azure_key),
    "offline": Kind(_openai_url, _no_key),
}
