"""What a run sent is counted, whether or not anything came of it."""

import pytest

from runner.errors import ConnectionFailedError
from runner.report.totals import of_run
from tests.engine.playing import HELLO, calls, chat, play, refused

TOOLS = HELLO + "tools: [{name: now, parameters: {}, returns: noon}]\n"


def given_up(attempts: int) -> ConnectionFailedError:
    error = ConnectionFailedError("cut")
    error.attempts = attempts
    return error


@pytest.mark.parametrize(
    ("replies", "sent", "attempts"),
    [
        ([chat()], 1, 1),
        ([chat()._replace(attempts=3)], 1, 3),
        ([refused(500)._replace(attempts=3)], 1, 3),
        ([given_up(3)], 1, 3),
        ([calls("now")._replace(attempts=2), chat()], 2, 3),
        ([calls("now")._replace(attempts=2), given_up(3)], 2, 5),
    ],
    ids=["at once", "late", "refused", "cut", "tools", "tools, then cut"],
)
def test_every_attempt_counts(tmp_path, replies, sent, attempts):
    result = play(tmp_path, TOOLS, *replies).result
    assert (result.steps[0].sent, result.steps[0].attempts) == (sent, attempts)
    assert (of_run(result).requests, of_run(result).attempts) == (sent, attempts)
