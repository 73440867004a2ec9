"""Which file a row of an index names.

All names are compared in Unicode's composed form (NFC). The first of these that fits
decides:

1. the path: absolute, or relative to the files' folder or to the index, as written and
   then with links followed;
2. the end of the file's path: `a.pose` or `poses/a.pose` for `/data/poses/a.pose`;
3. 1 and 2 with another suffix, or none: `a.mp4` for `a.pose`;
4. the path below the folder that all rows share: `films/a.mp4` and `films/b.mp4` for
   `a.pose` and `b.pose`.

A row that names an existing file of the same kind elsewhere means that file, and one
that names a folder outside means that: an index may serve more than what is at hand.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from os.path import normpath
from pathlib import Path
from typing import Any
from unicodedata import normalize

from signnet.errors import DatasetError

__all__ = ["match_rows"]

_SUFFIX = re.compile(r"\.\d?[A-Za-z]\w{0,15}$")
"""`.mp4`, `.3gp`, `.pose`; not the `.2` of `v1.2`."""

Keys = Callable[[str], Iterable[str]]
"""The forms of a row, or of a file's absolute path, that may be equal."""

Steps = Sequence[tuple[Keys, Keys]]
"""Ways to match: functions for the forms of a row and those of a file."""


def match_rows(
    rows: Mapping[str, Any],
    files: Sequence[Path],
    folder: Path,
    index: Path,
    aliases: Sequence[Path] | None = None,
) -> tuple[list[str | None], dict[str, str]]:
    """Find the row of each file.

    Parameters
    ----------
    rows
        The rows of the index, by the file that each names.
    files
        Files in `folder` and its subfolders.
    folder, index
        The files' folder and the CSV; a row may be relative to the folder of either.
    aliases
        For each file, another path by which a row may name it.

    Returns
    -------
    found, lost
        The row of each file, None without one; the reason for each row without a file.

    Raises
    ------
    DatasetError
        If a row fits two files, or two rows of one file say different things.
    """
    bases = (folder, index.parent)
    named = [
        [_absolute(path) for path in ((file, aliases[n]) if aliases else (file,))]
        for n, file in enumerate(files)
    ]
    matching = _Matching(rows, named, index)
    by_path, by_guess = _steps(rows, folder, bases)
    for of_row, of_file in by_path:
        matching.take(of_row, of_file)
    kinds = {file.suffix.lower() for file in files}
    matching.set_aside(
        lambda row: (
            Path(row).suffix.lower() in kinds
            and any(
                path.is_file() or _apart(path, folder) for path in _existing(row, bases)
            )
        )
    )
    for of_row, of_file in by_guess:
        matching.take(of_row, of_file)
    lost = {
        row: f"listed in {index}; it is there, but no clip of it"
        if _existing(row, bases)
        else f"listed in {index}, but not there"
        for row in matching.left
    }
    return [matching.taken.get(n) for n in range(len(files))], lost


class _Matching:
    """Rows without a file yet, and the row of each file that has one."""

    def __init__(
        self, rows: Mapping[str, Any], named: Sequence[Sequence[str]], index: Path
    ) -> None:
        self.rows, self.named, self.index = rows, named, index
        self.left = list(rows)
        self.taken: dict[int, str] = {}

    def set_aside(self, is_elsewhere: Callable[[str], bool]) -> None:
        """Drop the rows that mean other files."""
        self.left = [row for row in self.left if not is_elsewhere(row)]

    def take(self, of_row: Keys, of_file: Keys) -> None:
        """Assign files to the rows that have a key in common with them."""
        if not self.left:
            return
        by_key = defaultdict[str, list[str]](list)
        for row in self.left:
            for key in set(of_row(row)):
                by_key[key].append(row)
        fits = defaultdict[str, dict[int, None]](dict)
        for number, names in enumerate(self.named):
            for key in (key for name in names for key in of_file(name)):
                for row in by_key.get(key, ()):
                    fits[row][number] = None
        before = dict(self.taken)
        done = {row for row, fit in fits.items() if self._accept(row, [*fit], before)}
        self.left = [row for row in self.left if row not in done]

    def _accept(self, row: str, fit: list[int], before: Mapping[int, str]) -> bool:
        """Assign a row to the only file that fits; a file keeps its better row."""
        if all(number in before for number in fit):
            return all(self.rows[before[n]] == self.rows[row] for n in fit)
        if len(fit) > 1:
            one, two = (self.named[number][0] for number in fit[:2])
            raise DatasetError(
                f"{self.index}: {row} fits both {one} and {two}; write the whole path"
            )
        other = self.taken.setdefault(fit[0], row)
        if self.rows[other] != self.rows[row]:
            raise DatasetError(
                f"{self.index}: {other} and {row} both name "
                f"{self.named[fit[0]][0]}, with different labels; keep one"
            )
        return True


