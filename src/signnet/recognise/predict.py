"""A file's answer, as `predict --json` and the HTTP interface give it."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from signnet.clip import Clip
from signnet.recognise.recogniser import Recogniser

__all__ = ["predict_file"]

LANDMARK_FILES = (".parquet", ".npz")


def predict_file(
    recogniser: Recogniser, file: Path, label: str | None = None
) -> Iterator[dict[str, Any]]:
    """Recognise a video, or each clip of a file or folder of landmarks.

    Parameters
    ----------
    label
        What the answers call the file; its path if not given.

    Returns
    -------
    Iterator[dict]
        `file`, `frames`, `predictions` (five of `gloss` and `probability`, best first),
        `abstained`, `expression` (`label`, `probability` and the `probabilities` of
        all, or None) and `seconds`. Of several clips, `file` is the label, # and the
        clip's name.

    Raises
    ------
    SignnetError
        If the file or one of its clips cannot be read.
    """
    for name, clip in _clips_of(file, label or str(file)):
        answer = recogniser.recognise(clip)
        yield {"file": name, "frames": len(clip), **asdict(answer)}


def _clips_of(file: Path, label: str) -> Iterable[tuple[str, Clip]]:
    """Read a file's clips, each with its name for the answer."""
    if file.suffix in LANDMARK_FILES or file.is_dir():
        from signnet.formats import open_clips

        data = open_clips(file)
        one = len(data) == 1
        return ((label if one else f"{label}#{clip.name}", clip) for clip in data)
    from signnet.extract import extract_video

    return [(label, extract_video(file))]
