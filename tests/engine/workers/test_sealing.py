"""Records as bytes that hold no secret."""

import pytest

from runner.engine.user.secrets import MASK
from runner.engine.workers import sealing
from runner.model import Secret

OURS = {"TOKEN": "first-secret-value", "OTHER": "second-secret-value"}
THEIRS = {"TOKEN": "another-value-there", "OTHER": "and-one-more-there"}


def carried(value, known=OURS, there=THEIRS):
    content = sealing.seal(value, known)
    assert not [one for one in known.values() if one.encode() in content]
    return sealing.unseal(content, there.__getitem__)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("first-secret-value", "another-value-there"),
        (
            "a first-secret-value and second-secret-value!",
            "a another-value-there and and-one-more-there!",
        ),
        ("first-secret-valuefirst-secret-value", "another-value-there" * 2),
        (b"x first-secret-value y", b"x another-value-there y"),
        ({"first-secret-value": ["second-secret-value"]}, None),
        ("nothing of the kind", "nothing of the kind"),
    ],
)
def test_a_secret_is_sent_by_its_name_and_is_the_receivers_own(value, found):
    wanted = {"another-value-there": ["and-one-more-there"]} if found is None else found
    assert carried(value) == wanted


def test_a_key_is_sent_by_its_name_too():
    assert carried(Secret("first-secret-value")).reveal() == "another-value-there"


def test_a_key_that_has_no_name_is_not_sent():
    content = sealing.seal(Secret("one that nobody named"), OURS)
    assert b"nobody" not in content
    assert sealing.unseal(content, THEIRS.__getitem__).reveal() == ""


def test_a_name_that_is_not_known_is_masked():
    content = sealing.seal("say first-secret-value", OURS)
    assert sealing.unseal(content, sealing.masking({})) == f"say {MASK}"


def test_the_environment_stays_and_is_replaced_by_that_of_the_receiver():
    environ = {"HOME": "/a/folder/of/ours"}
    content = sealing.seal([environ, {"HOME": "sent"}], {}, environ)
    assert b"of/ours" not in content
    assert sealing.unseal(content, str, {"HOME": "there"}) == [{"HOME": "there"}, {"HOME": "sent"}]


def test_what_is_too_short_to_be_told_from_other_text_is_left():
    content = sealing.seal("it is a b c", {"SHORT": "a b"})
    assert sealing.unseal(content, sealing.masking({})) == "it is a b c"
