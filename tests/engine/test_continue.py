"""A step that continues another follows its whole conversation, in its own dialect."""

import pytest

from runner.engine.tools.hooks import Hook, Hooks
from runner.errors import RecipeError, UnknownNameError
from tests.engine.playing import calls, chat, planned, play, reply

TALK = """\
steps:
  - name: one
    endpoint: chat.completions
    model: gpt-4.1
    messages: [{system: Be brief, }, {user: First}]
  - name: two
    continue: one
    messages: [{user: Second}]
"""
SAID = [
    {"role": "system", "content": "Be brief"},
    {"role": "user", "content": "First"},
    {"role": "assistant", "content": "A"},
    {"role": "user", "content": "Second"},
]
RESPONSE = reply({"output": [], "status": "completed"})


def test_the_whole_conversation_goes_on(tmp_path):
    played = play(tmp_path, TALK, chat("A"), chat("B"))
    assert played.script.bodies[1] == {"model": "gpt-4.1", "messages": SAID}


def test_a_third_step_follows_both(tmp_path):
    text = TALK + "  - {name: three, continue: two, messages: [{user: Third}]}\n"
    played = play(tmp_path, text, chat("A"), chat("B"), chat("C"))
    said = [message["content"] for message in played.script.bodies[2]["messages"]]
    assert said == ["Be brief", "First", "A", "Second", "B", "Third"]


def test_a_model_named_anew_is_asked(tmp_path):
    text = TALK.replace("continue: one", "continue: one\n    model: gpt-5.1")
    assert play(tmp_path, text, chat("A"), chat("B")).script.bodies[1]["model"] == "gpt-5.1"


def test_what_is_continued_is_nearer_than_the_defaults_of_all_steps(tmp_path):
    played = play(tmp_path, f"model: other\n{TALK}", chat("A"), chat("B"))
    assert [body["model"] for body in played.script.bodies] == ["gpt-4.1", "gpt-4.1"]


def test_chat_goes_on_as_responses(tmp_path):
    text = TALK.replace("continue: one", "continue: one\n    endpoint: responses")
    played = play(tmp_path, text, chat("A"), RESPONSE)
    assert played.script.sent[1].path == "/responses"
    assert played.script.bodies[1]["input"] == SAID


def hooked():
    def look() -> str:
        return "seen"

    return Hooks({"look": Hook("look", look)}, {})


def test_tool_rounds_and_tools_go_along(tmp_path):
    text = TALK.replace("    messages: [{system", "    tools: [look]\n    messages: [{system")
    played = play(tmp_path, text, calls("look"), chat("A"), chat("B"), hooks=hooked())
    body = played.script.bodies[2]
    assert [tool["function"]["name"] for tool in body["tools"]] == ["look"]
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert body["messages"][3]["content"] == "seen"


def test_a_step_that_was_skipped_cannot_be_continued(tmp_path):
    text = TALK.replace("- name: one", "- name: one\n    if: '{{ false }}'")
    played = play(tmp_path, text)
    assert "left no conversation" in str(played.error)
    assert ":8:15" in str(played.error)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("onee", "did you mean 'one'"), ("two", "name the step"), ("three", "name the step")],
)
def test_only_a_step_above_can_be_continued(tmp_path, name, hint):
    text = TALK.replace("continue: one", f"continue: {name}") + "  - {name: three, continue: two}\n"
    with pytest.raises(RecipeError, match=hint) as caught:
        planned(tmp_path, text)
    assert f"no step above is named '{name}'" in str(caught.value)


def test_a_step_without_a_conversation_cannot_be_continued(tmp_path):
    text = "steps:\n  - {name: one, endpoint: models}\n  - {continue: one, messages: [{user: x}]}\n"
    with pytest.raises(RecipeError, match="'one' holds no conversation: models"):
        planned(tmp_path, text)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("{endpoint: chat.completion, model: m}", "did you mean 'chat.completions'"),
        ("{endpoint: '{{ e }}', model: m}", "no endpoint is named 'zzz'"),
        ("{model: m}", "a step needs an endpoint"),
        ("{endpoint: models, messages: [{user: x}]}", "models takes no messages"),
        ("{endpoint: models.retrieve}", "models.retrieve needs model or id"),
    ],
)
def test_steps_that_fit_no_endpoint_are_told(tmp_path, step, told):
    with pytest.raises(RecipeError) as caught:
        planned(tmp_path, f"vars: {{e: zzz}}\nsteps:\n  - {step}\n")
    assert told in str(caught.value)
    assert "case.recipe.yaml:3:" in str(caught.value)


def test_the_faults_of_all_steps_are_told(tmp_path):
    text = "steps:\n  - {endpoint: models, id: x}\n  - {endpoint: '{{ 1 }}'}\n"
    with pytest.raises(RecipeError) as caught:
        planned(tmp_path, text)
    assert len(caught.value.faults) == 2
    assert UnknownNameError.exit_code == caught.value.exit_code == 2


def test_a_step_of_the_same_words_in_both_lists_is_final_in_one(tmp_path):
    text = "steps: [{name: a, endpoint: models}]\nfinally: [{name: a, endpoint: models}]\n"
    with pytest.raises(RecipeError, match="two steps have the name 'a'"):
        planned(tmp_path, text)


def test_a_conversation_of_any_length_is_followed(tmp_path):
    first = TALK.replace("one", "s0").partition("  - name: two")[0]
    more = "  - {name: sN, continue: sM, messages: [{user: x}]}\n"
    text = "".join(more.replace("N", str(n)).replace("M", str(n - 1)) for n in range(1, 1_100))
    plan = planned(tmp_path, first + text)
    assert {step.endpoint.name for step in plan.steps} == {"chat.completions"}
