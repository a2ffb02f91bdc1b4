"""Pacing: when the next request may go, by what is allowed, told and learned; decided dry.

Requests and tokens are each held to a rate by the time at which the next one is due (GCRA): what is
sent moves it on, so that what waits goes out evenly. A service that says nothing is learned from
what it refuses: a token bucket that was empty twice let pass in between just what it allows.
All times are seconds of one clock that only grows; all rates are a second unless they say a minute.
"""

from __future__ import annotations

from runner.record import Record

MINUTE = 60.0
HEADROOM = 0.99
"""The share of a rate that is used: clocks differ, and requests overtake each other."""
SLACK = 0.05
"""Seconds by which requests may be early: so much of a burst makes up for what came late."""
FEWEST = 3
"""A burst is of no more requests than this: a strict service allows few."""
TOKEN_SLACK = 1.0
"""Seconds by which tokens may be early: their number is known only in the end."""
COUNTED = 60.0
"""Seconds over which what was sent is counted."""
LONGEST = 120.0
"""The longest pause that all take because one was asked to."""
PAUSE = 0.25
"""The first pause after a refusal that names none; each further one doubles it."""
LONGEST_OWN = 30.0
"""The longest of these."""
LOWEST = 1 / 60
"""The lowest rate that is learned: a request a minute."""
KEPT = 0.97
"""What stays of a rate that proved too high after it had held for a while."""
LEAST_KEPT = 0.75
"""What stays of any rate that proved too high, at the least."""
STEEP = 8.0
"""What a rate is divided by at the most."""
HELD = 10.0
"""Seconds after which a rate counts as one that held."""
STEADIEST = 120.0
"""The longest time for which a learned rate is not tried to be raised."""
DOUBLES = 20.0
"""Seconds in which a learned rate that holds is raised by as much as it was."""
FIRST_DOUBLES = 4.0
"""The same of the first rate that is learned: it is no more than a guess."""
FEW = 5
"""It takes so many requests at the least."""
MANY = 20
"""It takes this many requests at the least."""
MEMORY = 0.98
"""What earlier replies weigh against the next one, where tokens are foretold."""


class Limits(Record):
    """How fast a provider may be asked: requests and tokens a minute, attempts at one time.

    0 where nothing is said.
    """

    requests: float = 0.0
    tokens: float = 0.0
    concurrency: int = 0


class State(Record):
    """What is known of one model of one provider: numbers alone, so that processes can share it.

    `request` and `token` are when the next is due; before `gate` nothing goes. `epoch` counts the
    refusals and pauses that made the times anew. `rate` was learned at the time `cut`, 0 where none
    was, and is held for `calm` seconds; since `since` so many were `sent`, `paused` seconds off.
    `told_*` are a minute, as the service said. Of tokens `used` stand against those `judged`.
    `held_by` says what the last one waited for, until `held_at`: a limit of `held_to` a minute.
    """

    request: float = 0.0
    token: float = 0.0
    gate: float = 0.0
    epoch: float = 0.0
    rate: float = 0.0
    cut: float = 0.0
    calm: float = 0.0
    since: float = 0.0
    sent: float = 0.0
    paused: float = 0.0
    empty: float = 0.0
    span: float = 0.0
    told_requests: float = 0.0
    told_tokens: float = 0.0
    used: float = 0.0
    judged: float = 0.0
    held_by: float = 0.0
    held_at: float = 0.0
    held_to: float = 0.0


REQUESTS, TOKENS, LEARNED, GATE = 1.0, 2.0, 3.0, 4.0
"""What holds back: `held_by`."""


def share(limits: Limits, fraction: float) -> Limits:
    """Return a part of limits, for one of several that work side by side."""
    seats = max(1, int(limits.concurrency * fraction)) if limits.concurrency else 0
    return Limits(limits.requests * fraction, limits.tokens * fraction, seats)


