"""A plan is known by its requests before it runs."""

from runner.engine.forecast import forecast_of
from runner.engine.options import Options
from runner.engine.suite import Suite
from tests.engine.playing import written

TEXT = """\
    steps:
      - name: ask
        endpoint: chat.completions
        model: gpt-4.1
        for_each: [1, 2]
        messages: [{user: "Hello {{ item }}"}]
        params: {max_completion_tokens: 50}
      - name: again
        endpoint: responses
        model: gpt-4.1
        input: "{{ steps.ask[0].text }}"
    finally:
      - {name: list, endpoint: models}
"""


def test_each_item_counts_and_what_reads_a_reply_is_open(tmp_path):
    written(tmp_path, {"a.recipe.yaml": TEXT})
    suite = Suite(Options(offline=True), lambda _: None)
    checked = suite.checked(str(tmp_path / "a.recipe.yaml"))
    found = forecast_of(checked.plan, suite.world(checked.plan))
    suite.close()
    assert (found.requests, found.tokens_out, found.open) == (4, 100, True)
    assert found.cost is not None
    assert 100 * 8e-6 < found.cost < 100 * 8e-6 + 300 * 2e-6
