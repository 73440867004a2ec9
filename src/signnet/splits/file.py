"""The file of a split.

A split file is JSON: `{"format": 1, "by": "signer", "folds": [{"held_out":
"signer S01", "train": [names], "test": [names]}]}`. `by` is a promise: no group of that
kind is in both train and test, and a file that breaks it is refused.
"""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from signnet.clip import nfc
from signnet.dataset import Dataset
from signnet.errors import DatasetError, one_line
from signnet.files import one_line_error, write_text
from signnet.splits.checking import check
from signnet.splits.making import make_split
from signnet.splits.split import By, Fold, Split

__all__ = ["choose_fold", "read_split", "write_split"]

FORMAT = 1


def write_split(split: Split, path: Path) -> None:
    """Write a split as JSON, over an earlier one if there is one.

    Raises
    ------
    DatasetError
        If it cannot be written, or the file is there and no split.
    """
    if path.is_file() and path.stat().st_size and not _is_split(path):
        raise DatasetError(f"{path} is there already and no split; give another --out")
    content = {"format": FORMAT, **asdict(split)}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    write_text(path, text, DatasetError)


def _is_split(path: Path) -> bool:
    with one_line_error(f"cannot read {path}", DatasetError), path.open("rb") as file:
        return bool(re.match(rb'\s*\{\s*"format": \d+,\s*"by":', file.read(200)))


def read_split(path: Path, data: Dataset) -> Split:
    """Read a split and check it against the dataset.

    Names are compared in Unicode's composed form. A text file with one name a line
    holds out those clips.

    Raises
    ------
    DatasetError
        If the file is neither, names unknown clips, or breaks its promise.
    """
    if path.suffix == ".txt":
        return make_split(data, "clip", hold_out=str(path))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        split = _of_content(content, {nfc(name): name for name in data.names})
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        plain = getattr(error, "strerror", None)  # of the system, as people know it
        reason = one_line(plain or f"{type(error).__name__}: {error}", 200)
        raise DatasetError(
            f"{path} is not a split ({reason}); write one with `signnet split`"
        ) from error
    check(split, data)
    return split


def _of_content(content: Any, known: dict[str, str]) -> Split:
    """Read folds; `known` gives the dataset's names by their composed form."""
    if content["format"] != FORMAT or content["by"] not in get_args(By):
        raise ValueError(f"format {content['format']!r:.30}, by {content['by']!r:.30}")
    folds = tuple(
        Fold(
            str(fold["held_out"]),
            _known_names(fold["train"], known),
            _known_names(fold["test"], known),
        )
        for fold in content["folds"]
    )
    if not folds or not all(fold.train and fold.test for fold in folds):
        raise ValueError("a side without clips")
    return Split(content["by"], folds)


def _known_names(names: Any, known: dict[str, str]) -> tuple[str, ...]:
    """Write clip names as the dataset does; TypeError if one is not a text."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError("train and test should be lists of clip names")
    texts: list[str] = names
    return tuple(known.get(nfc(name), name) for name in texts)


def choose_fold(data: Dataset, path: Path | None, number: int = 0) -> Fold:
    """Return a fold of a split file; without a file, a fold that trains on everything.

    Raises
    ------
    DatasetError
        If the split has no such fold, or cannot be read (see `read_split`).
    """
    if path is None:
        return Fold("nothing", tuple(data.names), ())
    folds = read_split(path, data).folds
    if not 0 <= number < len(folds):
        raise DatasetError(f"{path} has folds 0 to {len(folds) - 1}, not {number}")
    return folds[number]
