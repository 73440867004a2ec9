"""Read the `.pose` file of a whole film in parts: of hours, in bounded memory.

A corpus keeps one file for a recording of ten minutes and more, which is no clip of one
sign. The library reads any span of frames; only its oldest version (0.0) stores them so
that the whole file has to be read, with the limits of a clip.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np

from signnet.clip import Landmarks
from signnet.errors import DatasetError, MediaError
from signnet.formats.pose.reading import (
    DAMAGED,
    Layout,
    check_header,
    damaged,
    layout_of,
    place,
    read_pose,
    require_library,
    seen_points,
)
from signnet.skeleton import JOINT_COUNT

__all__ = ["film_of_pose"]

_PART = 1000
"""Frames read at once: 9 MB of a Holistic body."""

_MOST_PEOPLE = 32

_LARGEST_HEADER = 2**20
"""Bytes; that of Holistic has 30,000."""

_HEAD, _OLDER_HEAD = struct.Struct("<fIH"), struct.Struct("<HHH")
"""Frames a second, frames and people, of versions 0.2 and 0.1."""

_ADVICE = "write the file with one"

_Frames = Iterator[tuple[float, np.ndarray]]


def film_of_pose(file: Path) -> _Frames:
    """Give the frames of a film's `.pose` file, which is read while they are taken.

    Yields
    ------
    tuple[float, np.ndarray]
        Seconds, and float32[553, 3] in picture heights; NaN where unseen. Of several
        people, the one who is seen best in the whole film.

    Raises
    ------
    MediaError
        If the file is damaged, of an unknown body, or shows nobody at all.
    DatasetError
        If the file does not say how many frames a second it has.
    """
    require_library()
    try:
        with file.open("rb") as stream:
            film = _open(stream, file.name)
            yield from film.frames() if film else _read_whole(file)
    except OSError as error:
        raise MediaError(f"{file.name} cannot be read: {error.strerror}") from error


def _read_whole(file: Path) -> _Frames:
    return read_pose(file, file.name).timed_frames(_ADVICE)


def _open(stream: IO[bytes], label: str) -> "_Film | None":
    """Read the head of a file; None if its version can only be read as a whole."""
    from pose_format.pose_header import PoseHeader
    from pose_format.utils.reader import BytesIOReader

    try:
        reader = BytesIOReader(BytesIO(stream.read(_LARGEST_HEADER)))
        header = PoseHeader.read(reader)
        check_header(header)
        if not header.version:
            return None
        stream.seek(reader.read_offset)
        head = _HEAD if round(header.version, 3) == 0.2 else _OLDER_HEAD
        fps, frames, people = head.unpack(stream.read(head.size))
        if not 0 < people <= _MOST_PEOPLE:
            raise ValueError(f"{people} people")
        if head is _OLDER_HEAD:  # it counts to 65535; the library goes by the bytes
            left = stream.seek(0, 2) - reader.read_offset - head.size
            numbers = header.total_points() * (header.num_dims() + 1)
            frames = left // (people * numbers * 4)
    except (*DAMAGED, EOFError) as error:
        raise damaged(label, error) from error
    if not 0 < fps < 1000:
        raise DatasetError(f"{label}: unknown frame rate; {_ADVICE}")
    return _Film(stream, label, layout_of(header, label), frames, people, float(fps))


@dataclass(frozen=True)
class _Film:
    """An open file and what its head says."""

    stream: IO[bytes]
    label: str
    layout: Layout
    length: int
    people: int
    fps: float

    def frames(self) -> _Frames:
        """Read part after part."""
        person, has_seen = self._main_person(), False
        for start in range(0, self.length, _PART):
            landmarks = self._place(start, person)
            has_seen |= bool(np.isfinite(landmarks[..., 0]).any())
            for number, joints in enumerate(landmarks, start):
                yield number / self.fps, joints
        if not has_seen:
            raise MediaError(f"{self.label}: no joint is seen in any frame")

    def _place(self, start: int, person: int) -> Landmarks:
        size, body = self._read(start)
        body.data = body.data[:, person : person + 1]
        body.confidence = body.confidence[:, person : person + 1]
        points = seen_points(body, self.layout)
        if not np.isfinite(points[..., 0]).any():
            return np.full((len(points), JOINT_COUNT, 3), np.nan, np.float32)
        return place(points, self.layout, size, self.label)[0]

    def _main_person(self) -> int:
        """Return who is seen best; with several people, all parts are looked at."""
        if self.people < 2:
            return 0
        totals = np.zeros(self.people)
        for start in range(0, self.length, _PART):
            totals += np.nan_to_num(self._read(start)[1].confidence).sum(axis=(0, 2))
        return int(np.argmax(totals))

    def _read(self, start: int) -> tuple[tuple[int, int] | None, Any]:
        """Read one part: the picture's size, if known, and a body."""
        from pose_format.numpy import NumPyPoseBody
        from pose_format.pose_header import PoseHeader
        from pose_format.utils.reader import BytesIOReader

        try:
            self.stream.seek(0)
            reader = BytesIOReader(self.stream)  # pyright: ignore[reportArgumentType]
            header = PoseHeader.read(reader)
            with np.errstate(invalid="ignore"):
                body = NumPyPoseBody.read(
                    header, reader, start_frame=start, end_frame=start + _PART
                )
        except (*DAMAGED, EOFError) as error:
            raise damaged(self.label, error) from error
        size = header.dimensions
        return ((size.width, size.height) if size.height else None), body
