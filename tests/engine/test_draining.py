"""The first Ctrl-C drains, the next ends all."""

import signal
import threading

import pytest

from runner.engine.draining import draining, told


@pytest.fixture(autouse=True)
def heard():
    """SIGTERM raises what the command makes of it."""

    def end(number, frame):
        del frame
        raise KeyboardInterrupt(number)

    before = signal.signal(signal.SIGTERM, end)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("first", "number"), [(signal.SIGINT, ()), (signal.SIGTERM, (signal.SIGTERM,))]
)
def test_the_first_is_told_and_the_second_raised(first, number):
    told: list[KeyboardInterrupt] = []
    with draining(told.append):
        signal.raise_signal(first)
        assert [one.args for one in told] == [number]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert len(told) == 1


def test_what_the_next_signal_does_is_told_in_the_words_of_the_first():
    assert told(KeyboardInterrupt()).endswith("; Ctrl-C again stops at once")
    assert told(KeyboardInterrupt(signal.SIGTERM)).endswith("; a second SIGTERM stops at once")


def test_afterwards_the_first_is_raised_again():
    with draining(lambda _: None):
        pass
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_signal_that_ends_the_process_does_so_still():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with draining(lambda _: None):
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_only_the_main_thread_hears_signals():
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def aside():
        with draining(lambda _: None):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=aside)
    thread.start()
    thread.join()
    assert seen == [before]
