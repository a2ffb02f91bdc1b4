"""A cassette is text for people; one that was changed is refused with its place and a cure."""

import pytest

from runner.cassette import Recording, form
from runner.errors import RecipeError

ONE = Recording(
    "chat[model=a]",
    1,
    1_790_000_000.0,
    {"method": "POST", "path": "/chat", "json": {"model": "a"}},
    {"status": 200, "headers": {"content-type": "application/json"}, "json": {"ok": True}},
)
TEXT = """\
# Recorded by runner: what was asked, and what it was answered. `--cassette record` makes it anew.
cassette: 1
recordings:
  - run: "chat[model=a]"
    ordinal: 1
    recorded: "2026-09-21T14:13:20Z"
    request:
      method: POST
      path: /chat
      json:
        model: a
    reply:
      status: 200
      headers:
        content-type: application/json
      json:
        ok: true
"""


def test_a_cassette_reads_as_it_is_written():
    assert form.text_of([form.entry(ONE)]) == TEXT
    (read,) = form.read(TEXT.encode(), "c.yaml")
    assert read.mark is not None
    assert read.mark[:2] == ("c.yaml", 4)
    assert read._replace(mark=None) == ONE


def test_where_a_recording_came_from_is_kept():
    kept = form.read(form.text_of([form.entry(ONE._replace(source="the reference"))]).encode(), "c")
    assert kept[0].source == "the reference"


@pytest.mark.parametrize("text", ["", "# nothing\n", form.HEAD])
def test_an_empty_cassette_holds_nothing(text):
    if not text or text == form.HEAD:
        assert form.read(text.encode(), "c.yaml") == []
    else:
        with pytest.raises(RecipeError):
            form.read(text.encode(), "c.yaml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cassette: 1", "cassette: 2", "c.yaml:2:11: cassette"),
        ("ordinal: 1", "ordinal: one", "c.yaml:5:14: "),
        ("status: 200", "status: 20000", "c.yaml:13:15: "),
        ("      json:\n        ok: true", "      file: ../../etc/passwd", "c.yaml:16:13: "),
        ("      json:\n        ok: true", "      secret: x", "unknown key 'secret'"),
        ("2026-09-21T", "2026-13-41T", "is no time"),
        ("    request:", "\trequest:", "c.yaml:7:1: "),
        ("ok: true", "ok: !!python/object:os.system true", "c.yaml:17:13: "),
    ],
)
def test_a_fault_names_its_line_and_a_cure(old, new, message):
    assert old in TEXT
    with pytest.raises(RecipeError) as caught:
        form.read(TEXT.replace(old, new).encode(), "c.yaml")
    assert message in str(caught.value)
    assert "hint: " in str(caught.value)
    assert caught.value.exit_code == 2


def test_the_order_does_not_depend_on_who_was_first():
    names = ["r::b[10]", "r::a[2]", "r::a[10]", "r::b[2]", "r::z"]
    made = form.sorted_by_run(ONE._replace(run=name) for name in names)
    assert [one.run for one in made] == ["r::z", "r::a[2]", "r::b[2]", "r::b[10]", "r::a[10]"]
