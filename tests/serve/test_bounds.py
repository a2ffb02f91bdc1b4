"""A body that cannot be answered is refused, and others are answered all the same."""

import json
import socket
import sys
import urllib.error
import urllib.request

import pytest

from tests.serve.conftest import KEY

pytest.importorskip("aiohttp", reason="aiohttp (extra serve) is not installed")


def asked(base, body):
    head = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{base}/chat/completions", body, head)
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def listed(base, **headers):
    head = {"Authorization": f"Bearer {KEY}", **headers}
    place = urllib.request.Request(f"{base}/models", headers=head)
    try:
        with urllib.request.urlopen(place, timeout=60) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def said(text, **more):
    return json.dumps(
        {"model": "gpt-6-luna", "messages": [{"role": "user", "content": text}], **more}
    ).encode()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.2 is no address")
def test_it_is_reached_from_this_machine_alone(served):
    port = int(served.rpartition(":")[2].partition("/")[0])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=10)


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:9", 200), ("LOCALHOST", 200), ("[::1]:8", 200), ("a.example", 403), ("", 403)],
)
def test_a_web_page_whose_name_leads_here_is_not_answered(served, host, status):
    assert listed(served, Host=host) == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:9", 200),
        ("https://127.0.0.1", 200),
        ("http://[::1]:8", 200),
        ("http://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_a_web_page_of_another_host_is_not_answered(served, origin, status):
    assert listed(served, Origin=origin) == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (said("\ud800"), 400),
        (said("Hello", n=10_000), 400),
        (b'{"model": ' + b"[" * 100_000, 400),
        (b'{"model": NaN}', 400),
        (b"\xff\xfe", 400),
        (b'{"model": [' + b"[]," * 9_000_000 + b"0]}", 400),
        (b" " * (65 << 20), 413),
        (said("word " * 400_000), 200),
    ],
)
def test_a_body_is_answered_in_its_bounds(served, body, status):
    assert asked(served, body) == status
    assert asked(served, said("Hello")) == 200