def _steps(
    rows: Iterable[str], folder: Path, bases: Sequence[Path]
) -> tuple[Steps, Steps]:
    """Return the ways to match, best first: those by the path, and those that guess."""
    shared = _shared_folder(rows)
    start_of_files = _absolute(folder) + "/"
    starts = [_absolute(base) for base in bases]

    def absolute_row(row: str) -> list[str]:
        row = normalize("NFC", row)
        if row.startswith("/"):
            return [normpath(row)]
        return [normpath(f"{start}/{row}") for start in starts]

    def below_shared(row: str) -> list[str]:
        return [_relative(row).removeprefix(shared)] if shared else []

    def below_folder(file: str) -> list[str]:
        return [file.removeprefix(start_of_files)]

    paths: Steps = [
        (absolute_row, lambda file: [file]),
        (
            lambda row: [_followed(path) for path in absolute_row(row)],
            lambda file: [_followed(file)],
        ),
    ]
    end: tuple[Keys, Keys] = (lambda row: [_relative(row)], _ends)
    guesses: Steps = [
        end,
        *((_or_stem(of_row), _or_stem(of_file)) for of_row, of_file in (*paths, end)),
        (_or_stem(below_shared), _or_stem(below_folder)),
    ]
    return paths, guesses


def _or_stem(keys: Keys) -> Keys:
    """Add each key without its suffix."""

    def both(path: str) -> Iterator[str]:
        for key in keys(path):
            yield key
            yield _SUFFIX.sub("", key)

    return both


def _absolute(path: Path) -> str:
    return normalize("NFC", normpath(path.absolute()))


def _followed(path: str) -> str:
    """Follow the links of the folder, but not a file that is a link itself."""
    folder, _, name = path.rpartition("/")
    return f"{_real(folder)}/{name}"


@lru_cache(maxsize=4096)
def _real(folder: str) -> str:
    try:
        return normalize("NFC", str(Path(folder).resolve()))
    except (OSError, ValueError, RuntimeError):  # too long, a NUL, a loop of links
        return folder


def _relative(row: str) -> str:
    """Write a row's path without a leading /, ./ or ../."""
    return re.sub(r"^(?:\.{0,2}/)+", "", normalize("NFC", normpath(row)))


def _ends(path: str) -> Iterator[str]:
    """Return `c`, `b/c` and `a/b/c` of /a/b/c."""
    start = len(path)
    while (start := path.rfind("/", 0, start)) >= 0:
        yield path[start + 1 :]


def _shared_folder(rows: Iterable[str]) -> str:
    """Return the folder that all rows lie in, ending in /; empty without one."""
    folders = [_relative(row).split("/")[:-1] for row in rows]
    if not folders:
        return ""
    first, last = min(folders), max(folders)
    same = next(
        (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b),
        min(len(first), len(last)),
    )
    return "".join(f"{part}/" for part in first[:same])


def _existing(row: str, bases: Sequence[Path]) -> list[Path]:
    """List the paths that a row may mean and that exist."""
    forms = {row, normalize("NFC", row), normalize("NFD", row)}
    paths = [base / form for base in bases for form in forms]
    try:
        return [path for path in paths if path.exists()]
    except OSError:  # a name longer than any file's
        return []


def _apart(path: Path, folder: Path) -> bool:
    """Return whether neither of two paths holds the other."""
    one, other = path.resolve(), folder.resolve()
    return not (one.is_relative_to(other) or other.is_relative_to(one))