def worded(limits: Limits) -> str:
    """Say what limits there are; "" where there are none."""
    words = ("requests a minute", "tokens a minute", "at one time")
    return ", ".join(f"{one:,} {word}" for one, word in zip(limits, words, strict=True) if one)


def allowed(known: float, told: float) -> float:
    """Return the lower of two limits, of which 0 is none."""
    return min(known, told) if known and told else known or told


def learned(state: State, now: float) -> float:
    """Return the rate that refusals taught, raised by the time that passed without one."""
    if not state.rate:
        return 0.0
    quiet = max(0.0, now - max(state.cut, state.gate) - state.calm)
    if state.span:
        grown: float = state.rate * 2.0 ** min(quiet / FIRST_DOUBLES, state.sent / FEW, 20.0)
        return grown
    return state.rate * (1.0 + quiet / max(DOUBLES, state.calm, MANY / state.rate))


class Turn(Record):
    """When a request may go, and the tokens that are held for it."""

    at: float
    tokens: float = 0.0


def take(state: State, limits: Limits, now: float, judged: float = 0.0) -> tuple[State, Turn]:
    """Take the next turn, which may be in a while; `judged` are the request's tokens at a guess.

    Where `epoch` has changed until then, the turn stands no more: another is to be taken.
    """
    at, by = max(now, state.gate), GATE
    limit, own = allowed(limits.requests, state.told_requests) / MINUTE, learned(state, now)
    rate = allowed(limit * HEADROOM, own)
    if rate:
        due = state.request - min(SLACK, (FEWEST - 1) / rate)
        at, by = (due, LEARNED if rate == own else REQUESTS) if due > at else (at, by)
    tokens = _tokens(state, limits)
    if tokens:
        due = state.token - TOKEN_SLACK
        at, by = (due, TOKENS) if due > at else (at, by)
    if at > now:
        to = {GATE: 0.0, TOKENS: tokens / HEADROOM, REQUESTS: limit, LEARNED: own}[by] * MINUTE
        state = state._replace(held_by=by, held_at=at, held_to=to)
    if rate:
        state = state._replace(request=max(state.request, at) + 1.0 / rate)
    taken = min(judged * foretold(state), tokens * MINUTE)
    if taken:
        state = state._replace(token=max(state.token, at) + taken / tokens)
    return state, Turn(at, taken)


def _tokens(state: State, limits: Limits) -> float:
    """Return the tokens a second that are used; 0 where nothing is said."""
    return allowed(limits.tokens, state.told_tokens) * HEADROOM / MINUTE


def went(state: State, now: float) -> State:
    """Count a request that goes out now."""
    counted = max(COUNTED, MANY / state.rate if state.rate else 0.0) + state.paused
    if (now - state.since > counted and not state.span) or not state.since:
        return state._replace(since=now, sent=1.0, paused=0.0)
    return state._replace(sent=state.sent + 1.0)


def refused(state: State, limits: Limits, epoch: float, now: float, asked: float | None) -> State:
    """Learn from an answer of 429 to what went out in an epoch; all pause, and go on more slowly.

    `asked` is the wait that it named. Those that went out together are refused together: only the
    first of an epoch counts. Where nothing was let pass since the last, only the pause grows.
    """
    if epoch != state.epoch:
        return _again(state, epoch, now, asked)
    sent = max(0.0, state.sent - 1.0)
    if sent < 1.0 and state.rate:
        pause = _pause(asked, state.empty + 1.0)
        return _gated(state, now + pause)._replace(empty=state.empty + 1.0, sent=0.0)
    pause = _pause(asked, 0.0)
    rate = _lowered(state, limits, now, sent, pause)
    agrees = state.rate > 0 and abs(rate - state.rate) <= 0.1 * state.rate
    is_calm = agrees and now - state.cut >= state.calm
    is_guess = not state.rate and not allowed(limits.requests, state.told_requests)
    before, state = state, _gated(state, now + pause)
    return state._replace(
        request=max(state.request, now + 1.0 / rate) if state.empty else state.request,
        rate=rate,
        cut=now,
        calm=min(max(HELD, 2.0 * state.calm), STEADIEST) if is_calm else 0.0,
        since=now,
        sent=0.0,
        paused=pause,
        empty=0.0,
        span=max(now - before.since, pause) if is_guess else 0.0,
    )


