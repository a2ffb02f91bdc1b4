"""Rows that the workers of a cluster run."""

import pickle

import pytest

from runner.engine.rows.withrow import with_row
from runner.engine.running import Task
from runner.engine.suite import Suite
from runner.engine.user.options import Options
from runner.engine.workers import cluster, labour, sealing
from runner.engine.workers.cluster import CHUNK, Cluster
from runner.engine.workers.joining import Joined
from runner.errors import ServiceError, SettingsError
from runner.results import RunResult

RECIPE = """\
endpoint: chat.completions
model: gpt-4.1
dataset: rows.jsonl
messages: [{user: "Describe {{ row.name }}"}]
"""
ROWS = 100


class KilledWorker(Exception):  # noqa: N818  its name is what counts
    """What Dask says where a task's workers died again and again."""


class CancelledError(Exception):
    """What Dask says where the scheduler is gone."""


class Future:
    """What was submitted; it is done at once."""

    status = "finished"

    def __init__(self, key, found):
        self.key, self._found = key, found
        if isinstance(found, Exception):
            self.status = "error"

    def result(self):
        if isinstance(self._found, Exception):
            raise self._found
        return self._found

    def add_done_callback(self, call):
        call(self)


class Scheduler:
    """A client of a cluster of three whose workers do what `work` says; it keeps what was said."""

    def __init__(self, work):
        self._work = work
        self.sent, self.said, self.shares, self.roams = [], [], set(), set()
        self.names = ["one", "two", "three"]

    def submit(self, function, *given, key, workers=(), allow_other_workers=False, **_):
        if function is bytes:
            return Future(key, given[0])
        self.roams.add(allow_other_workers)
        order, _, rows = given
        self.sent.append((workers[0], pickle.loads(rows)))
        self.shares.add(labour.Order(*order).share)
        try:
            return Future(key, sealing.seal((self._work(*self.sent[-1]), []), {}))
        except Exception as error:
            return Future(key, error)

    def gather(self, futures):
        return [future.result() for future in futures]

    def scheduler_info(self, n_workers):
        assert n_workers == -1  # Else a few alone are told.
        return {"workers": dict.fromkeys(self.names)}

    def run(self, function, *given, **_):
        self.said.append(function.__name__)

    def cancel(self, futures):
        self.said.append("cancel")

    def close(self, timeout):
        self.said.append("close")


def passed(rows):
    return [RunResult("r", f"r{place}", (), 0, place=place) for _, place, _ in rows]


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(labour, "versions", lambda: ("runner 1",))
    (tmp_path / "r.recipe.yaml").write_text(RECIPE, encoding="utf-8")
    rows = "".join(f'{{"name": "n{n}"}}\n' for n in range(ROWS))
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    suite = Suite(Options(offline=True), print)
    checked = suite.all_checked(["r.recipe.yaml"])[0]
    plan, dataset = checked.plan, checked.plan.rows
    assert dataset is not None
    tasks = [Task(checked, with_row(plan, row), row.place - 1) for row in dataset.rows()]

    def make(work):
        scheduler = Scheduler(work)
        crew = Cluster(Joined("tcp://here", scheduler), suite, [checked], int)
        return scheduler, crew, iter(tasks)

    yield make
    suite.close()


def test_each_row_is_told_once_and_all_workers_have_some(made):
    scheduler, crew, tasks = made(lambda worker, rows: passed(rows))
    done = [(task.place, result.place) for task, result in crew.each(tasks)]
    assert sorted(done) == [(place, place) for place in range(ROWS)]
    assert {worker for worker, _ in scheduler.sent} == {"one", "two", "three"}
    assert max(len(rows) for _, rows in scheduler.sent) == CHUNK
    assert scheduler.shares == {1 / 3}
    assert scheduler.said == ["end", "close"]


def test_a_chunk_that_is_told_twice_counts_once(made):
    _, crew, tasks = made(lambda worker, rows: passed(rows))
    results = crew.each(tasks)
    first = next(results)
    crew._done.put(Future(f"runner-{crew._run}-0", b""))
    assert len([first, *results]) == ROWS


def test_a_chunk_may_go_to_others_where_its_worker_dies(made):
    scheduler, crew, tasks = made(lambda worker, rows: passed(rows))
    assert len([*crew.each(tasks)]) == ROWS
    assert scheduler.roams == {True}


def test_rows_that_were_not_begun_are_sent_again(made):
    refused: list[str] = []

    def work(worker, rows):
        if len(refused) < 2:
            refused.append(worker)
            return [None] * len(rows)
        return passed(rows)

    scheduler, crew, tasks = made(work)
    assert sorted(task.place for task, _ in crew.each(tasks)) == [*range(ROWS)]
    assert sum(len(rows) for _, rows in scheduler.sent) == ROWS + 2 * CHUNK


def test_rows_whose_workers_died_again_and_again_failed(made):
    def work(worker, rows):
        if rows[0][1] == 0:
            raise KilledWorker
        return passed(rows)

    _, crew, tasks = made(work)
    codes = {task.place: result.exit_code for task, result in crew.each(tasks)}
    assert {place for place, code in codes.items() if code == 3} == {*range(CHUNK)}
    assert len(codes) == ROWS


@pytest.mark.parametrize(
    ("raised", "error", "told"),
    [
        (CancelledError(), ServiceError, "the scheduler at tcp://here was lost"),
        (ModuleNotFoundError("runner"), SettingsError, "has no runner of this version"),
        (SettingsError("no key"), SettingsError, r"a worker \((one|two|three)\) cannot run"),
    ],
)
def test_what_ends_the_run_is_said_and_the_cluster_let_go(made, raised, error, told):
    def work(worker, rows):
        raise raised

    scheduler, crew, tasks = made(work)
    with pytest.raises(error, match=told):
        [*crew.each(tasks)]
    assert scheduler.said[-2:] == ["end", "close"]


def test_after_stop_rows_are_called_back_and_no_more_are_sent(made, monkeypatch):
    monkeypatch.setattr(cluster, "AHEAD", 1)
    scheduler, crew, tasks = made(lambda worker, rows: passed(rows))
    results = crew.each(tasks)
    done = [next(results)]
    sent = len(scheduler.sent)
    crew.stop()
    done += results
    assert len(scheduler.sent) == sent
    assert len(done) == sum(len(rows) for _, rows in scheduler.sent)
    assert scheduler.said == ["halt", "end", "close"]


def test_a_run_whose_workers_are_all_gone_ends(made, monkeypatch):
    monkeypatch.setattr(cluster, "ALONE", 0.1)
    monkeypatch.setattr(cluster, "GLANCE", 0.0)
    scheduler, crew, tasks = made(lambda worker, rows: passed(rows))
    looks: list[dict[str, dict[str, None]]] = [{"workers": {}}] * 20
    monkeypatch.setattr(scheduler, "scheduler_info", lambda n_workers: looks.pop())
    with pytest.raises(ServiceError, match="no workers any more"):
        [*crew.each(tasks)]
