#!/usr/bin/env python3
"""How fast, how right and how honest the aggregation is, beside crowd-kit in the same run.

    bench/aggregation.py all            every part below with its defaults, one after the other
    bench/aggregation.py speed [--sizes 100000,1000000,10000000] [--workers 10000] [--classes 2]
    bench/aggregation.py threads        one thread and two, at 10,000 contributors
    bench/aggregation.py sets           `auto` and every method of crowd-kit on sets with gold
    bench/aggregation.py panels         `auto` and majority on simulated expert panels
    bench/aggregation.py coverage       intervals on simulated crowds
    bench/aggregation.py stream FILE [--judgments 100000000] [--text]   the whole command

crowd-kit is no dependency: install it beside (`pip install --group bench`), else its columns stay
empty. CPU is process time of the whole process; each figure is the median of the runs.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from _aggregation_coverage import coverage
from _aggregation_sets import panels, sets, theirs
from _aggregation_speed import one, speed, threads
from _aggregation_stream import stream


def _say(row: dict[str, Any]) -> None:
    print("  ".join(f"{key}: {_short(value)}" for key, value in row.items()), flush=True)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    if sys.argv[1:2] == ["one"]:
        return print(json.dumps(one(sys.argv[2], *map(int, sys.argv[3:6]))))
    if sys.argv[1:2] == ["theirs"]:
        return print(json.dumps(theirs(Path(sys.argv[2]))))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    whats = {one.__name__: one for one in (speed, threads, stream, sets, panels, coverage)}
    parser.add_argument("what", choices=["all", *whats])
    parser.add_argument("file", nargs="?", default="judgments.parquet")
    parser.add_argument("--sizes", default="100000,1000000,10000000")
    parser.add_argument("--workers", type=int, default=10_000)
    parser.add_argument("--text", action="store_true", help="names that are no numbers")
    parser.add_argument("--classes", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0, help="the first, of coverage")
    parser.add_argument("--judgments", type=int, default=100_000_000)
    parser.add_argument("--most-crowdkit", type=int, default=10_000_000)
    parser.add_argument("--python", default=sys.executable, help="one that has crowd-kit")
    options = parser.parse_args()
    print((__doc__ or "").split("\n\n")[-1])
    for name in whats if options.what == "all" else [options.what]:
        print(f"# {name}", flush=True)
        for row in whats[name](options):
            _say(row)
    return None


if __name__ == "__main__":
    main()
