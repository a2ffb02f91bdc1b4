"""`runner schema`: the JSON schema of recipes, or of an endpoint's params."""

from __future__ import annotations

import click

from runner.cli.options import suggested
from runner.engine.user import settings
from runner.errors import UnknownNameError
from runner.protocol import endpoints


@click.command("schema", short_help="the JSON schema of recipes, or of an endpoint's params")
@click.argument("endpoint", required=False)
def command(endpoint: str | None) -> int:
    """Print the JSON schema of recipes; with ENDPOINT, of its params; `project`, of runner.yaml."""
    if endpoint is None:
        name = "recipe.json"
    elif endpoint in ("recipe", "project", "editor", "models", "prices"):
        name = f"{endpoint}.json"
    elif endpoint in endpoints.MODULES:
        name = f"endpoints/{endpoint}.json"
    else:
        message = f"no schema is named {endpoint!r}"
        raise UnknownNameError(message, hint=suggested(endpoint))
    print(settings.shipped("schemas", name).read_text(encoding="utf-8").rstrip())
    return 0
