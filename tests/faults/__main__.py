"""Prints the classes of faults and their cases: `python -m tests.faults --table`."""

from __future__ import annotations

import argparse

from tests.faults.cases import CLASSES, cases
from tests.faults.classes.row import RIGHT


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--table", action="store_true", help="a line for each class (as is)")
    parser.add_argument("--cases", action="store_true", help="a line for each case")
    given = parser.parse_args()
    print("| class | faults | cases | end right | end in one error |\n|---|---|---|---|---|")
    for name in CLASSES:
        found = cases(name)
        right = sum(case.told == RIGHT for case in found)
        faults = {case.fault for case in found}
        print(f"| {name} | {len(faults)} | {len(found)} | {right} | {len(found) - right} |")
        for case in found if given.cases else ():
            print(f"| - {case} | | | {case.told} | {case.attempts} |")
    every = [case for name in CLASSES for case in cases(name)]
    names = {case.fault.partition("*")[0] for case in every}
    print(f"\n{len(names)} faults, {len(set(every))} cases")


if __name__ == "__main__":
    main()
