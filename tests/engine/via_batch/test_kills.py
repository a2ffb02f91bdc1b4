"""A command by way of batches may be killed anywhere: nothing is lost, and nothing made twice."""

import itertools

import pytest

from runner.errors import ConnectionFailedError
from tests.engine.banking import TOOL, WRITING, Bank, Command, collected, killed, project

ROUNDS = WRITING + TOOL


def finished(folder, bank):
    """Run and resume, killed no more, until all is done."""
    done = Command(folder, bank, resume=True)
    assert {one.exit_code for one in done.results} <= {0}
    again = Command(folder, bank, resume=True)
    assert (again.sent, again.results) == ([], [])


def whole(folder, bank):
    """Say that every row came once, and that no line was asked twice."""
    assert [row["id"] for row in collected(folder)] == [f"s{n}" for n in range(2)]
    assert set(bank.lines.values()) == {1}
    names = {path.name for path in (folder / "out" / ".runner").iterdir()}
    assert names == {"case.db"}
    outputs = {f"s{n}.md{end}" for n in range(2) for end in ("", ".run.json")}
    kept = {"all.jsonl", "all.jsonl.run.json", ".runner"}
    assert {path.name for path in (folder / "out").iterdir()} == outputs | kept


@pytest.mark.slow
@pytest.mark.parametrize("recipe", [WRITING, ROUNDS], ids=["plain", "tools"])
def test_a_command_may_be_killed_at_any_call(tmp_path, recipe):
    for step in itertools.count(1):
        folder = tmp_path / str(step)
        project(folder, count=2, recipe=recipe)
        bank = Bank()
        bank.kill_at = step
        done = killed(folder, bank)
        bank.kill_at = -1
        if done is not None:
            break
        finished(folder, bank)
        whole(folder, bank)
    assert step > 12


@pytest.mark.slow
def test_a_command_may_be_killed_at_every_call(tmp_path):
    project(tmp_path, count=2, recipe=ROUNDS)
    bank = Bank()
    for calls in range(2, 100):
        bank.kill_at = bank.steps + 1 + calls // 4
        if killed(tmp_path, bank, resume=True) is not None:
            break
    assert calls > 12
    bank.kill_at = -1
    finished(tmp_path, bank)
    whole(tmp_path, bank)


def test_a_batch_is_made_once_where_its_reply_is_lost(tmp_path):
    left = [2]

    def lost(request, value):
        if request.endpoint == "batches" and left[0]:
            left[0] -= 1
            message = "the connection was reset"
            raise ConnectionFailedError(message)
        return value

    project(tmp_path, count=2, recipe=WRITING)
    bank = Bank(tamper=lost)
    assert set(Command(tmp_path, bank).codes.values()) == {0}
    whole(tmp_path, bank)


def test_a_batch_that_was_not_made_is_made_after_a_fault(tmp_path):
    project(tmp_path, count=2, recipe=WRITING)
    bank = Bank()
    making, left = bank._making, [1]

    def refused(request):
        if left[0]:
            left[0] -= 1
            message = "refused"
            raise ConnectionFailedError(message, sent=False)
        return making(request)

    bank._making = refused  # type: ignore[method-assign]
    assert set(Command(tmp_path, bank).codes.values()) == {0}
    whole(tmp_path, bank)


def test_a_service_that_is_away_for_a_while_is_waited_for(tmp_path):
    left = [5]

    def away(request, value):
        if request.endpoint == "batches.retrieve" and left[0]:
            left[0] -= 1
            message = "no route"
            raise ConnectionFailedError(message)
        return value

    project(tmp_path, count=2, recipe=WRITING)
    bank = Bank(tamper=away)
    done = Command(tmp_path, bank)
    assert set(done.codes.values()) == {0}
    assert sum("no route; asking again" in text for text in done.told) == 1


@pytest.mark.parametrize("rows", [1, 2])
def test_a_command_may_end_between_two_rows(tmp_path, rows):
    project(tmp_path, count=2, recipe=WRITING)
    bank = Bank()

    class Enough(Exception):  # noqa: N818  the end of a command
        pass

    taken = []

    class Few(list):
        def append(self, one):
            taken.append(one)
            if len(taken) == rows:
                raise Enough

    with pytest.raises(Enough):
        Command(tmp_path, bank, results=Few())
    finished(tmp_path, bank)
    whole(tmp_path, bank)
