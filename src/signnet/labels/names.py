"""Name each clip after its file, so that no two names are equal."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from signnet.clip import nfc
from signnet.dataset import clip_path
from signnet.errors import DatasetError

__all__ = ["unique_names"]


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
            raise DatasetError(f"{other} and {path} would become one clip; rename one")
    return names


def _stored(name: str) -> str:
    return clip_path(Path(), name).name
