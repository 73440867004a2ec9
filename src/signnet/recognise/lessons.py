"""Clips to teach, as users give them: by gloss, or with glosses of their own."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.config.pace import Pace
from signnet.errors import SettingsError
from signnet.files import as_path
from signnet.recognise.inputs import Source, list_files, read_clips, read_one

__all__ = ["labelled_clips"]


def labelled_clips(clips: Any, pace: Pace) -> list[Clip]:
    """List the clips that `Model.teach` is given.

    Parameters
    ----------
    clips
        Sources for each gloss, or clips.
    pace
        How often videos are looked at.

    Raises
    ------
    SettingsError
        If it is something else.
    SignnetError
        If a source cannot be read.
    """
    return _lessons(clips, pace) if isinstance(clips, Mapping) else _clips_of(clips)


def _clips_of(clips: Any) -> list[Clip]:
    """List clips; SettingsError if it is something else."""
    found = list(clips) if isinstance(clips, Iterable) else [clips]
    wrong = [type(one).__name__ for one in found if not isinstance(one, Clip)]
    if isinstance(clips, str) or wrong:
        raise SettingsError(
            f"clips to teach are of type {[*wrong, 'str'][0]}; expected "
            "{gloss: clips}, or clips that have a gloss"
        )
    return found


def _lessons(words: Mapping[str, Source | Sequence[Source]], pace: Pace) -> list[Clip]:
    """Read the clips to teach for each gloss, under unique names."""
    clips: list[Clip] = []
    for gloss, sources in words.items():
        if isinstance(sources, str | bytes | PathLike | Clip | np.ndarray):
            sources = [sources]
        if not isinstance(gloss, str) or not isinstance(sources, Iterable):
            raise SettingsError(
                f"clips to teach for {gloss!r:.60} are {type(sources).__name__}; "
                "expected a gloss and a list of clips"
            )
        for source in sources:
            clips.extend(_lesson(gloss, source, pace))
    return clips


def _lesson(gloss: str, source: Source, pace: Pace) -> Iterator[Clip]:
    if isinstance(source, Clip):
        yield replace(source, gloss=gloss)
    elif isinstance(source, np.ndarray):
        clip = read_one(source)
        digest = hashlib.sha256(clip.landmarks.tobytes()).hexdigest()[:12]
        yield replace(clip, gloss=gloss, name=f"{gloss}/array-{digest}")
    else:
        for file in list_files(as_path(source, "clip")):
            for _, clip in read_clips(file, pace=pace):
                yield replace(clip, gloss=gloss, name=f"{gloss}/{clip.name}")
