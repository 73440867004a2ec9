"""The rows of benchmarks/accuracy.py as the tables of docs/results.md.

    python benchmarks/tables.py ROWS.jsonl ... [--beside default]

One table a protocol, best first. Several seeds are averaged; the interval is Wilson's
of their mean. `against` compares with the recipe named by `--beside` on the same clips,
of the first seed that both have: clips gained and lost, McNemar's exact p. Of two rows
of the same recipe, protocol and seed, the later counts.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from signnet.evaluation.significance import mcnemar, wilson_interval

Row = dict[str, Any]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", type=Path, nargs="+")
    parser.add_argument("--beside", default="default")
    asked = parser.parse_args()
    for protocol, recipes in _grouped(asked.rows).items():
        print(
            f"\n{protocol}\n\n| recipe | seeds | top-1 (95 %) | top-5 | parameters | "
            f"duration | against {asked.beside} |\n|---|---|---|---|---|---|---|"
        )
        for name in sorted(recipes, key=lambda one: -_mean(recipes[one], "top1")):
            print(_line(name, recipes[name], recipes.get(asked.beside, {})))


def _grouped(files: Iterable[Path]) -> dict[str, dict[str, dict[int, Row]]]:
    """Sort rows by protocol, recipe and seed."""
    found: Any = defaultdict(lambda: defaultdict(dict))
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found[row["protocol"]][row["recipe"]][row["seed"]] = row
    return found


def _mean(rows: dict[int, Row], what: str) -> float:
    return fmean(row[what] for row in rows.values())


def _line(name: str, rows: dict[int, Row], others: dict[int, Row]) -> str:
    clips = next(iter(rows.values()))["clips"]
    top1 = _mean(rows, "top1")
    low, high = wilson_interval(round(top1 * clips), clips)
    parameters = max(row["parameters"] for row in rows.values())
    cells = [
        name,
        str(len(rows)),
        f"{top1:.3f} ({low:.3f}-{high:.3f})",
        f"{_mean(rows, 'top5'):.3f}",
        f"{parameters:,}",
        f"{_mean(rows, 'seconds'):.0f} s",
        _against(rows, others),
    ]
    return f"| {' | '.join(cells)} |"


def _against(rows: dict[int, Row], others: dict[int, Row]) -> str:
    """Compare on the clips of a seed that both have, unless it is the same row."""
    shared = sorted(set(rows) & set(others))
    if not shared or rows is others:
        return ""
    row, other = rows[shared[0]], others[shared[0]]
    wrong, wrong_there = set(row["wrong"]), set(other["wrong"])
    gained, lost = len(wrong_there - wrong), len(wrong - wrong_there)
    ours, theirs = (np.zeros(gained + lost, bool) for _ in range(2))
    ours[:gained] = theirs[gained:] = True
    return f"+{gained} -{lost}, p {mcnemar(theirs, ours):.2g}"


if __name__ == "__main__":
    main()
