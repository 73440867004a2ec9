"""A dataset of signnet, to correct or leave out clips by an index."""

from functools import partial
from pathlib import Path

from signnet.clip import Clip
from signnet.dataset import LABELS, Dataset
from signnet.formats.source import USUAL, ImportSettings, Source, describe_files
from signnet.labels import Labels

__all__ = ["sources"]


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the clips of a dataset; a row of the index names a clip.

    Raises
    ------
    DatasetError
        If it is no dataset, or the index is bad.
    """
    data = Dataset.open(path, in_memory=0)
    folder = path if path.is_dir() else path.parent
    columns = [data.column(label) for label in LABELS]
    rows = zip(*columns, strict=True)
    carried: list[Labels] = [dict(zip(LABELS, row, strict=True)) for row in rows]
    clips = [folder / name for name in data.names]
    described, lost = describe_files(clips, folder, settings, carried=carried)
    found = zip(data.names, described, strict=True)
    return [
        *(Source(name, partial(_read, data, name, own)) for name, (own, _) in found),
        *lost,
    ]


def _read(data: Dataset, name: str, labels: Labels) -> list[Clip]:
    (clip,) = data.select([name])
    return [clip.with_landmarks(clip.landmarks, **labels)]
