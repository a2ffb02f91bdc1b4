"""What stops a batch: failures after which every further request would fail alike."""

import json

import pytest

from runner.engine.hopeless import is_hopeless
from runner.errors import ConnectionFailedError, OutputError, SettingsError
from runner.protocol import wire


def refused(status, **error):
    return wire.api_error(status, json.dumps({"error": error}).encode(), {})


@pytest.mark.parametrize(
    ("error", "hopeless"),
    [
        (refused(401), True),
        (refused(403), True),
        (refused(400, code="invalid_api_key"), True),
        (refused(429, code="insufficient_quota"), True),
        (refused(429, type="insufficient_quota", code="credit_balance_exhausted"), True),
        (refused(429, code="project_spend_limit_exceeded"), True),
        (refused(400, code="billing_hard_limit_reached"), True),
        (refused(429, code="rate_limit_exceeded"), False),
        (refused(400), False),
        (refused(503), False),
        (ConnectionFailedError("reset"), False),
        (SettingsError("no key", stops_all=True), True),
        (SettingsError("the request is too large"), False),
        (OutputError("a.md: no space left on device"), True),
        (OutputError("a.md: read-only file system"), True),
        (OutputError("a.md: is a directory"), False),
    ],
    ids=str,
)
def test_the_key_the_account_and_the_disk_stop_a_batch(error, hopeless):
    assert is_hopeless(error) is hopeless
