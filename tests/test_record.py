"""Records are what `typing.NamedTuple` makes, in all that is used of it."""

from __future__ import annotations

import pickle
from typing import NamedTuple

import pytest

from runner.record import Record


class Ours(Record):
    """A record."""

    name: str
    size: int = 3
    rest: tuple[int, ...] = ()

    @property
    def told(self) -> str:
        return f"{self.name} {self.size}"


class Theirs(NamedTuple):
    """A record."""

    name: str
    size: int = 3
    rest: tuple[int, ...] = ()

    @property
    def told(self) -> str:
        return f"{self.name} {self.size}"


class Empty(Record):
    """A record of nothing."""


BOTH = pytest.mark.parametrize("kind", [Ours, Theirs])


@BOTH
def test_a_record_is_made_by_place_and_by_name(kind):
    made = kind("a", rest=(1,))
    assert made == ("a", 3, (1,)) == kind(name="a", size=3, rest=(1,))
    assert (made.name, made.size, made.rest, made.told) == (*made, "a 3")
    assert hash(made) == hash(("a", 3, (1,)))
    assert repr(made) == f"{kind.__name__}(name='a', size=3, rest=(1,))"
    assert made._asdict() == {"name": "a", "size": 3, "rest": (1,)}
    assert kind._make(("b", 1, ())) == kind("b", 1)
    assert kind._field_defaults == {"size": 3, "rest": ()}
    assert (kind._fields, kind.__doc__) == (("name", "size", "rest"), "A record.")


@BOTH
@pytest.mark.parametrize("given", [(), ("a", 1, (), 4)])
def test_too_few_and_too_many_are_refused(kind, given):
    with pytest.raises(TypeError, match=rf"{kind.__name__}.*argument"):
        kind(*given)
    with pytest.raises(TypeError, match="3"):
        kind._make(given)


@BOTH
def test_a_name_that_is_none_is_refused(kind):
    with pytest.raises(TypeError, match="'other'"):
        kind("a", other=1)
    with pytest.raises((ValueError, TypeError), match="other"):
        kind("a")._replace(other=1)
    with pytest.raises(AttributeError):
        kind("a").name = "b"
    with pytest.raises(AttributeError):
        kind("a").other = "b"


@BOTH
def test_a_record_is_changed_by_a_copy(kind):
    made = kind("a")
    changed = made._replace(size=5, name="b")
    assert (changed, made) == (("b", 5, ()), ("a", 3, ()))
    assert type(changed) is kind
    assert made._replace() == made


@BOTH
def test_a_record_is_pickled_and_matched(kind):
    again = pickle.loads(pickle.dumps(kind("a", 1)))
    assert (again, type(again)) == (("a", 1, ()), kind)
    match again:
        case kind(name, size=1):
            assert name == "a"
        case _:
            pytest.fail("it is not matched")


def test_a_record_of_nothing_is_one():
    assert (Empty(), Empty._fields) == ((), ())
