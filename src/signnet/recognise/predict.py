"""Answers for the clips of a file, as `predict --json` and the server give them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from signnet.recognise.inputs import LANDMARK_FILES, read_clips
from signnet.recognise.recogniser import Recogniser

__all__ = ["LANDMARK_FILES", "predict_file"]


def predict_file(
    recogniser: Recogniser, file: Path, label: str | None = None
) -> Iterator[dict[str, Any]]:
    """Recognise a video, or each clip of a file or folder of landmarks.

    Parameters
    ----------
    recogniser
        The model.
    file
        See `inputs.read_clips`.
    label
        Name of the file in the answers; its path by default.

    Yields
    ------
    dict
        `file`, `frames`, `predictions` (five of `gloss` and `probability`, best first),
        `abstained`, `expression` (`label`, `probability` and the `probabilities` of
        all, or None) and `seconds`.

    Raises
    ------
    SignnetError
        If the file or one of its clips cannot be read.
    """
    for name, clip in read_clips(file, label):
        yield recogniser.recognise(clip).to_json(name)
