"""The HTML report: one file whose data is no code."""

import json
import re
from html.parser import HTMLParser

import pytest

from runner.engine.writing.page import page
from runner.errors import ApiStatusError, Fault, Mark, RecipeSchemaError
from runner.exchange import JsonBody, Multipart, Part, Request, Spool
from runner.model import Citation, Conversation, ToolCall, ToolResult
from runner.report.changes import Change, Changes
from runner.report.html.report import Html, Limits, Sources
from runner.results import Check, Written
from tests.report.runs import RECIPE, Memory, answer, lines, repeat, run

KEY = "sentinel-8471-key"
PIXEL = b"\x89PNG\r\n\x1a\nxx"


class Reader(HTMLParser):
    """Gathers the elements of a page, and holds them to being closed in order."""

    VOID = ("meta", "link", "rect", "path", "br", "img")

    def __init__(self, text):
        super().__init__()
        self.open: list[str] = []
        self.texts: dict[str, str] = {}
        self.scripts: list[str] = []
        self._named = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        self._named = dict(attrs).get("id", "") if tag == "script" else ""
        if tag == "script" and not self._named:
            self.scripts.append("")

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, text):
        if self.open[-1:] != ["script"]:
            return
        if self._named:
            self.texts[self._named] = self.texts.get(self._named, "") + text
        else:
            self.scripts[-1] += text


def html(*results, changes=None, limits=None, read=lambda path: PIXEL):
    sources = Sources(page(), read, lambda path: f"./{path}", lambda text: text.replace(KEY, "***"))
    report = Html(sources, Memory(), made=1.0, limits=limits)
    assert [report.take(result, lines) for result in results] == [""] * len(results)
    return "".join(report.end(changes))


def told(text):
    read = Reader(text).texts
    return {name: json.loads(value) for name, value in read.items()}


def step(result, **fields):
    return result._replace(steps=(result.steps[0]._replace(**fields),))


def test_a_page_holds_rows_cases_and_totals():
    data = told(html(run("a"), run("b", "missed", tags=("smoke",), cell={"model": "x"})))
    assert data["meta"]["totals"]["passed"] == 1
    assert data["meta"]["totals"]["missed"] == 1
    assert data["meta"]["recipes"] == [RECIPE]
    assert data["meta"]["title"] == RECIPE
    assert [row[0] for row in data["rows"]] == ["a", "b"]
    assert data["rows"][1][12] == {"model": "x"}
    assert data["rows"][1][15] == "text contains: expected text with 'Paris', got 'Rome'"
    (missed,) = data["case-1"]["steps"][0]["checks"]
    assert missed["line"] == "  - text: {contains: Paris}"
    assert missed["at"] == [RECIPE, 7, 5]


def test_a_page_of_nothing_is_whole():
    assert told(html())["rows"] == []


EVIL = "</script><script>alert(1)</script><!--<script> & \u202e \ud800 \x00"


def test_what_came_from_outside_stays_text():
    """It is in the page as ASCII that no HTML parser sees a tag in, and comes out as it was."""
    sent = Request("POST", "/x", "raw", JsonBody({EVIL: [EVIL]}))
    result = step(run(EVIL, tags=(EVIL,)), answer=answer(text=EVIL, model=EVIL), requests=(sent,))
    text = html(result, run("ok"))
    data = told(text)
    assert data["rows"][0][0] == EVIL
    assert data["case-0"]["steps"][0]["answer"]["text"] == EVIL
    assert data["case-0"]["steps"][0]["sent"][0]["body"] == {EVIL: [EVIL]}
    start = text.index('<script type="application/json"')
    assert text[start:].count("alert") == text[start:].count("\\u003cscript\\u003ealert") > 3
    text.encode("utf-8")


def test_the_title_is_escaped():
    hostile = run("a", recipe="<b>%%STYLE%%\u202e.yaml")
    assert "<title>&lt;b&gt;%%STYLE%%\\u202e.yaml</title>" in html(hostile)


