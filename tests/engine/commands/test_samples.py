"""A starter's files are there, whole, and never in the way of the user's own."""

import pytest

from runner.engine.commands import samples
from runner.protocol import pictures, sounds
from runner.protocol.uploads import Upload, faults


def beside(folder, endpoint):
    return [path.name for path in samples.beside(folder, endpoint)]


@pytest.mark.parametrize(
    ("endpoint", "names"),
    [
        ("images.edits", ["picture.png"]),
        ("audio.translations", ["speech.mp3"]),
        ("batches.cancel", ["requests.jsonl"]),
        ("fine_tuning.jobs", ["examples.jsonl"]),
        ("files", []),
        ("models", []),
    ],
)
def test_what_a_starter_names_is_written_once(tmp_path, endpoint, names):
    assert beside(tmp_path, endpoint) == names
    assert beside(tmp_path, endpoint) == []


def test_the_users_own_file_stays(tmp_path):
    own = tmp_path / "picture.png"
    own.write_bytes(b"mine")
    assert beside(tmp_path, "images.edits") == []
    assert own.read_bytes() == b"mine"


def test_the_picture_opens():
    content = samples.SAMPLES["picture.png"]()
    assert pictures.look(content) == pictures.Look("image/png", samples.SIDE, samples.SIDE)
    assert not pictures.is_cut(content)
    assert len(content) < 20_000


def test_the_speech_plays():
    content = samples.SAMPLES["speech.mp3"]()
    found = sounds.look(lambda at, size: content[at : at + size], len(content))
    assert found is not None
    assert found.format == "mp3"
    assert 0.5 < (found.seconds or 0) < 10


@pytest.mark.parametrize(
    ("name", "purpose"), [("requests.jsonl", "batch"), ("examples.jsonl", "fine-tune")]
)
def test_the_lines_are_what_the_service_takes(name, purpose):
    content = samples.SAMPLES[name]()
    assert faults(purpose, Upload(name, None, len(content), content.splitlines(True))) == []