def _again(state: State, epoch: float, now: float, asked: float | None) -> State:
    """Take a further refusal of an epoch that has ended: it was counted as one let pass."""
    if epoch != state.epoch - 1.0 or state.empty:
        return state
    until = now if asked is None else now + min(asked, LONGEST)
    rate = max(state.rate - 1.0 / state.span, LOWEST) if state.span else state.rate
    return state._replace(rate=rate, gate=max(state.gate, until))


def _pause(asked: float | None, doubled: float) -> float:
    own = min(PAUSE * 2.0 ** min(doubled, 9.0), LONGEST_OWN)
    return own if asked is None else max(PAUSE, min(asked, LONGEST))


def _gated(state: State, until: float) -> State:
    """Let nothing go before a time; who waits for a turn is to take another."""
    gate = max(state.gate, until)
    return state._replace(request=gate + SLACK, gate=gate, epoch=state.epoch + 1.0)


def _lowered(state: State, limits: Limits, now: float, sent: float, pause: float) -> float:
    """Say what a service seems to allow that let pass so many in so many seconds.

    That is no less than what was sent in that time, nor than a rate that held for a while; a pause
    in which a small bucket ran over makes the former too low.
    """
    elapsed = max(now - state.since, 1e-3)
    limit = allowed(limits.requests, state.told_requests) / MINUTE
    if not state.rate:
        found = sent / max(elapsed, pause)
        return max(min(found, KEPT * limit), 0.5 * limit) if limit else max(found, LOWEST)
    least = sent / elapsed
    rate = allowed(limit, learned(state, now))
    if state.empty:  # Refused again and again: it is far too high.
        return max(least, rate / STEEP, LOWEST)
    working = elapsed - min(state.paused, 0.9 * elapsed)
    if working < HELD or state.span:
        return max(min(max(least, LEAST_KEPT * rate), KEPT * rate), LOWEST)
    return max(min(max((state.rate + rate) / 2.0, least), KEPT * rate), LOWEST)


def settle(state: State, limits: Limits, held: float, used: float) -> State:
    """Put what was used in the place of the tokens that were held."""
    tokens = _tokens(state, limits)
    return state._replace(token=state.token + (used - held) / tokens) if tokens else state


def learn(state: State, judged: float, used: float) -> State:
    """Learn what a reply used of the tokens that it was judged to use."""
    return state._replace(used=state.used * MEMORY + used, judged=state.judged * MEMORY + judged)


def foretold(state: State) -> float:
    """Return how many tokens are used for each that was judged, as it was of late."""
    return state.used / state.judged if state.judged else 1.0


def told(state: State, requests: float, tokens: float, until: float) -> State:
    """Take the limits a minute that the service told; nothing goes before `until` (0: at once)."""
    if requests and not state.told_requests:
        state = state._replace(rate=0.0, calm=0.0, span=0.0)  # A guess is worth no more.
    state = state._replace(
        told_requests=requests or state.told_requests, told_tokens=tokens or state.told_tokens
    )
    return state if until <= state.gate else _gated(state, until)


def holding(state: State, now: float) -> str:
    """Say which limit holds requests back now; "" where none does."""
    if not state.held_by or state.held_at + 1.0 < now:
        return ""
    if state.held_by == GATE:
        return "a pause that the service asked for"
    if state.held_by == LEARNED:
        return f"about {_round(state.held_to):,} requests a minute, as refusals show"
    word = "tokens" if state.held_by == TOKENS else "requests"
    return f"{_round(state.held_to):,} {word} a minute"


def _round(number: float) -> int:
    return max(1, round(number))
