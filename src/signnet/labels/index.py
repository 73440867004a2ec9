"""Read an index: a CSV table of the labels of files."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from unicodedata import normalize

from signnet.dataset import LABELS
from signnet.errors import DatasetError

__all__ = ["is_dropped", "read_dropped", "read_index", "read_rows"]

_LARGEST = 64 * 2**20
"""Bytes of an index; a row of a clip has about a hundred."""

_HOW_TO_SAVE = "save it from the spreadsheet as `CSV UTF-8 (comma delimited)`"

_YES = ("yes", "y", "true", "1", "x", "drop")
_SUFFIX = re.compile(r"\.\d?[A-Za-z]\w{0,15}$")

_FORMULA_ERRORS = ("#NAME?", "#REF!", "#VALUE!", "#NUM!", "#NULL!", "#N/A", "#DIV/0!")

_SEPARATOR_LINES = ("sep=;", "sep=,", "sep=", '"sep=;"', '"sep=,"')
"""First lines that tell Excel the separator; `sep=` is followed by a tab."""


def read_index(
    path: Path, columns: Sequence[str] = LABELS
) -> dict[str, dict[str, str | None]]:
    """Read these columns of an index by file; None where a row has no value.

    Raises
    ------
    DatasetError
        If it is not a CSV with the columns file and gloss in UTF-8 (or UTF-16 with its
        mark), a quotation mark is not closed, a column or a file is there twice, or a
        gloss was lost when the table was saved.
    """
    expected = f"file, gloss and, where known, {', '.join(LABELS[1:])}"
    rows: dict[str, dict[str, str | None]] = {}
    for row in read_rows(path, ("file", "gloss"), expected, ("file", *columns)):
        file = row.get("file", "")
        labels = {column: row.get(column) or None for column in columns}
        _refuse_lost_letters(path, file, labels.get("gloss"))
        if file and rows.setdefault(file, labels) != labels:
            raise DatasetError(f"{path}: labels {file} twice and differently; keep one")
    return rows


def read_rows(
    path: Path, needed: Sequence[str], expected: str, used: Sequence[str] = ()
) -> Iterator[dict[str, str]]:
    """Read the rows of a CSV by the names of its columns, in small letters.

    Parameters
    ----------
    path
        The table.
    needed
        Columns that must be there.
    expected
        All columns, in words, for messages.
    used
        Columns that must not be there twice; `needed` if empty.

    Raises
    ------
    DatasetError
        As `read_index`, but for files and glosses.
    """
    text = _read_text(path)
    header = text.partition("\n")[0]
    first, *lines = _cells(path, text, max(",;\t", key=header.count)) or [[]]
    columns = [column.lower() for column in first]
    if not set(needed) <= set(columns):
        raise DatasetError(
            f"{path}: the first line is {header.strip()[:60]!r}; expected the columns "
            f"{expected}"
        )
    if twice := [one for one in used or needed if columns.count(one) > 1]:
        raise DatasetError(f"{path}: two columns are called {twice[0]}; keep one")
    for cells in lines:
        yield dict(zip(columns, cells, strict=False))


def read_dropped(path: Path) -> frozenset[str]:
    """Return the files and clips whose row says `yes` in the column drop.

    Each is given in full, without its suffix, and without its folders, in NFC.
    """
    dropped = set[str]()
    for file, row in read_index(path, ("drop",)).items():
        if (row["drop"] or "").lower() in _YES:
            whole = normalize("NFC", file)
            dropped |= {
                whole,
                _SUFFIX.sub("", whole),
                _SUFFIX.sub("", Path(whole).name),
            }
    return frozenset(dropped)


def is_dropped(name: str, dropped: frozenset[str]) -> bool:
    """Return whether a clip's name, or its file below a folder, is dropped."""
    whole = normalize("NFC", name)
    return whole in dropped or _SUFFIX.sub("", whole) in dropped


def _read_text(path: Path) -> str:
    """Read UTF-8, or UTF-16 where it says so, without a first line `sep=;`."""
    try:
        if path.stat().st_size > _LARGEST:
            raise DatasetError(f"{path} has over {_LARGEST} bytes; is it an index?")
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    try:
        is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path} is not UTF-8 text; {_HOW_TO_SAVE} (in line "
            f"{content[: error.start].count(10) + 1}: {error.reason})"
        ) from error
    first, _, rest = text.partition("\n")
    return rest if first.strip().lower() in _SEPARATOR_LINES else text


def _refuse_lost_letters(path: Path, file: str, gloss: str | None) -> None:
    """Refuse a spreadsheet's question marks for Bangla, and its errors for `=WATER`."""
    if gloss in _FORMULA_ERRORS:
        raise DatasetError(
            f"{path}: the gloss of {file} is {gloss}, since the spreadsheet took what "
            "was typed for a formula; type it with ' in front, and save it again"
        )
    if gloss and len(gloss) > 1 and not gloss.strip("? "):
        raise DatasetError(
            f"{path}: the gloss of {file} is {gloss}, since its letters were lost when "
            f"the table was saved; {_HOW_TO_SAVE}"
        )


def _cells(path: Path, text: str, separator: str) -> list[list[str]]:
    """Split a CSV into cells, each on one line."""
    lines = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = list[list[str]]()
    try:
        for row in lines:
            parts = [re.split(r"\s*[\r\n]\s*", one.strip()) for one in row]
            rows.append([" ".join(one) for one in parts])
            # Two stray quotation marks make one cell of the lines between them.
            full = max(len(rows[0]) - 1, 1)
            for part in (part for one in parts if one[1:] for part in one):
                if part.count(separator) >= full:
                    raise csv.Error(f"a cell of several lines holds {part[:40]!r}")
    except csv.Error as error:
        raise DatasetError(
            f"{path}, line {lines.line_num}: {error}; check the quotation marks there "
            "and in the lines before"
        ) from error
    return rows
