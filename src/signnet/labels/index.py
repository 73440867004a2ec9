"""Read an index: a CSV table of the labels of files."""

import csv
from pathlib import Path

from signnet.dataset import LABELS
from signnet.errors import DatasetError

__all__ = ["read_index"]


def read_index(path: Path) -> dict[str, dict[str, str | None]]:
    """Read the labels of an index by file.

    Raises
    ------
    DatasetError
        If it is not a CSV with the columns file and gloss, or labels a file twice.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    lines = csv.reader(text.splitlines(), delimiter=separator)
    columns = [column.strip().lower() for column in next(lines, [])]
    if not {"file", "gloss"} <= set(columns):
        raise DatasetError(
            f"{path}: the first line is {header.strip()[:60]!r}; expected the columns "
            f"file, gloss and, where known, {', '.join(LABELS[1:])}"
        )
    rows: dict[str, dict[str, str | None]] = {}
    for cells in lines:
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        file = row.get("file", "")
        labels = {label: row.get(label) or None for label in LABELS}
        if file and rows.setdefault(file, labels) != labels:
            raise DatasetError(f"{path}: labels {file} twice and differently; keep one")
    return rows
