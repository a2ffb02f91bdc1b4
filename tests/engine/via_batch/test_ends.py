"""Batches that end badly, and lines that are not answered: what is asked again, and what fails."""

import os
import signal

import pytest

from runner.errors import ApiStatusError, JobFailedError
from tests.engine.banking import Bank, Command, collected, project

NAMES = [f"s{number}" for number in range(5)]


@pytest.mark.parametrize("end", ["expired", "failed"])
def test_rows_of_a_batch_that_ended_badly_fail_or_are_asked_again(tmp_path, end):
    project(tmp_path)
    bank = Bank(end)
    done = Command(tmp_path, bank)
    if end == "failed":
        assert set(done.codes.values()) == {3}
        assert isinstance(done.error("s1"), JobFailedError)
        assert "the batch failed: The batch failed, as" in str(done.error("s1"))
        assert collected(tmp_path) == []
        assert Command(tmp_path, bank, resume=True).codes == dict.fromkeys(NAMES, 0)
        return
    assert done.codes == dict.fromkeys(NAMES, 0)
    assert [len(made) for made in bank.made] == [5, 2]
    assert [row["id"] for row in collected(tmp_path)] == NAMES
    assert sorted(one.steps[0].attempts for one in done.results) == [1, 1, 1, 2, 2]


def test_what_expires_again_and_again_fails(tmp_path):
    project(tmp_path, count=8)
    bank = Bank("expired", "expired", "expired")
    done = Command(tmp_path, bank)
    assert [len(made) for made in bank.made] == [8, 4, 2]
    (lost,) = [name for name, code in done.codes.items() if code]
    assert "could not be executed before the batch expired. (batch_expired)" in str(
        done.error(lost)
    )
    again = Command(tmp_path, bank, resume=True)
    assert again.codes == {lost: 0}


def test_what_was_cancelled_is_asked_again_by_resume_alone(tmp_path):
    project(tmp_path)
    bank = Bank("cancelled")
    done = Command(tmp_path, bank)
    assert sorted(done.codes.values()) == [0, 0, 0, 3, 3]
    assert len(bank.made) == 1
    again = Command(tmp_path, bank, resume=True)
    assert sorted(again.codes.values()) == [0, 0]
    assert [row["id"] for row in collected(tmp_path)] == NAMES


def test_a_bad_line_fails_its_row_alone(tmp_path):
    def told(request, value):
        if request.endpoint == "batches.retrieve" and value["status"] == "failed":
            value["errors"]["data"][0] |= {"line": 2, "message": "no model", "code": "bad"}
        return value

    project(tmp_path)
    bank = Bank("failed", tamper=told)
    done = Command(tmp_path, bank)
    assert done.codes == dict.fromkeys(NAMES, 0) | {"s1": 3}
    assert "no model (bad)" in str(done.error("s1"))
    assert [len(made) for made in bank.made] == [5, 4]


def test_without_room_batches_are_halved_and_made_one_by_one(tmp_path):
    project(tmp_path, count=9)
    bank = Bank("full", "full")
    done = Command(tmp_path, bank)
    assert set(done.codes.values()) == {0}
    assert [len(made) for made in bank.made] == [9, 4, 4, 1, 2, 2]
    assert {one.steps[0].attempts for one in done.results} == {1}


def answered(status, error, count=1):
    """Let a line be answered so, so many times."""
    left = [count]

    def tamper(request, value):
        if request.endpoint != "files.content" or not left[0]:
            return value
        left[0] -= 1
        row = next(row for row in value if row["custom_id"].startswith("row-s2-"))
        row["response"] |= {"status_code": status, "body": {"error": error}}
        return value

    return tamper


def test_a_line_that_was_refused_for_now_is_asked_again_alone(tmp_path):
    project(tmp_path)
    bank = Bank(tamper=answered(429, {"type": "requests", "message": "slow"}))
    done = Command(tmp_path, bank)
    assert done.codes == dict.fromkeys(NAMES, 0)
    assert [len(made) for made in bank.made] == [5, 1]


def test_an_error_that_stays_is_the_service_s_own(tmp_path):
    project(tmp_path)
    bank = Bank(tamper=answered(500, {"message": "broken"}, 9))
    done = Command(tmp_path, bank)
    assert done.codes == dict.fromkeys(NAMES, 0) | {"s2": 3}
    assert "the service answered 500: broken" in str(done.error("s2"))
    assert [len(made) for made in bank.made] == [5, 1, 1]


@pytest.mark.parametrize(
    "error", [{"type": "insufficient_quota"}, {"type": "invalid_request_error"}]
)
def test_a_line_that_was_refused_for_good_is_not_asked_again(tmp_path, error):
    project(tmp_path)
    bank = Bank(tamper=answered(429 if "quota" in error["type"] else 400, error))
    done = Command(tmp_path, bank)
    assert done.codes == dict.fromkeys(NAMES, 0) | {"s2": 3}
    assert isinstance(done.error("s2"), ApiStatusError)
    assert len(bank.made) == 1


def test_ctrl_c_leaves_the_batches_under_way(tmp_path):
    def stopped(request, value):
        if request.endpoint == "batches.retrieve" and value["status"] == "in_progress":
            os.kill(os.getpid(), signal.SIGINT)
        return value

    project(tmp_path)
    bank = Bank(tamper=stopped)
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        Command(tmp_path, bank, told=told)
    assert "1 batch is under way, of 5 requests" in told[-1]
    bank.tamper = None
    assert Command(tmp_path, bank, resume=True).codes == dict.fromkeys(NAMES, 0)
    assert len(bank.made) == 1


def test_after_a_failure_nothing_more_is_asked_where_that_is_wanted(tmp_path):
    project(tmp_path)
    bank = Bank("expired", tamper=answered(400, {"message": "no"}))
    done = Command(tmp_path, bank, fail_fast=True)
    assert 3 in done.codes.values()
    assert len(bank.made) == 1


def test_lines_that_no_file_names_are_asked_again(tmp_path):
    def lost(request, value):
        return value[1:] if request.endpoint == "files.content" and len(bank.made) < 2 else value

    project(tmp_path)
    bank = Bank(tamper=lost)
    assert set(Command(tmp_path, bank).codes.values()) == {0}
    assert [len(made) for made in bank.made] == [5, 1]


def test_output_that_is_gone_is_asked_again(tmp_path):
    project(tmp_path)
    bank = Bank()
    Command(tmp_path, bank, no_wait=True)
    bank.seconds += 100
    bank.kill_at = 0
    world = bank._inner._world
    gone: list[str] = []

    def forget(request, value):
        if request.endpoint == "batches.retrieve" and value["status"] == "completed" and not gone:
            gone.append(value["output_file_id"])
            del world.store[f"file:{gone[0]}"]
        return value

    bank.tamper = forget
    done = Command(tmp_path, bank, resume=True)
    assert set(done.codes.values()) == {0}
    assert any("is gone: what it answered is asked again" in text for text in done.told)
    assert [len(made) for made in bank.made] == [5, 5]
