"""Options: what the command line says of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner.errors import SettingsError
from runner.exchange import Timeout
from runner.recipe.values import Given
from runner.record import Record


class Options(Record):
    """What the command line says of a run; None and empty mean that it says nothing.

    `cassette` is record, replay, auto or off. `max_age` is a duration. `max_cost` is US dollars.
    `store` is the address that outputs belong to, if no folder; `out` is then where they are made.
    `chosen` is true where others choose the runs, of which a recipe may have more: a test session.
    `cluster` is the address of a scheduler whose workers run the rows, or such as `local:4`.
    `keeps` is true where a report wants what was sent, and when each piece of a stream came.
    `via` is live or batch.
    """

    given: Mapping[str, Given] = {}
    files: tuple[Path, ...] = ()
    provider: str = ""
    offline: bool = False
    out: Path | None = None
    store: str = ""
    hooks: tuple[Path, ...] = ()
    allow_paths: tuple[Path, ...] = ()
    timeout: str | None = None
    retries: int | None = None
    raw: bool = False
    events: Path | None = None
    jobs: int | None = None
    fail_fast: bool = False
    tags: tuple[str, ...] = ()
    keyword: str = ""
    last_failed: bool = False
    resume: bool = False
    fresh: bool = False
    stale: bool = False
    cassette: str = "off"
    max_age: str | None = None
    untrusted: bool = False
    allow_env: tuple[str, ...] = ()
    max_cost: float | None = None
    max_requests: int | None = None
    keeps: bool = False
    chosen: bool = False
    cluster: str | None = None
    via: str = "live"
    no_wait: bool = False

    @property
    def forgets_all(self) -> bool:
        """Whether nothing of an earlier run counts: with `-k` that of other rows does."""
        return self.fresh and not self.keyword.strip()

    @property
    def is_offline(self) -> bool:
        """Whether every request goes to the simulated service."""
        return self.offline or self.provider == "offline"

    @property
    def is_keyless(self) -> bool:
        """Whether no service is asked, so that unset secrets get placeholders."""
        return self.is_offline or self.cassette == "replay"


def sound(options: Options) -> None:
    """Refuse flags that are wrong, or do not go together."""
    deadline(options.timeout)
    if options.no_wait and options.via != "batch":
        message = "--no-wait leaves batches under way, and there are none without --via batch"
        raise SettingsError(message)
    ways = {"--resume": options.resume, "--stale": options.stale}
    for name, is_there in {**ways, "--last-failed": options.last_failed}.items():
        if options.fresh and is_there:
            message = f"--fresh and {name}: the one starts anew, the other goes by what was done"
            raise SettingsError(message, hint="give one of them")
    others = {"--cassette": options.cassette != "off", "--events": options.events is not None}
    for name, is_there in others.items():
        if options.via == "batch" and is_there:
            message = f"{name} is of what is asked one by one, and not --via batch"
            raise SettingsError(message)


def deadlines(written: Any, provider: str) -> Timeout:
    """Read the deadlines that a provider has in the project file."""
    from runner.recipe.ask import timeout_of

    try:
        return timeout_of(written, Timeout())
    except ValueError as error:
        message = f"timeout of provider {provider}: {error}"
        raise SettingsError(message) from error


def deadline(text: str | None) -> None:
    """Refuse a timeout that is no duration above 0."""
    from runner.recipe.ask import seconds

    if text is None:
        return
    try:
        above = seconds(text) > 0
    except ValueError:
        above = False
    if not above:
        wanted = "a duration above 0, and of 31 days at most, such as 30s, 500ms or 2m"
        message = f"--timeout {text[:60]}: expected {wanted}"
        raise SettingsError(message)
