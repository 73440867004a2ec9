"""COCO's trackers as JSON: MMPose, RTMPose, HRNet, AlphaPose.

One file per clip, or one per picture, numbered: the files of a folder that share a name
up to its number are then one clip. The layouts are in `coco_layouts`, the points in
`coco_points`.
"""

from pathlib import Path

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float32
from signnet.errors import MediaError, SignnetError
from signnet.formats.coco_layouts import Film, Picture, film_of
from signnet.formats.coco_points import (
    POINTS,
    Person,
    hide_guesses,
    person_of,
    tool_of,
)
from signnet.formats.numbered import Frames, name_clips, series_of
from signnet.formats.people import clip_of, largest_person
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    check_frames,
    find_files,
    read_json,
    with_facts,
)
from signnet.labels import Labels

__all__ = ["sources"]


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the clips of a folder and its subfolders: JSON files, or series of them.

    Raises
    ------
    MediaError
        If there is none.
    """
    clips = series_of(find_files(path, ".json"), _is_picture)
    return name_clips(clips, path, settings, _read)


def _is_picture(file: Path) -> bool | None:
    try:
        return len(film_of(read_json(file), file.name).pictures) == 1
    except SignnetError:
        return None


def _read(
    frames: Frames, name: str, labels: Labels, settings: ImportSettings
) -> list[Clip]:
    check_frames(max(frames) - min(frames) + 1, name)  # before any is read
    films = {n: film_of(read_json(file), file.name) for n, file in frames.items()}
    (first, *_), label = films.values(), name
    if len(frames) == 1:
        label = next(iter(frames.values())).name
        seen = _of_one(first, label)
    else:
        seen = {n: _only(film, frames[n].name) for n, film in films.items()}
    points = _points(seen, label)
    given = with_facts(settings, first.size, first.fps)
    return [clip_of(points, "coco-wholebody", label, name, labels, given)]


def _of_one(film: Film, label: str) -> dict[int, Picture]:
    """Return the pictures of a film in one file by their numbers."""
    if film.alike:
        count = len(film.pictures[0].people)
        raise MediaError(
            f"{label}: {count} people without frame_id or image_id; for a film give "
            "each its frame, for pictures write one numbered file each"
        )
    if not film.pictures:
        raise MediaError(f"{label}: holds no frames; expected one or more")
    pictures = dict[int, Picture]()
    for picture in film.pictures:
        number = picture.number or 0
        earlier = pictures.setdefault(number, Picture(number, []))
        earlier.people += picture.people
    return pictures


def _only(film: Film, label: str) -> Picture:
    if len(film.pictures) == 1:
        return film.pictures[0]
    raise MediaError(
        f"{label}: {len(film.pictures)} pictures; expected one, as in the files beside"
    )


def _points(
    pictures: dict[int, Picture], label: str
) -> dict[int, Float32[np.ndarray, "133 3"]]:
    """Return the signer's points in each picture, NaN where the score is too low."""
    people: dict[int, list[Person]] = {
        number: [person_of(person, label) for person in picture.people]
        for number, picture in pictures.items()
    }
    some = next((p for one in pictures.values() for p in one.people), None)
    if some is not None:
        hide_guesses([one for found in people.values() for one in found], tool_of(some))
    return {number: largest_person(found, POINTS) for number, found in people.items()}
