"""Budget: what a command may spend and send, by the prices of each project."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from runner.engine.costs.pricing import prices, table
from runner.engine.plan_step import StepPlan
from runner.engine.prepare import Plan
from runner.engine.step import Rendered
from runner.engine.turn import provider_of
from runner.engine.user.options import Options
from runner.engine.user.settings import Settings
from runner.errors import Fault, Mark
from runner.exchange import Json, Reply, Request, Spool, Transport
from runner.protocol import ceiling, sounds, tariff
from runner.protocol.ceiling import Ceiling
from runner.protocol.charged import charged, priced
from runner.protocol.providers import Provider
from runner.protocol.usage import price_of
from runner.recipe import template
from runner.recipe.source import mark_of
from runner.transport.budgeted import Budgeted, Rule, reserved
from runner.transport.ledger import Ledger, Ticket


class Budget:
    """A ledger, and the prices by which the requests of a project are judged."""

    def __init__(self, ledger: Ledger, own: Mapping[str, Any], via: str = "live") -> None:
        self._ledger = ledger
        self._prices = table(own, via)
        self.identity = str(own)

    def over(self, inner: Transport, provider: Provider) -> Transport:
        """Let only what can be paid for pass to a transport of this provider."""
        return Budgeted(inner, self._ledger, self._rule(provider))

    def hold(self, request: Request, provider: Provider) -> Ticket:
        """Hold back the most that a request can cost that is answered much later."""
        return reserved(self._ledger, self._rule(provider), request, waits=False)

    def settle(
        self, ticket: Ticket, request: Request, provider: Provider, reply: Reply | None
    ) -> None:
        """Take what such a request has cost: nothing, where it was never answered."""
        paid = 0.0 if reply is None else self._charged(provider, request, reply)
        self._ledger.settle(ticket, paid if ticket.amount else 0.0)

    def _rule(self, provider: Provider) -> Rule:
        return Rule(
            partial(most, provider=provider, prices=self._prices),
            partial(self._charged, provider),
            partial(self._used, provider),
        )

    def _charged(self, provider: Provider, request: Request, reply: Reply) -> float | None:
        return charged(reply, names(provider, request.model), self._prices)

    def _used(self, provider: Provider, request: Request, used: Json) -> float | None:
        return priced(used, names(provider, request.model), self._prices)


class Purse:
    """The one ledger of a command, and the budgets that are paid from it."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._made: dict[str, Budget] = {}
        self.ledger = Ledger(options.max_cost, options.max_requests)

    def of(self, found: Settings) -> Budget | None:
        """Return the budget of a project's recipes; None where nothing is limited."""
        limit = limit_of(self._options, found)
        if limit is not None:
            self.ledger.limit(limit)
        if self.ledger.max_cost is None and self.ledger.max_requests is None:
            return None
        own = found.section("prices")
        made = Budget(self.ledger, own, self._options.via)
        return self._made.setdefault(str(own), made)


def limit_of(options: Options, found: Settings) -> float | None:
    """Return the limit of costs: the command line's, else the project's where it is for real."""
    if options.max_cost is not None or options.is_keyless:
        return options.max_cost
    own = found.default("max_cost")
    return None if own is None else float(own)


def names(provider: Provider, model: str) -> tuple[str, ...]:
    """List the names that a model is priced by: the recipe's, and the provider's own for it."""
    ours = [name for name, theirs in provider.models.items() if theirs == model]
    found = [*ours, model]
    if provider.kind == "azure":
        found += [f"azure/{name}" for name in found if name]
    return tuple(found)


def most(request: Request, provider: Provider, prices: Mapping[str, Json]) -> Ceiling:
    """Work out the most that a request can cost."""
    return ceiling.ceiling(request, names(provider, request.model), prices, _seconds)


def likely(request: Request, provider: Provider, prices: Mapping[str, Json]) -> Ceiling:
    """Work out what is likely to be read of a request, and what that costs."""
    known = names(provider, request.model)
    return ceiling.ceiling(request, known, prices, _seconds, likely=True)


def _seconds(spool: Spool) -> float | None:
    """Tell how long a sound on disk lasts."""
    try:
        with Path(spool.path).open("rb") as file:

            def read(offset: int, size: int) -> bytes:
                file.seek(max(0, offset))
                return file.read(size)

            found = sounds.look(read, spool.size)
    except OSError:
        return None
    return found.seconds if found else None


def asking(step: StepPlan, made: Rendered) -> Request:
    """Return the first request of a step that is paid for: of a session, its first response."""
    if step.endpoint.name != "realtime":
        return made.request
    fields = {**made.ask.params, **made.ask.extra}
    raw = [tool.raw for tool in made.ask.tools if tool.raw is not None]
    told = {**fields, "tools": raw} if raw else fields
    return ceiling.session(made.ask.model, told, made.ask.messages or ())


def foreseen(plan: Plan, step: StepPlan, context: Mapping[str, Any], made: Rendered) -> Ceiling:
    """Work out the most that the first request of a step can cost."""
    return most(asking(step, made), provider_of(plan, step, context), prices(plan))


def is_limited(plan: Plan) -> bool:
    """Whether what a plan asks is paid for, up to a limit."""
    replayed = plan.options.cassette == "replay"
    return not replayed and limit_of(plan.options, plan.settings) is not None


def faults(
    plan: Plan, step: StepPlan, context: Mapping[str, Any], made: Rendered | None
) -> list[Fault]:
    """Find a request whose cost nothing bounds, where costs are limited.

    Of a step that is not rendered yet, no more is known than its model.
    """
    if not is_limited(plan):
        return []
    if made is None:
        return _unknown_model(plan, step, context)
    found = foreseen(plan, step, context, made)
    return [_fault(step, found.why, found.hint)] if found.cost is None else []


def _unknown_model(plan: Plan, step: StepPlan, context: Mapping[str, Any]) -> list[Fault]:
    written = step.keys.get("model")
    read = template.names([written, step.keys.get("provider")])
    if not written or step.endpoint.name in tariff.FREE or not set(read) <= set(context):
        return []
    provider = provider_of(plan, step, context)
    model = template.as_text(template.render(written, context))
    outgoing = provider.models.get(model, model)
    if any(price_of(name, prices(plan)) for name in names(provider, outgoing)):
        return []
    return [_fault(step, f"the price of {model} is not known", tariff.ADD)]


def _fault(step: StepPlan, why: str, hint: str) -> Fault:
    mark = mark_of(step.keys, ("model" if "model" in step.keys else "endpoint",))
    return fault(why, hint, mark)


def fault(why: str, hint: str, mark: Mark | None) -> Fault:
    """Say that a limit of costs cannot be held."""
    return Fault(f"--max-cost cannot be held: {why}", mark, "", hint)
