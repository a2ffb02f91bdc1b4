"""What brings no whole answer is refused, unless it was asked for."""

import pytest

from runner.errors import BadReplyError
from runner.exchange import Reply, Request
from runner.transport.whole import check_whole

URL = "https://api.example.test/v1/models"
GET = Request("GET", "/models", "models")


@pytest.mark.parametrize("status", [206, 300, 304, 305, 399])
def test_what_brings_no_whole_answer_is_refused(status):
    refused = f"api.example.test: answered {status}, which brings no whole answer"
    with pytest.raises(BadReplyError, match=refused):
        check_whole(Reply(status, {}), GET, URL)


@pytest.mark.parametrize("status", [200, 204, 307, 400, 599])
def test_answers_errors_and_redirects_are_not(status):
    check_whole(Reply(status, {}), GET, URL)


@pytest.mark.parametrize(("name", "status"), [("Range", 206), ("If-None-Match", 304)])
def test_who_asks_for_less_may_get_less(name, status):
    check_whole(Reply(status, {}), GET._replace(headers=((name, "x"),)), URL)


def test_what_is_accepted_is_not_refused():
    check_whole(Reply(304, {}), GET._replace(accepts=(304,)), URL)
