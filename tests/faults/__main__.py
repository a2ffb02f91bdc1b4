"""Prints the classes of faults and their cases: `python -m tests.faults --table`.

`--official` lets the official client meet them too, which takes minutes.
"""

from __future__ import annotations

import argparse

from tests.faults.cases import CLASSES, cases
from tests.faults.classes.row import RIGHT


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--table", action="store_true", help="a line for each class (as is)")
    parser.add_argument("--cases", action="store_true", help="a line for each case")
    parser.add_argument("--official", action="store_true", help="the official client beside ours")
    given = parser.parse_args()
    show = _official if given.official else _classes
    show(given.cases)


def _classes(each: bool) -> None:
    print("| class | faults | cases | end right | end in one error |\n|---|---|---|---|---|")
    for name in CLASSES:
        found = cases(name)
        right = sum(case.told == RIGHT for case in found)
        faults = {case.fault for case in found}
        print(f"| {name} | {len(faults)} | {len(found)} | {right} | {len(found) - right} |")
        for case in found if each else ():
            print(f"| - {case} | | | {case.told} | {case.attempts} |")
    every = [case for name in CLASSES for case in cases(name)]
    names = {case.fault.partition("*")[0] for case in every}
    print(f"\n{len(names)} faults, {len(set(every))} cases")


def _official(each: bool) -> None:
    from tests.faults.official import all_cases, compared, table

    found = compared(all_cases())
    print("\n".join(table(found)))
    for one in found if each else ():
        told = f"{one.end} {one.what}".rstrip()
        print(f"{one.case}: {told}, {one.attempts} attempts; ours: {one.ours}")


if __name__ == "__main__":
    main()
