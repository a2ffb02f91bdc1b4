"""Flags: what `runner run` takes beside paths and values, a row each.

A row's parameter that `Options` has a field for becomes that field.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from runner.model import MOST_RETRIES

FAIL_ON = ("regression", "drift", "model", "fingerprint", "cost", "latency", "text")
F = TypeVar("F", bound=Callable[..., Any])
PLACE = click.Path(path_type=Path)


class Whole(click.IntRange):
    """A whole number within bounds, by the name that people have for it."""

    name = "whole number"


class Number(click.FloatRange):
    """A number within bounds, by the name that people have for it."""

    name = "number"


def finite(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    """Refuse a number that is none, or has no end."""
    if value is not None and not math.isfinite(value):
        message = f"{value} is no number of US dollars"
        raise click.BadParameter(message, ctx, param)
    return value


OUT = click.option(
    "--out", metavar="DIR", help="The folder of outputs (out/), or an address: s3://bucket/path."
)
CHOOSE = (
    click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only recipes with this tag."),
    click.option(
        "-k",
        "keyword",
        default="",
        metavar="EXPRESSION",
        help="Only runs whose file, id, steps or tags hold these words: with and, or, not.",
    ),
)
"""The flags that choose runs by what they are."""
WHAT = (
    *CHOOSE,
    click.option("--resume", is_flag=True, help="Go on with a dataset where it stopped."),
    click.option("--fresh", is_flag=True, help="Start a dataset anew; with -k, the rows chosen."),
    click.option("--last-failed", is_flag=True, help="Only runs that failed or missed last."),
    click.option("--stale", is_flag=True, help="Only runs with an output that is stale."),
)
"""The flags that choose runs."""

RUN = (
    OUT,
    *WHAT,
    click.option("--dry-run", is_flag=True, help="Print the first request of each; send nothing."),
    click.option("--jobs", metavar="N", type=Whole(1, 1024), help="Runs at once (1)."),
    click.option("--timeout", metavar="DURATION", help="A deadline for each attempt, such as 30s."),
    click.option(
        "--retries",
        metavar="N",
        type=Whole(0, MOST_RETRIES),
        help="More tries after a fault (2).",
    ),
    click.option(
        "--max-cost",
        metavar="USD",
        type=Number(0),
        callback=finite,
        help="Stop before more is spent.",
    ),
    click.option("--max-requests", metavar="N", type=Whole(0), help="Stop before more are sent."),
    click.option("--fail-fast", is_flag=True, help="Stop after the first failure."),
    click.option(
        "--via",
        type=click.Choice(["live", "batch"]),
        default="live",
        help="Ask one by one, or in batches at half the price.",
    ),
    click.option("--no-wait", is_flag=True, help="Leave batches under way; --resume collects."),
    click.option(
        "--cluster", metavar="ADDRESS", help="Let a Dask scheduler's workers run rows, or local:N."
    ),
    click.option(
        "--cassette",
        type=click.Choice(["record", "replay", "auto", "off"]),
        default="off",
        help="Record replies beside the recipes, or replay them.",
    ),
    click.option("--max-age", metavar="DURATION", help="Report recordings older than this."),
    click.option(
        "--events",
        type=PLACE,
        metavar="FILE",
        help="Write the messages of realtime sessions.",
    ),
    click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="KIND=PATH",
        help="Write a report: junit, html, json or jsonl.",
    ),
    click.option(
        "--baseline", type=PLACE, metavar="FILE", help="Tell what changed since this report."
    ),
    click.option(
        "--fail-on",
        multiple=True,
        type=click.Choice(FAIL_ON),
        help="Fail by what changed since the baseline.",
    ),
    click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "github"]),
        default="text",
        help="How results are printed.",
    ),
    click.option("--json", "form", flag_value="json", help="The same as --format json."),
    click.option("--raw", is_flag=True, help="Print control characters as they are."),
    click.option("-q", "--quiet", count=True, help="Say less."),
    click.option("-v", "--verbose", count=True, help="Say more."),
)
"""The flags of `runner run`."""


def with_flags(rows: tuple[Callable[[F], F], ...]) -> Callable[[F], F]:
    """Return what adds flags to a command, in their order."""

    def add(function: F) -> F:
        for row in reversed(rows):
            function = row(function)
        return function

    return add
