"""Every case ends as its table says: in time, in so many attempts, with nothing shown or left."""

import re

import pytest

from runner.engine.user.secrets import Masker
from tests.faults.calls import CALLS, is_right
from tests.faults.cases import CLASSES, Case, cases
from tests.faults.classes.row import PLAIN, RIGHT
from tests.faults.every import EVERY, is_timed
from tests.faults.faults import bomb
from tests.faults.heads import ESCAPES
from tests.faults.meet import KEY, meet
from tests.faults.server import FaultServer

ALL = list(dict.fromkeys(case for name in CLASSES for case in cases(name)))
SECRET = KEY.removeprefix("sk-")
AT_ALL = ("own-half", "status-503*1", "html-200")
LONGEST = {True: 1.2, False: 10.0}


def marked():
    """Each fault at one kind of endpoint is quick, some at all; the rest is slow."""
    met = set()
    for case in ALL:
        name = case.fault.partition("*")[0]
        is_first = case.fault not in met and (name not in met or not is_timed(name))
        met |= {case.fault, name}
        marks = () if is_first or case.fault in AT_ALL else pytest.mark.slow
        yield pytest.param(case, id=str(case), marks=marks)


@pytest.fixture(scope="module")
def faulty():
    bomb()
    with FaultServer(EVERY) as server, FaultServer(EVERY) as other:
        server.elsewhere = other.url
        yield server, other


def written(out):
    return [place for place in out.rglob("*") if place.is_file()]


def backoff(case, right):
    waits = case.waits
    if waits is None:
        waits = tuple(0.5 * 2**n for n in range(case.attempts - 1))
    if case.kind == "batch" and right:  # each of its four requests fails
        return (*waits, *waits, 10.0, *waits, *waits)
    return waits


@pytest.mark.parametrize("case", [*marked()])
def test_a_fault_ends_as_it_must(faulty, tmp_path, capfd, case: Case):
    server, other = faulty
    timed = is_timed(case.fault)
    base = f"{server.base(case.fault)}/{ALL.index(case)}"
    met = meet(server, tmp_path, case.kind, base, quick=timed)
    right = is_right(case.kind, met.result)
    told = Masker((KEY,)).hide(str(met.error or ""))
    out = CALLS[case.kind].out

    assert right == (case.told == RIGHT), told
    assert right or re.search(case.told, told), told
    assert met.attempts == case.attempts
    assert met.waits == pytest.approx(backoff(case, right))
    assert met.seconds < case.attempts * LONGEST[timed] + 1
    assert met.files == ([out, f"{out}.run.json"] if right else [])
    shown = capfd.readouterr()
    lines = "\n".join((told, met.shown, shown.out, shown.err, *met.lines))
    assert "Traceback" not in lines
    assert SECRET not in lines
    assert not any(SECRET.encode() in place.read_bytes() for place in written(met.out))
    assert len(told) < 4096
    assert not other.connections


def test_every_fault_has_a_case():
    met = {case.fault.partition("*")[0] for case in ALL}
    assert len(met) > 250
    assert set(EVERY) - met == UNMET


UNMET = {
    "batch-odd-id",
    "content-escapes",
    "limited-date",
    "picture-bomb",
    "sse-escapes",
    "sse-hundred-thousand",
    "sse-incomplete",
    "sse-thousands",
    "surrogate",
    "ws-bomb",
}
"""Those that end in an answer of their own: see below, and `test_bombs.py`."""


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("chat:content-escapes", ESCAPES),
        ("stream:sse-escapes", "\x1b[2J\u202e"),
        ("chat:surrogate", "Hello \ufffd there"),
        ("stream:sse-thousands", "x" * 5000),
        ("responses:sse-incomplete", "Hello"),
    ],
)
def test_a_text_of_its_own_is_kept(faulty, tmp_path, case, text):
    server, _ = faulty
    kind, _, fault = case.partition(":")
    met = meet(server, tmp_path, kind, server.base(fault))
    answer = met.result.steps[-1].answer
    assert answer is not None
    assert answer.text == text
    assert met.error is None


def test_an_id_of_the_server_leads_to_no_other_path(faulty, tmp_path):
    server, _ = faulty
    met = meet(server, tmp_path, "batch", server.base("batch-odd-id"))
    assert met.seen[-1].path.endswith("/batches/batch_1")
    assert "an id cannot be '../../x'" in str(met.result.steps[-1].error)


@pytest.mark.parametrize("kind", PLAIN.split())
def test_a_date_is_waited_for_at_every_kind(faulty, tmp_path, kind):
    server, _ = faulty
    met = meet(server, tmp_path, kind, f"{server.base('limited-date*1')}/{PLAIN.index(kind)}")
    assert is_right(kind, met.result)
    assert met.waits[0] == pytest.approx(29, abs=3)
