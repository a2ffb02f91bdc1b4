"""Providers: addresses, keys and words of each kind of service."""

from __future__ import annotations

from typing import Any

import pytest

from runner.exchange import JsonBody, Multipart, Part, Request
from runner.model import Secret
from runner.protocol import providers
from runner.protocol.providers import Provider

CHAT = Request(
    "POST",
    "/chat/completions",
    "chat.completions",
    JsonBody({"model": "m", "messages": [{"role": "user", "content": "Hi"}]}),
    model="m",
)
LIST = Request("GET", "/models", "models", query=(("limit", "2"),))
AZURE = Provider("az", "azure", "https://r.openai.azure.com", api_version="2024-10-21")


def sent(provider: Provider, request: Request = CHAT) -> tuple[str, object]:
    """The address and the body that leave."""
    made = providers.outgoing(provider, request)
    return providers.url(provider, made), getattr(made.body, "value", made.body)


@pytest.mark.parametrize("base", ["https://h/v1", "https://h/v1/"])
def test_an_address_is_the_base_and_the_path(base):
    assert sent(Provider("x", "openai", base))[0] == "https://h/v1/chat/completions"
    assert sent(Provider("x", "openai", base), LIST)[0] == "https://h/v1/models?limit=2"


def test_a_query_is_quoted():
    request = LIST._replace(query=(("include[]", "a b&c"),))
    assert sent(Provider("x", "openai", "https://h"), request)[0] == (
        "https://h/models?include%5B%5D=a+b%26c"
    )


@pytest.mark.parametrize(
    "base", ["https://r.openai.azure.com", "https://r.openai.azure.com/openai/"]
)
def test_a_dated_version_puts_the_deployment_in_the_path(base):
    provider = AZURE._replace(base_url=base, models={"m": "my deployment"})
    url, body = sent(provider)
    assert url == (
        "https://r.openai.azure.com/openai/deployments/my%20deployment/chat/completions"
        "?api-version=2024-10-21"
    )
    assert body == {"messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [("responses", "/responses"), ("models", "/models"), ("raw", "/x"), ("files", "/files")],
)
def test_other_dated_routes_have_no_deployment(endpoint, path):
    request = CHAT._replace(endpoint=endpoint, path=path)
    url, body = sent(AZURE, request)
    assert url == f"https://r.openai.azure.com/openai{path}?api-version=2024-10-21"
    assert body["model"] == "m"  # type: ignore[index]


@pytest.mark.parametrize(
    ("base", "version", "query"),
    [
        ("https://r", "v1", ""),
        ("https://r", "", ""),
        ("https://r", "preview", "?api-version=preview"),
        ("https://r/openai/v1", "2024-10-21", ""),
        ("https://r/openai/v1/", "", ""),
    ],
)
def test_the_v1_routes_have_the_deployment_in_the_body(base, version, query):
    provider = AZURE._replace(base_url=base, api_version=version, models={"m": "d"})
    url, body = sent(provider)
    assert url == f"https://r/openai/v1/chat/completions{query}"
    assert body["model"] == "d"  # type: ignore[index]


def test_a_version_stands_before_the_query():
    assert sent(AZURE, LIST)[0].endswith("/openai/models?api-version=2024-10-21&limit=2")


@pytest.mark.parametrize("version", ["2024-10-21", "v1"])
def test_azure_takes_a_key_or_a_token(version):
    provider = AZURE._replace(api_version=version)
    keyed = provider._replace(key=Secret("k"), token=Secret("t"), key_name="K")
    assert providers.key_headers(keyed) == (("api-key", "k"),)
    assert providers.key_header(keyed) == ("api-key", "", "K")
    tokened = provider._replace(token=Secret("t"), key_name="K")
    assert providers.key_headers(tokened) == (("Authorization", "Bearer t"),)
    assert providers.key_header(tokened) == (
        "Authorization",
        "Bearer ",
        "AZURE_OPENAI_AD_TOKEN",
    )


def test_openai_takes_the_key_as_bearer():
    provider = Provider("x", "openai", "https://h", Secret("k"), key_name="K")
    assert providers.key_headers(provider) == (("Authorization", "Bearer k"),)
    assert providers.key_header(provider) == ("Authorization", "Bearer ", "K")


def test_without_a_key_no_header_is_sent():
    assert providers.key_headers(Provider("x", "openai", "https://h")) == ()
    assert providers.key_headers(AZURE) == ()
    assert providers.key_header(Provider("x", "openai", "https://h")) is None
    assert providers.key_header(AZURE._replace(key_name="K")) == ("api-key", "", "K")


def test_offline_never_has_a_key():
    provider = Provider("offline", "offline", providers.OPENAI_URL, Secret("k"))
    assert providers.key_headers(provider) == ()
    assert sent(provider)[0] == "https://api.openai.com/v1/chat/completions"


