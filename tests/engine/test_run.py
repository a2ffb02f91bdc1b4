"""Steps run in order, and end at the first failure; `finally` steps run whatever happened."""

import pickle

import pytest

from runner.engine.groups import gravest
from runner.engine.run import code_of
from runner.errors import ApiStatusError, HookError, OutputError, RecipeError, SettingsError
from tests.engine.playing import HELLO, chat, play, refused, reply

TWO = """\
steps:
  - {name: one, endpoint: chat.completions, model: gpt-4.1, messages: [{user: First}]}
  - name: two
    endpoint: chat.completions
    model: gpt-4.1
    messages: [{user: "You said {{ steps.one.text }}"}]
"""
TIDY = """\
finally:
  - {name: tidy, endpoint: raw, request: {method: DELETE, path: "things/{{ steps.one.text }}"}}
  - {name: always, endpoint: models}
"""
MODELS = reply({"data": [{"id": "m"}]})


def asked(played):
    return [f"{r.method} {r.path}" for r in played.script.sent]


def test_steps_run_in_order_and_read_those_before(tmp_path):
    played = play(tmp_path, TWO, chat("A"), chat("B"))
    assert played.states == [("one", "passed"), ("two", "passed")]
    assert played.result.exit_code == 0
    assert played.script.bodies[1]["messages"] == [{"role": "user", "content": "You said A"}]


def test_a_recipe_without_steps_is_one_step(tmp_path):
    played = play(tmp_path, HELLO, chat("A"))
    assert played.states == [("", "passed")]
    assert played.result.steps[0].run_id == played.result.run_id == "case"


def test_results_pickle(tmp_path):
    result = play(tmp_path, TWO, chat("A"), refused(400)).result
    again = pickle.loads(pickle.dumps(result))
    assert again.steps[0] == result.steps[0]
    assert str(again.steps[1].error) == str(result.steps[1].error)


def test_a_failure_ends_the_steps(tmp_path):
    played = play(tmp_path, TWO, refused(400))
    assert played.states == [("one", "failed")]
    assert played.result.exit_code == 3


def test_a_missed_expectation_ends_the_steps(tmp_path):
    text = TWO.replace("{user: First}]}", "{user: First}], expect: [{text: {contains: Z}}]}")
    played = play(tmp_path, text, chat("A"))
    assert played.states == [("one", "missed")]
    assert played.result.exit_code == 1


def test_a_later_steps_recipe_fault_is_a_failure_of_the_service(tmp_path):
    text = TWO.replace("steps.one.text", "steps.one.json.nothing")
    played = play(tmp_path, text, chat("A"))
    assert isinstance(played.error, RecipeError)
    assert played.result.exit_code == 3


def test_finally_steps_run_after_success(tmp_path):
    played = play(tmp_path, TWO + TIDY, chat("A"), chat("B"), reply({}), MODELS)
    assert played.states[2:] == [("tidy", "passed"), ("always", "passed")]
    assert asked(played)[2:] == ["DELETE /things/A", "GET /models"]


def test_finally_steps_run_after_a_failure_but_not_without_what_they_read(tmp_path):
    played = play(tmp_path, TWO + TIDY, refused(400), MODELS)
    assert played.states == [("one", "failed"), ("tidy", "skipped"), ("always", "passed")]


@pytest.mark.parametrize(
    "key", ['if: "{{ steps.one.status == 200 }}"', "continue: one", 'vars: {v: "{{ steps.one }}"}']
)
def test_finally_steps_may_need_a_step_by_any_key(tmp_path, key):
    text = f"""\
    steps:
      - {{name: one, endpoint: chat.completions, model: m, messages: [{{user: First}}]}}
    finally:
      - name: tidy
        endpoint: chat.completions
        model: m
        messages: [{{user: x}}]
        {key}
    """
    assert play(tmp_path, text, refused(400)).states == [("one", "failed"), ("tidy", "skipped")]


def test_finally_steps_run_where_they_can_do_without(tmp_path):
    text = TIDY.replace("steps.one.text", "steps.one.text | default('none')")
    played = play(tmp_path, TWO + text, refused(400), reply({}), MODELS)
    assert asked(played)[1] == "DELETE /things/none"


def test_every_finally_step_is_tried_and_hides_no_earlier_failure(tmp_path):
    text = TIDY.replace("steps.one.text", "1")
    played = play(tmp_path, TWO + text, refused(400, "first"), refused(500, "second"), MODELS)
    assert played.states == [("one", "failed"), ("tidy", "failed"), ("always", "passed")]
    assert "first" in str(played.result.steps[0].error)
    assert played.result.exit_code == 3


