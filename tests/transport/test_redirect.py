import pytest

from runner.errors import BadReplyError
from runner.exchange import Reply, Request
from runner.transport.redirect import host_of, next_address

URL = "https://api.example.test/v1/models"
GET = Request("GET", "/models", "models")
POST = Request("POST", "/chat/completions", "chat.completions")


def followed(request: Request, status: int, location: str) -> str | None:
    return next_address(Reply(status, {"location": location}), request, URL, tuple)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_get_goes_on_within_its_origin(status):
    assert followed(GET, status, "/v2/models?a=1") == "https://api.example.test/v2/models?a=1"


@pytest.mark.parametrize("status", [307, 308])
def test_a_post_goes_on_where_it_stays_a_post(status):
    same = "https://API.example.test:443/v2"
    assert followed(POST, status, same) == same


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_never_becomes_a_get(status):
    with pytest.raises(BadReplyError, match=f"answered {status}, a redirect to https://api"):
        followed(POST, status, "/v2")


@pytest.mark.parametrize(
    "location",
    [
        "http://api.example.test/v1",
        "https://api.example.test:8443/v1",
        "https://evil.test/v1",
        "//evil.test/v1",
        "https://api.example.test@evil.test/",
        "https://api.example.test.evil.test/",
        "file:///etc/passwd",
        "https://[broken",
        URL,
        "",
    ],
)
def test_nothing_goes_elsewhere_or_in_place(location):
    with pytest.raises(BadReplyError, match="a redirect"):
        followed(GET, 307, location)


@pytest.mark.parametrize("status", [200, 204, 206, 300, 304, 305, 399, 404])
def test_what_is_no_redirect_is_the_answer(status):
    assert followed(GET, status, "https://evil.test") is None


def test_an_accepted_redirect_is_the_answer():
    assert followed(GET._replace(accepts=(302,)), 302, "https://evil.test") is None


def test_what_a_server_says_is_shown_in_ascii():
    with pytest.raises(BadReplyError) as caught:
        followed(GET, 307, "https://e\x1b\u202evil.test/")
    assert str(caught.value).replace("\n", "").isascii()
    assert str(caught.value).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.openai.com/v1", "api.openai.com"),
        ("https://user:secret@h:443/", "h"),
        ("http://h:8000", "h:8000"),
        ("http://h:443", "h:443"),
        ("https://h:nonsense", ""),
    ],
)
def test_hosts_are_named_for_people(url, host):
    assert host_of(url) == host


@pytest.mark.parametrize("echoed", ["bearer 1234567", "Bearer%201234567"])
def test_what_a_server_says_of_a_short_key_is_not_shown(echoed):
    reply = Reply(307, {"location": f"https://{echoed}.evil.test/"})
    with pytest.raises(BadReplyError) as caught:
        next_address(reply, GET, URL, lambda: (("Authorization", "Bearer 1234567"),))
    assert "1234567" not in str(caught.value)
    assert "https://***.evil.test" in str(caught.value)
