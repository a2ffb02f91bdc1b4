"""Targets: what an address comes to, and what is none."""

import pytest

from runner.transport.target import target_of


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "path"),
    [
        ("https://api.openai.com/v1/x", "api.openai.com", 443, "api.openai.com", "/v1/x"),
        ("HTTP://Local:8000", "local", 8000, "local:8000", "/"),
        ("http://h:80/a?b=c&d=%20#e", "h", 80, "h:80", "/a?b=c&d=%20"),
        ("http://[::1]:8/v1", "::1", 8, "[::1]:8", "/v1"),
        ("http://[fe80::1%25lo]/v1", "fe80::1%lo", 80, "[fe80::1]", "/v1"),
        ("https://bücher.example/ü x", "xn--bcher-kva.example", 443, None, "/%C3%BC%20x"),
        ("http://h/100%/%41?q=a b", "h", 80, "h", "/100%25/%41?q=a%20b"),
        ("http://h/\ud83c", "h", 80, "h", "/%ED%A0%BC"),
        ("http://h/a+b/(c)/~d;e=1,2", "h", 80, "h", "/a+b/(c)/~d;e=1,2"),
        (" http://h/x ", "h", 80, "h", "/x"),
        ("http://h./x", "h.", 80, "h.", "/x"),
    ],
)
def test_an_address_is_taken_apart(url, host, port, authority, path):
    found = target_of(url)
    assert (found.host, found.port, found.path) == (host, port, path)
    assert found.authority == (authority or host)
    assert not found.login
    assert found.url == f"{found.scheme}://{found.authority}{path}"


@pytest.mark.parametrize(
    "url",
    [
        *("", "h/v1", "ftp://h", "http://", "http://:80/x", "http://[::1", "http://[x]/"),
        *(
            "http://h:99999/",
            "http://h:a/",
            "http://a b/",
            "http://*.h/",
            "http://.h/",
            "http:///v1",
        ),
        *("http://\ud83c/", "http://h\x00/", "//h/v1"),
    ],
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match=r".+"):
        target_of(url)


def test_a_login_in_an_address_is_no_part_of_its_host():
    found = target_of("https://us%40er:pa%C3%A9@h:1/x")
    assert (found.host, found.authority, found.url) == ("h", "h:1", "https://h:1/x")
    assert found.login == "Basic dXNAZXI6cGHp"
    assert not target_of("https://user@h/x").login
    assert not target_of("https://:@h/x").login
