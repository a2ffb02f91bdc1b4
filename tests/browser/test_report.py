"""The HTML report as a person meets it: opened from disk in headless Chromium."""

import hashlib
import io
import struct
import wave
import zlib

import pytest

from runner.engine.writing.page import sources
from runner.exchange import JsonBody, Request
from runner.report.changes import Change, Changes
from runner.report.html.report import Html
from runner.results import Written
from tests.browser.chromium import PROGRAM, browser
from tests.report.runs import Memory, answer, lines, repeat, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="no chromium is installed"),
]
HOSTILE = "<img src=x onerror=alert(1)> \u202eevil\x07"
MODELS = ("gpt-4.1", "gpt-5.1")


def png(shade):
    """A picture of one colour, 8 by 8."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes((shade % 256, shade // 256, 90)) * 8) * 8
    body = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def wav(length=8_000):
    held = io.BytesIO()
    with wave.open(held, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8_000)
        sound.writeframes(bytes(128 + (n // 20 % 2) * 40 for n in range(length)))
    return held.getvalue()


def kept(folder, name, content, size=None):
    (folder / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return Written(str(folder / name), "x", digest, size or len(content))


def case(number, files=(), **fields):
    """A run of a matrix: every tenth misses, every twenty-fifth fails."""
    model = MODELS[number % 2]
    state = "failed" if number % 25 == 24 else "missed" if number % 10 == 9 else "passed"
    text = f"answer number {number}"
    body = {"model": model, "messages": [{"role": "user", "content": f"question {number}"}]}
    made = run(
        f"ask[model={model},n={number}]",
        state,
        cell={"model": model, "n": number},
        tags=("odd",) if number % 2 else ("even",),
        answer=answer(text=text, model=model, latency=0.1 + number % 7, json={"text": text}),
        files=tuple(files),
        **fields,
    )
    sent = Request("POST", "/chat/completions", "chat.completions", JsonBody(body), model=model)
    step = made.steps[0]._replace(requests=(sent,), beats=(0.1, 0.2, 0.5))
    return made._replace(steps=(step,))


def write(place, results, changes=None):
    report = Html(sources(place), Memory(), made=1.0)
    for result in results:
        report.take(result, lines)
    place.write_text("".join(report.end(changes)), encoding="utf-8")
    return place.as_uri()


@pytest.fixture(scope="module")
def tab():
    with browser() as make:
        yield make


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A report of 60 runs: pictures and a sound within it and beside it, repeats, hostile text."""
    folder = tmp_path_factory.mktemp("report")
    files = [
        [kept(folder, "a.png", png(9)), kept(folder, "a.wav", wav())],
        [kept(folder, "b #.png", png(300), 10**6), kept(folder, "b.wav", wav(800), 10**6)],
    ]
    runs = [case(n, files[n] if n < 2 else ()) for n in range(50)]
    runs += [repeat(n, "missed" if n == 2 else "passed") for n in range(1, 6)]
    runs += [run(HOSTILE, answer=answer(text=HOSTILE), tags=(HOSTILE,), recipe=f"{HOSTILE}.yaml")]
    changes = Changes(
        "old.json", (Change("ask[model=gpt-5.1,n=9]", "newly failing", "passed", "missed"),)
    )
    return write(folder / "report.html", runs, changes)  # fmt: skip


@pytest.fixture
def page(tab, shown):
    """The report, open; whatever the console says in the end is a fault."""
    opened = tab()
    opened.size(1400, 900)
    opened.open(shown)
    yield opened
    assert opened.told == []
    assert {address.partition(":")[0] for address in opened.asked} <= {"file", "data"}


def text(page, selector):
    return page.run(f"document.querySelector({selector!r})?.textContent")


def count(page, selector):
    return page.run(f"document.querySelectorAll({selector!r}).length")


def click(page, selector):
    page.run(f"document.querySelector({selector!r}).click()")


def test_the_overview_tells_figures_causes_changes_and_the_grid(page):
    assert text(page, ".verdict p") == "46 passed4 missed2 failed of 52 cases"
    assert "text contains: expected text with" in text(page, ".causes")
    assert "newly failing" in text(page, ".change")
    assert count(page, ".grid .cell a") == 50
    assert count(page, ".plot") >= 3
    click(page, ".grid .cell.missed a")
    page.wait("document.querySelector('.case h2')?.textContent.includes('gpt-5.1 · 9')")


