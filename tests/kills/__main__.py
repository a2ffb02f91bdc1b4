"""Kills runs over datasets at random moments, resumes them, and counts what is wrong.

`python -m tests.kills --kills 200 --seeds 10` ends with 0 where nothing is.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.kills.remains import Counts
from tests.kills.server import CountingServer
from tests.kills.trial import RECIPES, Plan, Trial


def main() -> int:
    """Share the kills among the seeds; every trial takes another recipe."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many, of all seeds together")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    given = parser.parse_args()
    whole, began = Counts(), time.monotonic()
    for place in range(given.seeds):
        wanted = given.kills * (place + 1) // given.seeds - given.kills * place // given.seeds
        found = seeded(given.first + place, wanted)
        told = found.faults() or "nothing wrong"
        most = found.unrecorded
        print(f"seed {given.first + place}: {wanted} kills: {told}, {most} in flight at the most")
        whole.add(found)
    print(f"{given.kills} kills in {time.monotonic() - began:.0f} s")
    print(" ".join(f"{name}={value}" for name, value in asdict(whole).items()))
    return 1 if whole.faults() else 0


def seeded(seed: int, kills: int) -> Counts:
    """Kill runs so often in all, each some times before it may end."""
    chance, whole, done = random.Random(seed), Counts(), 0
    kinds = sorted(RECIPES)
    number = seed
    while done < kills:
        number += 1
        rows = chance.randint(60, 300)
        plan = Plan(kinds[number % len(kinds)], rows, chance.choice((1, 4, 16)))
        if plan.kind == "pictures":
            plan = plan._replace(rows=rows // 3)
        with tempfile.TemporaryDirectory() as folder, CountingServer(seed=seed) as server:
            trial = Trial(plan, Path(folder, "r"), server, number)
            many = min(chance.randint(2, 7), kills - done)
            for _ in range(4 * many):
                if trial.kills == many:
                    break
                trial.kill()
            found = trial.finish()
            done += trial.kills
        if found.faults():
            print(f"  seed {seed}: {plan}: {found.faults()}", file=sys.stderr)
        whole.add(found)
    return whole


if __name__ == "__main__":
    sys.exit(main())