def test_the_policy_allows_the_one_script_and_the_one_style_and_no_address():
    text = html(run())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]
    assert "http" not in policy[1]
    (script,) = Reader(text).scripts
    assert script == page().script()
    assert "innerHTML" not in script
    assert "</" not in script
    own = text.partition('<script type="application/json"')[0] + script
    assert not set(re.findall(r"https?://[\w./]+", own)) - {
        "http://www.w3.org/2000/svg"  # the name of a language: nothing is fetched from it
    }


def test_secrets_are_masked_wherever_they_stand():
    sent = Request("POST", f"/{KEY}", "raw", JsonBody({KEY: KEY}), headers=(("x", KEY),))
    form = Request("POST", "/x", "raw", Multipart((Part("a", KEY.encode()), Part(KEY, b"", KEY))))
    call = ToolResult(ToolCall("1", KEY, f'{{"a": "{KEY}"}}'), {"a": KEY}, KEY)
    reply = answer(
        text=f"x{KEY}", json={"a": [KEY]}, headers={"x": KEY}, tool_calls=(call,), refusal=KEY,
        citations=(Citation(KEY, KEY, 0, 1),), model=KEY, fingerprint=KEY, request_id=KEY,
    )  # fmt: skip
    bad = ApiStatusError(KEY, hint=KEY, status=400, code=KEY, kind=KEY)
    checks = (Check(KEY, False, KEY, Mark(KEY, 1, 1), KEY),)
    files = (Written(f"out/{KEY}.png", "image", "00", 3),)
    whole = step(
        run(KEY, tags=(KEY,), row_id=KEY, cell={KEY: KEY}, recipe=KEY),
        answer=reply, requests=(sent, form), checks=checks, error=bad, files=files,
        judging=answer(model=KEY),
    )  # fmt: skip
    talk = Conversation("chat", (), ({"role": "user", "content": KEY},))
    talked = step(run("b"), answer=answer(conversation=talk))
    change = Change(KEY, "text", KEY, KEY, KEY)
    text = html(whole, talked, changes=Changes(KEY, (change, change._replace(kind="model"))))
    assert KEY not in text
    assert text.count("***") > 30


def test_a_secret_at_the_place_of_a_cut_is_masked_first():
    text = html(step(run(), answer=answer(text="x " * 5_997 + "x" + KEY)))
    assert "x***" in text
    assert KEY[:5] not in text


def test_small_pictures_stand_in_the_page_once_and_large_ones_beside_it():
    small = Written("out/a b.png", "image", "11", len(PIXEL))
    large = Written("out/b.mp3", "audio", "22", 10**6)
    plain = Written("out/c.md", "text", "33", 5)
    data = told(html(step(run("a"), files=(small, large, plain)), step(run("b"), files=(small,))))
    assert data["media-0"].startswith("data:image/png;base64,iVBOR")
    assert "media-1" not in data
    assert data["rows"][0][18] == [
        ["image", 0, "./out/a b.png", "out/a b.png"],
        ["audio", None, "./out/b.mp3", "out/b.mp3"],
    ]
    assert data["rows"][1][18][0][1] == 0
    assert data["case-0"]["steps"][0]["files"][2] == {
        "path": "out/c.md", "size": 5, "part": "text", "href": "./out/c.md",
    }  # fmt: skip


def test_a_file_that_cannot_be_read_is_linked():
    files = (Written("a.png", "image", "11", 3),)
    data = told(html(step(run(), files=files), read=lambda path: None))
    assert data["rows"][0][18] == [["image", None, "./a.png", "a.png"]]


def test_errors_are_told_with_their_hint_and_place():
    fault = Fault("unknown key", Mark("a.yaml", 3, 5), "expect", "did you mean text?", "  tetx: 1")
    wrong = RecipeSchemaError.of(fault)
    late = ApiStatusError("slow down", hint="wait", status=429, code="rate", kind="requests")
    data = told(html(run("a", "failed", error=wrong), run("b", "failed", error=late)))
    assert "a.yaml:3:5" in data["case-0"]["steps"][0]["error"]["message"]
    assert data["case-1"]["steps"][0]["error"] == {
        "type": "ApiStatusError", "message": "slow down", "hint": "wait",
        "status": 429, "code": "rate", "kind": "requests",
    }  # fmt: skip
    assert data["rows"][1][15] == "slow down"


