"""Track a film frame by frame, however long it is.

`extract_video` keeps a whole clip; here only a block of frames is in memory at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from signnet.clip.shapes import Float32
from signnet.extraction.backends import BACKENDS, check_backend, models_for
from signnet.extraction.tracker import assemble, check_streams, sightings_of
from signnet.extraction.video import Video, check_file

__all__ = ["BLOCK", "track_film"]

BLOCK = 300
"""Frames that are told left from right together; ten seconds of a usual film."""

Joints = Float32[np.ndarray, "joint 3"]


def track_film(
    path: Path,
    *,
    streams: Sequence[str] = ("pose", "hands"),
    backend: str = "tasks",
    models: Mapping[str, Path] | None = None,
    wanted: Callable[[float], bool] | None = None,
) -> Iterator[tuple[float, Joints]]:
    """Track the signer of a film and give each frame as soon as its block is done.

    Parameters
    ----------
    path
        A video of any length.
    streams, backend, models
        As in `extract_video`.
    wanted
        Tells whether the frame at so many seconds is needed; the others are decoded
        but not tracked, and left out.

    Yields
    ------
    tuple[float, Joints]
        Seconds since the first frame; float32[553, 3] in picture heights, NaN where
        unseen.

    Raises
    ------
    MediaError, ModelError, SettingsError
        As for `extract_video`; frames before the fault have been given by then.
    """
    check_backend(backend)
    streams = check_streams(streams)
    check_file(path)  # a mistyped path comes before missing models
    models = models or models_for(backend)
    with Video(path) as video, BACKENDS[backend](streams, models) as tracker:
        seen = sightings_of(video, tracker, wanted)
        while block := list(islice(seen, BLOCK)):
            times, sightings, aspects = zip(*block, strict=True)
            yield from zip(times, assemble(sightings, aspects), strict=True)