def test_a_finally_steps_failure_counts_where_all_else_went_well(tmp_path):
    text = HELLO + "finally:\n  - {name: tidy, endpoint: models}\n"
    played = play(tmp_path, text, chat(), refused(500), retries=0)
    assert played.result.exit_code == 3


def test_a_hook_that_failed_first_keeps_its_exit_code(tmp_path):
    text = HELLO + "finally:\n  - {name: tidy, endpoint: models}\n"
    played = play(tmp_path, text, HookError("boom"), refused(500), retries=0)
    assert played.result.exit_code == 4


def test_ctrl_c_lets_the_finally_steps_run(tmp_path):
    played = play(tmp_path, TWO + TIDY, chat("A"), KeyboardInterrupt(), reply({}), MODELS)
    assert played.states[1:] == [("two", "failed"), ("tidy", "passed"), ("always", "passed")]
    assert played.result.exit_code == 130


def test_a_second_ctrl_c_stops_at_once(tmp_path):
    played = play(tmp_path, TWO + TIDY, chat("A"), KeyboardInterrupt(), KeyboardInterrupt())
    assert played.states == [("one", "passed"), ("two", "failed"), ("tidy", "failed")]
    assert played.result.exit_code == 130


def test_a_run_that_the_system_ends_says_so(tmp_path):
    played = play(tmp_path, TWO + TIDY, refused(400), KeyboardInterrupt(15))
    assert played.states == [("one", "failed"), ("tidy", "skipped"), ("always", "failed")]
    assert played.result.exit_code == 143


def test_ctrl_c_between_steps_lets_the_finally_steps_run(tmp_path):
    text = TWO + '    vars: {stop: "{{ nothing }}"}\n'
    with pytest.raises(RecipeError):
        play(tmp_path, text)


def test_a_skipped_step_is_undefined(tmp_path):
    text = TWO.replace("{name: one,", '{name: one, if: "{{ 1 > 2 }}",')
    played = play(tmp_path, text)
    assert played.states == [("one", "skipped"), ("two", "failed")]
    assert "steps.one" in str(played.error)
    assert played.result.exit_code == 2


def test_an_if_reads_what_came_before(tmp_path):
    text = TWO + "    if: \"{{ steps.one.text == 'A' }}\"\n"
    assert play(tmp_path, text, chat("A"), chat("B")).states[1] == ("two", "passed")
    assert play(tmp_path, text, chat("Z")).states[1] == ("two", "skipped")


def test_an_if_that_is_no_yes_or_no_is_a_failure(tmp_path):
    played = play(tmp_path, TWO + '    if: "{{ steps.one.text }}"\n', chat("A"))
    assert played.states[1] == ("two", "failed")
    assert "true or false" in str(played.error)


def test_a_step_has_variables_of_its_own_each_seeing_those_above(tmp_path):
    text = """\
    vars: {a: 1}
    steps:
      - name: one
        vars: {b: "{{ a + 1 }}", c: "{{ b * 10 }}"}
        endpoint: chat.completions
        model: m
        messages: [{user: "{{ c }}"}]
    """
    assert play(tmp_path, text, chat()).script.bodies[0]["messages"][0]["content"] == "20"


EACH = """\
steps:
  - name: ask
    for_each: [x, y, z]
    if: "{{ item != 'y' }}"
    endpoint: chat.completions
    model: m
    messages: [{user: "{{ loop.index }} {{ loop.index0 }} {{ item }}"}]
  - name: end
    endpoint: chat.completions
    model: m
    messages: [{user: "{{ steps.ask | length }}"}]
"""


def test_for_each_asks_in_order_and_counts_from_one(tmp_path):
    played = play(tmp_path, EACH, chat("A"), chat("B"), chat())
    said = [body["messages"][0]["content"] for body in played.script.bodies]
    assert said == ["1 0 x", "3 2 z", "3"]
    assert [step.run_id for step in played.result.steps] == [
        "case::ask[1]",
        "case::ask[3]",
        "case::end",
    ]


def test_the_result_of_for_each_is_a_list_with_null_for_what_was_skipped(tmp_path):
    text = EACH.replace("steps.ask | length", "steps.ask[1] is none and steps.ask[2].text == 'B'")
    played = play(tmp_path, text, chat("A"), chat("B"), chat())
    assert played.script.bodies[2]["messages"][0]["content"] == "true"


