"""Arguments that every function takes in several forms: paths and datasets."""

from os import PathLike, fspath
from pathlib import Path

from signnet.dataset import Dataset
from signnet.files import as_path

__all__ = ["DataLike", "PathLikeText", "name_of_data", "open_data"]

PathLikeText = str | PathLike[str]

DataLike = str | PathLike[str] | Dataset
"""A dataset, or the path of one."""


def open_data(data: DataLike) -> Dataset:
    """Open a dataset, or a file or folder of landmarks, unless it is open already.

    Raises
    ------
    DatasetError, MediaError
        If there is none, or it cannot be read.
    """
    if isinstance(data, Dataset):
        return data
    from signnet.recognise.inputs import open_landmarks

    return open_landmarks(as_path(data, "data"))


def name_of_data(data: DataLike) -> str:
    """Return what people call a dataset: the name of its folder or file."""
    path = data.path if isinstance(data, Dataset) else fspath(data)
    return Path(path).name or "clips"
