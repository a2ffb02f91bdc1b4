"""Kills: what bounds what a run spends and sends, and how fast."""

from __future__ import annotations

from tests.protections.taken import Protection

LEDGER = "runner/transport/ledger.py"
BUDGETED = "runner/transport/budgeted.py"
BUDGET = "runner/engine/costs/budget.py"
LIMITED = "runner/transport/limited.py"
PACING = "runner/protocol/pacing.py"
SHARED = "runner/transport/shared.py"
OF_LEDGER = "tests/transport/test_ledger.py::"
OF_BUDGETED = "tests/transport/test_budgeted.py::"
OF_BUDGET = "tests/engine/costs/test_budget.py::"
OF_LIMITED = "tests/transport/test_limited.py::"
OF_PACING = "tests/protocol/test_pacing.py::"
OF_SHARED = "tests/transport/test_shared.py::"
OF_CHARGED = "tests/protocol/test_charged.py::"

PROTECTIONS: tuple[Protection, ...] = (
    Protection(
        "no more requests are sent than --max-requests says",
        LEDGER,
        "self.requests >= self.max_requests:",
        "self.requests > self.max_requests:",
        OF_LEDGER + "test_each_request_counts",
    ),
    Protection(
        "no more is spent than --max-cost says",
        LEDGER,
        "            while not self._fits(amount):\n",
        "            while self.max_cost is None and not self._fits(amount):\n",
        OF_LEDGER + "test_what_fits_exactly_is_let_pass",
    ),
    Protection(
        "what is under way is held back until it is settled",
        LEDGER,
        "                self._held[ticket.number] = amount\n",
        "                pass\n",
        OF_LEDGER + "test_what_is_held_back_is_nobody_else_s",
    ),
    Protection(
        "an attempt waits for what is held back for others before it is refused",
        LEDGER,
        "if not (waits and self._held and self._would_fit(amount)):",
        "if not self._fits(amount):",
        OF_LEDGER + "test_an_attempt_waits_for_what_is_held_back_for_others",
    ),
    Protection(
        "what nobody knows has cost the most",
        LEDGER,
        "self.spent += ticket.amount if amount is None else amount",
        "self.spent += amount or 0.0",
        OF_LEDGER + "test_what_nobody_knows_was_the_most",
    ),
    Protection(
        "the lowest limit of costs holds",
        LEDGER,
        "            self.max_cost = min(max_cost, known)\n",
        "            self.max_cost = max_cost\n",
        OF_LEDGER + "test_the_lower_limit_holds",
    ),
    Protection(
        "what is not used of a reserve is given back",
        BUDGETED,
        "paid = 0.0 if not ticket.amount else self._rule.charged(request, reply)",
        "paid = 0.0 if not ticket.amount else None",
        OF_BUDGETED + "test_a_reply_settles_what_was_held_back",
    ),
    Protection(
        "an attempt that was sent and lost may have been charged",
        BUDGETED,
        "            paid = None if error.sent else 0.0\n",
        "            paid = 0.0\n",
        OF_BUDGETED + "test_an_attempt_without_a_reply_may_have_been_charged",
    ),
    Protection(
        "a request whose cost nothing bounds is not sent",
        BUDGETED,
        "    if most.cost is None:\n",
        "    if most is None:\n",
        OF_BUDGETED + "test_what_has_no_bound_is_not_sent",
    ),
    Protection(
        "a retry counts as a request",
        "runner/engine/carry.py",
        "limited = Limited(pays(http), provider.limits,",
        "limited = Limited(http, provider.limits,",
        "tests/cli/test_run_resume.py::test_retries_count_for_a_budget",
    ),
    Protection(
        "each response of a session is paid for",
        BUDGETED,
        "            self._open.append(reserved(self._ledger, self._rule, asked))\n",
        "            self._open = []\n",
        OF_BUDGETED + "test_a_response_that_cannot_be_paid_for_is_not_asked_for",
    ),
    Protection(
        "a response of a session that was not answered has cost the most",
        BUDGETED,
        "        while self._open:\n            self._ledger.settle(self._open.pop(), None)\n",
        "",
        OF_BUDGETED + "test_each_response_of_a_session_is_paid_for",
    ),
    Protection(
        "a call that tidies up is let pass by every budget",
        BUDGETED,
        "return ledger.reserve(tidies=request.endpoint in TIDIES, waits=waits)",
        "return ledger.reserve(waits=waits)",
        OF_BUDGETED + "test_what_tidies_up_is_let_pass",
    ),
    Protection(
        "a tool round and a judge count as requests",
        "runner/engine/suite.py",
        "            carry=partial(self.carrier, spool=room, budget=budget),\n",
        "            carry=partial(self.carrier, spool=room),\n",
        OF_BUDGET + "test_tool_rounds_count",
    ),
    Protection(
        "a judge is paid for as any request is",
        "runner/engine/suite.py",
        "            carry=partial(self.carrier, spool=room, budget=budget),\n",
        "            carry=partial(self.carrier, spool=room),\n",
        OF_BUDGET + "test_a_judge_counts",
    ),
    Protection(
        "a model without a price is refused before anything is sent",
        BUDGET,
        "    if not is_limited(plan):\n        return []\n    if made is None:\n",
        "    if plan:\n        return []\n    if made is None:\n",
        OF_BUDGET + "test_a_request_without_a_price_is_refused_before_anything_is_sent",
    ),
    Protection(
        "the project's limit of costs holds where the command line names none",
        BUDGET,
        "    return None if own is None else float(own)\n",
        "    return None\n",
        OF_BUDGET + "test_the_project_gives_prices_and_a_limit",
    ),
    Protection(
        "a budget that is spent ends the command with 5",
        "runner/engine/running.py",
        "code == BudgetError.exit_code or ",
        "",
        OF_BUDGET + "test_no_other_recipe_begins_after_a_stop",
    ),
    Protection(
        "a reply that may have been worked on to its end is no free one",
        "runner/protocol/charged.py",
        "return 0.0 if reply.status >= 400 and reply.status not in UNSURE else None",
        "return 0.0 if reply.status >= 400 else None",
        OF_CHARGED + "test_a_refusal_is_free_unless_it_may_have_been_worked_on",
    ),
    Protection(
        "requests are held to their limit a minute",
        PACING,
        "    rate = allowed(limit * HEADROOM, own)\n",
        "    rate = own\n",
        OF_PACING + "test_no_minute_has_more_than_its_limit",
    ),
    Protection(
        "tokens are held to their limit a minute, together with requests",
        PACING,
        "        due = state.token - TOKEN_SLACK\n",
        "        due = now\n",
        OF_PACING + "test_tokens_and_requests_are_both_kept",
    ),
    Protection(
        "an idle hour saves up no burst",
        PACING,
        "state = state._replace(request=max(state.request, at) + 1.0 / rate)",
        "state = state._replace(request=state.request + 1.0 / rate)",
        OF_PACING + "test_an_idle_hour_saves_up_no_more_than_a_few",
    ),
    Protection(
        "the lower of a limit that is set and one that is told holds",
        PACING,
        "return min(known, told) if known and told else known or told",
        "return known or told",
        OF_PACING + "test_the_lower_of_what_is_set_and_told_holds",
    ),
    Protection(
        "requests that were refused together count as one refusal",
        PACING,
        "    if epoch != state.epoch:\n        return _again(state, epoch, now, asked)\n",
        "",
        OF_PACING + "test_a_refusal_is_a_pause_for_all_and_those_sent_together_are_one",
    ),
    Protection(
        "no service makes a run pause for long",
        PACING,
        "return own if asked is None else max(PAUSE, min(asked, LONGEST))",
        "return own if asked is None else max(PAUSE, asked)",
        OF_PACING + "test_no_pause_is_longer_than_two_minutes",
    ),
    Protection(
        "a rate that was refused is lowered",
        PACING,
        "        rate=rate,\n        cut=now,\n",
        "        rate=state.rate,\n        cut=now,\n",
        OF_PACING + "test_a_limit_that_is_not_set_is_learned[0.2-nothing]",
    ),
    Protection(
        "a rate that was lowered grows again",
        PACING,
        "    quiet = max(0.0, now - max(state.cut, state.gate) - state.calm)\n",
        "    quiet = 0.0\n",
        OF_PACING + "test_a_rate_that_was_learned_grows_while_nothing_is_refused",
    ),
    Protection(
        "limits that headers tell are kept",
        LIMITED,
        "        if found is not None:\n",
        "        if found is held:\n",
        OF_LIMITED + "test_limits_that_headers_tell_are_kept",
    ),
    Protection(
        "a refusal makes all wait",
        LIMITED,
        "place.save(pacing.refused(state, self._limits, held.epoch, now, asked))",
        "place.save(state)",
        OF_LIMITED + "test_a_refusal_makes_all_wait_as_long_as_it_says",
    ),
    Protection(
        "a request that is larger than its limit is an error at once",
        LIMITED,
        "if self._limits.tokens and weight > self._whole.tokens:",
        "if weight < 0:",
        OF_LIMITED + "test_a_request_larger_than_its_limit_is_an_error_at_once",
    ),
    Protection(
        "no more requests are under way than a provider allows",
        LIMITED,
        "        if self._limits.concurrency:\n",
        "        if self._limits is None:\n",
        OF_LIMITED + "test_no_more_than_so_many_attempts_are_in_flight",
    ),
    Protection(
        "a request that fails gives its seat back",
        LIMITED,
        "        finally:\n            seats.release()\n",
        "        finally:\n            pass\n",
        OF_LIMITED + "test_a_seat_is_given_back_by_what_fails",
    ),
    Protection(
        "a worker of a cluster keeps to its part of the limits",
        LIMITED,
        "self._part, self._limits = part, pacing.share(self._whole, part)",
        "self._part, self._limits = part, self._whole",
        OF_LIMITED + "test_a_share_is_that_part_of_what_is_set_and_told",
    ),
    Protection(
        "processes count together",
        SHARED,
        'memoryview(mmap(-1, len(held) * held.itemsize)).cast("d")',
        'array("d", held)',
        OF_SHARED + "test_forked_processes_count_together",
    ),
    Protection(
        "threads and processes count one at a time",
        SHARED,
        "        self._lock.acquire(True, self._patience)\n",
        "        pass\n",
        OF_SHARED + "test_a_place_that_one_process_holds_another_waits_for",
    ),
    Protection(
        "a lock whose holder was killed is taken over",
        SHARED,
        "        self._lock.acquire(True, self._patience)\n",
        "        self._lock.acquire(True)\n",
        OF_SHARED + "test_a_lock_whose_holder_was_killed_is_taken_over",
    ),
)
