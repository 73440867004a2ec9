"""MediaPipe Tasks: one landmarker each for pose, hands and face.

A landmarker in VIDEO mode remembers earlier frames, so each clip gets its own set.
MediaPipe reports its start-up to standard error at any log level (0.10.33), so standard
error is redirected until the first frame is done.
"""

import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip.shapes import Float32
from signnet.errors import ModelError
from signnet.extraction.crowd import Pose
from signnet.extraction.decoder import Pixels
from signnet.extraction.tracker import Sighting

__all__ = ["TasksTracker", "open_tasks"]

_log = logging.getLogger(__name__)
_MOST_PEOPLE = 4
"""In one picture; the one who signs is among those whom the tracker finds best."""

_LIKELY = 0.2
"""Confidence in a person. In 112 pictures of two people it finds both, and in 169 of
one nobody else; MediaPipe's usual 0.5 misses one of the two in seven of the 112."""

_one_at_a_time = threading.Lock()
"""Standard error is shared by all threads; two that redirect it could lose it."""


class TasksTracker:
    """Landmarkers of MediaPipe Tasks for the frames of one clip."""

    def __init__(
        self,
        landmarkers: Mapping[str, Any],
        open_lookout: Callable[[], Any] | None,
        image: type,
    ) -> None:
        self._landmarkers = landmarkers
        self._open_lookout, self._lookout = open_lookout, None
        self._image = image
        self._is_first = True

    def see(self, pixels: Pixels, milliseconds: int) -> Sighting:
        """Find pose, hands and face in a frame; times must rise from call to call."""
        if self._is_first:
            self._is_first = False
            with quiet():
                return self.see(pixels, milliseconds)
        image = self._picture(pixels)
        found = {
            stream: landmarker.detect_for_video(image, milliseconds)
            for stream, landmarker in self._landmarkers.items()
        }
        pose = found["pose"].pose_landmarks if "pose" in found else []
        face = found["face"].face_landmarks if "face" in found else []
        return Sighting(
            pose=_points(pose[0]) if pose else None,
            hands=_hands(found["hands"]) if "hands" in found else [],
            face=_points(face[0]) if face else None,
        )

    def everybody(self, pixels: Pixels) -> list[Pose]:
        """Find the poses of all in a picture, whatever came before it."""
        if self._open_lookout is None:
            return []
        if self._lookout is None:
            with quiet():
                self._lookout = self._open_lookout()
                found = self._lookout.detect(self._picture(pixels))
        else:
            found = self._lookout.detect(self._picture(pixels))
        return [_with_visibility(pose) for pose in found.pose_landmarks]

    def _picture(self, pixels: Pixels) -> Any:
        return self._image(image_format=1, data=pixels)  # 1: ImageFormat.SRGB


def _points(landmarks: Sequence[Any]) -> Float32[np.ndarray, "joint 3"]:
    return np.array([(point.x, point.y, point.z) for point in landmarks], np.float32)


def _with_visibility(landmarks: Sequence[Any]) -> Pose:
    visibility = np.array([point.visibility for point in landmarks], np.float32)
    return np.column_stack([_points(landmarks), visibility])


def _hands(result: Any) -> list[tuple[Float32[np.ndarray, "21 3"], float]]:
    labels = [categories[0] for categories in result.handedness]
    leftness = [
        label.score if label.category_name == "Left" else 1 - label.score
        for label in labels
    ]
    points = map(_points, result.hand_landmarks)
    return list(zip(points, leftness, strict=True))


@contextmanager
def open_tasks(
    streams: Sequence[str], models: Mapping[str, Path]
) -> Generator[TasksTracker, None, None]:
    """Open the landmarkers of some streams; they are closed at the end.

    Raises
    ------
    ModelError
        If MediaPipe is missing or refuses a model file.
    """
    try:
        import mediapipe
        from mediapipe.tasks.python import vision
    except ImportError as error:
        raise ModelError(
            f"MediaPipe cannot be imported ({error}); install mediapipe==0.10.33"
        ) from error
    with ExitStack() as stack:
        landmarkers = {
            stream: stack.enter_context(_create(vision, stream, models[stream]))
            for stream in streams
        }
        lookout = None  # made when it is first needed: it takes a sixth of a second
        if "pose" in streams:
            lookout = partial(_open_lookout, stack, vision, models["pose"])
        yield TasksTracker(landmarkers, lookout, mediapipe.Image)


def _open_lookout(stack: ExitStack, vision: Any, model: Path) -> Any:
    options = vision.PoseLandmarkerOptions(
        base_options=_model_options(model),
        num_poses=_MOST_PEOPLE,
        min_pose_detection_confidence=_LIKELY,
    )
    landmarker = vision.PoseLandmarker.create_from_options(options)
    return stack.enter_context(landmarker)


def _create(vision: Any, stream: str, model: Path) -> Any:
    kinds = {
        "pose": (vision.PoseLandmarker, vision.PoseLandmarkerOptions, {}),
        "hands": (
            vision.HandLandmarker,
            vision.HandLandmarkerOptions,
            {"num_hands": 2},
        ),
        "face": (vision.FaceLandmarker, vision.FaceLandmarkerOptions, {}),
    }
    kind, options, extra = kinds[stream]
    settings = options(
        base_options=_model_options(model),
        running_mode=vision.RunningMode.VIDEO,
        **extra,
    )
    try:
        with quiet():
            return kind.create_from_options(settings)
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"{model}: MediaPipe cannot use it ({reason}); run `signnet models`"
        ) from error


def _model_options(model: Path) -> Any:
    """Name a model, or read it on Windows, where MediaPipe opens ASCII paths only."""
    from mediapipe.tasks.python.core.base_options import BaseOptions

    if sys.platform == "win32":
        return BaseOptions(model_asset_buffer=model.read_bytes())
    return BaseOptions(model_asset_path=str(model))


@contextmanager
def quiet() -> Generator[None, None, None]:
    """Send what native code writes to standard error to the debug log."""
    with _one_at_a_time:
        sys.stderr.flush()
        kept = os.dup(2)
        with tempfile.TemporaryFile() as sink:
            os.dup2(sink.fileno(), 2)
            try:
                yield
            finally:
                os.dup2(kept, 2)
                os.close(kept)
                sink.seek(0)
                _log.debug("%s", sink.read().decode(errors="replace"))
