"""The folder that an import writes to, and the record of what imports wrote there.

The record is `.imports.json`. A file that it does not list, or that was changed since,
is never deleted. The name begins with a dot because Arrow, Spark and Hugging Face
Datasets would take any other file of the folder for clips.
"""

import hashlib
import json
import os
from collections.abc import Generator, Sequence, Set
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from signnet.clip import Clip
from signnet.dataset import Dataset, dataset_files
from signnet.errors import DatasetError
from signnet.files import (
    clear_drafts,
    draft_folder,
    one_line_error,
    only_writer,
    unfinished,
    write_text,
)

__all__ = ["RECORD", "Destination"]

RECORD = ".imports.json"

_DRAFT = ".import-"

_RECORD_FORMAT = 1


@dataclass(frozen=True)
class _File:
    """A file as an import left it."""

    name: str
    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path, name: str) -> "_File":
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(name, path.stat().st_size, digest)

    def is_unchanged(self, folder: Path) -> bool:
        path = folder / self.name
        if path.is_symlink() or not path.is_file():
            return False
        return path.stat().st_size == self.size and self == _File.of(path, self.name)


@dataclass(frozen=True)
class _Import:
    """All files that imports of one source wrote."""

    format: str
    source: str
    files: tuple[_File, ...] = ()
    pending: tuple[str, ...] = ()
    """Those of an import that is not done: a killed run may have put some in place."""


class Destination:
    """A dataset folder, and the files that one import may replace there.

    Parameters
    ----------
    folder
        The dataset; it need not exist.
    format_name, source
        What is imported.
    append
        Whether the folder may already hold other clips; nothing is replaced then.

    Raises
    ------
    DatasetError
        If the folder holds clips that no import of this source wrote, and `append` is
        False; or if the record, or a file that stays, cannot be read.
    """

    def __init__(
        self, folder: Path, format_name: str, source: Path, *, append: bool
    ) -> None:
        self.folder = folder
        self._imports = _read_record(folder)
        self._earlier = _Import(format_name, str(source.resolve()))
        for one in self._imports:
            if (one.format, one.source) == (format_name, self._earlier.source):
                self._earlier = one
        there = dataset_files(folder)
        if not append:
            self._refuse_others(there, source)
        with _one_line(folder):
            pending = self._earlier.pending
            own = [
                one for one in self._earlier.files if one.name in pending or not append
            ]
            self._own = tuple(own)
            self._replaced = [file for file in self._own if file.is_unchanged(folder)]
        names = {file.name for file in self._replaced}
        self._staying = [path for path in there if path.name not in names]

    def _refuse_others(self, there: Sequence[Path], source: Path) -> None:
        own = {file.name for file in self._earlier.files}
        others = [path.name for path in there if path.name not in own]
        if others:
            more = f" and {len(others) - 1} more" if others[1:] else ""
            raise DatasetError(
                f"{self.folder} holds {others[0]}{more}, which no import of {source} "
                "wrote; give --append to keep it and add to it, or a new folder"
            )

    def earlier_clips(self, without: Set[str]) -> list[Clip]:
        """Read the clips that would be replaced, except those with these names."""
        opened = [Dataset.open(self.folder / one.name, 0) for one in self._replaced]
        return [
            clip
            for data in opened
            for clip in data.select(one for one in data.names if one not in without)
        ]

    def clip_names(self) -> set[str]:
        """Read the names of the clips that stay."""
        opened = (Dataset.open(path, in_memory=0) for path in self._staying)
        return {name for data in opened for name in data.names}

    @contextmanager
    def draft(self) -> Generator[Path]:
        """Yield a folder for new files; it is removed afterwards, whatever happens.

        Drafts of imports that were killed are removed first.
        """
        folder, cannot_write = self.folder, f"cannot write to {self.folder}"
        with only_writer(folder, DatasetError):
            if _read_record(folder) != self._imports:
                raise DatasetError(
                    f"another import into {folder} ended in the meantime; import again"
                )
            clear_drafts(folder, _DRAFT)
            with draft_folder(folder, _DRAFT, cannot_write, DatasetError) as draft:
                yield draft

    def put(self, drafts: Sequence[Path]) -> list[str]:
        """Put new files in place and delete those that they replace.

        The record names the new files before they are in place, so that if this run is
        killed in between, the next import knows both the old files and the new ones.
        Until it is done the folder is marked as unfinished, and no dataset.

        Returns
        -------
        list of str
            A line for each file of an earlier import that stays because it was changed.

        Raises
        ------
        DatasetError
            If the folder cannot be written.
        """
        what = f"an import of {self._earlier.format} from {self._earlier.source}"
        marked = unfinished(self.folder, ascii(what)[1:-1], DatasetError)
        with _one_line(self.folder), marked:
            names = self._free_names(len(drafts))
            new = tuple(map(_File.of, drafts, names))
            self._write_record((*self._earlier.files, *new), tuple(names))
            for draft, name in zip(drafts, names, strict=True):
                draft.replace(self.folder / name)
            for file in self._replaced:
                if file.is_unchanged(self.folder):
                    (self.folder / file.name).unlink()
            left = [file for file in self._earlier.files if self._has(file.name)]
            self._write_record((*left, *new))
        return [
            f"{self.folder / file.name} stays: it was changed since it was imported"
            for file in self._own
            if self._has(file.name)
        ]

    def _has(self, name: str) -> bool:
        return os.path.lexists(self.folder / name)

    def _free_names(self, count: int) -> list[str]:
        names, number = list[str](), 0
        while len(names) < count:
            name = f"{self._earlier.format}-{number:05d}.parquet"
            if not self._has(name):
                names.append(name)
            number += 1
        return names

    def _write_record(
        self, files: tuple[_File, ...], pending: tuple[str, ...] = ()
    ) -> None:
        others = [one for one in self._imports if one is not self._earlier]
        imports = [*others, replace(self._earlier, files=files, pending=pending)]
        content = {
            "format": _RECORD_FORMAT,
            "imports": [_without_empty(asdict(one)) for one in imports],
        }
        text = json.dumps(content, indent=1)  # as ASCII: a path need not be UTF-8
        write_text(self.folder / RECORD, text, DatasetError)


def _without_empty(content: dict[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in content.items() if key != "pending" or one}


def _one_line(folder: Path) -> AbstractContextManager[None]:
    return one_line_error(f"cannot write to {folder}", DatasetError)


def _read_record(folder: Path) -> list[_Import]:
    path = folder / RECORD
    if path.is_symlink():
        raise DatasetError(
            f"{path} is a link, which no import made; remove it or import into a new "
            "folder"
        )
    if not path.exists():
        return []
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["format"] != _RECORD_FORMAT:
            raise ValueError(f"format {content['format']} is unknown")
        return [_import_of(one) for one in content["imports"]]
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it is damaged"
        raise DatasetError(
            f"{path} does not say what was imported ({reason}); "
            "import into a new folder"
        ) from error


def _import_of(content: dict[str, Any]) -> _Import:
    files = tuple(_File(**file) for file in content["files"])
    strange = [file.name for file in files if not _is_shard(file.name)]
    if strange:
        raise ValueError(f"{strange[0]} is not a file of this folder")
    pending = tuple(map(str, content.get("pending", ())))
    return _Import(str(content["format"]), str(content["source"]), files, pending)


def _is_shard(name: object) -> bool:
    return (
        isinstance(name, str)
        and name.endswith(".parquet")
        and Path(name).name == name
        and "\0" not in name
    )
