"""What hooks print never soils standard output, however their times overlap."""

from __future__ import annotations

import sys
import threading

import pytest

from runner.engine.tools.aside import aside


def test_what_is_said_aside_goes_to_standard_error(capsys):
    real = sys.stdout
    with aside():
        print("a")
        with aside():
            print("b")
        print("c")
    print("data")
    assert capsys.readouterr() == ("data\n", "a\nb\nc\n")
    assert sys.stdout is real


def test_standard_output_comes_back_after_an_error(capsys):
    real = sys.stdout
    with pytest.raises(ZeroDivisionError), aside():
        print(1 / 0)
    assert sys.stdout is real


def test_what_other_threads_write_meanwhile_stays_on_standard_output(capsys):
    real = sys.stdout
    first, second, written = (threading.Event() for _ in range(3))

    def one():
        with aside():
            first.set()
            second.wait(5)
            print("one")

    def two():
        first.wait(5)
        with aside():
            second.set()
            written.wait(5)
            print("two")

    threads = [threading.Thread(target=work) for work in (one, two)]
    for thread in threads:
        thread.start()
    second.wait(5)
    print("data")
    threads[0].join()
    print("more data")
    written.set()
    threads[1].join()
    assert capsys.readouterr() == ("data\nmore data\n", "one\ntwo\n")
    assert sys.stdout is real


def test_what_someone_else_put_in_place_stays(capsys, monkeypatch):
    class Other:
        pass

    other = Other()
    with aside():
        monkeypatch.setattr(sys, "stdout", other)
    assert sys.stdout is other