def test_a_model_may_have_another_name():
    provider = Provider("x", "openai", "https://h", models={"m": "llama3.3"})
    assert sent(provider)[1]["model"] == "llama3.3"  # type: ignore[index]
    made = providers.outgoing(provider, CHAT)
    assert made.model == "llama3.3"


def test_a_body_that_names_another_model_keeps_it():
    provider = Provider("x", "openai", "https://h", models={"m": "llama3.3"})
    request = CHAT._replace(body=JsonBody({"model": "other"}))
    assert sent(provider, request)[1] == {"model": "other"}


def test_a_model_in_the_path_is_renamed():
    provider = Provider("x", "openai", "https://h", models={"m": "org/llama"})
    request = Request("GET", "/models/m", "models.retrieve", model="m")
    assert sent(provider, request)[0] == "https://h/models/org%2Fllama"
    assert sent(provider._replace(models={}), request)[0] == "https://h/models/m"


@pytest.mark.parametrize("body", [None, b"bytes", JsonBody([1]), JsonBody({"messages": "text"})])
@pytest.mark.parametrize("content", ["keep", "omit", "empty"])
def test_other_bodies_pass_as_they_are(body, content):
    provider = Provider("x", "openai", "https://h", empty_content=content)
    request = Request("POST", "/x", "raw", body)
    assert providers.outgoing(provider, request) == request


FORM = Multipart((Part("model", b"m"), Part("image", b"model", "model", "image/png")))


@pytest.mark.parametrize("endpoint", ["images.edits", "audio.transcriptions"])
def test_a_form_names_the_model_by_its_other_name(endpoint):
    asked = Request("POST", "/images/edits", endpoint, FORM, model="m")
    body: Any = sent(Provider("x", "openai", "https://h/v1", models={"m": "llama"}), asked)[1]
    assert body.parts == (Part("model", b"llama"), FORM.parts[1])


def test_a_form_leaves_out_a_model_that_the_path_names():
    asked = Request("POST", "/images/edits", "images.edits", FORM, model="m")
    address, body = sent(AZURE._replace(models={"m": "my own"}), asked)
    assert "/openai/deployments/my%20own/images/edits?" in address
    assert body.parts == FORM.parts[1:]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("keep", {"role": "assistant", "content": None, "tool_calls": []}),
        ("omit", {"role": "assistant", "tool_calls": []}),
        ("empty", {"role": "assistant", "content": "", "tool_calls": []}),
    ],
)
def test_empty_content_is_sent_as_the_provider_wants_it(way, message):
    said: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": []}
    user = {"role": "user", "content": "Hi"}
    request = CHAT._replace(body=JsonBody({"model": "m", "messages": [user, said, "odd"]}))
    provider = Provider("x", "openai", "https://h", empty_content=way)
    assert sent(provider, request)[1]["messages"] == [user, message, "odd"]  # type: ignore[index]
    assert said["content"] is None


def test_messages_name_the_host():
    assert providers.origin(Provider("x", "openai", "https://h:8443/v1")) == "h:8443"


def test_no_record_shows_a_key():
    provider = Provider("x", "openai", "https://h", Secret("sentinel"), Secret("sentinel"))
    assert "sentinel" not in repr(provider)


TALK = Request("GET", "/realtime", "realtime", query=(("model", "m"),), model="m")


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        (Provider("x", "openai", "https://h/v1"), "https://h/v1/realtime?model=m"),
        (
            Provider("x", "openai", "https://h/v1", models={"m": "n o"}),
            "https://h/v1/realtime?model=n+o",
        ),
        (
            AZURE._replace(api_version="", models={"m": "d"}),
            "https://r.openai.azure.com/openai/v1/realtime?model=d",
        ),
        (
            AZURE._replace(api_version="preview", models={"m": "d"}),
            "https://r.openai.azure.com/openai/v1/realtime?api-version=preview&model=d",
        ),
    ],
)
def test_a_session_names_the_model_as_the_provider_does(provider, url):
    assert sent(provider, TALK)[0] == url


def test_the_query_of_other_requests_stays_as_it_is():
    provider = Provider("x", "openai", "https://h", models={"m": "n"})
    request = Request("GET", "/x", "raw", query=(("model", "m"),), model="m")
    assert sent(provider, request)[0] == "https://h/x?model=m"


@pytest.mark.parametrize(
    ("provider", "endpoint", "is_served"),
    [
        (AZURE, "realtime", False),
        (AZURE, "responses", True),
        (AZURE._replace(api_version="v1"), "realtime", True),
        (AZURE._replace(base_url="https://r.openai.azure.com/openai/v1"), "realtime", True),
        (Provider("x", "openai", "https://h/v1", api_version="2024-10-21"), "realtime", True),
    ],
)
def test_azure_s_dated_routes_serve_no_realtime(provider, endpoint, is_served):
    told = providers.unserved(provider, endpoint)
    assert (told is None) == is_served
    assert told is None or "v1" in told[1]
