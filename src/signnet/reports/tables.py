"""Tables for spreadsheets (CSV) and for papers (LaTeX)."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["latex", "write_table"]

_SPECIAL = str.maketrans(
    {sign: f"\\{sign}" for sign in "#$%&_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)

Rows = Sequence[Mapping[str, Any]]


def write_table(rows: Rows, path: Path) -> None:
    """Write path.csv, in the UTF-8 with a mark that spreadsheets need, and path.tex."""
    csv_file, tex_file = path.with_suffix(".csv"), path.with_suffix(".tex")
    with csv_file.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    tex_file.write_text(latex(rows), encoding="utf-8")


def latex(rows: Rows) -> str:
    r"""Give a tabular with the rules of booktabs, numbers to three digits.

    Bangla stands as it is: it wants XeLaTeX or LuaLaTeX, and `\bn` to choose a font,
    which is defined to do nothing unless the document defines it.
    """
    heads = list(rows[0])
    numeric = [all(_is_number(row[head]) for row in rows) for head in heads]
    columns = "".join("r" if is_number else "l" for is_number in numeric)
    lines = [" & ".join(_cell(head.replace("_", " ")) for head in heads)]
    lines += [" & ".join(_cell(row[head]) for head in heads) for row in rows]
    body = [f"{line} \\\\" for line in lines]
    return "\n".join(
        [
            "% needs \\usepackage{booktabs}",
            "\\providecommand{\\bn}[1]{#1}",
            f"\\begin{{tabular}}{{{columns}}}",
            "\\toprule",
            body[0],
            "\\midrule",
            *body[1:],
            "\\bottomrule",
            "\\end{tabular}",
            "",
        ]
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = "--" if value is None else str(value).translate(_SPECIAL)
    return rf"\bn{{{text}}}" if re.search("[\u0980-\u09ff]", text) else text