def test_a_grid_stands_in_the_order_of_the_matrix(tab, tmp_path):
    runs = [case(n)._replace(place=n) for n in range(2, 26)]
    shuffled = [*runs[12:], *runs[:12]]
    page = tab()
    page.size(1000, 900)
    page.open(write(tmp_path / "wide.html", shuffled))
    heads = "[...document.querySelectorAll('.grid thead th')].map((one) => one.textContent)"
    assert page.run(heads) == ["n", "modelgpt-4.1", "gpt-5.1"]
    rows = "[...document.querySelectorAll('.grid tbody th')].map((one) => one.textContent)"
    assert page.run(rows) == [str(n) for n in range(2, 26)]


def test_a_wide_grid_says_that_it_goes_on(tab, tmp_path):
    runs = [run(f"ask[a={n}]", cell={"a": f"a long value {n:02}"}, place=n) for n in range(12)]
    page = tab()
    page.size(1000, 900)
    page.open(write(tmp_path / "wide.html", runs))
    page.wait("document.querySelector('.grid.more')")
    page.run("document.querySelector('.grid .scroller').scrollLeft = 10000")
    page.wait("!document.querySelector('.grid.more')")


def test_the_ends_of_an_axis_are_told_apart(tab, tmp_path):
    times = (0.0002, 0.0004, 0.0023)
    runs = [run(str(time), answer=answer(latency=time, model="m")) for time in times]
    page = tab()
    page.open(write(tmp_path / "quick.html", runs))
    ticks = (
        "[...document.querySelector('.plot').querySelectorAll('.tick')].map((t) => t.textContent)"
    )
    assert page.run(ticks) == ["0 s", "1 ms", "2 ms"]


def test_a_case_shows_what_was_sent_what_came_and_why_it_missed(page):
    page.run("location.hash = 'case=ask[model=gpt-5.1,n=9]'")
    page.wait("document.querySelector('.case')")
    sides = text(page, ".sides")
    assert "question 9" in sides
    assert "answer number 9" in sides
    assert "newly failing" in text(page, ".note")
    assert text(page, ".compared dd:nth-of-type(1)") == "text with Paris"
    assert text(page, ".compared dd:nth-of-type(2)") == "Rome"
    assert "{contains: Paris}" in text(page, ".source")
    assert "3 pieces: the first after 100 ms" in text(page, ".beats")
    click(page, ".sides .faces button:nth-child(2)")
    assert '"model": "gpt-5.1"' in text(page, ".sides .json")


def test_filters_and_search_narrow_the_list(page):
    assert text(page, "#count") == "56 runs"
    click(page, ".states .failed")
    assert text(page, "#count") == "2 of 56 runs"
    click(page, ".states .failed")
    click(page, "details[data-facet=models] summary")
    page.wait("document.querySelector('.menu input')")
    click(page, ".menu input[value='gpt-5.1']")
    assert text(page, "#count") == "25 of 56 runs"
    click(page, "#active .clear")
    page.press("/")
    page.type("NUMBER 33")
    page.wait("document.querySelector('#count')?.textContent === '1 of 56 runs'")
    page.press("Enter", "Enter")
    page.wait("document.querySelector('.case h2')?.textContent.includes('33')")


def test_keys_move_open_and_go_back(page):
    page.press("j", "j", "j")
    assert text(page, ".row.current .own") == "gpt-4.1 · 2"
    page.press("k", "Enter")
    page.wait("document.activeElement.id === 'pane'")
    page.wait("document.querySelector('.case h2')?.textContent.includes('gpt-5.1 · 1')")
    page.press("j")
    page.wait("document.querySelector('.case h2')?.textContent.includes('gpt-4.1 · 2')")
    page.press("Escape")
    page.wait("document.body.dataset.view === 'overview'")
    assert page.run("document.activeElement.id") == "list"
    page.press("?")
    assert page.run("document.querySelector('#keys').open")
    page.run("document.querySelector('#keys').close()")
    page.press("t")
    assert page.run("document.documentElement.dataset.theme") == "dark"
    page.press("t")


def test_pictures_and_sounds_are_shown_and_played(page):
    page.press("g")
    page.wait("document.querySelectorAll('.tile').length === 4")
    pictures = "[...document.querySelectorAll('.tile img')]"
    page.wait(f"{pictures}.length === 2 && {pictures}.every((one) => one.naturalWidth === 8)")
    for place in (0, 1):
        player = f"document.querySelectorAll('.tile audio')[{place}]"
        page.run(f"{player}.muted = true; {player}.play()")
        page.wait(f"{player}.currentTime > 0.02")


