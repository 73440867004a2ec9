"""The rule by which files get their labels.

Each label (gloss, signer, session, repetition, expression) comes from the first of
these that states it:

1. the row of the index that names the file;
2. the file's name, GLOSS__SIGNER__SESSION__REPETITION__EXPRESSION, and what the format
   itself carries (a table of its own, arrays of texts, the folders it prescribes);
3. for the gloss of a file that has none of these: its folder, if that is a subfolder.

Which file a row names is in `signnet.labels.matching`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from signnet.dataset import LABELS
from signnet.labels.index import read_index
from signnet.labels.matching import match_rows

__all__ = ["Labels", "label_files", "labels_of_name"]

Labels = dict[str, Any]
"""Texts by `LABELS`; None where unknown."""


def label_files(
    files: Sequence[Path],
    folder: Path,
    index: Path | None = None,
    *,
    carried: Sequence[Labels] | None = None,
    aliases: Sequence[Path] | None = None,
    columns: Sequence[str] = LABELS,
) -> tuple[list[Labels], list[tuple[str, str]]]:
    """Label files by the index, their name, their format or their folder.

    Parameters
    ----------
    files
        Files; for a clip of many files, the path it would have as one.
    folder
        The folder that holds all of them.
    index
        CSV with the columns file, gloss and, where known, signer, session, ...
    carried
        For each file, the labels that its format carries.
    aliases
        For each file, another path by which a row may name it.
    columns
        Columns of the index to read.

    Returns
    -------
    labels, lost
        All five labels of each file, and what its row has in other `columns`; rows that
        name none of the files, each with a reason.

    Raises
    ------
    DatasetError
        If the index cannot be read, a row fits two files, or two rows contradict each
        other.
    """
    rows = read_index(index, columns) if index else {}
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
    """Read GLOSS__SIGNER__SESSION__REPETITION__EXPRESSION; empty for other names."""
    parts = file.stem.split("__")
    if len(parts) == len(LABELS) and all(parts):
        return dict(zip(LABELS, parts, strict=True))
    return {}
