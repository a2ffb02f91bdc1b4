"""The command line: parse, call, print, exit. A command's module is read when it is called."""

from __future__ import annotations

import os
import shlex
import sys
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from runner import __version__

COMMANDS = {
    "run": "run recipes",
    "check": "validate recipes; sends nothing, calls nothing",
    "show": "a recipe in normal form, and the request it would send",
    "stale": "outputs that are missing, or whose origin changed",
    "list": "what there is: endpoints, tools, expectations, providers, recipes",
    "schema": "the JSON schema of recipes, or of an endpoint's params",
    "new": "a recipe to start from",
    "import": "a curl command becomes a recipe",
    "serve": "the offline service as an OpenAI-compatible server on loopback",
    "doctor": "what is set up and what is missing; safe to paste",
}
LONGEST = 900
"""So much of an error is shown, in characters: the words of a command line are of any length."""
WORDS = "runner.words"
"""Where a context keeps the words of the command line."""


class Lazy(click.Group):
    """A group that knows its commands by name, and reads a module only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's own face
        """Name the commands, in the order of the table."""
        return [*COMMANDS]  # the module `list` of this package hides the type

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Read the module of a command."""
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        found: click.Command = import_module(f"runner.cli.{name}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of a wrong name tell the nearest."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, 1)
            way = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(COMMANDS)}"
            if name.endswith((".yaml", ".yml")) or (not near and os.path.exists(name)):  # noqa: PTH110  pathlib is not read yet
                way = f"did you mean: runner run {shlex.join(args)}"
            ctx.fail(f"no command is named {name!r}; {way}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands and what they do, without reading their modules."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words of the command line: it is told how to go on."""
        ctx.meta[WORDS] = [*args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; that nobody reads on is no failure, and nothing to talk of.

        What stops it is caught before click takes Ctrl-C and SIGTERM for the same.
        """
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
            return code
        except KeyboardInterrupt as stop:
            return 143 if stop.args else 130
        except BrokenPipeError:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  until the end
            return 0

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn what was raised into a message and an exit code."""
        try:
            return super().main(*args, **kwargs)
        except click.ClickException as error:
            from runner.cli.voice import safe

            told = safe(error.message)[:LONGEST]
            (error if told == error.message else click.UsageError(told)).show()
            return error.exit_code
        except click.Abort:
            return 130
        except Exception as error:
            from runner.cli.faults import report

            return report(error)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="runner")
def cli() -> None:
    """Run prompts, pictures and voices that are files in the repository.

    A recipe (NAME.recipe.yaml) says endpoint, model, messages, tools and files; it is checked
    before anything is sent, and its outputs go to disk.

    \b
    runner new hello --endpoint chat.completions   write a recipe to start from
    runner run hello.recipe.yaml --offline         run it without a key
    runner run hello.recipe.yaml                   run it with OPENAI_API_KEY
    """