def test_repeats_are_told_together(page):
    page.run("location.hash = 'case=ask%232'")
    page.wait("document.querySelectorAll('.repeat').length === 5")
    assert "of which 4 must pass" in text(page, ".repeats")


def test_what_is_listed_is_a_run_where_several_are_a_case(page):
    """Of 56 runs five repeat one case."""
    assert text(page, "#made").endswith(" · 52 cases in 56 runs")
    assert "of 52 cases" in text(page, ".verdict p")
    assert text(page, "#count") == "56 runs"
    heads = "[...document.querySelectorAll('.panehead span')].map((one) => one.textContent)"
    assert not [head for head in page.run(heads) if "case" in head]


def test_hostile_text_is_shown_and_does_nothing(page):
    page.run("location.hash = 'nth=55'")
    page.wait("document.querySelector('.case')")
    shown = "<img src=x onerror=alert(1)> \\u202eevil\\x07"
    assert text(page, "h2 span:last-child") == shown
    assert text(page, ".words.answer") == shown
    assert count(page, "img") == 0


def test_the_policy_stops_scripts_and_connections(tab, shown):
    page = tab()
    page.open(shown)
    page.run(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'x = 1'}))"
    )
    assert page.run("typeof x") == "undefined"
    assert page.run("fetch('http://127.0.0.1:9/').then(() => 'went', () => 'stopped')") == "stopped"
    assert any("Content Security Policy" in line for line in page.told)


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_no_width_needs_scrolling_sideways(tab, shown, width):
    page = tab()
    page.size(width, 800)
    page.open(shown)
    for view in ("overview", "cases", "sheet", "case=ask[model=gpt-5.1,n=9]"):
        page.run(f"location.hash = {view!r}")
        page.wait(f"document.body.dataset.view === {view.partition('=')[0]!r}")
        assert page.run("document.documentElement.scrollWidth") <= width, view


@pytest.mark.parametrize("dark", [False, True])
def test_texts_stand_out_from_their_ground(tab, shown, dark):
    """Every text has the contrast that WCAG asks of small ones: 4.5."""
    page = tab()
    page.size(1400, 900, dark=dark)
    page.open(shown)
    page.run(f"document.documentElement.dataset.theme = {'dark' if dark else 'light'!r}")
    for view in ("overview", "case=ask[model=gpt-5.1,n=9]"):
        page.run(f"location.hash = {view!r}")
        page.wait("document.querySelector('.case, .overview')")
        assert page.run(FAINT) == []


FAINT = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const found = rgba(getComputedStyle(node).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const node of document.querySelectorAll('body *:not(script, noscript, option, svg *)')) {
    const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    if (!own || node.disabled || !node.getClientRects().length) continue;
    const [a, b] = [light(rgba(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${node.className}: ${node.textContent.slice(0, 30)}: ${ratio}`);
  }
  return faint;
})()"""


def seconds_to_open(page, place):
    """Until all of it is read; CI is busy elsewhere too, so the best of several counts."""
    page.open(place)
    page.wait("document.readyState === 'complete'")
    return page.run("performance.getEntriesByType('navigation')[0].domComplete / 1000")


@pytest.mark.parametrize(("cases", "bar"), [(500, 1.0), (10_000, 3.0)])
def test_many_cases_open_quickly_and_few_of_them_are_elements(tab, tmp_path, cases, bar):
    picture = kept(tmp_path, "a.png", png(1))
    rows = (run(f"ask[{n}]", row_id=str(n), files=(picture,)) for n in range(cases))
    place = write(tmp_path / "many.html", rows)
    page = tab()
    page.size(1400, 900)
    assert any(seconds_to_open(page, place) < bar for _ in range(3))
    assert count(page, "#list .row") < 40
    assert page.run("document.querySelector('#list').scrollHeight") == cases * 58
    page.run("location.hash = 'sheet'")
    page.wait("document.querySelector('.tile')")
    assert 4 < count(page, ".tile") < 80
    page.run("document.querySelector('.sheet').scrollTop = 1e9")
    tiles = "[...document.querySelectorAll('.tile')]"
    page.wait(f"{tiles}.some((tile) => tile.textContent.includes('{cases - 1}'))")
    assert count(page, ".tile") < 80
    assert page.told == []
