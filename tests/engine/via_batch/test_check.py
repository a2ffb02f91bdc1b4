"""What cannot be asked in batches is refused with its reason, before anything is sent."""

import pytest

from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.errors import RecipeError, SettingsError
from tests.engine.banking import Bank, Command, project
from tests.protocol.test_pictures import PNG

CHAT = "endpoint: chat.completions\nmodel: gpt-4.1\nmessages: [{user: Hi}]\n"
SPEECH = "endpoint: audio.speech\nmodel: tts-1\ninput: Hi\nparams: {voice: nova}\n"
TIDY = """
steps: [{name: a, endpoint: moderations, input: Hi}]
finally: [{name: b, endpoint: moderations, input: Hi}]
"""
EDIT = """
endpoint: images.edits
model: gpt-image-1
prompt: Bluer
attachments: [a.png]
"""


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        (SPEECH, "audio.speech cannot be asked in a batch: its reply is sound"),
        ("endpoint: models\n", "models cannot be asked in a batch: it acts on what the account"),
        ("endpoint: raw\nrequest: {method: POST, path: /chat/completions}\n", "name the endpoint"),
        (CHAT + "stream: true\n", "a batch cannot stream"),
        (CHAT + "headers: {x-a: b}\n", "headers cannot be asked in a batch"),
        ("endpoint: batches.retrieve\nid: b\n", "batches.retrieve cannot be asked in a batch"),
        (TIDY, "no batch is made of `finally` steps"),
        ("vars: {s: true}\n" + CHAT + 'stream: "{{ s }}"\n', "a batch cannot stream"),
    ],
)
def test_what_no_batch_can_hold_is_refused(tmp_path, recipe, reason):
    project(tmp_path, recipe=recipe)
    bank = Bank()
    with pytest.raises(RecipeError) as caught:
        Command(tmp_path, bank)
    assert reason in str(caught.value)
    assert ".recipe.yaml:" in str(caught.value)
    assert bank.sent == []
    assert not (tmp_path / "out").exists()


def test_a_form_is_no_line(tmp_path):
    project(tmp_path, recipe=EDIT)
    (tmp_path / "a.png").write_bytes(PNG)
    with pytest.raises(RecipeError, match="it sends files as a form"):
        Command(tmp_path, Bank())


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"no_wait": True}, "--no-wait leaves batches under way"),
        ({"via": "batch", "cassette": "record"}, "--cassette is of what is asked one by one"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(options, reason):
    with pytest.raises(SettingsError, match=reason):
        Suite(Options(**options), print)
