"""Convert other tools' coordinates to picture heights, even of unknown pictures."""

import numpy as np

from signnet.clip import Landmarks
from signnet.clip.shapes import Float32
from signnet.errors import MediaError
from signnet.geometry import face_proportion, stretch_width

__all__ = ["from_pixels", "from_shares", "likely_aspect", "likely_height"]

_HEIGHTS = (240, 360, 480, 540, 720, 1080, 1440, 2160, 4320)
_ASPECTS = (9 / 16, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 16 / 9)
_FACE = 0.87
"""Width by height of a real face in the mesh; see `face_proportion`."""

_SHARES_END = 3.0
"""Nobody is three pictures wide: larger coordinates are pixels."""

Size = tuple[int, int]

Points = Float32[np.ndarray, "time point 3"]
"""Our joints or another tracker's, NaN where not seen."""


def likely_height(points: Points) -> int:
    """Return the smallest common picture height that holds nearly all joints."""
    lowest = float(np.nanpercentile(points[..., 1], 99))
    return next((height for height in _HEIGHTS if height >= lowest), _HEIGHTS[-1])


def likely_aspect(landmarks: Landmarks) -> float:
    """Return the common picture shape that makes faces as wide as real ones.

    Parameters
    ----------
    landmarks
        x in picture widths, y in picture heights.

    Notes
    -----
    4:3 where no face mesh was seen. A face turned aside looks narrow, so the 75th
    percentile over the frames counts. Squeezed on purpose, 94 of 105 real videos and
    538 of the 546 clips of BdSL-55 got their shape back, the others its neighbour.
    """
    proportion = face_proportion(landmarks)
    known = proportion[np.isfinite(proportion) & (proportion > 0)]
    if not len(known):
        return 4 / 3
    wanted = np.log(_FACE / np.percentile(known, 75))
    return min(_ASPECTS, key=lambda aspect: abs(np.log(aspect) - wanted))


def from_shares(landmarks: Points, size: Size | None) -> tuple[Points, str]:
    """Turn coordinates in picture widths and heights into picture heights.

    Returns
    -------
    landmarks, note
        Picture heights, and a note on where the picture's shape comes from.
    """
    if size:
        aspect, note = size[0] / size[1], "as given"
    else:
        aspect = likely_aspect(landmarks)
        seen = np.isfinite(face_proportion(landmarks)).any()
        note = "judged by the face" if seen else "assumed"
    return stretch_width(landmarks, aspect), f"width/height {aspect:.2f} {note}"


def from_pixels(points: Points, size: Size | None, label: str) -> tuple[Points, str]:
    """Divide pixels by the picture's height, known or guessed.

    A wrong guess changes the scale of the whole clip, never its shape, and the models
    take the scale from the shoulders.

    Raises
    ------
    MediaError
        If the coordinates are not in pixels and the picture's size is not given.
    """
    if np.nanmax(np.abs(points[..., 0])) <= _SHARES_END:
        if size is None:
            raise MediaError(
                f"{label}: coordinates are fractions of a picture of unknown size; "
                "give it with --size WIDTHxHEIGHT"
            )
        return from_shares(points, size)
    height = size[1] if size else likely_height(points)
    note = f"height {height} {'given' if size else 'guessed'}"
    return points / np.float32(height), note
