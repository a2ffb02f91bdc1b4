import pytest

from runner.engine.transcript import Transcript
from runner.errors import OutputError


def written(tmp_path, *messages, hide=str):
    place = tmp_path / "a" / "events.txt"
    made = Transcript(place, hide)
    for at, way, message in messages:
        made(at, way, message)
    made.close()
    return place.read_text(encoding="utf-8").splitlines()


def test_messages_are_lines_with_time_and_direction(tmp_path):
    rows = written(
        tmp_path,
        (0.5, ">", {"type": "response.create"}),
        (12.25, "<", {"type": "response.done", "response": {"status": "completed"}}),
    )
    assert rows == [
        "   0.500 > response.create {}",
        '  12.250 < response.done {"response": {"status": "completed"}}',
    ]


def test_sound_is_counted_and_escape_codes_are_shown(tmp_path):
    said = "\x1b[31m\x9b31m\u202e"
    (row,) = written(tmp_path, (0, "<", {"type": "a\x1b", "delta": "A" * 500, "text": said}))
    assert "(500 characters)" in row
    assert not {*said[:1], "\x9b", "\u202e"} & {*row}


def test_secrets_are_hidden(tmp_path):
    (row,) = written(
        tmp_path,
        (0, "<", {"type": "hush", "b": "hush"}),
        hide=lambda text: text.replace("hush", "***"),
    )
    assert "hush" not in row


def test_a_message_that_is_no_event_is_written_too(tmp_path):
    assert written(tmp_path, (0, "<", [1])) == ["   0.000 <  [1]"]


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--events"):
        Transcript(tmp_path / "file" / "x", str)
