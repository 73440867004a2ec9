"""What a file shows: one rule for extraction and for every import format.

Each label (gloss, signer, session, repetition, expression) comes from the first of
these that states it:

1. the row of the index that names the file;
2. the file's name, WORD__SIGNER__SESSION__REPETITION__EXPRESSION, and what the format
   itself carries (a table of its own, arrays of texts, the folders it prescribes);
3. for the gloss of a file that has none of these: its folder, if that is a subfolder.

Which file a row names is in `signnet.labels.matching`.
"""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from signnet.clip import nfc
from signnet.dataset import LABELS, clip_path
from signnet.errors import DatasetError
from signnet.labels.matching import match_rows

__all__ = ["Labels", "label_files", "labels_of_name", "read_index", "unique_names"]

Labels = dict[str, Any]
"""Texts by `LABELS`; None where unknown."""


def label_files(
    files: Sequence[Path],
    folder: Path,
    index: Path | None = None,
    *,
    carried: Sequence[Labels] | None = None,
    aliases: Sequence[Path] | None = None,
) -> tuple[list[Labels], list[tuple[str, str]]]:
    """Label files by the index, their name, their format or their folder.

    Parameters
    ----------
    files
        Files, or what would be the file of a clip that consists of many.
    folder
        Where all of them lie.
    index
        CSV with the columns file, gloss and, where known, signer, session, ...
    carried
        For each file, the labels that its format carries.
    aliases
        For each file, another path by which a row may name it.

    Returns
    -------
    labels, lost
        All five labels of each file; rows that name none of the files, with a reason.

    Raises
    ------
    DatasetError
        If the index cannot be read, a row fits two files, or two rows contradict each
        other.
    """
    rows = read_index(index) if index else {}
    found, lost = [None] * len(files), dict[str, str]()
    if index:
        found, lost = match_rows(rows, files, folder, index, aliases)
    labels = [
        _combine(rows.get(row) if row else None, file, folder, known)
        for file, row, known in zip(
            files, found, carried or [Labels()] * len(files), strict=True
        )
    ]
    return labels, list(lost.items())


def _combine(row: Labels | None, file: Path, folder: Path, carried: Labels) -> Labels:
    stated = labels_of_name(file) | {k: text for k, text in carried.items() if text}
    if not stated and row is None and file.parent != folder:
        stated["gloss"] = file.parent.name
    listed = {k: text for k, text in (row or {}).items() if text}
    return dict.fromkeys(LABELS) | stated | listed


def labels_of_name(file: Path) -> Labels:
    """Read WORD__SIGNER__SESSION__REPETITION__EXPRESSION; nothing of other names."""
    words = file.stem.split("__")
    if len(words) == len(LABELS) and all(words):
        return dict(zip(LABELS, words, strict=True))
    return {}


def unique_names(files: Sequence[Path], folder: Path) -> list[str]:
    """Name each clip after its file; by path, or by path and suffix, where names clash.

    Raises
    ------
    DatasetError
        If two clips still have the same name.
    """
    paths = [file.relative_to(folder) for file in files]
    names = [nfc(path.stem) for path in paths]
    for rename in (lambda path: path.with_suffix("").as_posix(), Path.as_posix):
        count = Counter(_stored(name) for name in names)
        names = [
            name if count[_stored(name)] == 1 else nfc(rename(path))
            for name, path in zip(names, paths, strict=True)
        ]
    taken: dict[str, Path] = {}
    for name, path in zip(names, paths, strict=True):
        other = taken.setdefault(_stored(name), path)
        if other != path:
            raise DatasetError(
                f"{other} and {path} would be one clip; rename one of them"
            )
    return names


def _stored(name: str) -> str:
    return clip_path(Path(), name).name


def read_index(path: Path) -> dict[str, dict[str, str | None]]:
    """Read the labels of an index by file.

    Raises
    ------
    DatasetError
        If it is no CSV with the columns file and gloss, or labels a file twice.
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
