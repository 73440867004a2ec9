"""Commands that make and divide datasets."""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from signnet.cli.console import (
    app,
    end_with_failures,
    picture_size,
    words,
)
from signnet.cli.progress import progress_bar


@app.command
def models() -> None:
    """Fetch and verify MediaPipe's landmark models, into the user's cache."""
    from signnet.extract import ensure_models

    with progress_bar("landmark models") as progress:
        paths = ensure_models(progress=progress)
    for stream, path in paths.items():
        print(f"{stream}\t{path}")


@app.command
def extract(
    videos: Path,
    out: Path,
    *,
    index: Path | None = None,
    workers: int | None = None,
    limit: int | None = None,
    streams: str = "pose,hands,face",
    backend: str = "tasks",
    engine: Literal["local", "ray"] = "local",
    address: str | None = None,
) -> None:
    """Turn videos into a dataset of landmarks; run again to go on or to add.

    Parameters
    ----------
    videos
        A video, or a folder that is searched with its subfolders.
    out
        The dataset's folder.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression.
    workers
        Processes; as many as this machine or the cluster has cores by default.
    limit
        Stop after so many videos.
    streams
        What to look for, separated by commas.
    backend
        The tracker.
    engine
        Processes of this machine, or the tasks of a Ray cluster.
    address
        Of a running Ray cluster; one is started on this machine by default.
    """
    from signnet.extract import extract_folder

    with progress_bar("videos") as progress:
        report = extract_folder(
            videos,
            out,
            index=index,
            workers=workers,
            limit=limit,
            streams=words(streams),
            backend=backend,
            engine=engine,
            address=address,
            progress=progress,
        )
    without = _without_gloss(report.unlabelled)
    print(
        f"{report.done} clips extracted, {report.skipped} were there already{without}"
    )
    for part, share in report.missing.items():
        print(f"  {part}: not seen in {share:.1%} of the frames")
    end_with_failures([f"{file}: {reason}" for file, reason in report.failures])


@app.command(name="import")
def import_(
    format: str,
    src: Path,
    out: Path,
    *,
    index: Path | None = None,
    size: str | None = None,
    fps: float | None = None,
    repair: Annotated[bool, Parameter(negative="--no-repair")] = True,
    append: bool = False,
) -> None:
    """Turn landmarks of another tool into a dataset.

    Only clips that were imported from the same source before are replaced.

    Parameters
    ----------
    format
        bdsl-npz, pose, openpose, coco-wholebody, gislr, mp-data or hands-npz.
    src
        File or folder in that format.
    out
        The dataset's folder.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression.
    size
        WIDTHxHEIGHT of the pictures, where the files do not say it.
    fps
        Frames a second, where the files do not say it.
    repair
        Mend the known faults of a corpus (bdsl-npz); --no-repair shows them.
    append
        Add to a folder that holds clips already, and replace none of them.
    """
    from signnet.formats import ImportSettings, import_clips

    settings = ImportSettings(
        size=picture_size(size) if size else None, fps=fps, index=index, repair=repair
    )
    with progress_bar(format) as progress:
        report = import_clips(format, src, out, progress, settings, append=append)
    without = _without_gloss(report.unlabelled)
    print(f"{report.clips} clips imported into {out}{without}")
    for line in report.left:
        print(line, file=sys.stderr)
    end_with_failures(report.failures)


def _without_gloss(clips: int) -> str:
    return f"; {clips} have no gloss" if clips else ""


@app.command
def export_pose(data: Path, out: Path) -> None:
    """Write each clip of a dataset as a .pose file, with the labels in index.csv."""
    from signnet.dataset import Dataset
    from signnet.formats.pose import write_poses

    with progress_bar("clips") as progress:
        files = write_poses(Dataset.open(data), out, progress)
    print(f"{files} files in {out}, and index.csv with their labels")


@app.command
def split(
    data: Path,
    *,
    by: Literal["clip", "session", "signer"],
    out: Path,
    hold_out: str | None = None,
    folds: int | None = None,
    seed: int = 0,
) -> None:
    """Decide what is held out, and write it to a file.

    Parameters
    ----------
    data
        The dataset.
    by
        What no two sides share.
    out
        The split file.
    hold_out
        A signer, a session, or (by clip) a text file with one clip name a line.
    folds
        Make so many folds instead, each held out once.
    seed
        Of the random order.
    """
    from signnet.dataset import Dataset
    from signnet.splits import make_split, write_split

    made = make_split(Dataset.open(data), by, hold_out=hold_out, folds=folds, seed=seed)
    write_split(made, out)
    for number, fold in enumerate(made.folds):
        print(
            f"{number}: {fold.held_out}: {len(fold.train)} train, {len(fold.test)} test"
        )


@app.command
def pack(data: Path, out: Path) -> None:
    """Merge a dataset of many small files into few large ones."""
    from signnet.dataset import pack as merge

    print(f"{merge(data, out)} files in {out}")
