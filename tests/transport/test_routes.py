import ssl

import pytest

from runner.errors import SettingsError
from runner.transport.routes import proxy_for, trust

API = "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        (API, {}, None),
        (API, {"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        (API, {"https_proxy": "http://p:3128", "HTTPS_PROXY": "http://q"}, "http://p:3128"),
        (API, {"HTTPS_PROXY": "p:3128"}, "http://p:3128"),
        (API, {"HTTP_PROXY": "http://p"}, None),
        (API, {"ALL_PROXY": "http://p"}, "http://p"),
        (API, {"HTTPS_PROXY": " "}, None),
        (API, {"HTTPS_PROXY": "http://p", "NO_PROXY": "openai.com"}, None),
        (API, {"HTTPS_PROXY": "http://p", "NO_PROXY": ".openai.com"}, None),
        (API, {"HTTPS_PROXY": "http://p", "no_proxy": "*"}, None),
        (API, {"HTTPS_PROXY": "http://p", "NO_PROXY": "ai.com"}, "http://p"),
        ("http://h:8000", {"HTTP_PROXY": "http://p", "NO_PROXY": "h:8000"}, None),
        ("http://h:8000", {"HTTP_PROXY": "http://p", "NO_PROXY": "h:9000"}, "http://p"),
        ("http://h", {"HTTP_PROXY": "http://p", "REQUEST_METHOD": "GET"}, None),
        ("http://h", {"http_proxy": "http://p", "REQUEST_METHOD": "GET"}, "http://p"),
        ("http://10.1.2.3", {"HTTP_PROXY": "http://p", "NO_PROXY": "a, 10.0.0.0/8"}, None),
        ("http://11.1.2.3", {"HTTP_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8"}, "http://p"),
        ("http://[fd00::1]/", {"HTTP_PROXY": "http://p", "NO_PROXY": "fd00::/8"}, None),
    ],
)
def test_the_proxy_is_the_environment_s(url, environ, proxy):
    assert proxy_for(url, environ) == proxy


@pytest.mark.parametrize("address", ["socks5://user:secret@p:1080", "http://", "ftp://p"])
def test_a_proxy_that_cannot_be_used_is_a_wrong_setting(address):
    with pytest.raises(SettingsError) as caught:
        proxy_for(API, {"HTTPS_PROXY": address})
    assert "secret" not in str(caught.value)


def test_trust_is_built_once_and_verifies():
    context = trust({})
    assert context is trust({})
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bundle_that_cannot_be_read_is_a_wrong_setting(tmp_path, name, content):
    path = tmp_path / "bundle.pem"
    if content:
        path.write_text(content)
    with pytest.raises(SettingsError, match=f"{name}: .*bundle.pem cannot be read"):
        trust({name: str(path)})


def test_a_folder_of_certificates_will_do(tmp_path):
    assert trust({"SSL_CERT_FILE": str(tmp_path)}).verify_mode is ssl.CERT_REQUIRED
