"""Clips of numbered files, one per frame: which files are one clip, and its name."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from signnet.clip import Clip
from signnet.formats.source import ImportSettings, Source, describe_files
from signnet.labels import Labels, unique_names

__all__ = ["Frames", "name_clips", "series_of"]

Frames = dict[int, Path]
"""The file of each picture by its number; a clip in one file has one."""

_NUMBERED = re.compile(
    r"^(?:(?P<clip>.*?)[_.\- ]*)?(?P<frame>\d{1,12})_?(?:_keypoints)?\.json$"
)

_PLAIN = re.compile(
    r"(?:frames?|images?|imgs?|pictures?|pics?|thumbs?|rgb|poses?|keypoints?|comfyui)",
    re.IGNORECASE,
)
"""Names that say picture rather than which clip: WLASL's are 00295/image_00001."""


def series_of(
    files: Sequence[Path], is_picture: Callable[[Path], bool | None]
) -> dict[Path, Frames]:
    """Group files that are pictures of one clip.

    Files belong together if they lie in one folder, have one name up to a number at its
    end, and the first that can be read holds a single picture. A name such as `image`
    does not tell a clip, so the folder does.

    Parameters
    ----------
    files
        JSON files.
    is_picture
        Whether a file holds a single picture; None if it cannot be read.

    Returns
    -------
    dict
        For each clip, the path it would have as one file, and its pictures.
    """
    groups: dict[tuple[Path, str], Frames] = {}
    alone: list[Path] = []
    for file in files:
        if found := _NUMBERED.match(file.name):
            key = file.parent, found["clip"] or ""
            group = groups.setdefault(key, {})
            if int(found["frame"]) in group:  # 1.json and 01.json
                alone.append(file)
            else:
                group[int(found["frame"])] = file
        else:
            alone.append(file)
    clips: dict[Path, Frames] = {}
    for (folder, name), frames in groups.items():
        told = (is_picture(file) for file in frames.values())
        if not next((one for one in told if one is not None), True):
            alone += frames.values()
            continue
        only = sum(one == folder for one, _ in groups) == 1
        by_folder = not name or (only and _PLAIN.fullmatch(name))
        clips[folder if by_folder else folder / name] = frames
    return clips | {file: {0: file} for file in sorted(alone)}


def name_clips(
    clips: dict[Path, Frames],
    path: Path,
    settings: ImportSettings,
    read: Callable[[Frames, str, Labels, ImportSettings], list[Clip]],
) -> list[Source]:
    """Name and label clips of one or more files, and list them.

    A row of the index names a clip as FOLDER/NAME, as the film it was made from, or by
    its folder if that holds no other clip.
    """
    folder = path if path.is_dir() else path.parent
    folder = folder.parent if folder in clips else folder
    parents = [clip.parent for clip in clips]
    aliases = [
        clip.parent
        if len(frames) > 1 and parents.count(clip.parent) == 1 and clip.parent != folder
        else clip
        for clip, frames in clips.items()
    ]
    described, lost = describe_files(list(clips), folder, settings, aliases=aliases)
    names = unique_names(list(clips), folder)
    found = zip(names, described, clips.values(), strict=True)
    return [
        *(
            Source(name, partial(read, frames, name, labels, own))
            for name, (labels, own), frames in found
        ),
        *lost,
    ]
