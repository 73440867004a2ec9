"""The columns of a dataset, and how a clip becomes a row and a row a clip."""

from typing import Any

import numpy as np
import pyarrow as pa

from signnet.clip import Clip
from signnet.errors import DatasetError
from signnet.skeleton import JOINT_COUNT

__all__ = [
    "BYTES_PER_FRAME",
    "HEAVY",
    "LABELS",
    "LONGEST",
    "REQUIRED",
    "SCHEMA",
    "TEXTS",
    "check_clip",
    "clip_of_row",
    "labels_as_numbers",
    "row_of_clip",
]

LONGEST = 20_000
"""Frames of one clip, which holds one sign; eleven minutes at 30 frames a second."""

BYTES_PER_FRAME = JOINT_COUNT * 3 * 2
"""Landmarks of a frame in float16."""

LABELS = ("gloss", "signer", "session", "repetition", "expression")
"""The columns that describe a clip and may be empty."""

TEXTS = ("name", *LABELS, "source")
"""The columns that hold text."""

HEAVY = ("times", "landmarks")
"""The columns that a large dataset leaves in its files."""

REQUIRED = ("name", "source", "fps", "frames", "landmarks")
"""The columns that may not be empty."""

SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        *((label, pa.string()) for label in LABELS),
        ("source", pa.string()),
        ("fps", pa.float32()),
        ("frames", pa.int32()),
        ("times", pa.list_(pa.float32())),
        ("landmarks", pa.binary()),
    ],
    metadata={"signnet": "1", "joints": str(JOINT_COUNT), "unit": "picture heights"},
)
"""All columns in order."""


def labels_as_numbers(schema: pa.Schema) -> pa.Schema:
    """Return a schema whose labels are numbers in a list of the different ones."""
    coded = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [pa.field(one.name, coded) if one.name in LABELS else one for one in schema],
        schema.metadata,
    )


def row_of_clip(clip: Clip) -> dict[str, Any]:
    """Return the row of a clip.

    Raises
    ------
    DatasetError
        If it is no clip (see `check_clip`), or landmarks are too large for picture
        heights in float16.
    """
    check_clip(clip)
    return {
        "name": clip.name,
        **{label: getattr(clip, label) for label in LABELS},
        "source": clip.source,
        "fps": clip.fps,
        "frames": len(clip),
        "times": None if clip.times is None else clip.times.tolist(),
        "landmarks": _to_half(clip).tobytes(),
    }


def check_clip(clip: Any) -> None:
    """Check that it is a clip whose texts are Unicode; DatasetError otherwise."""
    if not isinstance(clip, Clip):
        raise DatasetError(
            f"found {type(clip).__name__} among the clips; expected signnet.Clip"
        )
    for text in (clip.name, clip.source, *(getattr(clip, one) for one in LABELS)):
        if text and not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise DatasetError(f"{text!a} is not Unicode; rename the file or label")


def _to_half(clip: Clip) -> np.ndarray:
    with np.errstate(over="ignore"):
        half = clip.landmarks.astype(np.float16)
    if np.isinf(half).any():
        raise DatasetError(
            f"{clip.name}: landmarks up to {np.nanmax(np.abs(clip.landmarks)):.0f}; "
            "expected picture heights, so divide pixels by the picture's height"
        )
    return half


def clip_of_row(row: dict[str, Any]) -> Clip:
    """Return the clip of a row.

    Raises
    ------
    DatasetError
        If the landmarks do not have as many bytes as the row's frames need, or the
        values do not make a valid clip.
    """
    fields = dict(row)
    frames = fields.pop("frames")
    stored = fields.pop("landmarks")
    if len(stored) != frames * BYTES_PER_FRAME:
        raise DatasetError(
            f"{fields['name']}: {len(stored) / 2:g} numbers for {frames} frames of "
            f"{JOINT_COUNT} joints; write the clip again"
        )
    flat = np.frombuffer(stored, np.float16)
    landmarks = flat.reshape(-1, JOINT_COUNT, 3).astype(np.float32)
    times = fields.pop("times")
    if times is not None:
        times = np.asarray(times, np.float32)
    return Clip(landmarks=landmarks, times=times, **fields)