def test_for_each_stops_at_the_first_failure(tmp_path):
    played = play(tmp_path, EACH, refused(400))
    assert played.states == [("ask", "failed")]


def test_for_each_of_nothing_is_a_skipped_step_with_an_empty_list(tmp_path):
    played = play(tmp_path, EACH.replace("[x, y, z]", "[]"), chat())
    assert played.states == [("ask", "skipped"), ("end", "passed")]
    assert played.script.bodies[0]["messages"][0]["content"] == "0"


def test_for_each_wants_a_list(tmp_path):
    played = play(tmp_path, EACH.replace("[x, y, z]", '"{{ 7 }}"'))
    assert "for_each" in str(played.error)
    assert played.result.exit_code == 2


def test_a_fault_at_a_later_item_keeps_what_was_sent(tmp_path):
    text = EACH.replace("if: \"{{ item != 'y' }}\"", 'if: "{{ item.isupper or true }}"')
    text = text.replace("[x, y, z]", "[{isupper: true}, 5]")
    played = play(tmp_path, text, chat("A"))
    assert played.states == [("ask", "passed"), ("ask", "failed")]
    assert played.result.exit_code == 3


def test_top_level_expectations_see_the_steps_and_the_last_reply(tmp_path):
    text = TWO + "expect:\n  - text: B\n  - that: \"{{ steps.one.text == 'A' }}\"\n"
    assert play(tmp_path, text, chat("A"), chat("B")).result.exit_code == 0
    missed = play(tmp_path, text, chat("A"), chat("Z"))
    assert missed.states[-1] == ("expect", "missed")
    assert [check.passed for check in missed.result.steps[-1].checks] == [False, True]
    assert missed.result.exit_code == 1


def test_top_level_expectations_that_fail_are_a_failure(tmp_path):
    text = TWO + 'expect: [{that: "{{ steps.one.json.nothing == 1 }}"}]\n'
    played = play(tmp_path, text, chat("A"), chat("B"))
    assert played.states[-1] == ("expect", "failed")
    assert played.result.exit_code == 3


def test_top_level_expectations_without_any_reply_are_not_asked(tmp_path):
    text = TWO.replace("{name: one,", '{name: one, if: "{{ false }}",').split("  - name: two")[0]
    assert play(tmp_path, text + "expect: [{text: B}]\n").states == [("one", "skipped")]


def test_top_level_keys_are_defaults_for_the_steps_that_take_them(tmp_path):
    text = """\
    model: gpt-4.1
    retries: 0
    headers: {X-One: a, X-Two: b}
    steps:
      - {name: list, endpoint: models}
      - {name: ask, endpoint: chat.completions, messages: [{user: Hi}], headers: {X-Two: c}}
    """
    played = play(tmp_path, text, MODELS, chat())
    assert [r.retries for r in played.script.sent] == [0, 0]
    assert played.script.bodies[1]["model"] == "gpt-4.1"
    assert played.script.sent[1].headers == (("X-One", "a"), ("X-Two", "c"))


@pytest.mark.parametrize(
    ("error", "sent", "code"),
    [
        (RecipeError("x"), 0, 2),
        (RecipeError("x"), 1, 3),
        (SettingsError("x"), 1, 3),
        (OutputError("x"), 1, 3),
        (ApiStatusError("x"), 1, 3),
        (HookError("x"), 1, 4),
        (ValueError("x"), 1, 70),
        (None, 0, 70),
    ],
)
def test_exit_codes(error, sent, code):
    assert code_of(error, sent) == code


@pytest.mark.parametrize(
    ("codes", "code"), [([], 0), ([0, 1], 1), ([1, 5], 5), ([5, 4], 4), ([4, 3], 3), ([3, 70], 70)]
)
def test_the_gravest_exit_code_counts(codes, code):
    assert gravest(codes) == code


def test_what_tidies_up_does_so_for_every_item(tmp_path):
    text = (
        HELLO
        + """\
finally:
  - name: tidy
    endpoint: files.delete
    for_each: [a, b, c]
    id: "{{ item }}"
"""
    )
    played = play(tmp_path, text, chat("Hi"), refused(404), reply({}), reply({}))
    assert [request.path for request in played.script.sent[1:]] == [
        "/files/a",
        "/files/b",
        "/files/c",
    ]
    assert [state for _, state in played.states] == ["passed", "failed", "passed", "passed"]
    assert played.result.exit_code == 3
