"""What errors say holds no secret, whatever they came of."""

import traceback

import pytest

from runner.engine import masked
from runner.errors import HookError, RecipeError, ServiceError

SECRET = "s3cr3t-0123456789"


def hide(text: str) -> str:
    return text.replace(SECRET, "***")


def told(error: BaseException) -> str:
    masked.error(error, hide)
    return "".join(traceback.format_exception(error))


def test_an_error_that_came_of_itself_is_masked():
    error = ServiceError(SECRET)
    error.__cause__ = error
    assert "***" in told(error)
    assert SECRET not in told(error)


def test_errors_that_came_of_each_other_are_masked():
    first, second = ServiceError("a", hint=SECRET), ValueError(SECRET)
    first.__cause__, second.__context__ = second, first
    assert told(first).count("***") == 2
    assert first.hint == "***"


def test_what_an_error_came_of_and_what_it_came_amid_are_masked():
    error, cause, context = HookError("a"), ValueError(SECRET), KeyError(SECRET)
    error.__cause__, error.__context__ = cause, context
    masked.error(error, hide)
    assert (cause.args, context.args) == (("***",), ("***",))


def test_an_error_within_an_error_is_masked():
    assert SECRET not in told(ValueError(ValueError(SECRET)))
    error = ServiceError("a")
    vars(error)["reason"] = ValueError(SECRET)
    masked.error(error, hide)
    assert str(vars(error)["reason"]) == "***"


def test_what_the_system_says_is_masked():
    """Such an error words itself by its fields, and not by its `args`."""
    error = FileNotFoundError(2, f"no {SECRET}", f"/a/{SECRET}", None, f"/b/{SECRET}")
    found = told(error)
    assert SECRET not in found
    assert "[Errno 2] no ***: '/a/***' -> '/b/***'" in found


def test_an_error_of_the_system_without_a_file_stays_so():
    error = OSError(5, "broken")
    masked.error(error, hide)
    assert (error.errno, error.filename, str(error)) == (5, None, "[Errno 5] broken")


def test_what_comes_out_is_masked_in_place():
    error = RecipeError(f"wrong: {SECRET}")
    with pytest.raises(RecipeError, match=r"wrong: \*{3}") as caught, masked.errors(hide):
        raise error
    assert caught.value is error
    assert [fault.message for fault in error.faults] == ["wrong: ***"]
    assert error.__cause__ is None
