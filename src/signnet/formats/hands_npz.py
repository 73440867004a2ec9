"""Many clips of hands alone in one npz (the WLASL hands benchmark).

`hands` is float[all frames, 2, 21, 3] in picture widths and heights with NaN where a
hand is missing; `offset` and `length` cut it into clips; `gloss`, `signer`, `split`,
`fps` and `video_id` describe them. The two slots are in order of detection. They are
resolved into tracks, and the track that stays further to the picture's right is taken
for the signer's left hand. There is no body and no face: those joints are NaN.
"""

from functools import partial
from pathlib import Path

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float32
from signnet.errors import MediaError
from signnet.formats.source import (
    USUAL,
    ImportSettings,
    Source,
    array_of,
    describe_files,
    read_npz,
)
from signnet.geometry import follow_slots, stretch_width
from signnet.labels import Labels
from signnet.skeleton import HAND_COUNT, JOINT_COUNT, PARTS

__all__ = ["sources"]

ASPECT = 4 / 3
"""Sizes of pictures are not recorded; this is the most frequent shape."""

_TEXTS = ("gloss", "signer", "split", "video_id")


def sources(path: Path, settings: ImportSettings = USUAL) -> list[Source]:
    """List the clips of an npz file, or of the only npz file in a folder.

    A row of the index names a clip by its `video_id`, or as GLOSS__VIDEO_ID.

    Raises
    ------
    MediaError, DatasetError
        If there is no such file, it lacks an array or holds another shape, or the index
        is bad.
    """
    file = _only_file(path)
    content = read_npz(file)
    array_of(content, "hands", (None, 2, HAND_COUNT, 3), file.name)
    clips = len(array_of(content, "offset", (None,), file.name))
    array_of(content, "length", (clips,), file.name)
    array_of(content, "fps", (clips,), file.name)
    for key in _TEXTS:
        if key not in content or content[key].shape != (clips,):
            raise MediaError(f"{file.name}: {key} is missing or not of length {clips}")
    names = _unique_names(content)
    described, lost = describe_files(
        [file.parent / str(video) for video in content["video_id"]],
        file.parent,
        settings,
        carried=[_carried(content, clip) for clip in range(clips)],
        aliases=[file.parent / name for name in names],
    )
    return [
        *(
            Source(
                name,
                partial(_read, content, clip, name, labels, file.name, _aspect(own)),
            )
            for clip, (name, (labels, own)) in enumerate(
                zip(names, described, strict=True)
            )
        ),
        *lost,
    ]


def _aspect(settings: ImportSettings) -> float:
    return settings.size[0] / settings.size[1] if settings.size else ASPECT


def _carried(content: dict[str, np.ndarray], clip: int) -> Labels:
    columns = {"gloss": "gloss", "signer": "signer", "session": "split"}
    return {label: str(content[key][clip]) for label, key in columns.items()}


def _only_file(path: Path) -> Path:
    files = [path] if path.is_file() else sorted(path.glob("*.npz"))
    if len(files) != 1:
        raise MediaError(f"{path} holds {len(files)} .npz files; expected exactly one")
    return files[0]


def _unique_names(content: dict[str, np.ndarray]) -> list[str]:
    names = [
        f"{gloss}__{video}"
        for gloss, video in zip(content["gloss"], content["video_id"], strict=True)
    ]
    if len(set(names)) == len(names):
        return names
    return [f"{name}__{number}" for number, name in enumerate(names)]


def _read(
    content: dict[str, np.ndarray],
    index: int,
    name: str,
    labels: Labels,
    label: str,
    aspect: float,
) -> list[Clip]:
    start, length = int(content["offset"][index]), int(content["length"][index])
    if start < 0 or length < 1 or start + length > len(content["hands"]):
        raise MediaError(f"{label}: clip {name} lies outside the array of hands")
    hands = content["hands"][start : start + length].astype(np.float32)
    rate = float(content["fps"][index])
    if np.isnan(hands).all():
        raise MediaError(f"{label}: clip {name} shows no hand in any frame")
    tracks = sort_by_side(follow_slots(stretch_width(hands, aspect)), aspect)
    landmarks = np.full((length, JOINT_COUNT, 3), np.nan, np.float32)
    landmarks[:, PARTS["left_hand"].joints] = tracks[:, 0]
    landmarks[:, PARTS["right_hand"].joints] = tracks[:, 1]
    return [
        Clip(
            name=name,
            landmarks=landmarks,
            fps=rate if 0 < rate < float("inf") else float("nan"),
            source=f"hands-npz {label}",
            **labels,
        )
    ]


def sort_by_side(
    tracks: Float32[np.ndarray, "time hand 21 3"], aspect: float = ASPECT
) -> Float32[np.ndarray, "time hand 21 3"]:
    """Put the signer's left hand first.

    Where both hands show, the left one is further to the picture's right, on average
    over the clip. A lone hand is the left one if it is in the right half of the
    picture.
    """
    across = tracks[:, :, 0, 0]
    both = np.isfinite(across).all(axis=1)
    if both.any():
        first_is_right = across[both, 0].mean() < across[both, 1].mean()
    else:
        mean = np.nanmean(across)
        lone_slot = 0 if np.isfinite(across[:, 0]).any() else 1
        is_left = mean > aspect / 2
        first_is_right = (lone_slot == 0) != is_left
    return tracks[:, ::-1] if first_is_right else tracks
