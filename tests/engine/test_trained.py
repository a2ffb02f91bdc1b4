"""A file and the model that is to learn by it are held together, where a recipe names both."""

import json

import pytest

from tests.cli.command import runner

PAIR = {"prompt": "a", "completion": "b"}
TALK = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
FLOW = """\
vars: {{learner: gpt-4.1-mini}}
steps:
  - name: upload
    endpoint: files
    attachments: [a.jsonl]
    params: {{purpose: fine-tune}}
  - name: tune
    endpoint: fine_tuning.jobs
    model: {model}
    params: {{training_file: "{{{{ {source} }}}}"{more}}}
    poll:
      until: "{{{{ json.status == 'succeeded' }}}}"
      fail_if: "{{{{ json.status == 'failed' }}}}"
"""
TOLD = "flow.recipe.yaml:10:29: {}params.training_file: {} is trained on {}, got {}"


def files(row, checks="fail", model="gpt-4.1-mini", source="steps.upload.json.id", more=""):
    return {
        "a.jsonl": (json.dumps(row) + "\n").encode() * 10,
        "flow.recipe.yaml": FLOW.format(model=model, source=source, more=more),
        "runner.yaml": f"checks: {checks}\n",
    }


@pytest.fixture(autouse=True)
def _inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "source", ["steps.upload.json.id", "steps.upload.text", "steps['upload'].json.id"]
)
@pytest.mark.parametrize("model", ["gpt-4.1-mini", '"{{ learner }}"'])
def test_a_file_of_another_form_is_told_before_anything_is_sent(source, model):
    told = runner("check", "flow.recipe.yaml", files=files(PAIR, model=model, source=source))
    assert told.code == 2
    words = TOLD.format("", "gpt-4.1-mini", "messages", "prompt and completion")
    assert words in told.err
    assert "hint: write its lines in that form" in told.err


def test_a_method_has_a_form_of_its_own():
    told = runner("check", "flow.recipe.yaml", files=files(TALK, more=", method: {type: dpo}"))
    assert told.code == 2
    assert "gpt-4.1-mini is trained by dpo on input and two outputs, got messages" in told.err


def test_it_is_a_warning_and_the_job_fails_alike():
    given = files(PAIR, "warn")
    told = runner("check", "flow.recipe.yaml", files=given)
    assert told.code == 0
    words = ("gpt-4.1-mini", "messages", "prompt and completion")
    assert TOLD.format("warning: ", *words) in told.err
    ran = runner("run", "flow.recipe.yaml", "--offline", files=given)
    assert ran.code == 3
    assert "gpt-4.1-mini is trained on messages, got prompt and completion" in ran.err
    assert "(invalid_training_file)" in ran.err


@pytest.mark.parametrize(
    "given",
    [
        files(TALK),
        files(PAIR, model="davinci-002"),
        files(PAIR, model="llama3.3"),
        files(PAIR, checks="off"),
        files(PAIR, model='"{{ steps.upload.json.filename }}"'),
        files(PAIR, source="steps.upload.json.filename"),
    ],
)
def test_what_fits_or_is_not_known_passes(given):
    assert runner("check", "flow.recipe.yaml", files=given).code == 0
