"""What expectations will ask of models is held to limits before anything is sent."""

import pytest

from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.errors import RecipeError
from tests.engine.playing import written

HELLO = "endpoint: chat.completions\nmodel: gpt-4.1\nmessages: [{user: Hi}]\n"
STEPS = f"steps:\n  - name: a\n    {'    '.join(HELLO.splitlines(keepends=True))}"
JUDGE = "judge: {{model: {}, rubric: '{{{{ text }}}}', params: {}}}"
LIKE = "text: {{similar_to: {{text: a, model: {}}}}}"


def told(folder, text, **options):
    """The faults of a recipe: line, place and message."""
    written(folder, {"a.recipe.yaml": text})
    suite = Suite(Options(offline=True, **options), lambda _: None)
    try:
        suite.all_checked([str(folder / "a.recipe.yaml")])
    except RecipeError as error:
        return [f"{one.mark.line}: {one.where}: {one.message}" for one in error.faults if one.mark]
    finally:
        suite.close()
    return []


@pytest.mark.parametrize("head", [HELLO, STEPS])
@pytest.mark.parametrize("written", [JUDGE.format("nix", "{}"), LIKE.format("nix")])
@pytest.mark.parametrize("form", ["{{{}}}", "{{not: {{{}}}}}"])
def test_the_price_of_who_judges_is_known_where_costs_are_limited(tmp_path, head, written, form):
    text = f"{head}expect: [{form.format(written)}]\n"
    line = 1 + head.count("\n")
    wanted = [f"{line}: : --max-cost cannot be held: the price of nix is not known"]
    assert told(tmp_path, text, max_cost=1.0) == wanted
    assert told(tmp_path, text) == []
    assert told(tmp_path, text.replace("nix", "gpt-4.1-mini"), max_cost=1.0) == []


def test_a_variable_may_name_who_judges(tmp_path):
    judge = JUDGE.format("'{{ m }}'", "{}")
    text = f"vars: {{m: nix}}\n{HELLO}expect: [{{{judge}}}]\n"
    assert len(told(tmp_path, text, max_cost=1.0)) == 1


def test_what_replies_decide_is_not_known_yet(tmp_path):
    judge = JUDGE.format("'{{ model }}'", "{}")
    text = f"{HELLO}expect: [{{{judge}}}]\n"
    assert told(tmp_path, text, max_cost=1.0, untrusted=True) == []


@pytest.mark.parametrize("params", ["{store: true}", "{web_search_options: {}}"])
def test_a_stranger_may_have_no_more_asked_of_a_judge_than_of_others(tmp_path, params):
    text = f"{HELLO}expect: [{{{JUDGE.format('gpt-4.1-mini', params)}}}]\n"
    (fault,) = told(tmp_path, text, max_requests=9, untrusted=True)
    assert fault.startswith("4: params.")
    assert told(tmp_path, text) == []
