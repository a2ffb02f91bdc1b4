"""Which addresses of strangers are reached: public ones, and hosts that were named."""

from __future__ import annotations

import pytest

from runner.errors import AddressError
from runner.transport.reach import hosts, judge, judge_place, without_query

NONE = hosts(())
NAMED = hosts(["files.intern", "10.0.0.7:8080", "[::1]:9", "LOCALHOST"], "http://127.0.0.1:8751/v1")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.png?sig=1",
        "http://example.com/a",
        "http://example.com:443/a",
        "https://93.184.215.14/a",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/a",
        "https://[64:ff9b::5db8:d70e]/a",
    ],
)
def test_public_hosts_are_reached(url):
    judge(url, NONE)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("file:///etc/passwd", "nothing is fetched from file:"),
        ("ftp://example.com/a", "nothing is fetched from ftp:"),
        ("gopher://x/", "nothing is fetched from gopher:"),
        ("/etc/passwd", "nothing is fetched from no scheme:"),
        ("https:///a", "nothing is fetched from https:"),
        ("http://[::1/", "nothing is fetched from"),
        ("https://user:secret@example.com/", "a user's name or password"),
        ("https://example.com@10.0.0.1/", "a user's name or password"),
        ("http://example.com:22/", "nothing is fetched from port 22"),
        ("https://example.com:6379/", "nothing is fetched from port 6379"),
        ("http://127.0.0.1/", "127.0.0.1: nothing is fetched from an address that is not public"),
        ("http://10.1.2.3/", "not public"),
        ("http://172.16.0.1/", "not public"),
        ("http://192.168.0.1/", "not public"),
        ("http://169.254.169.254/latest/meta-data", "not public"),
        ("http://100.64.0.1/", "not public"),
        ("http://0.0.0.0/", "not public"),
        ("http://224.0.0.1/", "not public"),
        ("http://255.255.255.255/", "not public"),
        ("http://[::1]/", "not public"),
        ("http://[::]/", "not public"),
        ("http://[fe80::1]/", "not public"),
        ("http://[fd00::1]/", "not public"),
        ("http://[ff02::1]/", "not public"),
        ("http://[::ffff:127.0.0.1]/", "not public"),
        ("http://[64:ff9b::7f00:1]/", "not public"),
        ("http://[2002:7f00:1::]/", "not public"),
        ("http://[2001:0:1::1]/", "not public"),
        ("http://[4000::1]/", "not public"),
        ("http://[fec0::1]/", "not public"),
    ],
)
def test_all_else_is_not(url, told):
    with pytest.raises(AddressError) as caught:
        judge(url, NONE)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("place", ["127.0.0.1", "fe80::1%eth0", "::ffff:10.0.0.1"])
def test_what_a_name_leads_to_is_judged(place):
    with pytest.raises(AddressError, match=rf"files.test \({place}\): nothing is fetched"):
        judge_place(place, "files.test")


def test_a_name_by_itself_is_let_pass():
    judge_place("files.test", "files.test")
    judge_place("1.1.1.1", "files.test")


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("http://files.intern:9000/a", True),
        ("https://FILES.intern./a", True),
        ("http://10.0.0.7:8080/a", True),
        ("http://10.0.0.7/a", False),
        ("http://[::1]:9/a", True),
        ("http://localhost:1/a", True),
        ("http://127.0.0.1:8751/img.png", True),
        ("http://127.0.0.1:6379/", False),
        ("http://intern/a", False),
        ("http://a.files.intern/a", False),
    ],
)
def test_hosts_that_were_named_are_known_by_host_and_port(url, known):
    assert NAMED.allow(url) is known
    if known:
        judge(url, NAMED)


def test_a_named_host_has_no_other_scheme():
    with pytest.raises(AddressError):
        judge("file://files.intern/a", NAMED)


def test_what_gives_access_is_not_shown():
    assert without_query("https://a/b?sig=secret#x") == "https://a/b"


def test_a_long_address_says_where_it_was_cut():
    assert without_query(f"https://a/{'b' * 900}").endswith("bb…")
