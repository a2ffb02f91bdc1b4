"""Env files hold one `NAME=value` a line."""

import pytest

from runner.engine.user.dotenv import dotenv, text_of
from runner.errors import SettingsError


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=x", "x"),
        ("  A = x y ", "x y"),
        ("export A=x", "x"),
        ("export  A='x'", "x"),
        ('A="x # y"', "x # y"),
        ('A="x" # why', "x"),
        ("A=x # why", "x"),
        ("A=x#y", "x#y"),
        ("A=", ""),
        ("A= # nothing", ""),
        ("A=''", ""),
        ('A="it\'s"', "it's"),
        ("A='unclosed", "'unclosed"),
        ("A=b=c", "b=c"),
        ("A=x\r", "x"),
        ("B=1\nA=x\n# A=y", "x"),
        ("A=y\nA=x", "x"),
    ],
)
def test_a_line_is_a_name_and_its_value(line, value):
    assert dotenv(line)["A"] == value


@pytest.mark.parametrize("line", ["# A=x", "", "A", "1A=x", "a-b=x", "=x"])
def test_what_is_none_is_passed_over(line):
    assert dotenv(line) == {}


def test_a_file_that_cannot_be_read_is_named_by_what_it_is(tmp_path):
    (tmp_path / "bytes").write_bytes(b"\xff")
    (tmp_path / "marked").write_bytes(b"\xef\xbb\xbfA=x")
    assert text_of(tmp_path / "marked", "env_file x") == "A=x"
    with pytest.raises(SettingsError, match="env_file x: is not UTF-8 text"):
        text_of(tmp_path / "bytes", "env_file x")
    with pytest.raises(SettingsError, match="env_file x: No such file"):
        text_of(tmp_path / "none", "env_file x")
