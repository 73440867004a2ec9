"""Tables for spreadsheets (CSV) and for papers (LaTeX)."""

import csv
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from signnet.errors import SettingsError
from signnet.files import guarded, write_text

__all__ = ["Rows", "latex", "write_table"]

_SPECIAL = str.maketrans(
    {sign: f"\\{sign}" for sign in "#$%&_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)

Rows = Sequence[Mapping[str, Any]]
"""A table: a row per gloss, signer, model or clip."""


def write_table(rows: Rows, path: Path) -> None:
    """Write path.csv, with the byte order mark that spreadsheets need, and path.tex.

    Texts that a spreadsheet would run as a formula get an apostrophe in front.
    """
    text = StringIO(newline="")
    table = csv.writer(text)
    table.writerow(map(guarded, rows[0]))
    table.writerows(map(guarded, row.values()) for row in rows)
    write_text(path.with_suffix(".csv"), "\ufeff" + text.getvalue(), SettingsError)
    write_text(path.with_suffix(".tex"), latex(rows), SettingsError)


def latex(rows: Rows) -> str:
    r"""Return a tabular with the rules of booktabs, numbers to three digits.

    Bangla stands as it is: it needs XeLaTeX or LuaLaTeX, and `\bn` to choose a font,
    which does nothing unless the document defines it.
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
