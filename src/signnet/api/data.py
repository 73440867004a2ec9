"""Extract videos, read landmarks of other tools, and write datasets."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from signnet.api.arguments import PathLikeText
from signnet.clip import Clip
from signnet.config.pace import EVERY_PICTURE, Pace
from signnet.dataset import Dataset, Progress, no_progress, write_dataset
from signnet.errors import DatasetError, SettingsError
from signnet.files import as_path, mark_finished, mark_unfinished, only_writer

if TYPE_CHECKING:
    from signnet.extraction import ExtractReport

__all__ = ["extract", "read", "write"]


def extract(
    videos: PathLikeText,
    folder: PathLikeText,
    *,
    index: PathLikeText | None = None,
    workers: int | None = None,
    limit: int | None = None,
    streams: Sequence[str] = ("pose", "hands", "face"),
    backend: str = "tasks",
    engine: Literal["local", "ray"] = "local",
    address: str | None = None,
    fps: float | None = None,
    progress: Progress = no_progress,
) -> "ExtractReport":
    """Turn videos into a dataset of landmarks; call it again to continue or to add.

    Parameters
    ----------
    videos
        A video, or a folder to search together with its subfolders.
    folder
        The dataset's folder. Until all videos are done, it cannot be opened.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression.
    workers
        Number of processes; one per core of this machine or the cluster by default.
    limit
        Stop after this number of videos.
    streams
        Parts of the signer to track: pose, hands, face.
    backend
        The tracker: tasks or solutions.
    engine
        `local` for processes on this machine, `ray` for tasks on a Ray cluster.
    address
        Address of a running Ray cluster; one is started on this machine by default.
    fps
        Track at most this number of frames per second; all by default.
    progress
        Callback `(done, total)`.

    Returns
    -------
    ExtractReport
        Numbers of clips extracted and already there; files that failed, with reasons.

    Raises
    ------
    SignnetError
        If no video can be extracted at all. A single bad video is a failure in the
        report.
    """
    from signnet.extraction import extract_folder
    from signnet.recognise.inputs import is_rate

    source, out = as_path(videos, "videos"), as_path(folder, "folder")
    if fps is not None and not is_rate(fps):
        raise SettingsError(f"fps is {fps!r:.60}; it should be a number above 0")
    pace = EVERY_PICTURE if fps is None else Pace(rate=float(fps))
    table = None if index is None else as_path(index, "index")

    def mark_and_report(done: int, total: int) -> None:
        if not begun:
            mark_unfinished(out, "an extraction of videos", DatasetError)
            begun.append(True)
        progress(done, total)

    begun = list[bool]()  # what is refused before anything is done marks nothing
    with only_writer(out, DatasetError):
        report = extract_folder(
            source,
            out,
            index=table,
            workers=workers,
            limit=limit,
            streams=streams,
            backend=backend,
            engine=engine,
            address=address,
            pace=pace,
            progress=mark_and_report,
        )
        mark_finished(out)
    return report


def read(
    path: PathLikeText,
    *,
    format: str | None = None,
    index: PathLikeText | None = None,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    repair: bool = True,
    tier: str | None = None,
    media: PathLikeText | None = None,
    signer: Literal["participant", "tier"] = "participant",
    keep_variants: bool = False,
    progress: Progress = no_progress,
) -> Dataset:
    """Read clips, of signnet or of another tool, into memory.

    Parameters
    ----------
    path
        File or folder.
    format
        bdsl-npz, pose, openpose, coco-wholebody, gislr, mp-data, hands-npz, elan or
        collected; by default a dataset, or .npz or .pose files, by their suffix.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression,
        and width and height of the pictures.
    size
        Width and height of the pictures in pixels, if neither the files nor the index
        state them.
    fps
        Frames a second, if the files do not state it.
    repair
        Repair the known faults of a corpus (bdsl-npz).
    tier
        Tier of the glosses, or a regular expression that fits several (elan).
    media
        Folder of the annotated films (elan).
    signer
        The tier's participant, or the tier: the expression's first group (elan).
    keep_variants
        Keep the numbers of lexical variants (elan).
    progress
        Callback `(done, total)`.

    Raises
    ------
    SettingsError
        If the format is unknown, or needs a package that is not installed.
    DatasetError, MediaError
        If the path holds nothing of that format, or clips cannot be read.
    """
    from signnet.formats import ImportSettings
    from signnet.formats import read as read_format
    from signnet.recognise.inputs import open_landmarks

    source = as_path(path, "path")
    table = None if index is None else as_path(index, "index")
    if format is None:
        return open_landmarks(source, table)
    settings = ImportSettings(
        size=size,
        fps=fps,
        index=table,
        repair=repair,
        tier=tier,
        media=None if media is None else as_path(media, "media"),
        signer=signer,
        keep_variants=keep_variants,
    )
    return read_format(source, format, settings, progress)


def write(clips: Iterable[Clip] | Dataset, folder: PathLikeText) -> Dataset:
    """Write clips as a dataset into a new folder.

    Parameters
    ----------
    clips
        The clips; a generator is consumed piece by piece.
    folder
        A new or empty folder.

    Returns
    -------
    Dataset
        The dataset on disk.

    Raises
    ------
    DatasetError
        If the folder is not empty or cannot be written, there are no clips, or two
        clips have the same name.
    """
    write_dataset(clips, folder)
    return Dataset.open(folder)
