"""Replies: what holds against what a model or a server says."""

from __future__ import annotations

from tests.protections.taken import Protection

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "where a redirect of a download leads is judged like its first address",
        "runner/engine/reading/fetch.py",
        "            self._judge(address)\n",
        "            if _ == 0:\n                self._judge(address)\n",
        "tests/engine/reading/test_fetch.py::test_a_redirect_leads_nowhere_else",
    ),
)
