"""Write a dataset as `.pose` files.

The body is laid out as MediaPipe Holistic's: POSE_LANDMARKS, FACE_LANDMARKS with irises
and the two hands, x and y in pixels of a picture that is 1000 high, z as MediaPipe
gives it. The format cannot hold labels: they go into index.csv, which may be that of a
lexicon too; see `lexicon`.
"""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.dataset import LABELS, Dataset, Progress, no_progress
from signnet.errors import DatasetError
from signnet.files import storable, whole_folder, write_text
from signnet.formats.pose.lexicon import LEXICON, check_lexicon, lexicon_rows
from signnet.formats.pose.reading import require_library
from signnet.skeleton import BONES, JOINTS, PARTS

__all__ = ["write_poses"]

_HEIGHT = 1000
_COMPONENTS = {
    "POSE_LANDMARKS": "pose",
    "FACE_LANDMARKS": "face",
    "LEFT_HAND_LANDMARKS": "left_hand",
    "RIGHT_HAND_LANDMARKS": "right_hand",
}


def write_poses(
    data: Dataset,
    out: Path,
    progress: Progress = no_progress,
    *,
    languages: tuple[str, str] | None = None,
) -> int:
    """Write each clip as NAME.pose, and index.csv with their labels.

    With languages the folder is a lexicon of spoken-to-signed as well: the files lie in
    a folder of the signed language, and index.csv has its columns before ours.

    Parameters
    ----------
    data
        The clips. A frame rate that is not known is written as 0.
    out
        A new or empty folder. It is there only when all files are in it.
    progress
        Callback `(done, total)` before each clip.
    languages
        Codes of the spoken and of the signed language (IANA's language subtags), such
        as `de` and `sgg`.

    Returns
    -------
    int
        Number of `.pose` files.

    Raises
    ------
    DatasetError
        If the folder holds anything, a file cannot be written, two clips would be one
        file, or a clip of a lexicon has no gloss or no frame rate.
    SettingsError
        If pose-format is not installed, or a language is no code.
    """
    require_library()
    files = [_file_name(name) for name in data.names]
    if languages:
        check_lexicon(data, languages)
        files = [f"{languages[1]}/{file}" for file in files]
    if len(set(files)) < len(files):
        raise DatasetError(
            f"{data.path}: two clip names differ only in / and _; rename one"
        )
    seen = list[float]()
    with whole_folder(out, DatasetError) as draft:
        if languages:
            (draft / languages[1]).mkdir()
        for done, (file, clip) in enumerate(zip(files, data, strict=True)):
            progress(done, len(data))
            hands = clip.seen("left_hand") | clip.seen("right_hand")
            seen.append(float(hands.mean()))
            _write_pose(clip, draft / file)
        rows = lexicon_rows(files, data, languages, seen) if languages else None
        write_text(draft / "index.csv", _index(files, data, rows), DatasetError)
    return len(files)


def _file_name(name: str) -> str:
    return storable(name.replace("/", "_").replace("\0", "_") + ".pose")


def _write_pose(clip: Clip, path: Path) -> None:
    with path.open("wb") as file:
        _pose_of(clip).write(file)


def _index(
    files: list[str], data: Dataset, lexicon: list[tuple[str, ...]] | None
) -> str:
    """Return the CSV of the labels, by file; after a lexicon's columns, if any."""
    columns = [data.column(label) for label in LABELS]
    text = StringIO(newline="")
    table = csv.writer(text)
    first = lexicon or [()] * len(files)
    table.writerow([*(LEXICON if lexicon else ()), "file", *LABELS])
    rows = zip(first, zip(files, *columns, strict=True), strict=True)
    table.writerows([*one, *other] for one, other in rows)
    return text.getvalue()


def _pose_of(clip: Clip) -> Any:
    from pose_format import Pose
    from pose_format.numpy import NumPyPoseBody
    from pose_format.pose_header import PoseHeader, PoseHeaderDimensions

    order = [
        joint
        for part in _COMPONENTS.values()
        for joint in range(PARTS[part].start, PARTS[part].stop)
    ]
    points = clip.landmarks[:, None, order]
    across = points[..., 0]
    right = float(np.nanmax(across)) if np.isfinite(across).any() else 1.0
    width = int(np.clip(_HEIGHT * right, _HEIGHT, 0xFFFF))
    points = points * np.array([_HEIGHT, _HEIGHT, _HEIGHT / width], np.float32)
    seen = np.isfinite(points[..., 0]).astype(np.float32)
    header = PoseHeader(0.2, PoseHeaderDimensions(width, _HEIGHT, 0), _layout())
    fps = clip.fps if np.isfinite(clip.fps) else 0.0
    return Pose(header, NumPyPoseBody(fps, np.nan_to_num(points), seen))


def _layout() -> list[Any]:
    from pose_format.pose_header import PoseHeaderComponent

    return [
        PoseHeaderComponent(name, *_part_layout(part), [(0, 128, 96)], "XYZC")
        for name, part in _COMPONENTS.items()
    ]


def _part_layout(part: str) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the names of a part's points, as MediaPipe writes them, and its bones."""
    start, stop = PARTS[part].start, PARTS[part].stop
    names = [name.removeprefix(f"{part}_") for name in JOINTS[start:stop]]
    if part.endswith("hand"):
        fingers = ("index", "middle", "ring")
        names = [
            name.replace("_", "_finger_") if name.startswith(fingers) else name
            for name in names
        ]
    limbs = [(a - start, b - start) for a, b in BONES if start <= a < stop and b < stop]
    return [name.upper() for name in names], limbs