def test_long_texts_are_cut_and_say_so():
    whole = told(html(step(run(), answer=answer(text="a " * 25_000))))["case-0"]
    assert whole["brief"]
    assert whole["steps"][0]["answer"]["text"].endswith("a  … (38,000 more characters)")


def test_of_very_many_cases_those_that_passed_are_told_short():
    """Past a first limit they are brief, past the last one only rows: a failure longest."""
    limits = Limits(brief_from=1_000, all=6_000)
    body = {"a": "x " * 300}
    many = [step(run(str(n)), answer=answer(json=body)) for n in range(20)]
    data = told(html(*many, limits=limits))
    assert "json" in data["case-0"]["steps"][0]["answer"]
    assert "json" not in data["case-3"]["steps"][0]["answer"]
    assert "case-19" not in data
    assert [row[-1] for row in data["rows"]] == [1 if f"case-{n}" in data else 0 for n in range(20)]
    missed = step(run("m", "missed"), answer=answer(json=body))
    assert "json" in told(html(*many[:3], missed, limits=limits))["case-3"]["steps"][0]["answer"]


def test_repeats_are_one_case():
    runs = [repeat(n, "missed" if n == 1 else "passed") for n in range(1, 6)]
    data = told(html(*runs))
    assert (data["meta"]["totals"]["passed"], data["meta"]["totals"]["missed"]) == (1, 0)
    assert data["rows"][0][14] == ["ask", 1, 4, 5]


def test_changes_are_told_in_words():
    changes = Changes(
        "old.json",
        (Change("a", "newly failing", "passed", "missed", RECIPE), Change("a", "text", "x", "y")),
        {"newly failing": 1, "text": 1},
    )
    told_of = told(html(run("a"), changes=changes))["meta"]["baseline"]
    assert told_of["since"] == "old.json"
    assert told_of["headline"].startswith("1 newly failing · 1 other text")
    assert told_of["changes"][0] == {
        "case": "a", "recipe": RECIPE, "kind": "newly failing", "bad": True,
        "between": "passed → missed",
    }  # fmt: skip
    assert (told_of["changes"][1]["was"], told_of["changes"][1]["now"]) == ("x", "y")


def test_a_stream_tells_when_its_pieces_came():
    beats = tuple(n / 1000 for n in range(1_000))
    told_of = told(html(step(run(), beats=beats)))["case-0"]["steps"][0]["beats"]
    assert len(told_of) == 400
    assert (told_of[0], told_of[-1]) == (0.0, 0.999)


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        (JsonBody({"a": 1}), "body", {"a": 1}),
        (b"abc", "size", 3),
        (Spool("x", 9, ""), "size", 9),
        (Multipart((Part("a", b"1"),)), "form", [{"name": "a", "value": "1"}]),
        (
            Multipart((Part("f", b"12", "f.txt"),)),
            "form",
            [{"name": "f", "file": "f.txt", "size": 2}],
        ),
    ],
)
def test_every_kind_of_body_is_told(body, name, value):
    sent = Request("POST", "/x", "raw", body)
    data = told(html(step(run(), requests=(sent,))))
    assert data["case-0"]["steps"][0]["sent"][0][name] == value


def test_where_no_request_says_it_the_conversation_does():
    talk = Conversation("realtime", (), ({"role": "user", "content": "hello"},))
    opened = Request("GET", "/realtime", "realtime")
    spoken = step(run(), answer=answer(conversation=talk), requests=(opened,))
    written = step(run(), answer=answer(conversation=talk), requests=(opened._replace(body=b"x"),))
    data = told(html(spoken, written))
    assert data["case-0"]["steps"][0]["said"] == [{"role": "user", "content": "hello"}]
    assert "said" not in data["case-1"]["steps"][0]


def test_of_many_requests_the_last_is_told():
    sent = tuple(Request("POST", f"/{n}", "raw") for n in range(30))
    told_of = told(html(step(run(), requests=sent)))["case-0"]["steps"][0]["sent"]
    assert (len(told_of), told_of[-1]["path"], told_of[-1]["left"]) == (12, "/29", 18)
