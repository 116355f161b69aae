"""The fault suite by command: `python tests/faults/fault_suite.py [--rounds N] [--seed S] [--only KIND]`.

One round is what CI does. Prints one line a kind of fault and the sums; exits with 1 if anything was lost,
left, wrong or unreadable.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from fault_counts import Counts
from fault_files import fill_disks, mutate, tear_logs, train_on_full_disks
from fault_kills import freeze_readers, kill_apps, kill_loops, race_commands
from fault_real import fill_real, kill_real

Fault = Callable[[Path, int, random.Random], Counts]

FAULTS: tuple[tuple[Fault, int], ...] = (
    (kill_loops, 4),
    (kill_apps, 2),
    (freeze_readers, 1),
    (race_commands, 1),
    (tear_logs, 50),
    (mutate, 250),
    (fill_disks, 1),
    (train_on_full_disks, 1),
    (kill_real, 1),
    (fill_real, 1),
)
"""Each kind of fault, and how many of them one round makes."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10, help="how often all of it is done (default 10)")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments and bytes")
    names = [fault.__name__ for fault, _ in FAULTS]
    parser.add_argument("--only", choices=names, help="one kind of fault alone")
    options = parser.parse_args()
    whole = Counts()
    for fault, each in FAULTS:
        if options.only not in (None, fault.__name__):
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            counts = fault(
                Path(folder), each * options.rounds, random.Random(f"{options.seed} {fault.__name__}")
            )
        whole.add(counts)
        line(fault.__name__.replace("_", " "), counts, time.monotonic() - began)
    line("all", whole, None)
    for problem in whole.problems[:50]:
        print(f"  {problem}")
    return 1 if whole.bad else 0


def line(name: str, counts: Counts, seconds: float | None) -> None:
    print(
        f"{name:<20} {counts.faults:>6} faults  {counts.epochs_logged:>7} epochs logged  "
        f"lost {counts.epochs_lost}  unreadable runs {counts.unreadable_runs}  "
        f"processes left {counts.processes_left}  wrong states {counts.wrong_states}  "
        f"commands lost {counts.commands_lost}" + (f"  {seconds:.0f} s" if seconds is not None else ""),
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
