"""Name each clip after its file."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from signnet.clip import nfc
from signnet.dataset import clip_path

__all__ = ["unique_names"]


def unique_names(files: Sequence[Path], folder: Path) -> list[str]:
    """Name each clip after its file; by path, or by path and suffix, where names clash.

    Two paths that differ in their Unicode form alone still have the same name, which
    the caller has to refuse.
    """
    paths = [file.relative_to(folder) for file in files]
    names = [nfc(path.stem) for path in paths]
    for rename in (lambda path: path.with_suffix("").as_posix(), Path.as_posix):
        count = Counter(_stored(name) for name in names)
        names = [
            name if count[_stored(name)] == 1 else nfc(rename(path))
            for name, path in zip(names, paths, strict=True)
        ]
    return names


def _stored(name: str) -> str:
    return clip_path(Path(), name).name
