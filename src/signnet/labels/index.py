"""Read an index: a CSV table of the labels of files."""

import csv
import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from signnet.dataset import LABELS
from signnet.errors import DatasetError

__all__ = ["read_index"]


def read_index(
    path: Path, columns: Sequence[str] = LABELS
) -> dict[str, dict[str, str | None]]:
    """Read these columns of an index by file; None where a row has no value.

    Raises
    ------
    DatasetError
        If it is not a CSV with the columns file and gloss, a quotation mark is not
        closed, or a file is labelled twice.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    header = text.partition("\n")[0]
    first, *lines = _cells(path, text, max(",;\t", key=header.count)) or [[]]
    header_cells = [column.lower() for column in first]
    if not {"file", "gloss"} <= set(header_cells):
        raise DatasetError(
            f"{path}: the first line is {header.strip()[:60]!r}; expected the columns "
            f"file, gloss and, where known, {', '.join(LABELS[1:])}"
        )
    rows: dict[str, dict[str, str | None]] = {}
    for cells in lines:
        row = dict(zip(header_cells, cells, strict=False))
        file = row.get("file", "")
        labels = {column: row.get(column) or None for column in columns}
        if file and rows.setdefault(file, labels) != labels:
            raise DatasetError(f"{path}: labels {file} twice and differently; keep one")
    return rows


def _cells(path: Path, text: str, separator: str) -> list[list[str]]:
    """Split a CSV into cells, each on one line."""
    lines = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [
            [re.sub(r"\s*[\r\n]\s*", " ", one.strip()) for one in row] for row in lines
        ]
    except csv.Error as error:
        raise DatasetError(
            f"{path}, line {lines.line_num}: {error}; check the quotation marks there "
            "and in the lines before"
        ) from error
