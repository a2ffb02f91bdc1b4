"""The command, called in this process in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from runner.cli import cli
from tests.engine.playing import written
from tests.faults.server import FaultServer

KEY = "sk-sentinel-0123456789"
HELLO = "endpoint: chat.completions\nmodel: gpt-4.1\nmessages: [{user: Hello}]\n"
HOOK = """\
from runner import hook


@hook
def look() -> str:
    {}
    return "seen"
"""
UNSET = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "NO_COLOR")
GITHUB = ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE")
AZURE = (
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_AD_TOKEN",
    "AZURE_OPENAI_ENDPOINT",
    "OPENAI_API_VERSION",
)


class Told(NamedTuple):
    """What the command said."""

    code: int
    out: str
    err: str


def runner(
    *words: str | Path,
    files: Mapping[str, str | bytes] | None = None,
    env: Mapping[str, str] | None = None,
    given: str | bytes = "",
) -> Told:
    """Call the command in the working directory, where `files` are written before."""
    written(Path(), files or {})
    environ: dict[str, str | None] = dict.fromkeys((*UNSET, *GITHUB, *AZURE))
    done = CliRunner().invoke(
        cli,
        [str(word) for word in words],
        input=given,
        env={**environ, **(env or {})},
        standalone_mode=False,
        prog_name="runner",
    )
    if done.exception is not None:
        raise done.exception
    code = done.return_value if isinstance(done.return_value, int) else done.exit_code
    return Told(code, done.stdout, done.stderr)


def at(server: FaultServer, fault: str) -> dict[str, str]:
    """The environment that sends requests to a server with this fault."""
    return {"OPENAI_BASE_URL": server.base(fault), "OPENAI_API_KEY": KEY}
