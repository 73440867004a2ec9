"""Commands that create, convert and split datasets."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from signnet.cli.console import (
    comma_separated,
    counted,
    end_with_failures,
    picture_size,
    show,
    tell,
)
from signnet.cli.progress import progress_bar
from signnet.errors import SettingsError


def models() -> None:
    """Download MediaPipe's landmark models to the user's cache, and verify them."""
    from signnet.extraction import ensure_models

    with progress_bar("landmark models") as progress:
        paths = ensure_models(progress=progress)
    for stream, path in paths.items():
        show(f"{stream}\t{path}")


def extract(
    videos: Path,
    out: Path,
    *,
    index: Path | None = None,
    workers: int | None = None,
    limit: int | None = None,
    streams: str = "pose,hands,face",
    backend: Literal["tasks", "solutions"] = "tasks",
    engine: Literal["local", "ray"] = "local",
    address: str | None = None,
    fps: float | None = None,
) -> None:
    """Turn videos into a dataset of landmarks; run again to continue or to add.

    Parameters
    ----------
    videos
        A video, or a folder to search together with its subfolders.
    out
        The dataset's folder.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression.
    workers
        Number of processes; one per core of this machine or the cluster by default.
    limit
        Extract at most this number of videos.
    streams
        Parts of the signer to track: pose, hands and face, separated by commas.
    backend
        The tracker: MediaPipe Tasks, or its legacy Solutions.
    engine
        Where to track: in processes on this machine, or in tasks on a Ray cluster.
    address
        Address of a running Ray cluster; one is started on this machine by default.
    fps
        Track at most this number of frames per second; all by default. 12 are a third
        of the work.
    """
    from signnet.api.data import extract as extract_all

    with progress_bar("videos") as progress:
        report = extract_all(
            videos,
            out,
            index=index,
            workers=workers,
            limit=limit,
            streams=comma_separated(streams),
            backend=backend,
            engine=engine,
            address=address,
            fps=fps,
            progress=progress,
        )
    without = _without_gloss(report.unlabelled)
    done = counted(report.done, "clip")
    show(f"{done} extracted, {report.skipped} there already{without}")
    for part, share in report.missing.items():
        show(f"  {part}: not seen in {share:.1%} of the frames")
    for line in report.left:
        tell(line)
    end_with_failures([f"{file}: {reason}" for file, reason in report.failures])


def import_(
    format: Literal[
        "bdsl-npz",
        "pose",
        "openpose",
        "coco-wholebody",
        "gislr",
        "mp-data",
        "hands-npz",
        "elan",
        "collected",
        "dataset",
    ],
    src: Path,
    out: Path,
    *,
    index: Path | None = None,
    size: str | None = None,
    fps: float | None = None,
    repair: Annotated[bool, Parameter(negative="--no-repair")] = True,
    tier: str | None = None,
    media: Path | None = None,
    signer: Literal["participant", "tier"] = "participant",
    keep_variants: bool = False,
    append: bool = False,
) -> None:
    """Turn other tools' landmarks, annotated videos or collected signs into a dataset.

    Importing again replaces only clips that came from the same source.

    Parameters
    ----------
    format
        Format of the source.
    src
        File or folder in that format.
    out
        The dataset's folder.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression,
        and width and height of the frames in pixels.
    size
        WIDTHxHEIGHT of the frames, if neither the files nor the index state it.
    fps
        Frames per second, if the files do not state it.
    repair
        Repair the known faults of a corpus (bdsl-npz); --no-repair keeps them.
    tier
        Tier of the glosses, or a regular expression that matches several; the tiers of
        one signer's two hands are merged (elan).
    media
        Folder of the annotated videos or their landmarks, if they are not next to the
        ELAN files (elan).
    signer
        What names the signer: the tier's participant, or the tier itself, by the first
        group of the regular expression or else by its whole name (elan).
    keep_variants
        Keep the numbers of lexical variants, so that TIME1 and TIME5A are two glosses
        (elan).
    append
        Add to a folder that already holds clips, without replacing any.
    """
    from signnet.formats import ImportSettings, import_clips

    settings = ImportSettings(
        size=picture_size(size) if size else None,
        fps=fps,
        index=index,
        repair=repair,
        tier=tier,
        media=media,
        signer=signer,
        keep_variants=keep_variants,
    )
    with progress_bar(format) as progress:
        report = import_clips(format, src, out, progress, settings, append=append)
    without = _without_gloss(report.unlabelled)
    show(f"{counted(report.clips, 'clip')} imported into {out}{without}")
    for line in report.left:
        tell(line)
    end_with_failures(report.failures)


def _without_gloss(clips: int) -> str:
    return f"; {clips} without a gloss" if clips else ""


def export_pose(
    data: Path,
    out: Path,
    *,
    spoken_language: str | None = None,
    signed_language: str | None = None,
) -> None:
    """Write each clip of a dataset as a .pose file, with the labels in index.csv.

    If you name both languages, the folder is also a lexicon for spoken-to-signed.

    Parameters
    ----------
    data
        The dataset.
    out
        A new or empty folder.
    spoken_language
        Code of the language of the glosses, such as bn or de.
    signed_language
        Code of the sign language, such as sgg.
    """
    from signnet.dataset import Dataset
    from signnet.formats import write_poses

    both = None
    if spoken_language is not None and signed_language is not None:
        both = spoken_language, signed_language
    elif spoken_language is not None or signed_language is not None:
        raise SettingsError(
            "a lexicon has two languages: give --spoken-language and --signed-language"
        )
    with progress_bar("clips") as progress:
        files = write_poses(Dataset.open(data), out, progress, languages=both)
    show(f"{counted(files, 'file')} in {out}, and index.csv with their labels")


def split(
    data: Path,
    *,
    by: Literal["clip", "session", "signer"],
    out: Path,
    hold_out: str | None = None,
    folds: int | None = None,
    seed: int = 0,
) -> None:
    """Divide a dataset into clips for training and testing, and write the split.

    Parameters
    ----------
    data
        The dataset.
    by
        Unit that never appears in both train and test.
    out
        The split file (JSON).
    hold_out
        What to hold out: a signer, a session, or (by clip) a text file with one clip
        name per line.
    folds
        Make this number of folds instead, and hold out each of them once.
    seed
        Seed for the random order.
    """
    from signnet.dataset import Dataset
    from signnet.splits import make_split, write_split

    made = make_split(Dataset.open(data), by, hold_out=hold_out, folds=folds, seed=seed)
    write_split(made, out)
    for number, fold in enumerate(made.folds):
        show(
            f"{number}: {fold.held_out}: {len(fold.train)} train, {len(fold.test)} test"
        )


def pack(data: Path, out: Path) -> None:
    """Merge a dataset of many small files into a few large ones.

    Parameters
    ----------
    data
        The dataset.
    out
        A new or empty folder.
    """
    from signnet.dataset import pack as merge

    show(f"{counted(merge(data, out), 'file')} in {out}")
