"""`runner serve`: the offline service as a server on loopback."""

from __future__ import annotations

import click

from runner.cli.flags import Whole
from runner.errors import SettingsError

HINT = "pip install -e '.[serve]' in a checkout, 'recipe-runner[serve]' elsewhere"


@click.command("serve", short_help="the offline service as a server on loopback")
@click.option(
    "--port",
    type=Whole(0, 65535),
    default=8000,
    show_default=True,
    help="The port on 127.0.0.1; 0 takes a free one.",
)
@click.option("--key", default="", help="Let in only who sends this key.")
@click.option(
    "--faults", is_flag=True, help="Obey X-Fault: status=503, quota, cut, slow, batch=expired."
)
def command(port: int, key: str, faults: bool) -> int:
    """Serve the offline service on loopback, as an OpenAI-compatible server, until Ctrl-C.

    Point any client at it: OPENAI_BASE_URL=http://127.0.0.1:8000/v1
    """
    try:
        from runner.engine.commands.serve import serve
    except ImportError as error:
        message = "runner serve needs the package aiohttp"
        raise SettingsError(message, hint=HINT) from error
    try:
        serve(port, key, _ready, faults=faults)
    except OSError as error:
        message = f"port {port}: {(error.strerror or str(error)).lower()}"
        raise SettingsError(message, hint="choose another with --port") from error
    return 0


def _ready(port: int) -> None:
    click.echo(f"serving on http://127.0.0.1:{port}/v1", err=True)
