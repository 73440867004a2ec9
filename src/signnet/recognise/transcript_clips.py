"""The signs of a film as clips of a dataset, written while they are found."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from signnet.clip import Clip
from signnet.dataset import growing_file
from signnet.recognise.transcribing import Keep
from signnet.recognise.transcript import Segment

__all__ = ["kept_clips"]


@contextmanager
def kept_clips(path: Path, film: str, session: str) -> Generator[Keep]:
    """Yield a function that adds a segment to a file of clips; see `growing_file`.

    A sure segment has its gloss; an unsure one has none, so that nobody trains on a
    guess. The film is the session, and times are part of the names.

    Parameters
    ----------
    path
        The file, which is put in place at the end; none if there is no sign.
    film
        The film, as it stands in the transcript.
    session
        What the film is called in the clips.

    Raises
    ------
    DatasetError
        If the file cannot be written.
    """
    with growing_file(path) as add:

        def keep(segment: Segment, frames: Sequence[tuple[float, np.ndarray]]) -> None:
            if len(frames) > 1:
                span = f"{segment.start:.3f}-{segment.end:.3f} s"
                clip = Clip.of_frames(
                    frames,
                    name=f"{session}-{round(1000 * segment.start):07d}",
                    gloss=None if segment.unsure else segment.gloss,
                    session=session,
                    source=f"transcribe {film} {span}",
                )
                add(clip)

        yield keep
