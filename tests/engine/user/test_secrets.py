"""Secrets are masked in every form in which they could be seen, whole or in pieces."""

import base64
import json
import pickle
import re
import shlex
from urllib.parse import quote, quote_plus

import pytest

from runner.engine.user.secrets import Masker
from runner.model import Secret
from runner.protocol.providers import Provider

KEY = "sk-sentinel/+äß-01234?6789"
ODD = 'quo"te\\back/slash+plus'


def small(quoted: str) -> str:
    return re.sub("%..", lambda code: code[0].lower(), quoted)


FORMS = {
    "itself": str,
    "path": quote,
    "query": lambda key: quote(key, safe=""),
    "form": quote_plus,
    "small": lambda key: small(quote(key)),
    "small form": lambda key: small(quote_plus(key)),
    "json": json.dumps,
}


@pytest.mark.parametrize("key", [KEY, ODD, "a phrase of words, 0815"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_masked(key, form):
    assert Masker([key]).hide(f"<{form(key)}>").strip('<">') == "***"


@pytest.mark.parametrize("key", [KEY, "abcdefgh", "abcdefghi", "abcdefghij"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", ["", "u", "us", "use"])
@pytest.mark.parametrize("after", ["", ":", ":p", ":pw"])
def test_a_secret_within_base64_is_masked(key, encode, before, after):
    text = encode(f"{before}{key}{after}".encode()).decode()
    shown = Masker([key]).hide(text)
    assert "***" in shown
    assert len(shown) <= len(text) - len(key) + 3


LONG = "sk-abcdefgh-ijklmnop-qrstuvwx"


@pytest.mark.parametrize("size", range(8, len(LONG)))
@pytest.mark.parametrize("blank", ["", " "])
def test_what_a_cut_left_of_a_secret_is_masked(size, blank):
    masker = Masker([LONG])
    assert masker.hide(f"a {LONG[:size]}{blank}… b") == f"a ***{blank}… b"
    assert masker.hide(f"a …{blank}{LONG[-size:]} b") == f"a …{blank}*** b"


@pytest.mark.parametrize("text", ["sk-abcd…", "… qrstuv", "sk-abcdefgh-x…", "sk-abcdefgh-i, …"])
def test_what_tells_little_of_a_secret_stays(text):
    assert Masker([LONG]).hide(text) == text


@pytest.mark.parametrize("key", [KEY, ODD, 'it\'s "this"/that'])
@pytest.mark.parametrize("depth", range(5))
def test_a_secret_in_json_in_json_is_masked(key, depth):
    text = key
    for _ in range(depth):
        text = json.dumps(text)[1:-1]
    masker = Masker([key])
    assert masker.hide(f"<{text}>") == "<***>"
    assert masker.spans(f"<{text}>") == [(1, 1 + len(text))]


@pytest.mark.parametrize(
    "write",
    [repr, shlex.quote, lambda key: json.dumps(key).replace("/", "\\/").replace("+", "\\u002B")],
)
@pytest.mark.parametrize("key", [KEY, ODD, 'it\'s "this"/that'])
def test_a_secret_is_masked_as_other_programs_write_it(key, write):
    shown = Masker([key]).hide(write(key))
    assert shown.strip("'\"") == "***"


def test_of_a_secret_of_several_lines_each_is_one():
    masker = Masker(["-----BEGIN-----\nabcdefghijkl\nmnop\n-----END-----"])
    assert masker.hide("  | +abcdefghijkl\n  | +mnop") == "  | +***\n  | +mnop"


def test_what_is_short_is_no_secret():
    assert Masker(["short"]).hide("short") == "short"


def test_the_longest_form_goes_first():
    assert Masker(["12345678", "12345678-90"]).hide("12345678-90") == "***"


def passed(pieces, *keys, whole=None):
    shown: list[str] = []
    passing = Masker(keys).passing(shown.append)
    for piece in pieces:
        passing(piece)
    assert passing.end("".join(pieces) if whole is None else whole)
    return shown


@pytest.mark.parametrize("cut", range(len(KEY) + 3))
def test_a_secret_cut_in_two_is_masked(cut):
    text = f"a {KEY} b"
    assert "".join(passed((text[:cut], text[cut:]), KEY)) == "a *** b"


def test_a_secret_that_comes_letter_by_letter_is_masked():
    assert "".join(passed(f"a {KEY} b", KEY)) == "a *** b"


def test_what_is_no_secret_is_shown_as_it_comes():
    assert passed(["one ", "two ", "three"], KEY)[:3] == ["one ", "two ", "three"]


def test_the_start_of_a_secret_is_held_back_and_shown_at_the_end():
    assert passed(["text sk-sent"], KEY) == ["text ", "sk-sent"]


def test_what_of_the_whole_was_not_shown_is_shown_at_the_end():
    assert "".join(passed(["one "], KEY, whole=f"one two {KEY}")) == "one two ***"


def test_nothing_shown_is_told():
    shown: list[str] = []
    assert not Masker().passing(shown.append).end("whole")
    assert shown == []


def test_a_second_text_begins_anew():
    shown: list[str] = []
    passing = Masker().passing(shown.append)
    for text in ("one", "two"):
        passing(text)
        assert passing.end(text)
    assert shown == ["one", "two"]


def test_spans_are_where_secrets_stand_in_every_form():
    value = "sk-sentinel/0123"
    encoded = base64.b64encode(value.encode()).decode()
    masker = Masker([value])
    assert masker.spans(f"a {value} b {encoded}") == [(2, 18), (21, 21 + len(encoded))]
    assert masker.spans("nothing") == []
    assert Masker().spans(value) == []


def test_a_key_shows_itself_in_no_record():
    known = Provider("mine", "openai", key=Secret(KEY), token=Secret(ODD))
    told = f"{known} {known!r} {[Secret(KEY)]} {Secret(KEY)} {known.key!s}"
    assert "sentinel" not in told
    assert "slash" not in told
    assert pickle.loads(pickle.dumps(known)).key.reveal() == KEY


def knows(key):
    masker = Masker()
    masker.learn_provider(Provider("p", "openai", "http://x", Secret(key), None, "KEY"))
    return masker


@pytest.mark.parametrize("key", ["x", "abc", "1234567", "a+/=1"])
@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Bearer KEY.", "Bearer ***."),
        ("bearer%20QUOTED&", "bearer%20***&"),
        ("Bearer BASE64,", "Bearer ***,"),
        ("api-key: KEY\n", "api-key: ***\n"),
        ('{"Api-Key":"KEY"}', '{"Api-Key":"***"}'),
        (r'"{\"api-key\": \"KEY\"}"', r'"{\"api-key\": \"***\"}"'),
        ("<WHOLE>", "<***>"),
    ],
)
def test_a_provider_s_short_key_is_masked_where_it_is_told_as_one(key, told, shown):
    encoded, whole = (base64.b64encode(text.encode()).decode() for text in (key, f"Bearer {key}"))
    forms = {"QUOTED": quote(key, safe=""), "BASE64": encoded, "WHOLE": whole}
    text = re.sub(r"QUOTED|BASE64|WHOLE|KEY", lambda one: {**forms, "KEY": key}[one[0]], told)
    masker = knows(key)
    assert masker.hide(text) == shown
    assert masker.spans(text)
    assert [*masker.weak] == ["p"]


def test_a_short_key_is_not_looked_for_everywhere():
    assert knows("token").hide("a token, Bearer tokens") == "a token, Bearer tokens"
    assert knows("1234567").hide("MTIzNDU2Nw== or MTIzNDU2Nw") == "*** or ***"
    assert not knows("12345678").weak
